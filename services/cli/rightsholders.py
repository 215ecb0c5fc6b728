"""`staydown rightsholders`: who may register works. These steps get no receipt; they hold for what is read after."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from cyclopts import App, Parameter

from services.cli.options import HERE, Target
from services.cli.sending import say_sent
from services.client.keys import read_public_key
from services.client.submitting import sending
from services.contracts.submitted import Enroll, Restore, RightsholderSubmitted, Suspend
from services.contracts.topics import RIGHTSHOLDERS_SUBMITTED

RIGHTSHOLDERS = App(name="rightsholders", help="Enrol, suspend and restore rightsholders.")
Rightsholder = Annotated[str, Parameter(help="Id of the rightsholder.")]


@RIGHTSHOLDERS.command
async def enroll(
    rightsholder: Rightsholder,
    *,
    name: Annotated[str, Parameter(help="Name that people know.")],
    contact: Annotated[str, Parameter(help="How to reach them.")] = "",
    standing: Annotated[
        Enroll.Standing, Parameter("--standing", name_transform=str, help="How far they are trusted.")
    ] = Enroll.Standing.PROBATION,
    account: Annotated[tuple[str, ...], Parameter(help="Uploader id that is their own; may be repeated.")] = (),
    public_key: Annotated[
        Path | None, Parameter(help="File with their Ed25519 public key, base64 of 32 bytes.")
    ] = None,
    target: Target = HERE,
) -> None:
    """Let a rightsholder in, or replace what was said of them before."""
    key = "" if public_key is None else read_public_key(public_key)
    await _send(rightsholder, target, enroll=Enroll(name, contact, key, standing, account))


@RIGHTSHOLDERS.command
async def suspend(
    rightsholder: Rightsholder,
    *,
    reason: Annotated[str, Parameter(help="Why, for them to read.")],
    target: Target = HERE,
) -> None:
    """Accept nothing new of a rightsholder; what stands, stands."""
    await _send(rightsholder, target, suspend=Suspend(reason))


@RIGHTSHOLDERS.command
async def restore(rightsholder: Rightsholder, *, target: Target = HERE) -> None:
    """End a suspension."""
    await _send(rightsholder, target, restore=Restore())


async def _send(rightsholder: str, target: Target, **step: Enroll | Suspend | Restore) -> None:
    submission_id = str(uuid4())
    fact = RightsholderSubmitted(
        rightsholder_id=rightsholder,
        submission_id=submission_id,
        submitted_at=datetime.now(UTC),
        **step,  # type: ignore[arg-type]  # each name has its own type
    )
    async with sending(target.bootstrap) as sender:
        sent = await sender.send(RIGHTSHOLDERS_SUBMITTED, rightsholder, fact)
    say_sent(sent, rightsholder_id=rightsholder, submission_id=submission_id)

"""`staydown rightsholders`: who may register works. These steps get no receipt; they hold for what is read after."""

from pathlib import Path
from typing import Annotated
from uuid import uuid4

from cyclopts import App, Parameter

from services.cli.options import HERE, Target
from services.cli.sending import say_sent
from services.client import Staydown
from services.client.keys import read_public_key
from services.client.steps import RightsholderStep
from services.contracts.submitted import Enroll, Restore, Suspend

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
    await _send(rightsholder, target, Enroll(name, contact, key, standing, account))


@RIGHTSHOLDERS.command
async def suspend(
    rightsholder: Rightsholder,
    *,
    reason: Annotated[str, Parameter(help="Why, for them to read.")],
    target: Target = HERE,
) -> None:
    """Accept nothing new of a rightsholder; what stands, stands."""
    await _send(rightsholder, target, Suspend(reason))


@RIGHTSHOLDERS.command
async def restore(rightsholder: Rightsholder, *, target: Target = HERE) -> None:
    """End a suspension."""
    await _send(rightsholder, target, Restore())


async def _send(rightsholder: str, target: Target, step: RightsholderStep) -> None:
    submission_id = str(uuid4())
    async with Staydown(target.bootstrap) as staydown:
        sent = await staydown.admit(rightsholder, step, submission_id)
    say_sent(sent, rightsholder_id=rightsholder, submission_id=submission_id)

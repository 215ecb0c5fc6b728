"""`staydown disputes`: each step of a dispute as the uploader or the claimant takes it, and how far it has come."""

from typing import Annotated

import orjson
from cyclopts import App, Parameter

from services.cli.notices import line_of
from services.cli.options import HERE, NO_WAIT, AsJson, Rightsholder, Target, Upload, Waiting
from services.cli.sending import say_sent
from services.cli.terminal import say, show_table, shown_json, times, working
from services.client import ClientError, Staydown
from services.client.disputing import Told, is_refusal
from services.client.steps import DisputeStep
from services.contracts.codec import encode
from services.contracts.objections import (
    CounterNotice,
    CourtAction,
    Dispute,
    GiveUp,
    Uphold,
    Withdraw,
)

DISPUTES = App(name="disputes", help="Object to a takedown, answer an objection, and see how far it has come.")
DisputeId = Annotated[str, Parameter(help="Id of the dispute, the same in all its steps.")]
Statement = Annotated[str, Parameter(help="Why, in words.")]
TakedownId = Annotated[str, Parameter("--takedown", help="Id of one takedown; all that it can be about unless given.")]


@DISPUTES.command(name="open")
async def open_dispute(
    upload: Upload,
    *,
    ground: Annotated[Dispute.Ground, Parameter("--ground", name_transform=str, help="Why the takedown is wrong.")],
    statement: Statement,
    takedown: TakedownId = "",
    dispute: Annotated[str | None, Parameter(help="Id of the dispute; a new one unless given.")] = None,
    waiting: Waiting = NO_WAIT,
    target: Target = HERE,
) -> int:
    """Object to the takedown of an upload, as its uploader: the claimant has to uphold it, and silence releases it."""
    return await _send(target, waiting, upload, Dispute(ground, statement), dispute, takedown=takedown)


@DISPUTES.command
async def counter(
    upload: Upload,
    dispute: DisputeId,
    *,
    statement: Annotated[
        str, Parameter(help="Under penalty of perjury: that it was removed by mistake or misidentification.")
    ],
    name: Annotated[str, Parameter(help="Who answers for it.")],
    address: Annotated[str, Parameter(help="Where they live.")],
    signed_by: Annotated[str, Parameter(help="Who signs.")],
    consent_to_jurisdiction: Annotated[
        bool, Parameter(help="They consent to the jurisdiction of a court; without that it is refused.")
    ] = False,
    takedown: TakedownId = "",
    waiting: Waiting = NO_WAIT,
    target: Target = HERE,
) -> int:
    """Answer by name for an upload: it comes back after ten business days unless the claimant has gone to court."""
    notice = CounterNotice(statement, name, address, signed_by, consent_to_jurisdiction)
    return await _send(target, waiting, upload, notice, dispute, takedown=takedown)


@DISPUTES.command
async def uphold(
    upload: Upload,
    dispute: DisputeId,
    *,
    rightsholder: Rightsholder,
    statement: Statement = "",
    takedown: TakedownId = "",
    waiting: Waiting = NO_WAIT,
    target: Target = HERE,
) -> int:
    """Stand by a claim, as the claimant."""
    return await _send(target, waiting, upload, Uphold(rightsholder, statement), dispute, takedown=takedown)


@DISPUTES.command
async def release(
    upload: Upload,
    dispute: DisputeId,
    *,
    rightsholder: Rightsholder,
    takedown: TakedownId = "",
    waiting: Waiting = NO_WAIT,
    target: Target = HERE,
) -> int:
    """Give a claim up for this upload, as the claimant: it comes back."""
    return await _send(target, waiting, upload, GiveUp(rightsholder), dispute, takedown=takedown)


@DISPUTES.command
async def court(
    upload: Upload,
    dispute: DisputeId,
    *,
    rightsholder: Rightsholder,
    evidence: Annotated[str, Parameter(help="URI where it can be seen that they have gone to court.")],
    takedown: TakedownId = "",
    waiting: Waiting = NO_WAIT,
    target: Target = HERE,
) -> int:
    """Show that the claimant has gone to court: the upload stays down."""
    return await _send(target, waiting, upload, CourtAction(rightsholder, evidence), dispute, takedown=takedown)


@DISPUTES.command
async def withdraw(
    upload: Upload,
    dispute: DisputeId,
    *,
    takedown: TakedownId = "",
    waiting: Waiting = NO_WAIT,
    target: Target = HERE,
) -> int:
    """Withdraw a dispute, as the uploader: the upload stays down."""
    return await _send(target, waiting, upload, Withdraw(), dispute, takedown=takedown)


@DISPUTES.command
async def show(upload: Upload, *, as_json: AsJson = False, target: Target = HERE) -> None:
    """Tell what was said in the disputes of an upload, and what came of it: steps, notices and takedowns in order.

    With --json one JSON object a line: `at`, `topic` and the record.
    """
    with working("reading disputes, takedowns and notices"):
        async with Staydown(target.bootstrap) as staydown:
            history = await staydown.disputes_of(upload)
    if not history:
        raise ClientError(f"Nothing is kept about a dispute or a takedown of {upload}.")
    if not as_json:
        show_table(("when", "who", "what"), [(times(each.at), each.who, each.what) for each in history])
        return
    for each in history:
        say(shown_json(_json(each)))


async def _send(
    target: Target, waiting: Waiting, upload: str, step: DisputeStep, dispute: str | None, *, takedown: str
) -> int:
    """Send one step, tell the notices about it if that is wanted, and return the exit code: 1 if it was refused."""
    async with Staydown(target.bootstrap) as staydown:
        pending = await staydown.dispute(upload, step, dispute, takedown)
        say_sent(pending.sent, upload_id=upload, dispute_id=pending.id)
        if not waiting.wait:
            return 0
        with working(f"waiting up to {waiting.timeout:g} s for the notices"):
            found = await pending.answers(waiting.timeout)
    for each in found:
        say(line_of(each.fact))
    return int(any(is_refusal(each.fact) for each in found))


def _json(told: Told) -> str:
    record = orjson.Fragment(encode(told.fact))
    return orjson.dumps({"at": told.at, "topic": told.topic.name, "record": record}).decode()

"""`staydown takedowns`: follow what comes down and what comes back, and why."""

from typing import Annotated

from cyclopts import App, Parameter

from services.cli.options import HERE, AsJson, FromBeginning, Limit, Target
from services.cli.terminal import shown
from services.cli.watching import watch as watch_topic
from services.client.said import Said
from services.contracts.decided import TakedownIssued
from services.contracts.topics import TAKEDOWNS_ISSUED

TAKEDOWNS = App(name="takedowns", help="Follow what comes down and what comes back.")


@TAKEDOWNS.command
async def watch(
    *,
    upload: Annotated[str | None, Parameter(help="Only of this upload.")] = None,
    rightsholder: Annotated[str | None, Parameter(help="Only for works of this rightsholder.")] = None,
    uploader: Annotated[str | None, Parameter(help="Only of what this uploader posted.")] = None,
    from_beginning: FromBeginning = False,
    limit: Limit = None,
    as_json: AsJson = False,
    target: Target = HERE,
) -> None:
    """Print each takedown and reinstatement with its statement of reasons; with --json one JSON object a line."""

    def concerns(each: Said) -> bool:
        fact: TakedownIssued = each.fact
        asked = ((upload, fact.upload_id), (rightsholder, fact.rightsholder_id), (uploader, fact.uploader_id))
        return all(wanted in (None, found) for wanted, found in asked)

    await watch_topic(
        target.bootstrap,
        TAKEDOWNS_ISSUED,
        concerns,
        lambda each: line_of(each.fact),
        from_beginning=from_beginning,
        limit=limit,
        as_json=as_json,
    )


def line_of(takedown: TakedownIssued) -> str:
    """Return a takedown, or its end, as one line: what, its id, of which upload, for which work, where, and why."""
    work = f"{takedown.work_id} of {takedown.rightsholder_id}"
    where = f" in {', '.join(takedown.territories)}" if takedown.territories else ""
    what = f"{takedown.upload_id} for {work}{where}: {takedown.statement_of_reasons.facts}"
    return f"{takedown.status:<10} {takedown.takedown_id} {shown(what)}"

"""`staydown notices`: follow what people are told."""

from typing import Annotated

from cyclopts import App, Parameter

from services.cli.options import HERE, AsJson, FromBeginning, Limit, Target
from services.cli.terminal import shown, times
from services.cli.watching import watch as watch_topic
from services.client.said import Said
from services.contracts.decided import NoticeIssued
from services.contracts.topics import NOTICES_ISSUED

NOTICES = App(name="notices", help="Follow what people are told.")


@NOTICES.command
async def watch(
    *,
    recipient: Annotated[str | None, Parameter(help="Only notices to whom this id names.")] = None,
    upload: Annotated[str | None, Parameter(help="Only notices about this upload.")] = None,
    from_beginning: FromBeginning = False,
    limit: Limit = None,
    as_json: AsJson = False,
    target: Target = HERE,
) -> None:
    """Print each notice: to whom, until when an answer counts, and what it says; with --json one JSON object a line."""

    def concerns(each: Said) -> bool:
        return recipient in (None, each.key) and upload in (None, each.fact.about.upload_id)

    await watch_topic(
        target.bootstrap,
        NOTICES_ISSUED,
        concerns,
        lambda each: line_of(each.fact),
        from_beginning=from_beginning,
        limit=limit,
        as_json=as_json,
    )


def line_of(notice: NoticeIssued) -> str:
    """Return a notice as one line: to whom, what, and until when an answer counts."""
    until = "" if notice.respond_until is None else f" (answer until {times(notice.respond_until)})"
    return (
        f"to {notice.recipient.kind} {shown(notice.recipient.id)}: {shown(notice.subject)}{until}. {shown(notice.text)}"
    )

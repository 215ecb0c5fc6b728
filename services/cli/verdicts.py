"""`staydown verdicts`: follow what is decided, and see what holds now."""

from typing import Annotated

import orjson
from cyclopts import App, Parameter

from services.cli.options import HERE, AsJson, FromBeginning, Limit, Target, Upload
from services.cli.terminal import say, shown, shown_json, times, working
from services.cli.watching import watch as watch_topic
from services.client.errors import ClientError
from services.client.reading_back import all_said
from services.client.said import Said
from services.contracts.codec import encode
from services.contracts.decided import VerdictDecided
from services.contracts.topics import VERDICTS_DECIDED

VERDICTS = App(name="verdicts", help="Follow what is decided about uploads, and see what holds now.")


@VERDICTS.command
async def watch(
    *,
    upload: Annotated[str | None, Parameter(help="Only verdicts on this upload.")] = None,
    from_beginning: FromBeginning = False,
    limit: Limit = None,
    as_json: AsJson = False,
    target: Target = HERE,
) -> None:
    """Print each verdict as it is decided; with --json one JSON object a line, `verdict` null for a deleted upload."""
    await watch_topic(
        target.bootstrap,
        VERDICTS_DECIDED,
        lambda each: upload in (None, each.key),
        lambda each: line_of(each.key, each.fact),
        from_beginning=from_beginning,
        limit=limit,
        as_json=as_json,
        json_of=_json,
    )


@VERDICTS.command
async def show(upload: Upload, *, as_json: AsJson = False, target: Target = HERE) -> None:
    """Tell the present verdict on an upload; with --json as a JSON object, `verdict` null for a deleted upload."""
    latest: Said | None = None
    with working("reading verdicts"):
        async for each in all_said(target.bootstrap, VERDICTS_DECIDED):
            latest = each if each.key == upload else latest
    if latest is None:
        raise ClientError(f"There is no verdict on an upload {upload}.")
    if as_json:
        say(shown_json(_json(latest)))
        return
    say(f"{times(latest.at)} {line_of(upload, latest.fact)}")


def line_of(upload: str, verdict: VerdictDecided | None) -> str:
    """Return a verdict as one line: what, where, on which upload, why; None is an upload that was deleted."""
    if verdict is None:
        return f"{'(deleted)':<10} {shown(upload)}"
    reasons = f" [{', '.join(verdict.reasons)}]" if verdict.reasons else ""
    where = f" in {', '.join(verdict.blocked_territories)}" if verdict.blocked_territories else ""
    return f"{verdict.verdict:<10} {shown(upload)}{shown(where)}{reasons} {shown(verdict.explanation)}"


def _json(each: Said) -> str:
    if each.fact is None:
        return orjson.dumps({"upload_id": each.key, "verdict": None}).decode()
    return encode(each.fact).decode()

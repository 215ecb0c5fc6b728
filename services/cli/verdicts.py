"""`staydown verdicts`: follow what is decided."""

from typing import Annotated

import orjson
from cyclopts import App, Parameter
from cyclopts.types import PositiveInt

from services.cli.options import HERE, AsJson, Target
from services.cli.terminal import say, shown, shown_json
from services.client.following import Record, following
from services.client.said import said
from services.contracts.codec import encode
from services.contracts.decided import VerdictDecided
from services.contracts.topics import VERDICTS_DECIDED

VERDICTS = App(name="verdicts", help="Follow what is decided about uploads.")


@VERDICTS.command
async def watch(
    *,
    upload: Annotated[str | None, Parameter(help="Only verdicts on this upload.")] = None,
    from_beginning: Annotated[bool, Parameter(help="Begin with the oldest verdict that is kept.")] = False,
    limit: Annotated[PositiveInt | None, Parameter(help="End after so many; otherwise with Ctrl-C.")] = None,
    as_json: AsJson = False,
    target: Target = HERE,
) -> None:
    """Print each verdict as it is decided; with --json one JSON object a line, `verdict` null for a deleted upload."""
    left = limit
    async with following(target.bootstrap, (VERDICTS_DECIDED.name,), from_beginning=from_beginning) as follower:
        while left is None or left > 0:
            for record in await follower.more():
                if upload is not None and record.key != upload.encode():
                    continue
                say(shown_json(_json(record)) if as_json else f"{record.at:%H:%M:%S} {_line(record)}")
                if left is not None and (left := left - 1) == 0:
                    return


def line_of(upload: str, verdict: VerdictDecided | None) -> str:
    """Return a verdict as one line: what, on which upload, why; None is an upload that was deleted."""
    if verdict is None:
        return f"{'(deleted)':<10} {shown(upload)}"
    reasons = f" [{', '.join(verdict.reasons)}]" if verdict.reasons else ""
    return f"{verdict.verdict:<10} {shown(upload)}{reasons} {shown(verdict.explanation)}"


def _line(record: Record) -> str:
    it = said(record)
    return line_of(it.key, it.fact)


def _json(record: Record) -> str:
    it = said(record)
    if it.fact is None:
        return orjson.dumps({"upload_id": it.key, "verdict": None}).decode()
    return encode(it.fact).decode()

"""`staydown report`: what a platform has to tell about what it did."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from services.cli.options import HERE, Target
from services.cli.terminal import say, shown, shown_json, working
from services.client import ClientError, Staydown
from services.contracts.codec import encode

REPORT = App(name="report", help="Write what a platform has to tell about what it did.")


@REPORT.command
async def statements(
    *,
    file: Annotated[Path | None, Parameter("--json", help="Write to this file instead of to stdout.")] = None,
    since: Annotated[date | None, Parameter(help="Only what came down on this day or later, as 2026-12-31.")] = None,
    until: Annotated[date | None, Parameter(help="Only what came down on this day or earlier.")] = None,
    target: Target = HERE,
) -> None:
    """Write a statement of reasons for each takedown as the transparency database of the European Union takes it.

    One JSON object a line (`proto/staydown/v1/statements.proto`); what came back again has the day of that too. What is
    down in no country of the European Economic Area is left out. Days are those of UTC.
    """
    with working("reading takedowns and uploads"):
        async with Staydown(target.bootstrap) as staydown:
            found = await staydown.statements(since, until)
    lines = (encode(each).decode() for each in found)
    if file is None:
        for line in lines:
            say(shown_json(line))
        return
    say(f"{_write(file, lines):,} statements of reasons in {shown(str(file))}")


def _write(file: Path, lines: Iterable[str]) -> int:
    """Write the lines and return how many; until all of them are written the file is as it was before."""
    count = 0
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8") as stream:
            for line in lines:
                stream.write(f"{line}\n")
                count += 1
        unfinished.replace(file)
    except OSError as error:
        raise ClientError(f"{file} cannot be written: {error.strerror}.") from None
    return count

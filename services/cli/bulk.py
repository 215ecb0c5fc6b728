"""`staydown works register --from` and `--csv`: many works at once, with progress and a table in the end."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import Parameter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from services.cli.options import Submitting, Target
from services.cli.terminal import console, say, show_table, shown_json
from services.client import Bulk, ClientError, Common, Outcome, Staydown
from services.client.bulk import What

ROWS_MAX = 100
"""Of more works than a person reads, only those that want attention are shown."""

GOOD = frozenset({What.REGISTERED, What.UNCHANGED})


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Many:
    """Where many works stand."""

    folder: Annotated[
        Path | None, Parameter("--from", help="Register every audio, image and video file below this folder as a work.")
    ] = None
    csv: Annotated[
        Path | None, Parameter(help="Register every row of this file: work_id, file or uri, title, … (README).")
    ] = None
    as_json: Annotated[bool, Parameter("--json", help="Of many works, write an outcome a line as JSON.")] = False

    @property
    def are_asked_for(self) -> bool:
        """Whether there are many works to be registered, and not one."""
        return self.folder is not None or self.csv is not None

    def check(self, one: Sequence[str | None], document: Sequence[Path]) -> None:
        """Refuse with a ClientError what does not go together; `one`: what names a single work."""
        if self.folder is not None and self.csv is not None:
            raise ClientError("Name a folder by --from or a list by --csv, not both.")
        if any(one):
            raise ClientError("Files, --work, --title, --artist, --isrc and --submission are of one work, not of many.")
        if len(document) > 1:
            raise ClientError("One --document is for all of them; others stand in the list, by --csv.")


ONE = Many()


async def register_many(target: Target, how: Submitting, rightsholder: str, many: Many, common: Common) -> int:
    """Register them, tell what became of each, and return the exit code: 1 if one of them failed."""
    async with Staydown(target.bootstrap, key=how.key) as staydown:
        if many.csv is not None:
            bulk = staydown.register_csv(rightsholder, many.csv, common, how.timeout)
        else:
            bulk = staydown.register_folder(rightsholder, many.folder or Path(), common, how.timeout)
        outcomes = await _with_progress(bulk)
    places = {where: place for place, where in enumerate(bulk.places)}
    outcomes.sort(key=lambda each: places[each.where])
    if many.as_json:
        for each in outcomes:
            say(shown_json(orjson.dumps(asdict(each)).decode()))
    else:
        _show(outcomes)
    return int(any(each.failed for each in outcomes))


async def _with_progress(bulk: Bulk) -> list[Outcome]:
    """Return every outcome, and show meanwhile on a terminal how many there are."""
    screen = console(to_stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TaskProgressColumn())
    with Progress(*columns, TimeElapsedColumn(), console=screen, disable=not screen.is_terminal) as progress:
        reading = progress.add_task("files read", total=len(bulk.places))
        answering = progress.add_task("answered", total=len(bulk.places))
        found = []
        async for outcome in bulk.outcomes(lambda number: progress.update(reading, completed=number)):
            found.append(outcome)
            progress.advance(answering)
    return found


def _show(outcomes: Sequence[Outcome]) -> None:
    shown = [each for each in outcomes if len(outcomes) <= ROWS_MAX or each.what not in GOOD]
    if shown:
        show_table(("where", "what", "work", "title", "copies", "why"), [_row(each) for each in shown])
        say("")
    say(_counts(outcomes))


def _row(each: Outcome) -> tuple[str, ...]:
    copies = str(each.copies_found) if each.what in {What.REGISTERED, What.HELD} else ""
    return each.where, each.what, each.work_id, each.title, copies, each.why


def _counts(outcomes: Iterable[Outcome]) -> str:
    counts = Counter(each.what for each in outcomes)
    return ", ".join(f"{counts[what]:,} {what}" for what in What if counts[what])

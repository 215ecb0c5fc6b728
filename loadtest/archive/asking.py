"""What the pages ask of the record, each question about something else every time."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from types import MappingProxyType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from loadtest.archive.filling import APART_MS, BEGIN_MS, RIGHTSHOLDERS, UPLOADERS
from services.archive.measures import DAY_MS, HOUR_MS, Span
from services.archive.queries.beside import latest_registration, latest_submission
from services.archive.queries.concerning import (
    count_disputed,
    count_held_works,
    down_last,
    own_copies,
    own_days,
    own_figures,
)
from services.archive.queries.dispute_lives import dispute_life, dispute_lives
from services.archive.queries.disputes import disputes, disputes_of_work
from services.archive.queries.overview import moments, overview, progress
from services.archive.queries.report import report
from services.archive.queries.reviews import held_uploads, held_works, reviews_made
from services.archive.queries.scope import EVERYTHING, Mark, Scope
from services.archive.queries.standing import count_standings, standing_of, standings
from services.archive.queries.uploads import upload_life, uploads_by_verdict
from services.archive.queries.works import count_works, rightsholders, takedowns_of, work_days, work_life, works
from services.contracts.decided import VerdictDecided
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.types import timestamp

WATCHED = StrikesChanged.Standing.WATCHED
BIG = Scope("rightsholder-0")
"""Whose one work in ten is, with all that are held."""
SONG = "song-0"
"""Of which one takedown in ten is."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Something by chance, of a record with so many uploads and works."""

    dice: Random
    uploads: int
    works: int

    def upload(self, every: int = 1) -> str:
        """Return an upload whose number is a multiple of `every`."""
        return f"u-{self.dice.randrange(self.uploads // every) * every:09}"

    def song(self) -> tuple[str, str]:
        """Return a rightsholder and a work of theirs."""
        number = self.dice.randrange(self.works)
        return f"rightsholder-{0 if number % 10 == 0 else number % RIGHTSHOLDERS}", f"song-{number}"

    def scope(self) -> Scope:
        """Return the view of one rightsholder of many."""
        return Scope(f"rightsholder-{self.dice.randrange(1, RIGHTSHOLDERS)}")

    def uploader(self) -> Standee:
        """Return an uploader."""
        return Standee(Standee.Kind.UPLOADER, f"uploader-{self.dice.randrange(UPLOADERS)}")

    def time_ms(self) -> int:
        """Return a time at which there were uploads."""
        return self.dice.randrange(BEGIN_MS, BEGIN_MS + self.uploads * APART_MS)

    def day(self) -> date:
        """Return a day on which there were uploads."""
        return timestamp(self.time_ms()).date()

    def mark(self, ids: int = 1) -> Mark:
        """Return a place somewhere in a list whose rows have so many ids."""
        return Mark(self.time_ms(), ("",) * ids)


Ask = Callable[[AsyncConnection, Drawn], Coroutine[Any, Any, object]]

QUESTIONS: Mapping[str, Ask] = MappingProxyType(
    {
        "an upload": lambda on, drawn: upload_life(on, EVERYTHING, drawn.upload()),
        "an upload that is disputed": lambda on, drawn: upload_life(on, EVERYTHING, drawn.upload(500)),
        "an upload, for who took it down": lambda on, drawn: upload_life(on, BIG, drawn.upload(200)),
        "an upload that came 500 times": lambda on, _: upload_life(on, EVERYTHING, f"u-{0:09}"),
        "uploads of any verdict": lambda on, drawn: uploads_by_verdict(
            on, EVERYTHING, tuple(VerdictDecided.Verdict), after=drawn.mark()
        ),
        "a work": lambda on, drawn: work_life(on, EVERYTHING, *drawn.song()),
        "  its days": lambda on, drawn: work_days(on, EVERYTHING, *drawn.song()),
        "  its takedowns": lambda on, drawn: takedowns_of(on, EVERYTHING, *drawn.song()),
        "  its disputes": lambda on, drawn: disputes_of_work(on, EVERYTHING, *drawn.song()),
        "a popular work": lambda on, _: work_life(on, EVERYTHING, "rightsholder-0", SONG),
        "  the days of it": lambda on, _: work_days(on, EVERYTHING, "rightsholder-0", SONG),
        "  the takedowns of it": lambda on, drawn: takedowns_of(on, BIG, "rightsholder-0", SONG, after=drawn.mark()),
        "  the disputes of it": lambda on, drawn: disputes_of_work(
            on, BIG, "rightsholder-0", SONG, after=drawn.mark(2)
        ),
        "copies of the largest": lambda on, drawn: own_copies(on, BIG, after=drawn.mark()),
        "  their figures": lambda on, _: own_figures(on, BIG),
        "  their days": lambda on, drawn: own_days(on, BIG, drawn.time_ms() - 30 * DAY_MS),
        "  what waits of theirs": lambda on, _: count_held_works(on, BIG),
        "  what is disputed of theirs": lambda on, _: count_disputed(on, BIG),
        "copies of another": lambda on, drawn: own_copies(on, drawn.scope()),
        "  their figures then": lambda on, drawn: own_figures(on, drawn.scope()),
        "what is disputed at all": lambda on, _: count_disputed(on, EVERYTHING),
        "registrations that wait at all": lambda on, _: count_held_works(on, EVERYTHING),
        "what came down last": lambda on, _: down_last(on, EVERYTHING),
        "a submission beside what is held": lambda on, drawn: latest_submission(on, EVERYTHING, drawn.upload()),
        "  a registration": lambda on, drawn: latest_registration(on, EVERYTHING, *drawn.song()),
        "works": lambda on, drawn: works(on, EVERYTHING, after=drawn.song()),
        "works of one": lambda on, drawn: works(on, drawn.scope()),
        "how many are of the largest": lambda on, _: count_works(on, "rightsholder-0"),
        "rightsholders": lambda on, drawn: rightsholders(on, EVERYTHING, after=drawn.song()[0]),
        "uploads held": lambda on, _: held_uploads(on, EVERYTHING),
        "  from somewhere on": lambda on, drawn: held_uploads(on, EVERYTHING, after=drawn.mark()),
        "registrations held": lambda on, _: held_works(on, EVERYTHING),
        "  of one rightsholder": lambda on, _: held_works(on, BIG),
        "reviews made": lambda on, drawn: reviews_made(on, EVERYTHING, after=drawn.mark(2)),
        "disputes": lambda on, drawn: disputes(on, EVERYTHING, after=drawn.mark(2)),
        "  about works of one": lambda on, drawn: disputes(on, drawn.scope()),
        "  about works of the largest": lambda on, drawn: disputes(on, BIG, after=drawn.mark(2)),
        "  their steps and letters": lambda on, drawn: _lives(on, BIG, drawn),
        "a dispute": lambda on, drawn: _dispute(on, drawn.upload(500)),
        "who is watched": lambda on, drawn: standings(on, EVERYTHING, WATCHED, after=drawn.mark(2)),
        "how many stand otherwise": lambda on, _: count_standings(on, EVERYTHING, (WATCHED,)),
        "how somebody stands": lambda on, drawn: standing_of(on, EVERYTHING, drawn.uploader()),
        "report of a month": lambda on, drawn: _report(on, drawn.day(), 30),
        "report of a year": lambda on, drawn: _report(on, drawn.day(), 365),
        "overview": lambda on, _: overview(on, EVERYTHING),
        "  hours of two days": lambda on, drawn: _moments(on, Span.HOUR, drawn.time_ms(), 48 * HOUR_MS),
        "  days of a year": lambda on, _: _moments(on, Span.DAY, BEGIN_MS, 365 * DAY_MS),
        "  how far it is": lambda on, _: progress(on),
    }
)
"""By name; what is indented belongs to the page above."""


def _dispute(connection: AsyncConnection, upload_id: str) -> Coroutine[Any, Any, object]:
    return dispute_life(connection, EVERYTHING, upload_id, f"o-{int(upload_id.removeprefix('u-'))}")


async def _lives(connection: AsyncConnection, scope: Scope, drawn: Drawn) -> object:
    return await dispute_lives(connection, scope, await disputes(connection, scope, after=drawn.mark(2)))


def _report(connection: AsyncConnection, since: date, days: int) -> Coroutine[Any, Any, object]:
    return report(connection, EVERYTHING, since, since + timedelta(days=days))


def _moments(connection: AsyncConnection, span: Span, since_ms: int, length_ms: int) -> Coroutine[Any, Any, object]:
    return moments(connection, EVERYTHING, span, since_ms, since_ms + length_ms)

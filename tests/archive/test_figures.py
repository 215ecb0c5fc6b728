from datetime import date
from functools import partial

import pytest
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.measures import BOUNDS_MS, HOUR_MS, Measure, Span, bound_of
from services.archive.queries.overview import moments, overview, progress
from services.archive.queries.report import median, report
from services.archive.queries.scope import EVERYTHING, Scope
from services.contracts import topics
from services.contracts.decided import TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.types import timestamp
from tests.archive.asking import asked
from tests.archive.facts import (
    BEGIN_MS,
    Said,
    dispute,
    receipt,
    registration,
    submission,
    takedown,
    upload_review,
    verdict,
)

Verdict, Reason = VerdictDecided.Verdict, VerdictDecided.Reason
DAY_MS = 86_400_000
TODAY = timestamp(BEGIN_MS).date()
SAID: tuple[Said, ...] = (
    submission("u-1"),
    submission("u-2"),
    verdict("u-1", Verdict.BLOCKED),
    takedown("u-1"),
    takedown("u-2", basis=TakedownIssued.Basis.STAYDOWN),
    verdict("u-1", Verdict.CLEAR, revision=2, reasons=(Reason.DISPUTE_WON,)),
    takedown("u-1", issued=False),
    verdict("u-2", Verdict.BLOCKED),
    verdict("u-3"),
    (topics.VERDICTS_DECIDED, "u-3", None),
    verdict("u-4", at_ms=BEGIN_MS + DAY_MS),
    registration("song"),
    receipt("song"),
    receipt("film", WorkReceipt.Status.REJECTED, "s-2", reasons=(WorkReceipt.Reason.NO_REFERENCE,)),
    dispute("u-1"),
    upload_review("u-1"),
)


def test_the_overview_counts_what_is_and_what_was(database: URL) -> None:
    """Uploads by their verdict now, and how many facts of each kind there ever were."""
    found = asked(database, SAID, partial(overview, scope=EVERYTHING))
    assert found is not None
    assert found.present == {"CLEAR": 2, "BLOCKED": 1}
    assert found.ever[Measure.DECIDED] == {"CLEAR": 3, "BLOCKED": 2}
    assert found.ever[Measure.ISSUED] == {"NOTICE": 1, "STAYDOWN": 1}


def test_hours_tell_what_happened_in_them(database: URL) -> None:
    """Those without anything are left out."""
    begin = BEGIN_MS - BEGIN_MS % HOUR_MS
    ask = partial(moments, scope=EVERYTHING, span=Span.HOUR, since_ms=begin, until_ms=begin + 48 * HOUR_MS)
    found = asked(database, SAID, ask)
    assert [each.begin for each in found] == [timestamp(begin), timestamp(begin + DAY_MS)]
    assert found[0].counts[Measure.DECIDED] == {"BLOCKED": 2, "CLEAR": 2}
    assert found[1].counts == {Measure.DECIDED: {"CLEAR": 1}}


def test_the_report_tells_how_many_how_fast_and_how_often_wrong(database: URL) -> None:
    """Of the days asked for, both included, and of no others."""
    found = asked(database, SAID, partial(report, scope=EVERYTHING, since=TODAY, until=TODAY))
    assert found is not None
    assert (found.uploads, found.verdicts) == (2, {"BLOCKED": 2, "CLEAR": 2})
    assert (found.requests, found.accepted, found.rejected) == ({"register": 1}, 1, 1)
    assert found.refused == {"NO_REFERENCE": 1}
    assert found.median_answer_ms is not None
    assert 1_000 <= found.median_answer_ms <= 1_050
    assert (found.by_machine, found.automated_share) == (1, 0.5)
    assert (found.reinstated, found.disputes, found.reversed) == ({"NOTICE": 1}, {"OWN_WORK": 1}, 1)
    assert found.reviews == {"REJECT": 1}


def test_an_upload_is_reversed_once_however_often_it_is_decided_again(database: URL) -> None:
    """A later revision repeats the reason; another submission of it is another decision."""
    won = (Reason.DISPUTE_WON,)
    said = (
        *(verdict("u-1", revision=number, reasons=won, at_ms=BEGIN_MS + number) for number in (1, 2, 3)),
        verdict("u-1", revision=4, reasons=won, submission_offset=7),
        verdict("u-2", Verdict.BLOCKED, reasons=won),
        verdict("u-3", revision=1, reasons=won, at_ms=BEGIN_MS - DAY_MS),
        verdict("u-3", revision=2, reasons=won),
    )
    found = asked(database, said, partial(report, scope=EVERYTHING, since=TODAY, until=TODAY))
    assert found is not None
    assert found.reversed == 2


def test_how_long_it_took_is_known_whichever_fact_comes_first(database: URL) -> None:
    """From the submission to the first verdict that blocks it; what has no submission has no such time."""
    said = (
        submission("u-1"),
        verdict("u-1", Verdict.BLOCKED, at_ms=BEGIN_MS + 5_000),
        verdict("u-1", Verdict.BLOCKED, at_ms=BEGIN_MS + 900_000, revision=2),
        verdict("u-9", Verdict.BLOCKED, at_ms=BEGIN_MS + 900_000),
        verdict("u-3", Verdict.BLOCKED, at_ms=BEGIN_MS + 10_000),
        submission("u-3"),
    )
    found = asked(database, said, partial(report, scope=EVERYTHING, since=TODAY, until=TODAY))
    assert found is not None
    assert found.median_restriction_ms == bound_of(5_000), "the other's took as long"


def test_a_report_of_days_without_anything_has_no_median_and_no_share(database: URL) -> None:
    """Nothing divided by nothing is said to be nothing."""
    found = asked(database, SAID, partial(report, scope=EVERYTHING, since=date(2020, 1, 1), until=date(2020, 1, 31)))
    assert found is not None
    assert (found.median_answer_ms, found.automated_share, found.uploads) == (None, None, 0)


def test_figures_of_all_are_for_no_rightsholder(database: URL) -> None:
    """They concern the works of others."""
    label = Scope("label")
    assert asked(database, SAID, partial(overview, scope=label)) is None
    assert asked(database, SAID, partial(report, scope=label, since=TODAY, until=TODAY)) is None
    assert asked(database, SAID, partial(moments, scope=label, span=Span.DAY, since_ms=0, until_ms=2**60)) == ()


def test_it_is_known_how_far_the_record_is(database: URL) -> None:
    """Each partition's next offset, and the time of its last record."""

    async def ask(connection: AsyncConnection) -> object:
        return [(each.topic, each.next_offset, each.at) for each in await progress(connection)]

    assert asked(database, [submission("u-1"), submission("u-1")], ask) == [
        ("uploads.submitted.v1", 2, timestamp(BEGIN_MS + 1_000))
    ]


@pytest.mark.parametrize(
    ("durations", "expected"),
    [([], None), ([100], 100), ([10, 1_000, 100_000], 1_000), ([10, 1_000], 10), ([7] * 3 + [10**9], 7)],
)
def test_a_median_is_within_five_percent(durations: list[int], expected: int | None) -> None:
    """Durations are counted by bounds that are five percent apart."""
    counts: dict[str, int] = {}
    for duration in durations:
        counts[str(bound_of(duration))] = counts.get(str(bound_of(duration)), 0) + 1
    found = median(counts)
    assert (found is None) == (expected is None)
    if expected is not None and found is not None:
        assert expected <= found <= expected * 1.06 + 1


def test_every_duration_has_a_bound() -> None:
    """Also none at all, and a thousand years."""
    assert [bound_of(ms) for ms in (0, 1, 2, BOUNDS_MS[-1])] == [1, 1, 2, BOUNDS_MS[-1]]
    assert bound_of(10**18) > BOUNDS_MS[-1]

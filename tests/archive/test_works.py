from functools import partial

import pytest
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.scope import EVERYTHING, Mark, Scope
from services.archive.queries.works import (
    Rightsholder,
    rightsholders,
    takedowns_of,
    work_days,
    work_life,
    works,
)
from services.client.standing import add_up
from services.contracts.decided import TakedownIssued, WorkReceipt
from tests.archive.asking import asked
from tests.archive.facts import (
    BEGIN_MS,
    Said,
    enrolment,
    receipt,
    registration,
    release,
    restoration,
    submission,
    suspension,
    takedown,
)

Status = WorkReceipt.Status
Basis = TakedownIssued.Basis
DAY_MS = 86_400_000
LABEL = Scope("label")
SAID: tuple[Said, ...] = (
    registration("song", title="A Song"),
    receipt("song"),
    registration("film", "s-3", title="A Film"),
    receipt("film", Status.HELD, "s-3"),
    registration("tune", "s-4", "other"),
    receipt("tune", Status.ACCEPTED, "s-4", "other"),
    submission("u-1"),
    takedown("u-1"),
    takedown("u-2", basis=Basis.STAYDOWN, at_ms=BEGIN_MS + DAY_MS),
    takedown("u-3", basis=Basis.STAYDOWN, at_ms=BEGIN_MS + DAY_MS + 1),
    takedown("u-1", issued=False, at_ms=BEGIN_MS + 2 * DAY_MS),
    takedown("u-4", "tune", rightsholder="other"),
)


def test_a_work_tells_what_was_said_of_it_and_what_became_of_its_copies(database: URL) -> None:
    """What was submitted and answered in its order, and how many copies came down, were refused and are down."""
    life = asked(database, SAID, partial(work_life, scope=EVERYTHING, rightsholder_id="label", work_id="song"))
    assert life is not None
    assert (life.row.title, life.row.status) == ("A Song", Status.ACCEPTED)
    assert (life.submissions, life.receipts) == ((SAID[0][2],), (SAID[1][2],))
    counted = life.takedowns
    assert (counted.taken_down, counted.refused, counted.reinstated, counted.down_now) == (1, 2, 1, 2)


def test_how_a_work_stands_follows_from_its_life(database: URL) -> None:
    """The command line's own sum of facts takes what the record gives."""
    said = (*SAID, release("song"), receipt("song", Status.RELEASED, "s-2"))
    life = asked(database, said, partial(work_life, scope=LABEL, rightsholder_id="label", work_id="song"))
    assert life is not None
    assert not add_up(life.receipts, (), life.submissions).in_force
    assert add_up(life.receipts[:1], (), life.submissions[:1]).in_force


def test_what_happened_to_copies_is_counted_by_day(database: URL) -> None:
    """For the chart on a work's page."""
    days = asked(database, SAID, partial(work_days, scope=LABEL, rightsholder_id="label", work_id="song"))
    assert [(each.takedowns.taken_down, each.takedowns.refused, each.takedowns.reinstated) for each in days] == [
        (1, 0, 0),
        (0, 2, 0),
        (0, 0, 1),
    ]
    since_ms = BEGIN_MS - BEGIN_MS % DAY_MS + DAY_MS
    ask = partial(work_days, scope=LABEL, rightsholder_id="label", work_id="song", since_ms=since_ms)
    assert len(asked(database, SAID, ask)) == 2


@pytest.mark.parametrize(
    ("bases", "expected"),
    [(tuple(Basis), ["u-1", "u-3", "u-2"]), ((Basis.STAYDOWN,), ["u-3", "u-2"]), ((Basis.NOTICE,), ["u-1"])],
)
def test_copies_of_a_work_are_listed_with_the_latest_first(
    database: URL, bases: tuple[Basis, ...], expected: list[str]
) -> None:
    """Copies found and re-uploads refused, together or apart, page by page."""

    async def pages(connection: AsyncConnection) -> list[str]:
        found: list[str] = []
        after: Mark | None = None
        while rows := await takedowns_of(connection, LABEL, "label", "song", bases=bases, after=after, limit=1):
            found += [row.upload_id for row in rows]
            after = rows[-1].mark
        return found

    assert asked(database, SAID, pages) == expected


def test_works_are_listed_by_rightsholder_and_name(database: URL) -> None:
    """A rightsholder sees their own; who sees everything may ask for one's."""
    everything = asked(database, SAID, partial(works, scope=EVERYTHING))
    assert [(row.work_id, row.title, row.status) for row in everything] == [
        ("film", "A Film", Status.HELD),
        ("song", "A Song", Status.ACCEPTED),
        ("tune", "A Song", Status.ACCEPTED),
    ]
    assert [row.work_id for row in asked(database, SAID, partial(works, scope=LABEL))] == ["film", "song"]
    assert asked(database, SAID, partial(works, scope=LABEL, rightsholder_id="other")) == []
    after = partial(works, scope=EVERYTHING, after=("label", "film"), limit=1)
    assert [row.work_id for row in asked(database, SAID, after)] == ["song"]


def test_another_s_work_is_nobody_s_affair(database: URL) -> None:
    """No page, no copies, no days."""
    assert asked(database, SAID, partial(work_life, scope=LABEL, rightsholder_id="other", work_id="tune")) is None
    assert asked(database, SAID, partial(takedowns_of, scope=LABEL, rightsholder_id="other", work_id="tune")) == ()
    assert asked(database, SAID, partial(work_days, scope=LABEL, rightsholder_id="other", work_id="tune")) == ()


def test_rightsholders_are_as_they_were_enrolled_last(database: URL) -> None:
    """And suspended or not, whatever came in between."""
    said = (enrolment(), enrolment("other", "Another"), suspension(), enrolment(name="A New Name"))
    label = Rightsholder("label", "A New Name", "label@example.org", "PROBATION", "x")
    other = Rightsholder("other", "Another", "label@example.org", "PROBATION", None)
    assert asked(database, said, partial(rightsholders, scope=EVERYTHING)) == [label, other]
    assert asked(database, said, partial(rightsholders, scope=EVERYTHING, after="label")) == [other]
    assert asked(database, said, partial(rightsholders, scope=Scope("other"))) == [other]
    restored = asked(database, (*said, restoration()), partial(rightsholders, scope=LABEL))
    assert [each.suspended_for for each in restored] == [None]

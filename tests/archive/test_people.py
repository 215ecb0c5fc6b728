from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest
from sqlalchemy import URL

from services.archive.queries.dispute_lives import dispute_life
from services.archive.queries.disputes import disputes, disputes_of_work
from services.archive.queries.reviews import held_uploads, held_works, reviews_made
from services.archive.queries.scope import EVERYTHING, Scope
from services.archive.queries.standing import standing_of, standings
from services.contracts.decided import Recipient, VerdictDecided, WorkReceipt
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.types import timestamp
from tests.archive.asking import asked
from tests.archive.facts import (
    BEGIN_MS,
    Said,
    counter_notice,
    dispute,
    notice,
    receipt,
    registration,
    standing,
    submission,
    takedown,
    uphold,
    upload_review,
    verdict,
    work_review,
)

HELD = VerdictDecided.Verdict.HELD
LABEL, OTHER = Scope("label"), Scope("other")
UNTIL_MS = BEGIN_MS + 30 * 86_400_000
DISPUTED: tuple[Said, ...] = (
    takedown("u-1"),
    dispute("u-1"),
    notice("n-1", "label", "u-1", kind=Recipient.Kind.RIGHTSHOLDER, dispute_id="o-1", respond_until_ms=UNTIL_MS),
    notice("n-2", "ann", "u-1", dispute_id="o-1"),
    takedown("u-2", rightsholder="other"),
    takedown("u-2", "film", rightsholder="other"),
    dispute("u-2", "o-2", "t-u-2-other-film"),
    uphold("u-1"),
    counter_notice("u-1"),
)


def test_held_uploads_are_listed_with_the_oldest_first(database: URL) -> None:
    """Each with the verdict that says why, and what was decided since is not among them."""
    said = (
        submission("u-1", title="First"),
        verdict("u-1", HELD, at_ms=BEGIN_MS + 2),
        verdict("u-2", HELD, at_ms=BEGIN_MS),
        verdict("u-3", HELD, at_ms=BEGIN_MS + 1),
        verdict("u-3", at_ms=BEGIN_MS + 3, revision=2),
    )
    found = asked(database, said, partial(held_uploads, scope=EVERYTHING))
    assert [(each.upload.upload_id, each.upload.title) for each in found] == [("u-2", ""), ("u-1", "First")]
    assert [each.verdict for each in found] == [said[2][2], said[1][2]]
    after = partial(held_uploads, scope=EVERYTHING, after=found[0].upload.mark)
    assert [each.upload.upload_id for each in asked(database, said, after)] == ["u-1"]


def test_held_registrations_are_those_that_were_not_answered_since(database: URL) -> None:
    """A later answer to the same submission ends it; one about another of the same id does not."""
    held = WorkReceipt.Status.HELD
    said = (
        registration("song", "s-1"),
        receipt("song", held, "s-1"),
        receipt("song", WorkReceipt.Status.REJECTED, "s-1", reasons=(WorkReceipt.Reason.DUPLICATE_SUBMISSION,)),
        registration("film", "s-2"),
        receipt("film", held, "s-2"),
        receipt("film", submission_id="s-2", at_ms=BEGIN_MS + 1),
        receipt("tune", held, "s-3", "other", at_ms=BEGIN_MS + 2),
    )
    found = asked(database, said, partial(held_works, scope=EVERYTHING))
    assert [(each.work_id, each.submitted, each.receipt) for each in found] == [
        ("song", said[0][2], said[1][2]),
        ("tune", None, said[6][2]),
    ]
    after = partial(held_works, scope=EVERYTHING, after=found[0].mark)
    assert [each.work_id for each in asked(database, said, after)] == ["tune"]
    assert [each.work_id for each in asked(database, said, partial(held_works, scope=OTHER))] == ["tune"]


def test_reviews_are_listed_with_the_latest_first(database: URL) -> None:
    """Every decision is there with its author."""
    said = (upload_review("u-1", "r-1"), work_review("song", "r-2"), upload_review("u-2", "r-3"))
    found = asked(database, said, partial(reviews_made, scope=EVERYTHING))
    assert [(each.review_id, each.reviewer_id) for each in found] == [("r-3", "rita"), ("r-2", "rita"), ("r-1", "rita")]


def test_disputes_tell_what_they_are_about_and_by_when_to_answer(database: URL) -> None:
    """The latest step first; the clock is the one of the latest letter that has one."""
    found = asked(database, DISPUTED, partial(disputes, scope=EVERYTHING))
    assert [(row.dispute_id, row.step, row.ground, row.respond_until) for row in found] == [
        ("o-1", "counter_notice", "OWN_WORK", timestamp(UNTIL_MS)),
        ("o-2", "dispute", "OWN_WORK", None),
    ]
    assert [[each.work_id for each in row.takedowns] for row in found] == [["song"], ["film"]]
    assert all(row.is_open for row in found)
    after = partial(disputes, scope=EVERYTHING, after=found[0].mark)
    assert [row.dispute_id for row in asked(database, DISPUTED, after)] == ["o-2"]


def test_a_dispute_is_over_when_nothing_that_it_is_about_is_down(database: URL) -> None:
    """Whatever brought it back."""
    said = (*DISPUTED, takedown("u-1", issued=False, at_ms=BEGIN_MS + 1))
    assert [row.is_open for row in asked(database, said, partial(disputes, scope=EVERYTHING))] == [False, True]


@pytest.mark.parametrize(("scope", "expected"), [(LABEL, ["o-1"]), (OTHER, ["o-2"]), (Scope("stranger"), [])])
def test_a_rightsholder_sees_disputes_about_their_works(database: URL, scope: Scope, expected: list[str]) -> None:
    """And of several works on one upload those that are theirs."""
    assert [row.dispute_id for row in asked(database, DISPUTED, partial(disputes, scope=scope))] == expected


def test_a_work_s_disputes_are_those_about_its_takedowns(database: URL) -> None:
    """One that names another takedown of the same upload is not among them."""
    of_work = partial(disputes_of_work, scope=EVERYTHING, rightsholder_id="other")
    assert [row.dispute_id for row in asked(database, DISPUTED, partial(of_work, work_id="film"))] == ["o-2"]
    assert asked(database, DISPUTED, partial(of_work, work_id="song")) == []
    assert (
        asked(database, DISPUTED, partial(disputes_of_work, scope=LABEL, rightsholder_id="other", work_id="film")) == ()
    )


def test_a_dispute_tells_its_steps_and_letters(database: URL) -> None:
    """In their order; a rightsholder sees the letters to them."""
    ask = partial(dispute_life, upload_id="u-1", dispute_id="o-1")
    life = asked(database, DISPUTED, partial(ask, scope=EVERYTHING))
    assert life is not None
    assert [each.step for each in life.steps] == ["dispute", "uphold", "counter_notice"]
    assert [each.fact for each in life.steps] == [DISPUTED[1][2], DISPUTED[7][2], DISPUTED[8][2]]
    assert {each.notice_id for each in life.notices} == {"n-1", "n-2"}
    theirs = asked(database, DISPUTED, partial(ask, scope=LABEL))
    assert theirs is not None
    assert [each.notice_id for each in theirs.notices] == ["n-1"]
    assert asked(database, DISPUTED, partial(ask, scope=OTHER)) is None


STOOD: tuple[Said, ...] = (
    standing("ann"),
    standing("ann", how=StrikesChanged.Standing.RESTRICTED, at_ms=BEGIN_MS + 2),
    standing("bob", how=StrikesChanged.Standing.RESTRICTED, at_ms=BEGIN_MS + 1),
    standing("label", Standee.Kind.RIGHTSHOLDER, StrikesChanged.Standing.PROBATION),
)


def test_standings_are_those_at_present(database: URL) -> None:
    """Who was watched and is restricted is restricted."""
    restricted = partial(standings, scope=EVERYTHING, standing=StrikesChanged.Standing.RESTRICTED)
    found = asked(database, STOOD, restricted)
    assert [row.subject.id for row in found] == ["ann", "bob"]
    assert [row.subject.id for row in asked(database, STOOD, partial(restricted, after=found[0].mark))] == ["bob"]
    watched = partial(standings, scope=EVERYTHING, standing=StrikesChanged.Standing.WATCHED)
    assert asked(database, STOOD, watched) == []


def test_somebody_s_standing_has_a_past(database: URL) -> None:
    """The latest first; a rightsholder may ask about themselves alone."""
    ann = partial(standing_of, subject=Standee(Standee.Kind.UPLOADER, "ann"))
    assert [row.standing.value for row in asked(database, STOOD, partial(ann, scope=EVERYTHING))] == [
        "RESTRICTED",
        "WATCHED",
    ]
    assert asked(database, STOOD, partial(ann, scope=LABEL)) == ()
    label = partial(standing_of, subject=Standee(Standee.Kind.RIGHTSHOLDER, "label"))
    assert len(asked(database, STOOD, partial(label, scope=LABEL))) == 1


@pytest.mark.parametrize(
    "ask",
    [
        held_uploads,
        reviews_made,
        partial(standings, standing=StrikesChanged.Standing.WATCHED),
    ],
)
def test_what_is_for_reviewers_is_for_no_rightsholder(
    database: URL, ask: Callable[..., Coroutine[Any, Any, object]]
) -> None:
    """Who waits and who decided is for those who see everything."""
    said = (verdict("u-1", HELD), upload_review("u-1"), standing("ann"))
    assert asked(database, said, partial(ask, scope=LABEL)) == ()
    assert len(asked(database, said, partial(ask, scope=EVERYTHING))) == 1  # type: ignore[arg-type]  # a list

"""Policies: what a rightsholder wants done with a match, where, when, and with how short an excerpt."""

import pytest

from services.contracts.decided import Recipient, Subject
from services.contracts.inside import Match
from services.contracts.rights import PLAIN, Segment, Terms
from services.contracts.sample import Likeness
from services.contracts.submitted import UploadDeleted
from services.contracts.topics import NOTICES_ISSUED, TAKEDOWNS_ISSUED
from services.enforcer.case import FORGOTTEN_AFTER_MS, TOLD_MAX
from tests.deciding import NOW
from tests.enforcer.facts import HIT, UPLOAD, Reason, Status, case, on, read, submission, takedowns
from tests.enforcer.rights import (
    BLOCKED,
    CLEAR,
    HELD,
    LATER,
    PLAINLY_BLOCKED,
    REVIEW,
    RIVAL,
    SOONER,
    TRACK,
    Outcome,
    alike,
    compared,
    found,
    last,
    listed,
    outcome,
)

IDENTICAL, SIMILAR = (Reason.IDENTICAL,), (Reason.SIMILAR,)
REPORTED = Outcome(CLEAR, IDENTICAL, (), (HIT,))
WAITING = Outcome(HELD, (Reason.REVIEW_POLICY,), (), (HIT,))
SHOWN = Outcome(CLEAR, (Reason.NO_MATCH,))
TEN_SECONDS = Terms(excerpt_ms_max=10_000)

ONE_LISTING: list[tuple[Terms, Likeness | None, Outcome]] = [
    (PLAIN, None, PLAINLY_BLOCKED),
    (PLAIN, alike((0, 5_000)), Outcome(BLOCKED, SIMILAR, (), (HIT,))),
    (TRACK, None, REPORTED),
    (TRACK, alike((0, 5_000)), Outcome(CLEAR, SIMILAR, (), (HIT,))),
    (REVIEW, None, WAITING),
    (REVIEW, alike((0, 5_000)), WAITING),
    (Terms(valid_from=NOW), None, PLAINLY_BLOCKED),
    (Terms(valid_from=LATER), None, SHOWN),
    (Terms(valid_until=LATER), None, PLAINLY_BLOCKED),
    (Terms(valid_until=NOW), None, Outcome(CLEAR, (Reason.RELEASED,))),
    (Terms(valid_from=SOONER, valid_until=LATER), None, PLAINLY_BLOCKED),
    (TEN_SECONDS, None, PLAINLY_BLOCKED),
    (TEN_SECONDS, alike((0, 10_000)), Outcome(CLEAR, (Reason.EXCERPT_ALLOWED,))),
    (TEN_SECONDS, alike((0, 10_001)), Outcome(BLOCKED, SIMILAR, (), (HIT,))),
    (TEN_SECONDS, alike((0, 0)), Outcome(BLOCKED, SIMILAR, (), (HIT,))),
    (Terms(excluded=(Segment("m", 0, 5_000),)), alike((7, 9), (0, 5_000)), SHOWN),
    (Terms(excluded=(Segment("m", 0, 5_000),)), alike((7, 9), (1_000, 2_000)), SHOWN),
    (Terms(excluded=(Segment("m", 0, 5_000),)), alike((7, 9), (0, 5_001)), Outcome(BLOCKED, SIMILAR, (), (HIT,))),
    (Terms(excluded=(Segment("n", 0, 5_000),)), alike((7, 9), (0, 5_000)), Outcome(BLOCKED, SIMILAR, (), (HIT,))),
    (Terms(excluded=(Segment("m", 3_000, 9_000), Segment("m", 0, 3_000))), alike((7, 9), (1_000, 8_000)), SHOWN),
    (
        Terms(excluded=(Segment("m", 0, 3_000), Segment("m", 3_001, 9_000))),
        alike((7, 9), (1_000, 8_000)),
        Outcome(BLOCKED, SIMILAR, (), (HIT,)),
    ),
    (Terms(excluded=(Segment("m", 0, 5_000),)), None, PLAINLY_BLOCKED),
    (Terms(excluded=(Segment("m", 0, 5_000),)), alike((7, 9), (0, 0)), Outcome(BLOCKED, SIMILAR, (), (HIT,))),
]


@pytest.mark.parametrize(("terms", "likeness", "expected"), ONE_LISTING)
def test_one_listing_comes_to_this(terms: Terms, likeness: Likeness | None, expected: Outcome) -> None:
    """Windows from and until, excerpts by their extent, parts that are not theirs, and three policies."""
    assert outcome(compared(listed(HIT, terms, likeness=likeness))) == expected


SEVERAL: list[tuple[list[Match], Outcome]] = [
    ([listed(HIT, TRACK), listed(RIVAL)], Outcome(BLOCKED, IDENTICAL, (), (RIVAL,))),
    ([listed(HIT, REVIEW), listed(RIVAL)], Outcome(BLOCKED, IDENTICAL, (), (RIVAL,))),
    ([listed(HIT, REVIEW), listed(RIVAL, TRACK)], WAITING),
    ([listed(HIT, TRACK), listed(RIVAL, TRACK)], Outcome(CLEAR, IDENTICAL, (), (HIT, RIVAL))),
    ([listed(HIT, TRACK), listed(HIT, REVIEW, reference="n")], WAITING),
    ([listed(HIT, REVIEW), listed(HIT, PLAIN, reference="n")], PLAINLY_BLOCKED),
    ([listed(HIT, Terms(valid_until=NOW)), listed(RIVAL)], Outcome(BLOCKED, IDENTICAL, (), (RIVAL,))),
    ([listed(HIT, REVIEW), listed(RIVAL, Terms(territories=("DE",)))], WAITING),
    (
        [listed(HIT, TEN_SECONDS, likeness=alike((0, 9_000))), listed(HIT, TEN_SECONDS, reference="n")],
        PLAINLY_BLOCKED,
    ),
]


@pytest.mark.parametrize(("matches", "expected"), SEVERAL)
def test_the_strictest_policy_in_force_wins(matches: list[Match], expected: Outcome) -> None:
    """Blocked wherever it is to be seen before held, held before blocked somewhere, and reported last."""
    assert outcome(compared(*matches)) == expected
    assert outcome(compared(*reversed(matches))) == expected


def test_what_is_reported_is_shown_and_its_rightsholder_told_once() -> None:
    """One notice per upload and work, however often it is compared or submitted anew."""
    deciding = compared(listed(HIT, TRACK))
    (notice,) = deciding.said(NOTICES_ISSUED)
    assert notice.recipient == Recipient(Recipient.Kind.RIGHTSHOLDER, "label")
    assert notice.about == Subject(UPLOAD, "label", "hit")
    assert "so it can be seen" in notice.text
    assert deciding.said(TAKEDOWNS_ISSUED) == []
    assert last(deciding).evidence[0].score == 1.0
    assert last(deciding).explanation == (
        "This upload can be shown: its file is identical to a registered reference of “hit” of label, which asks only "
        "to be told."
    )
    on(deciding, found(version=2), found(listed(HIT, TRACK), version=3), submission(title="Mine"))
    on(deciding, *(found(listed(HIT, TRACK), version=version, submission=2) for version in (4, 5)))
    assert len(deciding.said(NOTICES_ISSUED)) == 1


def test_what_was_told_before_a_deletion_is_told_anew_by_another_notice() -> None:
    """A day after a deletion it is forgotten what was told; another submission is another cause."""
    deciding = compared(listed(HIT, TRACK))
    on(deciding, UploadDeleted())
    deciding.pass_time(FORGOTTEN_AFTER_MS)
    on(deciding, submission(), read("song", 3), found(listed(HIT, TRACK), version=2, submission=3))
    first, second = (one.notice_id for one in deciding.said(NOTICES_ISSUED))
    assert first != second


def test_a_report_is_made_though_somebody_else_blocks() -> None:
    """It is about their work, not about the verdict."""
    deciding = compared(listed(HIT, TRACK), listed(RIVAL))
    kinds = [one.recipient.kind for one in deciding.said(NOTICES_ISSUED)]
    assert kinds.count(Recipient.Kind.RIGHTSHOLDER) == 1


def test_who_was_told_is_remembered_within_a_bound() -> None:
    """As many as a digest can have listings, twice."""
    deciding = compared(*(listed(f"label/w{number}", TRACK) for number in range(64)))
    for version in range(2, 6):
        on(deciding, found(*(listed(f"r{version}/w{number}", TRACK) for number in range(64)), version=version))
    assert len(case(deciding).told) == TOLD_MAX


def test_a_window_takes_down_and_brings_back_by_itself() -> None:
    """Windows go by the clock: at their begin, and at their end, and then there is no timer left."""
    deciding = compared(listed(HIT, Terms(valid_from=NOW + 1_000, valid_until=NOW + 5_000)))
    assert outcome(deciding) == SHOWN
    assert deciding.pass_time(999) == ()
    assert takedowns(deciding.pass_time(1)) == [(HIT, Status.ISSUED)]
    assert deciding.pass_time(3_999) == ()
    said = deciding.pass_time(1)
    assert takedowns(said) == [(HIT, Status.REINSTATED)]
    assert outcome(said) == Outcome(CLEAR, (Reason.RELEASED,))
    assert deciding.store.next_due() is None


def test_a_clock_that_jumps_over_a_whole_window_changes_nothing() -> None:
    """Nobody was down in a time that nobody saw."""
    deciding = compared(listed(HIT, Terms(valid_from=NOW + 1_000, valid_until=NOW + 5_000)))
    deciding.now += 10_000
    assert takedowns(deciding.wake()) == []
    assert outcome(deciding) == Outcome(CLEAR, (Reason.RELEASED,))
    assert deciding.store.next_due() is None


def test_what_only_comes_to_be_reported_is_back() -> None:
    """A policy that becomes TRACK ends the takedown, and says why."""
    deciding = compared(listed())
    said = on(deciding, found(listed(HIT, TRACK), version=2))
    (back,) = said.of(TAKEDOWNS_ISSUED)
    assert back.statement_of_reasons.facts.endswith("no longer blocks it and asks only to be told.")
    assert outcome(said) == REPORTED


def test_a_hold_is_no_takedown_and_ends_one() -> None:
    """HELD alone is no takedown; what was down is told that it waits, not that it can be seen."""
    assert compared(listed(HIT, REVIEW)).said(TAKEDOWNS_ISSUED) == []
    deciding = compared(listed())
    said = on(deciding, found(listed(HIT, REVIEW), version=2))
    assert outcome(said) == WAITING
    assert takedowns(said) == [(HIT, Status.REINSTATED)]
    assert {one.subject for one in said.of(NOTICES_ISSUED)} == {
        "Upload u is no longer taken down, but waits for a decision"
    }
    assert last(said).explanation == (
        "“Song” waits for a person's decision, because its file is identical to a registered reference of “hit” of "
        "label, and the rightsholder asks that a person looks at it first."
    )

"""Disputes as tables: a state, a step, and what it leads to; every bad step; and what silence decides."""

import pytest
from msgspec.structs import replace

from services.contracts.decided import Recipient
from services.contracts.inside import ContentRuled
from services.contracts.objections import DisputeSubmitted
from services.contracts.submitted import UploadDeleted
from services.contracts.topics import CONTENTS_RULED, NOTICES_ISSUED, TAKEDOWNS_ISSUED
from services.contracts.types import timestamp
from services.enforcer.calendar import business_days_after, days_after
from services.enforcer.case import DISPUTES_MAX, FORGOTTEN_AFTER_MS
from tests.deciding import NOW, Deciding, digest
from tests.enforcer.facts import HIT, UPLOAD, Reason, Status, case, clear, enforcer, on, read, submission, takedowns
from tests.enforcer.objecting import (
    DAY_MS,
    SECOND,
    at,
    counter,
    court,
    dispute,
    down,
    letters,
    only,
    release,
    stages,
    takedown_of,
    uphold,
    withdraw,
)
from tests.enforcer.rights import CLEAR, PLAINLY_BLOCKED, REVIEW, Outcome, compared, found, licensed, listed, outcome

WON = Outcome(CLEAR, (Reason.DISPUTE_WON,))
Steps = list[DisputeSubmitted]

GOOD: list[tuple[Steps, DisputeSubmitted, list[str], Outcome]] = [
    ([], dispute(), ["OPEN"], PLAINLY_BLOCKED),
    ([], counter(), ["COUNTERED"], PLAINLY_BLOCKED),
    ([dispute()], uphold(), ["UPHELD"], PLAINLY_BLOCKED),
    ([dispute()], counter(), ["COUNTERED"], PLAINLY_BLOCKED),
    ([dispute()], release(), [], WON),
    ([dispute()], withdraw(), [], PLAINLY_BLOCKED),
    ([dispute(), uphold()], counter(), ["COUNTERED"], PLAINLY_BLOCKED),
    ([dispute(), uphold()], release(), [], WON),
    ([dispute(), uphold()], withdraw(), [], PLAINLY_BLOCKED),
    ([counter()], court(), ["COURT"], PLAINLY_BLOCKED),
    ([counter()], release(), [], WON),
    ([counter()], withdraw(), [], PLAINLY_BLOCKED),
    ([counter(), court()], release(), [], WON),
    ([dispute("c"), withdraw("c")], dispute(), ["OPEN"], PLAINLY_BLOCKED),
    ([dispute("c"), uphold(name="c"), withdraw("c")], counter(), ["COUNTERED"], PLAINLY_BLOCKED),
]


@pytest.mark.parametrize(("before", "step", "expected", "verdict"), GOOD)
def test_a_step_leads_to_this(before: Steps, step: DisputeSubmitted, expected: list[str], verdict: Outcome) -> None:
    """From every state every step that may be taken."""
    deciding = at(*before)
    event = deciding.event(UPLOAD, step)
    deciding.decide(event)
    assert stages(deciding)["d"] == expected
    assert outcome(deciding) == verdict
    assert deciding.decide(event) == (), "a record counts once"


OPENED, WAITED = "there is no such dispute, or it is over", "nothing waits for their answer"
NOT_COUNTERED = "no counter-notice waits for their answer"
TWICE = "a counter-notice was given already"
DECIDED = "the claimant has upheld it already"
BAD: list[tuple[Steps, DisputeSubmitted, str]] = [
    ([dispute()], dispute(), "there was a dispute of this name already"),
    ([dispute(), withdraw()], dispute(), "there was a dispute of this name already"),
    ([dispute(), withdraw()], counter(), "there was a dispute of this name already"),
    ([dispute("other")], dispute(), "what it is about is in dispute already"),
    ([dispute("other")], counter(), "what it is about is in dispute already"),
    ([counter()], counter(), TWICE),
    ([counter(), court()], counter(), TWICE),
    ([dispute("c"), uphold(name="c"), withdraw("c")], dispute(), DECIDED),
    ([dispute("c"), uphold(name="c"), counter("c"), withdraw("c")], dispute(), DECIDED),
    ([], counter(consent=False), "has to consent to the jurisdiction"),
    ([dispute()], counter(consent=False), "has to consent to the jurisdiction"),
    ([], dispute(takedown="another"), "not taken down by the takedown that it names"),
    ([], counter(takedown="another"), "not taken down by the takedown that it names"),
    ([dispute()], counter(takedown="another"), "what it names is not in this dispute"),
    ([], uphold(), OPENED),
    ([], release(), OPENED),
    ([], court(), OPENED),
    ([], withdraw(), OPENED),
    ([dispute("other")], withdraw(), OPENED),
    ([dispute(), withdraw()], withdraw(), OPENED),
    ([dispute(), withdraw()], uphold(), OPENED),
    ([dispute()], uphold("rival"), "none of the takedowns in this dispute is theirs"),
    ([dispute()], release("rival"), "none of the takedowns in this dispute is theirs"),
    ([counter()], court("rival"), "none of the takedowns in this dispute is theirs"),
    ([dispute()], uphold(takedown="another"), "none of the takedowns in this dispute is theirs"),
    ([dispute(), uphold()], uphold(), WAITED),
    ([counter()], uphold(), WAITED),
    ([dispute()], court(), NOT_COUNTERED),
    ([dispute(), uphold()], court(), NOT_COUNTERED),
    ([counter(), court()], court(), NOT_COUNTERED),
    ([counter(), court()], withdraw(), "a court is to decide"),
]


@pytest.mark.parametrize(("before", "step", "why"), BAD)
def test_a_bad_step_changes_nothing_and_is_answered(before: Steps, step: DisputeSubmitted, why: str) -> None:
    """To who took it, with the reason, once."""
    deciding = at(*before)
    known, standing = case(deciding), stages(deciding)
    event = deciding.event(UPLOAD, step)
    said = deciding.decide(event)
    notice = only(said)
    assert why in notice.text
    assert len(said) == 1
    who = step.uphold or step.release or step.court_action
    kind = Recipient.Kind.RIGHTSHOLDER if who else Recipient.Kind.UPLOADER
    assert notice.recipient == Recipient(kind, who.rightsholder_id if who else "uploader")
    assert (case(deciding), stages(deciding)) == (known, standing)
    assert deciding.decide(event) == ()


def changed() -> Deciding:
    """Return an enforcer that reads a file again, which changed while it was down."""
    deciding = at(dispute())
    on(deciding, read("other"))
    return deciding


NOT_DOWN = [
    (clear, "the upload is not taken down"),
    (lambda: compared(listed(HIT, REVIEW)), "the upload is not taken down"),
    (enforcer, "the upload is not taken down"),
    (changed, "the upload is not taken down"),
]


@pytest.mark.parametrize(("begin", "why"), NOT_DOWN)
@pytest.mark.parametrize("step", [dispute("new"), counter("new")])
def test_what_is_not_down_cannot_be_disputed(begin: object, step: DisputeSubmitted, why: str) -> None:
    """CLEAR, held, unknown, or read again: nobody has taken it down by what it is now."""
    deciding = begin()  # type: ignore[operator]  # a table's
    assert why in only(on(deciding, step)).text


def test_of_an_upload_that_is_not_there_nobody_knows_whose_it_was() -> None:
    """The platform is told, under the name of the dispute; and it is forgotten after a day."""
    deciding = enforcer()
    assert only(on(deciding, dispute())).recipient == Recipient(Recipient.Kind.PLATFORM, "d")
    deciding.pass_time(FORGOTTEN_AFTER_MS)
    assert deciding.entry(UPLOAD, "objections") is None


def test_silence_of_the_claimant_releases() -> None:
    """At the end of the 30th day after, and not a millisecond sooner; the claim on these bytes is lost."""
    deciding = at(dispute())
    until = days_after(NOW, 30)
    assert deciding.pass_time(until - NOW - 1) == ()
    said = deciding.pass_time(1)
    assert takedowns(said) == [(HIT, Status.REINSTATED)]
    assert outcome(said) == WON
    assert said.of(CONTENTS_RULED) == [ContentRuled(digest("song"), False, "label", "hit")]
    assert [who for who, _ in letters(said)] == ["label", "uploader", "fans"]
    assert stages(deciding) == {"d": []}
    assert deciding.store.next_due() is None


def test_an_upload_comes_back_when_nobody_goes_to_court() -> None:
    """When ten business days after the counter-notice have passed; a court action before that keeps it down."""
    until = business_days_after(NOW, 10, "US")
    deciding = at(counter())
    assert deciding.pass_time(until - NOW - 1) == ()
    assert takedowns(deciding.pass_time(1)) == [(HIT, Status.REINSTATED)]
    deciding = at(counter())
    deciding.pass_time(until - NOW - 1)
    on(deciding, court())
    assert deciding.pass_time(400 * DAY_MS) == ()
    assert outcome(deciding) == PLAINLY_BLOCKED


def test_the_rules_say_how_long_it_takes() -> None:
    """They arrive in the event."""
    deciding = down()
    event = deciding.event(UPLOAD, dispute())
    deciding.decide(replace(event, rules=replace(event.rules, claimant_days=1)))
    assert takedowns(deciding.pass_time(3 * DAY_MS)) == [(HIT, Status.REINSTATED)]
    deciding = down()
    event = deciding.event(UPLOAD, counter())
    deciding.decide(replace(event, rules=replace(event.rules, counter_business_days=1, holidays="DE")))
    assert takedowns(deciding.pass_time(4 * DAY_MS)) == [(HIT, Status.REINSTATED)]


def test_who_upholds_has_answered() -> None:
    """Nothing runs until the uploader answers."""
    deciding = at(dispute(), uphold())
    assert deciding.pass_time(400 * DAY_MS) == ()


def test_an_answer_after_the_deadline_and_before_its_timer_counts() -> None:
    """Deadlines flip only when woken."""
    deciding = at(dispute())
    deciding.now += 60 * DAY_MS
    on(deciding, uphold())
    assert stages(deciding) == {"d": ["UPHELD"]}


def test_each_claimant_answers_for_their_own_works_alone() -> None:
    """One upholds, one releases, and the third says nothing."""
    works = (HIT, SECOND, "third/work")
    deciding = at(dispute(), uphold(), release("studio"), works=works)
    assert stages(deciding) == {"d": ["UPHELD", "OPEN"]}
    assert takedowns(deciding.pass_time(31 * DAY_MS)) == [("third/work", Status.REINSTATED)]
    assert stages(deciding) == {"d": ["UPHELD"]}
    assert outcome(deciding) == PLAINLY_BLOCKED


def test_one_takedown_of_several_can_be_disputed() -> None:
    """By its id; the others can be in another dispute at the same time."""
    deciding = down(HIT, SECOND)
    on(deciding, dispute("one", takedown_of(deciding)), dispute("two"))
    assert stages(deciding) == {"one": ["OPEN"], "two": ["OPEN"]}
    on(deciding, release("studio", "two"))
    assert outcome(deciding) == PLAINLY_BLOCKED


def test_a_claimant_of_several_works_can_answer_for_one() -> None:
    """By the takedown's id."""
    deciding = at(dispute(), works=(HIT, "label/other"))
    on(deciding, release("label", takedown=takedown_of(deciding, "label/other")))
    assert stages(deciding) == {"d": ["OPEN"]}
    assert outcome(deciding) == PLAINLY_BLOCKED


ENDED = [found(version=2), found(listed(HIT, licensed()), version=2), found(listed(HIT, REVIEW), version=2)]


@pytest.mark.parametrize("end", ENDED)
def test_what_ended_otherwise_leaves_its_dispute(end: object) -> None:
    """A release, a licence or a hold: there is nothing to dispute, and no deadline, even if it goes down again."""
    deciding = at(dispute())
    on(deciding, end)
    assert stages(deciding) == {"d": []}
    on(deciding, found(listed(), version=3))
    assert outcome(deciding) == PLAINLY_BLOCKED
    assert deciding.pass_time(100 * DAY_MS) == ()


ANEW: list[list[object]] = [
    [submission(title="Mine"), read("song", 3), found(listed(), version=2, submission=3)],
    [UploadDeleted(), submission(), read("song", 4), found(listed(), version=2, submission=4)],
    [read("other"), read("song", attempt=1), found(listed(), version=2)],
]


@pytest.mark.parametrize("facts", ANEW)
def test_a_dispute_is_about_a_submission_of_some_bytes(facts: list[object]) -> None:
    """What was submitted anew, or read as something else, can be disputed anew; the old deadline decides nothing."""
    deciding = at(dispute())
    on(deciding, *facts)
    assert outcome(deciding) == PLAINLY_BLOCKED
    assert stages(deciding) == {}
    assert deciding.pass_time(100 * DAY_MS).of(CONTENTS_RULED) == []


def test_a_deletion_ends_a_dispute() -> None:
    """And after a day nothing is left of it."""
    deciding = at(dispute())
    on(deciding, UploadDeleted())
    assert deciding.pass_time(100 * DAY_MS).of(TAKEDOWNS_ISSUED) == []
    assert deciding.entry(UPLOAD, "objections") is None
    assert case(deciding) is None


def test_disputes_are_bounded_and_closed_ones_go_first() -> None:
    """Eight at the most; while all are open no other is taken."""
    works = tuple(f"label/w{number}" for number in range(DISPUTES_MAX + 1))
    deciding = down(*works)
    on(deciding, *(dispute(f"d{index}", takedown_of(deciding, work)) for index, work in enumerate(works[:-1])))
    assert "too many open disputes" in only(on(deciding, dispute("more"))).text
    on(deciding, withdraw("d3"), dispute("more", takedown_of(deciding, works[-1])))
    assert list(stages(deciding)) == ["d0", "d1", "d2", "d4", "d5", "d6", "d7", "more"]


def test_copies_that_come_later_are_judged_by_the_matcher_s_word() -> None:
    """What is lost is lost for these bytes: a submission of them anew stays clear of the work."""
    deciding = at(dispute(), release())
    on(deciding, submission(title="Mine"), read("song", 4))
    assert outcome(on(deciding, found(listed(), version=5, submission=4))) == WON


def test_no_notice_is_said_twice_in_a_whole_dispute() -> None:
    """Each has an id of its own."""
    deciding = at(dispute(), uphold(), counter(), counter(), uphold("rival"), works=(HIT, SECOND))
    deciding.pass_time(100 * DAY_MS)
    ids = [one.notice_id for one in deciding.said(NOTICES_ISSUED)]
    assert len(ids) == len(set(ids))
    assert timestamp(0) < max(one.issued_at for one in deciding.said(NOTICES_ISSUED))

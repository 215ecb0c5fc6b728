"""Reviews: a person's answer to what is held, and to what nobody may ever claim."""

from typing import Any

import pytest

from services.contracts.decided import Recipient, WorkRef
from services.contracts.inside import ContentRuled, Ended
from services.contracts.objections import ReviewSubmitted, UploadReviewed, WorkReviewed
from services.contracts.submitted import UploadDeleted
from services.contracts.topics import CONTENTS_RULED, NOTICES_ISSUED, TAKEDOWNS_ISSUED
from services.enforcer.case import CLAIMS_MAX, FORGOTTEN_AFTER_MS
from services.enforcer.verdicts import decision_id
from tests.deciding import Deciding, digest
from tests.enforcer.facts import HIT, UPLOAD, Reason, Status, case, clear, enforcer, on, read, submission, takedowns
from tests.enforcer.rights import (
    BLOCKED,
    CLEAR,
    PLAINLY_BLOCKED,
    REVIEW,
    RIVAL,
    Outcome,
    compared,
    found,
    last,
    licensed,
    listed,
    outcome,
)
from tests.enforcer.test_standing import RESTRICTED, told

Answer = ReviewSubmitted.Answer
APPROVE, REJECT, PROTECT = Answer.APPROVE, Answer.REJECT, Answer.PROTECT
WON = Outcome(CLEAR, (Reason.DISPUTE_WON,))
PROTECTED = Outcome(CLEAR, (Reason.PROTECTED_CONTENT,))
SHOWN = Outcome(CLEAR, (Reason.NO_MATCH,))


def review(deciding: Deciding, answer: Answer, seen: str | None = None) -> ReviewSubmitted:
    """Return a person's answer about the present decision, or about another."""
    upload = UploadReviewed(UPLOAD, last(deciding).decision_id if seen is None else seen)
    return ReviewSubmitted("r", "reviewer", answer, upload)


def held() -> Deciding:
    """Return an enforcer that holds the upload for a person, by its policy."""
    return compared(listed(HIT, REVIEW))


def contradicted() -> Deciding:
    """Return an enforcer that holds the upload, since one allows what another blocks."""
    return compared(listed(RIVAL, licensed()), listed(HIT))


def by_standing() -> Deciding:
    """Return an enforcer that holds the upload for how its uploader stands."""
    deciding = told(RESTRICTED)
    on(deciding, found(version=0))
    return deciding


def blocked() -> Deciding:
    """Return an enforcer that blocks the upload."""
    return compared(listed())


TAKEN: list[tuple[Any, Answer, Outcome]] = [
    (held, APPROVE, PLAINLY_BLOCKED),
    (held, REJECT, WON),
    (held, PROTECT, PROTECTED),
    (contradicted, APPROVE, PLAINLY_BLOCKED),
    (contradicted, REJECT, Outcome(CLEAR, (Reason.DISPUTE_WON, Reason.LICENSED))),
    (contradicted, PROTECT, PROTECTED),
    (by_standing, REJECT, SHOWN),
    (by_standing, PROTECT, PROTECTED),
    (blocked, PROTECT, PROTECTED),
]


@pytest.mark.parametrize(("begin", "answer", "expected"), TAKEN)
def test_a_person_decides(begin: Any, answer: Answer, expected: Outcome) -> None:
    """APPROVE blocks what was held, REJECT shows it, PROTECT puts it beyond every claim."""
    deciding = begin()
    assert outcome(on(deciding, review(deciding, answer))) == expected


NOT_TAKEN: list[tuple[Any, Answer, str | None, str]] = [
    (clear, APPROVE, None, "it is not held"),
    (clear, REJECT, None, "it is not held"),
    (clear, PROTECT, None, "only what is held or blocked can be protected"),
    (blocked, APPROVE, None, "it is not held"),
    (blocked, REJECT, None, "it is not held"),
    (by_standing, APPROVE, None, "there is no match to approve"),
    (held, APPROVE, "another", "there is a later decision on it"),
    (held, PROTECT, "another", "there is a later decision on it"),
    (enforcer, REJECT, "any", "there is no such upload now"),
]


@pytest.mark.parametrize(("begin", "answer", "seen", "why"), NOT_TAKEN)
def test_a_review_that_cannot_be_followed_is_answered(begin: Any, answer: Answer, seen: str | None, why: str) -> None:
    """To its reviewer, once, with the reason; the case is as it was."""
    deciding = begin()
    before = case(deciding)
    event = deciding.event(UPLOAD, review(deciding, answer, seen))
    (notice,) = deciding.decide(event).of(NOTICES_ISSUED)
    assert notice.recipient == Recipient(Recipient.Kind.PLATFORM, "reviewer")
    assert why in notice.text
    assert case(deciding) == before
    assert deciding.decide(event) == ()


def test_a_review_of_what_was_submitted_anew_is_too_late() -> None:
    """What the reviewer saw is not what is there."""
    deciding = held()
    late = review(deciding, APPROVE)
    on(deciding, submission(title="Mine"))
    said = on(deciding, late)
    assert "none yet on what was submitted last" in said.of(NOTICES_ISSUED)[0].text
    assert takedowns(said) == []


@pytest.mark.parametrize("answer", [APPROVE, REJECT, PROTECT])
def test_an_id_that_nobody_was_told_decides_nothing(answer: Answer) -> None:
    """The bytes of what was submitted anew are not known; whoever works out the id of its decision is refused too."""
    deciding = held()
    on(deciding, submission(title="Mine"))
    said = on(deciding, review(deciding, answer, decision_id(case(deciding), UPLOAD)))
    assert "held" in said.of(NOTICES_ISSUED)[0].text
    assert takedowns(said) == []


def test_a_review_of_a_registration_is_not_for_this_service() -> None:
    """Even if a rightsholder's id is that of an upload."""
    deciding = held()
    other = ReviewSubmitted("r", "reviewer", APPROVE, work=WorkReviewed(UPLOAD, "hit", "s"))
    assert on(deciding, other) == ()
    assert deciding.entry(UPLOAD, "objections") is None


def test_what_a_person_approved_is_no_decision_of_a_machine() -> None:
    """The statement of reasons says so (DSA Article 17(3)(c)); held from the first, it was never shown."""
    deciding = held()
    said = on(deciding, review(deciding, APPROVE))
    (down,) = said.of(TAKEDOWNS_ISSUED)
    statement = down.statement_of_reasons
    assert (statement.automated_detection, statement.automated_decision) == (True, False)
    assert statement.facts.endswith("A person has confirmed that.")
    assert down.basis.value == "STAYDOWN"


def test_what_was_shown_before_it_was_held_and_approved_was_there_first() -> None:
    """The basis is NOTICE."""
    deciding = clear()
    on(deciding, found(listed(HIT, REVIEW), version=2))
    (down,) = on(deciding, review(deciding, APPROVE)).of(TAKEDOWNS_ISSUED)
    assert down.basis.value == "NOTICE"


def test_a_rejected_claim_is_lost_for_these_bytes() -> None:
    """The matcher is told, so that identical copies are spared too; nothing flickers until it has heard."""
    deciding = held()
    said = on(deciding, review(deciding, REJECT))
    assert said.of(CONTENTS_RULED) == [ContentRuled(digest("song"), False, "label", "hit")]
    assert on(deciding, found(listed(HIT, REVIEW), version=2)) == ()
    assert on(deciding, found(version=3, ended=(Ended(WorkRef("label", "hit"), "DISPUTE_WON"),))) == ()


def test_only_what_was_held_is_decided() -> None:
    """A review is about the claims that its reviewer was asked about."""
    deciding = compared(listed(HIT, REVIEW), listed("label/other", licensed()), listed(RIVAL, licensed()))
    said = on(deciding, review(deciding, REJECT))
    assert [one.work_id for one in said.of(CONTENTS_RULED)] == []
    assert outcome(deciding).verdict is CLEAR


def test_content_is_protected_for_everybody() -> None:
    """What was down for it is back, whatever lists it afterwards."""
    deciding = blocked()
    said = on(deciding, review(deciding, PROTECT))
    assert said.of(CONTENTS_RULED) == [ContentRuled(digest("song"), True)]
    assert takedowns(said) == [(HIT, Status.REINSTATED)]
    (back,) = said.of(TAKEDOWNS_ISSUED)
    assert back.statement_of_reasons.facts.endswith("a person has decided that nobody can claim its content.")
    ended = (Ended(WorkRef("label", "hit"), "PROTECTED_CONTENT"),)
    assert on(deciding, found(listed(), listed(RIVAL), version=2), found(version=3, ended=ended)) == ()


def test_copies_of_what_was_ruled_on_say_why_they_are_shown() -> None:
    """An upload that comes later was never down, and yet has a reason."""
    deciding = compared()
    for version, reason in ((2, "DISPUTE_WON"), (3, "PROTECTED_CONTENT")):
        said = on(deciding, found(version=version, ended=(Ended(WorkRef("label", "hit"), reason),)))
        assert outcome(said) == Outcome(CLEAR, (Reason(reason),))


def test_rulings_survive_a_resubmission_of_the_same_bytes() -> None:
    """Approved is approved, lost is lost; other bytes are judged anew."""
    deciding = held()
    on(deciding, review(deciding, APPROVE), submission(title="Mine"), read("song", 3))
    assert outcome(on(deciding, found(listed(HIT, REVIEW), submission=3))) == PLAINLY_BLOCKED
    deciding = held()
    on(deciding, review(deciding, REJECT), submission(title="Mine"), read("song", 3))
    assert outcome(on(deciding, found(listed(HIT, REVIEW), submission=3))) == WON


def test_rulings_survive_a_deletion_for_a_day() -> None:
    """As what was seen and taken down is kept, so that a late hash changes nothing."""
    deciding = held()
    on(deciding, review(deciding, APPROVE), UploadDeleted())
    assert case(deciding).approved
    deciding.pass_time(FORGOTTEN_AFTER_MS)
    assert case(deciding) is None
    assert deciding.entry(UPLOAD, "objections") is None
    assert deciding.store.next_due() is None


def test_approvals_are_bounded() -> None:
    """As many as a digest has listings; the oldest go."""
    deciding = compared(*(listed(f"label/w{number}", REVIEW) for number in range(64)))
    on(deciding, review(deciding, APPROVE))
    assert outcome(deciding).verdict is BLOCKED
    on(deciding, found(*(listed(f"rival/w{number}", REVIEW) for number in range(64)), version=2))
    on(deciding, review(deciding, APPROVE))
    assert len(case(deciding).approved) == CLAIMS_MAX
    assert outcome(deciding).verdict is BLOCKED


def test_a_review_of_what_was_never_an_upload_is_forgotten_after_a_day() -> None:
    """What outsiders make up leaves nothing behind."""
    deciding = enforcer()
    on(deciding, ReviewSubmitted("r", "reviewer", APPROVE, UploadReviewed(UPLOAD, "any")))
    assert deciding.entry(UPLOAD, "objections") is not None
    deciding.pass_time(FORGOTTEN_AFTER_MS)
    assert deciding.entry(UPLOAD, "objections") is None

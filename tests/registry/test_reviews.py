"""A person's answers to what is held: approved, rejected, or protected; and what they cannot be about."""

import pytest

from services.contracts.decided import NoticeIssued, Recipient, Subject
from services.contracts.objections import ReviewSubmitted, UploadReviewed
from services.contracts.topics import LISTINGS_CHANGED, NOTICES_ISSUED, REFERENCES_FINGERPRINTED, WORKS_RECEIPTS
from tests.deciding import digest
from tests.registry.facts import (
    LABEL,
    Answer,
    Change,
    Reason,
    Status,
    answer,
    by_digest,
    by_file,
    head,
    licenses,
    listings,
    on,
    put,
    receipts,
    refusals,
    registers,
    releases,
    reviews,
    settles,
    work,
)
from tests.registry.test_likenesses import likes, resembles, sampled
from tests.registry.test_probation import held, newcomer
from tests.registry.test_standing import restores, suspends

TOO_MANY, PENDING = Reason.TOO_MANY_COPIES, Reason.TOO_MANY_PENDING
COUNTED, PROTECTED = Answer.COUNTED, Answer.PROTECTED
MAX = 10
AT_ONCE = [("+", "a", 1)]


def test_an_approved_registration_is_limited_no_more() -> None:
    """APPROVE: its listings are put, it is accepted, and whatever resembles it is listed."""
    deciding = newcomer()
    on(deciding, registers("s1", by_file("a")), sampled("a"), answer(COUNTED, "a", copies=MAX + 1))
    assert listings(on(deciding, reviews("APPROVE"))) == AT_ONCE
    assert head(deciding).held == 0
    said = on(deciding, answer(Answer.APPLIED, "a", copies=MAX + 1))
    assert receipts(said) == [("s1", Status.ACCEPTED)]
    assert likes(on(deciding, resembles("a", "x"))) == [("+", digest("x"), 1)]


def test_nothing_of_a_suspended_rightsholder_s_is_approved() -> None:
    """Suspended: nothing new is accepted. What was held before is refused when a person approves it."""
    deciding = held()
    on(deciding, suspends("e2"))
    said = on(deciding, reviews("APPROVE"))
    assert refusals(said) == [("s1", Reason.SUSPENDED, "rightsholder_id")]
    assert (put(said), work(deciding), head(deciding).held) == ([], None, 0)


@pytest.mark.parametrize(("steps", "refused"), [([], True), ([restores("e3")], False)])
def test_an_approved_registration_is_refused_if_its_rightsholder_is_suspended_when_its_turn_comes(
    steps: list[object], refused: bool
) -> None:
    """What counts is when it is to take force."""
    deciding = newcomer()
    on(deciding, registers("s0", by_digest("z")), answer(COUNTED, "z"), answer(Answer.APPLIED, "z"))
    on(deciding, registers("s1", by_digest("a")), answer(COUNTED, "a", 2, copies=MAX + 1))
    (one,) = put(on(deciding, licenses("s2")))
    on(deciding, reviews("APPROVE"), suspends("e2"), *steps)
    said = on(deciding, answer(Answer.APPLIED, "z", terms_version=one.terms_version))
    assert receipts(said) == [("s2", Status.LICENSED), *([("s1", Status.REJECTED)] if refused else [])]
    assert bool(put(said)) is not refused
    assert receipts(on(deciding, registers("s3", by_digest("a")))) == ([("s3", Status.REJECTED)] if refused else [])


def test_a_suspended_rightsholder_s_registration_can_be_rejected() -> None:
    """With the reasons that held it."""
    deciding = held()
    on(deciding, suspends("e2"))
    assert refusals(on(deciding, reviews("REJECT"))) == [("s1", TOO_MANY, "register.references")]


def test_what_a_limit_left_out_is_looked_for_again_once_there_is_none() -> None:
    """A reference that a newcomer had in force is announced again when a person has approved it."""
    deciding = newcomer()
    on(deciding, registers("s0", by_file("a")), sampled("a"), answer(COUNTED, "a"), answer(Answer.APPLIED, "a"))
    on(deciding, registers("s1", by_file("a")), sampled("a", number=2), answer(COUNTED, "a", 2, copies=MAX + 1))
    on(deciding, reviews("APPROVE"))
    said = on(deciding, answer(Answer.APPLIED, "a", 2, copies=MAX + 1))
    assert [one.registration for one in said.of(REFERENCES_FINGERPRINTED)] == [2]


def test_an_approved_registration_waits_for_its_turn() -> None:
    """What is under way on the work ends first."""
    deciding = newcomer()
    on(deciding, registers("s0", by_digest("z")), answer(COUNTED, "z"), answer(Answer.APPLIED, "z"))
    on(deciding, registers("s1", by_digest("a")), answer(COUNTED, "a", 2, copies=MAX + 1))
    (one,) = put(on(deciding, licenses("s2")))
    assert on(deciding, reviews("APPROVE")) == ()
    said = on(deciding, answer(Answer.APPLIED, "z", terms_version=one.terms_version))
    assert receipts(said) == [("s2", Status.LICENSED)]
    assert listings(said) == [("+", "a", 2)]


def test_a_rejected_registration_is_refused_with_the_reasons_that_held_it() -> None:
    """And nothing is left of it, not even its samples."""
    deciding = newcomer()
    on(deciding, registers("s1", by_file("a")), sampled("a"), answer(COUNTED, "a", copies=MAX + 1), licenses("s2"))
    said = on(deciding, reviews("REJECT"))
    assert (receipts(said), refusals(said)) == ([("s1", Status.REJECTED)], [("s1", TOO_MANY, "register.references")])
    (receipt,) = said.of(WORKS_RECEIPTS)
    assert receipt.problems[0].cure == (
        "A person has not approved it: show the right by more documents, and submit it under a new submission_id."
    )
    assert (work(deciding), head(deciding).held) == (None, 0)
    assert deciding.entry(LABEL, "sample/1/0") is None


def test_protected_by_a_person_its_content_is_beyond_any_listing() -> None:
    """Every content of it, once, is told to the matcher; the registration is refused."""
    deciding = held("a", "b")
    said = on(deciding, reviews("PROTECT"))
    told = [(one.digest, one.change) for one in said.of(LISTINGS_CHANGED)]
    assert told == [(digest("a"), Change.PROTECTED), (digest("b"), Change.PROTECTED)]
    assert refusals(said) == [("s1", Reason.PROTECTED_CONTENT, "register.references")]
    assert on(deciding, answer(PROTECTED, "a")) == ()


@pytest.mark.parametrize(
    "late",
    [
        reviews("APPROVE", "s0"),
        reviews("PROTECT", work_id="other"),
        reviews("REJECT", "s2"),
    ],
    ids=["another submission", "another work", "one that is not there"],
)
def test_a_review_of_what_is_not_held_changes_nothing_and_its_reviewer_is_told(late: ReviewSubmitted) -> None:
    """An answer to an older state is refused, by a notice, once."""
    deciding = held()
    before = work(deciding)
    said = on(deciding, late)
    assert late.work is not None
    (notice,) = said.of(NOTICES_ISSUED)
    assert isinstance(notice, NoticeIssued)
    assert notice.recipient == Recipient(Recipient.Kind.PLATFORM, "ann")
    assert notice.about == Subject(rightsholder_id=LABEL, work_id=late.work.work_id)
    assert [emit.key for emit in said] == ["ann"]
    assert work(deciding) == before
    assert on(deciding, late) == ()


@pytest.mark.parametrize("ended", ["approved", "rejected", "released", "settled", "in force", "never"])
def test_a_review_that_comes_too_late_is_refused(ended: str) -> None:
    """Whatever became of it meanwhile."""
    deciding = newcomer() if ended in ("in force", "never") else held()
    ends: dict[str, object] = {
        "approved": reviews("APPROVE", review_id="r0"),
        "rejected": reviews("REJECT", review_id="r0"),
    }
    ends |= {"released": releases("s2"), "settled": settles("s2")}
    if ended in ends:
        on(deciding, ends[ended])
    if ended == "in force":
        on(deciding, registers("s1", by_digest("a")), answer(COUNTED, "a"), answer(Answer.APPLIED, "a"))
    said = on(deciding, reviews("PROTECT"))
    assert len(said.of(NOTICES_ISSUED)) == 1
    assert said.of(LISTINGS_CHANGED) == []


def test_a_review_counts_once() -> None:
    """Repeated it says nothing; another under the same review_id is refused, by a notice of its own."""
    deciding = held()
    assert on(deciding, reviews("APPROVE")) != ()
    assert on(deciding, reviews("APPROVE")) == ()
    (notice,) = on(deciding, reviews("REJECT")).of(NOTICES_ISSUED)
    assert notice.subject == "Your review of the work hit of label was not followed"
    assert notice.text == (
        "Your review r1 of the work hit of label was not followed, because its review_id was used for another: give "
        "each a review_id of its own. Nothing changed."
    )
    assert on(deciding, reviews("REJECT")) == ()


def test_a_review_of_an_upload_is_no_business_of_the_registry() -> None:
    """The enforcer reads the same topic."""
    deciding = held()
    of_upload = ReviewSubmitted("r9", "ann", ReviewSubmitted.Answer.PROTECT, upload=UploadReviewed("u1", "d1"))
    size = len(deciding.store)
    assert deciding.on("u1", of_upload) == ()
    assert len(deciding.store) == size

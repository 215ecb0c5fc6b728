"""Disputes that nobody ends: what they are about comes back or is not there any more, and both sides are told why."""

import pytest
from msgspec.structs import replace

from services.contracts.decided import NoticeIssued, Recipient, WorkRef
from services.contracts.inside import Ended
from services.contracts.objections import DisputeSubmitted, ReviewSubmitted, UploadReviewed
from services.contracts.submitted import UploadDeleted
from services.contracts.topics import NOTICES_ISSUED
from tests.deciding import Deciding, Said, digest
from tests.enforcer.facts import HIT, on, read, submission
from tests.enforcer.objecting import SECOND, at, counter, court, dispute, release, stages, uphold, withdraw
from tests.enforcer.rights import REVIEW, TRACK, found, last, licensed, listed

LABEL, STUDIO = (Recipient(Recipient.Kind.RIGHTSHOLDER, name) for name in ("label", "studio"))
UPLOADER = Recipient(Recipient.Kind.UPLOADER, "uploader")
STAGES: list[list[DisputeSubmitted]] = [[dispute()], [dispute(), uphold()], [counter()], [counter(), court()]]
ENDS: list[tuple[object, str]] = [
    (found(version=2, ended=(Ended(WorkRef("label", "hit"), "WITHDRAWN"),)), "the rightsholder has released the work"),
    (found(version=2, ended=(Ended(WorkRef("label", "hit"), "SETTLED"),)), "the rightsholder has settled"),
    (found(version=2, ended=(Ended(WorkRef("label", "hit"), "DISPUTE_WON"),)), "does not stand"),
    (found(version=2), "the work no longer has a reference with such bytes"),
    (found(listed(HIT, licensed()), version=2), "the rightsholder has licensed it"),
    (found(listed(HIT, TRACK), version=2), "asks only to be told"),
    (found(listed(HIT, REVIEW), version=2), "a person is to decide first"),
    (read("other"), "its file has changed"),
    (submission(title="Mine"), "it was submitted anew"),
    (replace(submission(), uploader_id="somebody else"), "it was submitted anew"),
    (UploadDeleted(), "its owner has deleted it"),
]


def endings(said: Said) -> list[NoticeIssued]:
    """Return the letters that say that a dispute is over."""
    return [one for one in said.of(NOTICES_ISSUED) if one.about.dispute_id and one.subject.endswith("is over")]


@pytest.mark.parametrize("before", STAGES)
@pytest.mark.parametrize(("end", "why"), ENDS)
def test_both_sides_are_told_that_a_dispute_is_over_and_why(
    before: list[DisputeSubmitted], end: object, why: str
) -> None:
    """Whoever ended it, and however far it had come; nobody has to answer what is no question any more."""
    deciding = at(*before)
    to_label, to_uploader = endings(on(deciding, end))
    assert (to_label.recipient, to_uploader.recipient) == (LABEL, UPLOADER)
    for letter in (to_label, to_uploader):
        assert why in letter.text
        assert letter.about.dispute_id == "d"
        assert letter.respond_until is None
    assert not any(stages(deciding).values())
    assert endings(deciding.pass_time(100 * 24 * 3600 * 1000)) == []


def test_the_letters_say_what_it_was_about() -> None:
    """In a sentence."""
    to_label, to_uploader = endings(on(at(dispute()), found(listed(HIT, REVIEW), version=2)))
    assert to_label.subject == "The dispute of upload u is over"
    assert to_label.text == (
        "The dispute d of upload u for “hit” is over, because a person is to decide first. You need not answer."
    )
    assert to_uploader.subject == "Your dispute of upload u is over"
    assert to_uploader.text == "Your dispute d of upload u for “hit” is over, because a person is to decide first."


def test_what_a_person_protects_is_disputed_no_more() -> None:
    """By a review of what is down."""
    deciding = at(dispute())
    seen = UploadReviewed("u", last(deciding).decision_id)
    said = on(deciding, ReviewSubmitted("r", "ann", ReviewSubmitted.Answer.PROTECT, seen))
    assert [one.recipient for one in endings(said)] == [LABEL, UPLOADER]
    assert "nobody can claim its content" in endings(said)[0].text


def test_of_several_works_only_what_ended_is_told() -> None:
    """Each in its time, to its own claimant, by letters with ids of their own; the others are in dispute as before."""
    deciding = at(dispute(), works=(HIT, "label/other", SECOND))
    first = endings(on(deciding, found(listed("label/other"), listed(SECOND), version=2)))
    assert [one.recipient for one in first] == [LABEL, UPLOADER]
    assert stages(deciding) == {"d": ["OPEN", "OPEN"]}
    second = endings(on(deciding, found(listed(SECOND), version=3)))
    assert [(one.recipient, one.about.work_id) for one in second] == [(LABEL, "other"), (UPLOADER, "other")]
    third = endings(on(deciding, read("other")))
    assert [one.recipient for one in third] == [STUDIO, UPLOADER]
    assert len({one.notice_id for one in (*first, *second, *third)}) == 6


def test_works_that_end_for_different_reasons_are_told_apart() -> None:
    """One letter for each reason, and each has an id of its own."""
    said = endings(on(at(dispute(), works=(HIT, SECOND)), found(listed(HIT, licensed()), version=2)))
    assert [(one.recipient, one.about.work_id) for one in said] == [
        (LABEL, "hit"),
        (UPLOADER, "hit"),
        (STUDIO, "film"),
        (UPLOADER, "film"),
    ]
    assert len({one.notice_id for one in said}) == 4


@pytest.mark.parametrize("steps", [[dispute(), withdraw()], [dispute(), release()]])
def test_what_a_step_has_ended_is_not_told_again(steps: list[DisputeSubmitted]) -> None:
    """That step had its own letters, and what was over before has ended already."""
    deciding = at(*steps)
    assert endings(Said(deciding.log)) == []
    assert endings(on(deciding, found(version=2))) == []


def test_what_is_down_for_other_bytes_is_another_matter() -> None:
    """The dispute of the old ones is over when the file changes, not when it is compared; the new can be disputed."""
    deciding = at(dispute())
    on(deciding, read("other"))
    said = on(deciding, read("other", attempt=1), replace(found(listed()), digest=digest("other")))
    assert endings(said) == []
    on(deciding, dispute())
    assert stages(deciding) == {"d": ["OPEN"]}


def changed_again() -> Deciding:
    """Return an enforcer in which a dispute ended with its bytes, and another of the same name with the next ones."""
    deciding = at(dispute())
    on(deciding, submission(title="Mine"), read("song", 3), found(listed(), version=2, submission=3), dispute())
    on(deciding, submission(title="Yours"))
    return deciding


def test_disputes_of_one_name_end_by_letters_of_their_own() -> None:
    """A dispute is told apart by the record that opened it."""
    said = endings(Said(changed_again().log))
    assert len({one.notice_id for one in said}) == len(said) == 4

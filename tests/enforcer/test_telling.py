"""Telling people: statements of reasons and notices."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.decided import Recipient, Subject, TakedownIssued
from services.contracts.objections import ReviewSubmitted, UploadReviewed
from services.contracts.rights import Terms
from services.contracts.topics import NOTICES_ISSUED, TAKEDOWNS_ISSUED, VERDICTS_DECIDED
from services.contracts.types import timestamp
from services.enforcer.takedowns import REDRESS_MS
from tests.deciding import NOW, Deciding, digest
from tests.enforcer.facts import HIT, UPLOAD, Status, blocked, match, on, read, submission, submitted
from tests.enforcer.objecting import DAY_MS, counter, court, dispute, release
from tests.enforcer.rights import LATER, RIVAL, compared, listed

UPLOADER = Recipient(Recipient.Kind.UPLOADER, "uploader")
COMMUNITY = Recipient(Recipient.Kind.COMMUNITY, "fans")


def takedown(deciding: Deciding) -> TakedownIssued:
    """Return the last takedown."""
    last: TakedownIssued = deciding.said(TAKEDOWNS_ISSUED)[-1]
    return last


def test_a_takedown_says_whose_upload_it_is_and_for_which_work() -> None:
    """An item, never a community: the community is named because its managers are told."""
    issued = takedown(blocked())
    assert (issued.upload_id, issued.rightsholder_id, issued.work_id) == (UPLOAD, "label", "hit")
    assert (issued.uploader_id, issued.community_id, issued.territories) == ("uploader", "fans", ())
    assert (issued.status, issued.decided_at) == (Status.ISSUED, timestamp(NOW))


def test_a_statement_of_reasons_is_complete() -> None:
    """G6, DSA Article 17: facts, ground, whether by machine, how to object and until when."""
    statement = takedown(blocked()).statement_of_reasons
    assert digest("song") in statement.facts
    assert "the bytes are identical" in statement.facts
    assert "label registered as a reference of the work hit" in statement.facts
    assert statement.ground == "Infringement of copyright, as notified by label."
    assert (statement.automated_detection, statement.automated_decision) == (True, True)
    assert "object free of charge within six months" in statement.redress
    assert statement.redress_until == timestamp(NOW + REDRESS_MS)


@pytest.mark.parametrize("month", range(1, 13))
def test_six_months_are_six_months_of_the_calendar(month: int) -> None:
    """DSA Article 20(1): at least six, whenever they begin; half a year of days is too few in summer."""
    begins = datetime(2023, month, 1, tzinfo=UTC)
    ends = datetime(2023 + (month > 6), (month + 5) % 12 + 1, 1, tzinfo=UTC)
    assert begins + timedelta(milliseconds=REDRESS_MS) >= ends


@pytest.mark.parametrize(
    ("ended", "because"),
    [
        ("WITHDRAWN", "the rightsholder has released the work"),
        ("SETTLED", "the rightsholder has settled"),
        ("REPLACED", "the work no longer has a reference with such bytes"),
    ],
)
def test_a_reinstatement_states_its_reason(ended: str, because: str) -> None:
    """G6: what comes back comes back with the facts it was decided from, under the takedown that it ends."""
    deciding = blocked()
    issued = takedown(deciding)
    on(deciding, match(version=2, ended=((HIT, ended),)))
    back = takedown(deciding)
    assert (back.status, back.takedown_id, back.basis) == (Status.REINSTATED, issued.takedown_id, issued.basis)
    assert back.statement_of_reasons.facts == f"The takedown of upload {UPLOAD} for hit of label has ended: {because}."


def protects(deciding: Deciding) -> ReviewSubmitted:
    """Return: a person says that nobody may list these bytes."""
    seen = deciding.said(VERDICTS_DECIDED)[-1].decision_id
    return ReviewSubmitted("r", "ann", ReviewSubmitted.Answer.PROTECT, UploadReviewed(UPLOAD, seen))


BY_PEOPLE: list[tuple[list[object], bool]] = [
    ([dispute(), release()], False),
    ([counter(), court(), release()], False),
    ([protects], False),
    ([dispute(), 40 * DAY_MS], True),
    ([counter(), 40 * DAY_MS], True),
    ([match(version=2, ended=((HIT, "WITHDRAWN"),))], True),
    ([match(version=2, ended=((HIT, "DISPUTE_WON"),))], True),
]


@pytest.mark.parametrize(("facts", "automated"), BY_PEOPLE)
def test_what_comes_back_by_a_person_s_word_is_no_decision_of_a_machine(facts: list[object], automated: bool) -> None:
    """A review, or a claimant who gives the claim up; what follows from silence or from a listing is a machine's."""
    deciding = blocked()
    for fact in facts:
        if isinstance(fact, int):
            deciding.pass_time(fact)
        else:
            on(deciding, fact(deciding) if callable(fact) else fact)
    back = takedown(deciding)
    assert back.status is Status.REINSTATED
    statement = back.statement_of_reasons
    assert (statement.automated_detection, statement.automated_decision) == (True, automated)


def test_what_ends_beside_a_person_s_word_is_a_machine_s_decision() -> None:
    """A window that has closed and was not woken for is met when a claimant releases another work."""
    deciding = compared(listed(), listed(RIVAL, Terms(valid_until=LATER)))
    on(deciding, dispute())
    deciding.now = LATER
    on(deciding, release())
    said = {one.work_id: one for one in deciding.said(TAKEDOWNS_ISSUED) if one.status is Status.REINSTATED}
    assert not said["hit"].statement_of_reasons.automated_decision
    assert said["cover"].statement_of_reasons.automated_decision


def test_uploader_and_managers_are_told_once_each() -> None:
    """One notice per recipient and cause, about this takedown, with the way to object and until when."""
    deciding = blocked()
    issued = takedown(deciding)
    to_uploader, to_managers = deciding.said(NOTICES_ISSUED)
    assert (to_uploader.recipient, to_managers.recipient) == (UPLOADER, COMMUNITY)
    about = Subject(UPLOAD, "label", "hit", issued.takedown_id)
    for notice in (to_uploader, to_managers):
        assert notice.about == about
        assert notice.subject == "Upload u was taken down"
        assert issued.statement_of_reasons.facts in notice.text
        assert issued.statement_of_reasons.redress in notice.text
        assert notice.respond_until == issued.statement_of_reasons.redress_until
    assert to_uploader.text.startswith("Your upload (u) was taken down. ")
    assert to_managers.text.startswith("An upload in your community (u) was taken down. ")


def test_nothing_is_held_against_a_community() -> None:
    """G7: the item, never the community; its managers read so."""
    _, to_managers = blocked().said(NOTICES_ISSUED)
    assert "nothing is held against the community" in to_managers.text


def test_an_upload_without_a_community_is_its_uploader_s_affair() -> None:
    """Nobody else is told."""
    deciding = submitted(community_id="")
    on(deciding, read("song"), match(HIT))
    assert [notice.recipient for notice in deciding.said(NOTICES_ISSUED)] == [UPLOADER]


def test_a_notice_goes_to_its_recipient_s_key() -> None:
    """The key of notices.issued is the recipient, whose partition only the engine can know."""
    keys = [(emit.key, emit.partition) for emit in blocked().log if emit.topic is NOTICES_ISSUED]
    assert keys == [("uploader", None), ("fans", None)]


def test_what_is_back_is_told_without_a_deadline() -> None:
    """A reinstatement needs no answer."""
    deciding = blocked()
    notices = on(deciding, match(version=2, ended=((HIT, "MISTAKE"),))).of(NOTICES_ISSUED)
    assert {(notice.subject, notice.respond_until) for notice in notices} == {("Upload u is back", None)}


def test_notices_of_different_causes_have_different_ids() -> None:
    """One per recipient and cause: each turn, each work and each submission is a cause of its own."""
    deciding = blocked(HIT, "rival/hit")
    on(deciding, match(HIT, version=2), match(HIT, "rival/hit", version=3), submission(title="Mine"))
    on(deciding, read("song", 2), match(HIT, version=3, submission=2))
    ids = [notice.notice_id for notice in deciding.said(NOTICES_ISSUED)]
    assert len(ids) == len(set(ids)) == 10


def test_the_same_history_gives_the_same_ids() -> None:
    """Ids are made from what they stand for: a replay after a crash says the same notice again, not another one."""
    assert blocked().log == blocked().log


def test_a_notice_says_for_what_an_upload_stays_down() -> None:
    """G6: who is told that one takedown has ended is not told that the upload is back while another stands."""
    deciding = blocked("label/hit", "label/other")
    one = on(deciding, match("label/other", version=2)).of(NOTICES_ISSUED)
    both = on(deciding, match(version=3)).of(NOTICES_ISSUED)
    assert {notice.subject for notice in one} == {f"Upload {UPLOAD} is no longer down for hit, but still for other"}
    assert {notice.subject for notice in both} == {f"Upload {UPLOAD} is back"}

"""The letters of a dispute: every step told to the other side, in a sentence, with its deadline in UTC."""

import pytest
from msgspec.structs import replace

from services.contracts.decided import NoticeIssued, Recipient, Subject
from services.contracts.objections import DisputeSubmitted
from services.contracts.topics import NOTICES_ISSUED
from services.contracts.types import timestamp
from services.enforcer.calendar import business_days_after, days_after
from tests.deciding import NOW, Said
from tests.enforcer.facts import HIT, UPLOAD, on
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
    takedown_of,
    uphold,
    withdraw,
)

UPLOADER = Recipient(Recipient.Kind.UPLOADER, "uploader")
LABEL = Recipient(Recipient.Kind.RIGHTSHOLDER, "label")
ABOUT = Subject(UPLOAD, "label", "hit", dispute_id="d")


def test_a_dispute_asks_the_claimant_and_confirms_to_the_uploader() -> None:
    """With ground, statement, and the last moment to answer."""
    asked, received = on(down(), dispute()).of(NOTICES_ISSUED)
    assert (asked.recipient, asked.about) == (LABEL, ABOUT)
    assert asked.respond_until == timestamp(days_after(NOW, 30) - 1)
    assert asked.text == (
        "The uploader disputes the takedown of upload u for “hit”, because it is licensed: “I have a licence.” Uphold "
        "or release your claim by the end of 14 December 2023 (UTC); if you do not answer, the upload comes back."
    )
    assert (received.recipient, received.about, received.respond_until) == (UPLOADER, ABOUT, None)
    assert received.text == (
        "Your dispute d of upload u, for “hit”, was received. The claimant is to answer by the end of 14 December 2023 "
        "(UTC); if they do not, the upload comes back."
    )


def test_each_claimant_hears_of_their_own_works_alone() -> None:
    """One letter each; with several works it is about none in particular."""
    said = on(down(HIT, "label/other", SECOND), dispute())
    to_label, to_studio, to_uploader = said.of(NOTICES_ISSUED)
    assert "for “hit”, “other”, because" in to_label.text
    assert to_label.about == Subject(UPLOAD, dispute_id="d")
    assert "for “film”, because" in to_studio.text
    assert "for “hit”, “other”, “film”, was received" in to_uploader.text


def test_a_long_list_of_works_is_cut() -> None:
    """A sentence stays one."""
    said = on(down(*(f"label/w{number}" for number in range(6))), dispute())
    assert "for “w0”, “w1”, “w2” and 3 more, because" in said.of(NOTICES_ISSUED)[0].text


def test_an_uphold_is_told_to_the_uploader_with_the_way_on() -> None:
    """A counter-notice."""
    notice = only(on(at(dispute()), uphold()))
    assert (notice.recipient, notice.about) == (UPLOADER, ABOUT)
    assert notice.text == (
        "label upholds the takedown of upload u for “hit”: “It is ours.” You can answer by a counter-notice; then the "
        "claimant has to go to court, or the upload comes back."
    )


def test_a_counter_notice_is_sent_on_whole() -> None:
    """17 U.S.C. 512(g)(2)(B): with name, address and statement, and when the upload comes back."""
    sent, received = on(down(), counter()).of(NOTICES_ISSUED)
    assert (sent.recipient, sent.about) == (LABEL, ABOUT)
    assert sent.respond_until == timestamp(business_days_after(NOW, 10, "US") - 1)
    assert sent.text == (
        "A. N. Uploader (1 Street) has given a counter-notice to the takedown of upload u for “hit”, signed by A. N.: "
        "“It is mine.” The upload comes back after the end of 29 November 2023 (UTC), unless you show by then that you "
        "have gone to court."
    )
    assert received.recipient == UPLOADER
    assert "The upload comes back after the end of 29 November 2023 (UTC), unless" in received.text


@pytest.mark.parametrize("step", [dispute(), counter()])
def test_words_that_cannot_be_sent_on_whole_are_refused(step: DisputeSubmitted) -> None:
    """The law wants the claimant to have all of them, so nothing is cut: their author is told to be shorter."""
    said = step.dispute or step.counter_notice
    assert said is not None
    name, longest = "dispute" if step.dispute else "counter_notice", "語" * 15_000
    deciding = down()
    on(deciding, replace(step, **{name: replace(said, statement=longest)}))
    assert any(longest in one.text for one in deciding.said(NOTICES_ISSUED))
    notice = only(on(down(), replace(step, **{name: replace(said, statement="\x01" * 16_384)})))
    assert notice.recipient == UPLOADER
    assert "more than 48 KiB" in notice.text


def test_a_court_action_is_told_to_the_uploader() -> None:
    """With what shows it."""
    notice = only(on(at(counter()), court()))
    assert notice.recipient == UPLOADER
    assert "a court is to decide about upload u (https://court.example/1), so it stays down for “hit”." in notice.text


def test_a_withdrawal_is_told_to_the_claimant() -> None:
    """Who need not answer any more."""
    notice = only(on(at(dispute()), withdraw()))
    assert (notice.recipient, notice.respond_until) == (LABEL, None)
    assert notice.text.endswith("which stays down for “hit”; you need not answer.")


def test_both_are_told_when_a_claim_ends() -> None:
    """The claimant why; the uploader, and the community, by the reinstatement."""
    for steps, why in (
        ([dispute(), release()], "because you released it"),
        ([dispute()], "because you did not answer the dispute in time"),
        ([counter()], "because you did not show in time that you have gone to court"),
    ):
        deciding = at(*steps[:-1])
        said = [*on(deciding, steps[-1]), *deciding.pass_time(40 * 24 * 3600 * 1000)]
        notices = [emit.fact for emit in said if isinstance(emit.fact, NoticeIssued)]
        (to_label,) = [one for one in notices if one.subject == "Your claim on upload u has ended"]
        assert to_label.recipient == LABEL
        assert why in to_label.text
        back = [one for one in notices if one.subject == "Upload u is back"]
        assert {one.recipient.id for one in back} == {"uploader", "fans"}
        assert all("the claim was objected to and does not stand" in one.text for one in back)


def test_claims_that_end_one_after_another_are_told_in_letters_of_their_own() -> None:
    """Two works of one claimant, two counter-notices a week apart: two ends, and no letter has the id of another."""
    deciding = down(HIT, "label/other")
    on(deciding, dispute(), counter(takedown=takedown_of(deciding)))
    deciding.pass_time(7 * DAY_MS)
    on(deciding, counter(takedown=takedown_of(deciding, "label/other")))
    said = deciding.pass_time(40 * DAY_MS)
    ended = [one for one in Said(deciding.log).of(NOTICES_ISSUED) if one.subject == "Your claim on upload u has ended"]
    assert said.of(NOTICES_ISSUED)
    assert [one.about.work_id for one in ended] == ["hit", "other"]
    assert len({one.notice_id for one in ended}) == 2


def test_a_step_that_is_refused_says_so_in_a_sentence() -> None:
    """And that nothing changed."""
    notice = only(on(down(), uphold()))
    assert notice.subject == "Your step in a dispute of upload u was not taken"
    assert notice.text == (
        "Your step in the dispute d of upload u was not taken, because there is no such dispute, or it is over. "
        "Nothing changed."
    )
    assert notice.about == Subject(UPLOAD, dispute_id="d")


def test_the_same_history_gives_the_same_letters() -> None:
    """Their ids are made of what they stand for."""
    assert at(dispute(), uphold(), counter()).log == at(dispute(), uphold(), counter()).log
    assert letters(on(down(), dispute())) == letters(on(down(), dispute()))

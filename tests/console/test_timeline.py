import pytest

from services.console.people import ANYBODY_HERE, OWNER_HERE, Role, Viewer
from services.console.views.timeline import Recorded, moments
from services.contracts.decided import Recipient, TakedownIssued, VerdictDecided
from services.contracts.objections import CounterNotice, DisputeSubmitted, ReviewSubmitted, UploadReviewed
from services.contracts.submitted import UploadDeleted, UploadSubmitted
from tests.cli.facts import DAY, TIME, notice, takedown, verdict

AUDITOR = Viewer("eve", frozenset({Role.AUDITOR}))
CLAIMANT = Viewer("ann", frozenset({Role.RIGHTSHOLDER}), "a")
OTHER = Viewer("bea", frozenset({Role.RIGHTSHOLDER}), "b")
COUNTER = DisputeSubmitted(
    "u",
    "d",
    counter_notice=CounterNotice("It is mine.", "Robin Roe", "1 Lane", "Robin Roe", consent_to_jurisdiction=True),
)
LETTER = notice(Recipient.Kind.RIGHTSHOLDER, "a", upload_id="u", dispute_id="d")
REVIEW = ReviewSubmitted("r", "rae", ReviewSubmitted.Answer.REJECT, upload=UploadReviewed("u", "d"), note="A cover.")
FACTS = (
    UploadSubmitted("u", "bob", "file:///a", title="A Song"),
    verdict(
        "u", VerdictDecided.Verdict.BLOCKED, reasons=(VerdictDecided.Reason.IDENTICAL,), explanation="Of label b too."
    ),
    takedown("t", TakedownIssued.Status.ISSUED),
    COUNTER,
    LETTER,
    REVIEW,
    UploadDeleted(),
)
LIFE = [Recorded(TIME + n * DAY, fact) for n, fact in enumerate(FACTS)]


def told(viewer: Viewer) -> str:
    """Return everything that a viewer is told, as one text."""
    return repr(moments(LIFE, viewer))


def test_every_kind_of_fact_is_a_moment() -> None:
    """Whoever may see all misses nothing; records that have times of their own stand at these."""
    assert len(moments(LIFE, OWNER_HERE)) == len(FACTS)


def test_the_latest_comes_first() -> None:
    """What somebody looks for on a page that they come back to is what is new."""
    times = [each.at for each in moments(LIFE, OWNER_HERE)]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("viewer", [OWNER_HERE, AUDITOR, CLAIMANT, ANYBODY_HERE])
def test_who_gave_a_counter_notice_and_where_they_live_is_on_no_page(viewer: Viewer) -> None:
    """The law has it sent to the claimant; a page that shows it to more people serves nobody."""
    assert "Robin Roe" not in told(viewer)
    assert "1 Lane" not in told(viewer)


def test_a_letter_is_read_by_whom_it_is_for() -> None:
    """Others who may see all learn that it was sent and about what."""
    assert LETTER.text in told(CLAIMANT)
    assert LETTER.text not in told(AUDITOR)
    assert LETTER.subject in told(AUDITOR)


def test_a_rightsholder_is_not_told_of_others() -> None:
    """Neither who uploaded, nor what a reviewer wrote, nor other people's takedowns and letters."""
    for hidden in ("bob", "rae", "A cover.", "Of label b too."):
        assert hidden not in told(CLAIMANT)
    assert "Taken down" in told(CLAIMANT)
    assert "Taken down" not in told(OTHER)
    assert LETTER.subject not in told(OTHER)

import json

import pytest

from services.contracts.codec import encode
from services.contracts.decided import NoticeIssued, VerdictDecided
from services.notifier.matching import concerns, deliveries
from services.notifier.receivers import Receiver
from tests.notifier.facts import AT, NOW, Kind, Verdict, by_mail, by_webhook, notice, verdict


@pytest.mark.parametrize(
    ("receiver", "fact", "is_told"),
    [
        (by_webhook(), notice(), True),
        (by_webhook(notices=(Kind.UPLOADER,)), notice(), True),
        (by_webhook(notices=(Kind.COMMUNITY, Kind.PLATFORM)), notice(), False),
        (by_webhook(notices=(Kind.UPLOADER,), ids=("u", "v")), notice(), True),
        (by_webhook(notices=(Kind.UPLOADER,), ids=("v",)), notice(), False),
        (by_webhook(notices=(Kind.RIGHTSHOLDER,), ids=("u",)), notice(), False),
        (by_webhook(), verdict(), False),
        (by_webhook(verdicts=(Verdict.BLOCKED,)), verdict(), True),
        (by_webhook(verdicts=(Verdict.CLEAR,)), verdict(), False),
        (by_webhook(notices=(), verdicts=tuple(Verdict)), notice(), False),
        (by_mail(), notice(), True),
    ],
)
def test_who_is_told_of_what(receiver: Receiver, fact: NoticeIssued | VerdictDecided, is_told: bool) -> None:
    """Notices by kind and id of their recipient, verdicts by what they are."""
    assert concerns(receiver, fact) is is_told
    assert len(deliveries(fact, [receiver], NOW)) == is_told


def test_a_record_that_is_read_again_gives_the_same_deliveries() -> None:
    """The id and what is signed do not depend on when it is read."""
    receivers = [by_webhook("a"), by_webhook("b")]
    once, again = (deliveries(notice(), receivers, now) for now in (NOW, NOW + 1))
    assert [(each.delivery_id, each.body) for each in once] == [(each.delivery_id, each.body) for each in again]


def test_ids_differ_by_receiver_and_by_what_is_told() -> None:
    """A verdict's submission counts, since revisions begin anew when an upload's id is used again."""
    everything = by_webhook("a", verdicts=tuple(Verdict))
    facts: list[NoticeIssued | VerdictDecided] = [
        notice("n-1"),
        notice("n-2"),
        verdict(),
        verdict(revision=2),
        verdict(submission=8),
    ]
    ids = [each.delivery_id for fact in facts for each in deliveries(fact, [everything, by_webhook("b")], NOW)]
    assert len(ids) == 2 * 2 + 3
    assert len(set(ids)) == len(ids)
    assert all(len(each) == 32 for each in ids)


@pytest.mark.parametrize(("fact", "kind"), [(notice(), "notice.issued"), (verdict(), "verdict.decided")])
def test_what_is_delivered_is_the_record_in_an_envelope(fact: NoticeIssued | VerdictDecided, kind: str) -> None:
    """As the Standard Webhooks specification lays it out, the record as its topic has it."""
    (delivery,) = deliveries(fact, [by_webhook(verdicts=tuple(Verdict))], NOW)
    assert json.loads(delivery.body) == {
        "type": kind,
        "timestamp": AT.isoformat().replace("+00:00", "Z"),
        "data": json.loads(encode(fact)),
    }

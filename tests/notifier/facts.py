"""What is told in the tests, and who is told."""

import base64
from datetime import UTC, datetime

from services.contracts.decided import NoticeIssued, Recipient, Subject, VerdictDecided, WorkRef
from services.notifier.matching import Delivery, deliveries
from services.notifier.receivers import Every, Mailbox, Receiver, Webhook, Written

NOW = 1_800_000_000_000
AT = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
SECRET = b"0123456789abcdef01234567"
OTHER_SECRET = b"fedcba9876543210fedcba98"
Kind = Recipient.Kind
Verdict = VerdictDecided.Verdict


def whsec(secret: bytes = SECRET) -> str:
    """Return a secret as its file holds it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def notice(
    notice_id: str = "n-1",
    kind: Recipient.Kind = Kind.UPLOADER,
    who: str = "u",
    subject: str = "Your upload is down",
    text: str = "It holds a song.",
) -> NoticeIssued:
    """Return a notice."""
    return NoticeIssued(
        notice_id=notice_id,
        recipient=Recipient(kind, who),
        about=Subject("up-1", "label", "song", "t-1"),
        subject=subject,
        text=text,
        respond_until=AT,
        issued_at=AT,
    )


def verdict(said: VerdictDecided.Verdict = Verdict.BLOCKED, submission: int = 7, revision: int = 1) -> VerdictDecided:
    """Return a verdict."""
    return VerdictDecided(
        upload_id="up-1",
        verdict=said,
        decision_id="d-1",
        revision=revision,
        submission=submission,
        complete=True,
        scans=(VerdictDecided.Scan.BYTES,),
        reasons=(VerdictDecided.Reason.IDENTICAL,),
        works=(WorkRef("label", "song"),),
        work_ids=("song",),
        blocked_territories=(),
        evidence=(),
        explanation="It is the song.",
        decided_at=AT,
    )


def by_webhook(
    name: str = "hook",
    *,
    url: str = "https://receiver.example/hook",
    notices: tuple[Recipient.Kind, ...] = tuple(Kind),
    ids: tuple[str, ...] = (),
    verdicts: tuple[VerdictDecided.Verdict, ...] = (),
    loopback: bool = False,
    secrets: tuple[bytes, ...] = (SECRET,),
) -> Receiver:
    """Return a receiver with a webhook, which is told of every notice unless it is said otherwise."""
    webhook = Webhook(url, ("secret",), loopback)
    return Receiver(Written(name, notices, ids, verdicts, webhook), secrets)


def by_mail(name: str = "box", to: str = "person@example.org", every: Every | None = None) -> Receiver:
    """Return a receiver with a mailbox, which is told of every notice."""
    return Receiver(Written(name, tuple(Kind), mail=Mailbox(to, every)))


def some(count: int, receiver: Receiver, now: int = NOW) -> list[Delivery]:
    """Return so many deliveries for a receiver."""
    return [each for number in range(count) for each in deliveries(notice(f"n-{number}"), [receiver], now)]

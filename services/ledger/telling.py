"""Telling a standing: to everybody who decides by it, and to whom it is about, in words.

A notice says how many count, what that means, until when, and what can be done about it.
"""

import xxhash
from msgspec import Struct

from services.contracts.codec import encode
from services.contracts.decided import NoticeIssued, Recipient, Subject
from services.contracts.processor import Emit, Event
from services.contracts.rules import Rules
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.topics import NOTICES_ISSUED, STRIKES_CHANGED
from services.contracts.types import timestamp
from services.ledger.state import Kind, Standing

ONE_SCAN = (
    "For now there is one scan, the comparison of its bytes, and nobody's upload is shown before that, so it changes "
    "nothing yet."
)
"""What being watched comes to in this version: a verdict CLEAR is told to nobody before all that there is is in."""


class Told(Struct, frozen=True):
    """What is to be told: of whom, which standing, how many count, and when the oldest of them counts no more.

    `takedowns`: of a rightsholder, how many takedowns they were of.
    """

    subject: Standee
    standing: Standing
    strikes: int
    expires_at: int | None
    takedowns: int = 0


def tell(told: Told, cause: str, event: Event) -> tuple[Emit, Emit]:
    """Return the change of a standing, and the notice about it. `cause`: the entry by which it came about."""
    changed = StrikesChanged(
        subject=told.subject,
        standing=told.standing,
        strikes=told.strikes,
        expires_at=None if told.expires_at is None else timestamp(told.expires_at),
        changed_at=timestamp(event.now),
    )
    return (
        Emit(STRIKES_CHANGED, event.key, changed, event.partition),
        Emit(NOTICES_ISSUED, event.key, _notice(told, cause, event), event.partition),
    )


def _notice(told: Told, cause: str, event: Event) -> NoticeIssued:
    kind = told.subject.kind
    parts = ("standing", kind, event.key, told.standing, cause, event.offset, event.now)
    means, text = _said(told, event.rules)
    return NoticeIssued(
        notice_id=xxhash.xxh3_128_hexdigest(encode([str(part) for part in parts])),
        recipient=Recipient(Recipient.Kind(kind.value), event.key),
        about=Subject(rightsholder_id=event.key if kind is Kind.RIGHTSHOLDER else ""),
        subject=means,
        text=text,
        issued_at=timestamp(event.now),
    )


def _said(told: Told, rules: Rules) -> tuple[str, str]:
    """Return the subject and the text of a notice."""
    match told.subject.kind:
        case Kind.UPLOADER:
            means, why = _to_uploader(told, rules)
        case Kind.COMMUNITY:
            means, why = _to_community(told, rules)
        case Kind.RIGHTSHOLDER:
            means, why = _to_rightsholder(told, rules)
    return means, f"{why}{_until(told)}"


def _to_uploader(told: Told, rules: Rules) -> tuple[str, str]:
    count = f"{_takedowns(told.strikes)} of your uploads {_counts(told.strikes)} as of now."
    if told.standing is Standing.RESTRICTED:
        means = "Your uploads are held until a person has looked at them"
        rule = f"From {rules.restricted_strikes} on, an upload is not shown before a person has looked at it."
    elif told.standing is Standing.WATCHED:
        means = "Your uploads are shown only when every scan is done"
        rule = (
            f"From {rules.watched_strikes} on, an upload is not shown before every scan of it is done. {ONE_SCAN} From "
            f"{rules.restricted_strikes} on, it is not shown before a person has looked at it."
        )
    else:
        means = "Your uploads are shown as usual again"
        rule = f"Fewer than {rules.watched_strikes} change nothing."
    return means, f"{count} {rule} {_counting(rules)}"


def _to_community(told: Told, rules: Rules) -> tuple[str, str]:
    count = f"{_takedowns(told.strikes)} of uploads in your community {_counts(told.strikes)} as of now."
    if told.standing is Standing.GOOD:
        means = "Uploads in your community are shown as usual again"
        rule = f"Fewer than {rules.community_watched_strikes} change nothing."
    else:
        means = "Uploads in your community are shown only when every scan is done"
        rule = (
            f"From {rules.community_watched_strikes} on, an upload is not shown before every scan of it is done. "
            f"{ONE_SCAN} Nothing is done to the community itself, or to what is shown in it."
        )
    return means, f"{count} {rule} {_counting(rules)}"


def _to_rightsholder(told: Told, rules: Rules) -> tuple[str, str]:
    count = (
        f"Of {_takedowns(told.takedowns)} for your works within {rules.reversal_days} days {told.strikes} "
        f"{'was' if told.strikes == 1 else 'were'} reversed, since the claim was lost."
    )
    limit = f"{rules.reversals_min} and {rules.reversal_percent} of a hundred"
    if told.standing is Standing.PROBATION:
        means = "Your registrations are limited"
        rule = (
            f"From {limit} on, a registration that finds more than {rules.probation_copies_max} copies has no effect "
            "until a person has approved it. What is registered stands."
        )
    else:
        means = "Your registrations are no longer limited"
        rule = f"That is less than {limit}, so your registrations are no longer limited for it."
    return means, f"{count} {rule}"


def _takedowns(count: int) -> str:
    return "1 takedown" if count == 1 else f"{count} takedowns"


def _counts(count: int) -> str:
    return "counts" if count == 1 else "count"


def _counting(rules: Rules) -> str:
    return (
        f"A takedown counts for {rules.strike_days} days, but no more once it has ended; you can object to each of "
        "them, free of charge, by a dispute."
    )


def _until(told: Told) -> str:
    """Say when the oldest counts no more."""
    if told.expires_at is None:
        return ""
    return f" The oldest of them counts until {timestamp(told.expires_at):%Y-%m-%d %H:%M} UTC."

"""What the matcher decides about one digest.

- A copy that comes is told in full, at the digest's version, as soon as its bytes are compared (matches.found): at
  once, or when what they resemble is known (see `comparing.py`).
- A listing that comes or goes or is worth something else (see `listings.py`), and a ruling on the bytes (see
  `rulings.py`), raise the version; the copies that were there are told in a round of bounded steps (matches.revised,
  see `round.py`), while other keys go on.
"""

from typing import assert_never

from msgspec.structs import replace

from services.contracts.inside import ContentCompared, ContentRuled, CopyChanged, ListingChanged
from services.contracts.processor import HEAD, Decision, Emit, Event, View, Woken
from services.contracts.topics import MATCHES_FOUND
from services.matcher.comparing import admit, answered, compared, dismiss, tell_waiting
from services.matcher.listings import change
from services.matcher.round import begin, settle, step, telling
from services.matcher.rulings import ruled
from services.matcher.state import Copy, Digest


def decide(state: View, event: Event) -> Decision:
    """Decide one event of a digest."""
    digest: Digest = state.get() or Digest()
    return tell_waiting(state, digest, _decide(state, digest, event), event.key)


def _decide(state: View, digest: Digest, event: Event) -> Decision:
    fact: CopyChanged | ListingChanged | ContentCompared | ContentRuled | Woken = event.fact
    match fact:
        case CopyChanged():
            return _copy_came(state, digest, fact, event) if fact.present else _copy_went(state, digest, fact, event)
        case ListingChanged():
            return answered(digest, change(digest, fact), fact)
        case ContentCompared():
            return compared(digest, fact, event)
        case ContentRuled():
            return _rule(digest, fact)
        case Woken():
            return step(state, digest, event.key)
        case _:
            assert_never(fact)


def _rule(digest: Digest, fact: ContentRuled) -> Decision:
    head = ruled(digest, fact)
    if head == digest:
        return Decision()
    head, told = settle(begin(head), fact.digest)
    return Decision({HEAD: head}, told)


def _copy_came(state: View, digest: Digest, came: CopyChanged, event: Event) -> Decision:
    name = f"copy/{came.upload_id}"
    known: Copy | None = state.get(name) if digest.copies else None  # of a new content there is none
    if known is not None and known.submission >= came.submission:
        return Decision()
    head = digest if known is not None else replace(digest, copies=digest.copies + 1)
    head, admitted = admit(head, came, event)
    if not head.is_compared:
        return Decision({HEAD: head, name: Copy(came.submission, came.upload_partition, -1)}, admitted)
    copy = Copy(came.submission, came.upload_partition, digest.version)
    told = telling(came.digest, digest)(came.upload_id, copy)
    return Decision({HEAD: head, name: copy}, (Emit(MATCHES_FOUND, came.upload_id, told, copy.partition),))


def _copy_went(state: View, digest: Digest, went: CopyChanged, event: Event) -> Decision:
    name = f"copy/{went.upload_id}"
    known: Copy | None = state.get(name)
    if known is None or known.submission > went.submission:
        return Decision()
    head, dismissed = dismiss(replace(digest, copies=digest.copies - 1), event)
    return Decision({HEAD: None if head == Digest() else head, name: None}, dismissed)

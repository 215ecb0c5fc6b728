"""What the matcher decides about one digest.

- A copy that comes is told in full, at the digest's version, as soon as its bytes are compared (matches.found): at
  once, or when what they resemble is known (see `comparing.py`).
- A listing that comes or goes raises the version; the copies that were there are told in a round of bounded steps
  (matches.revised, see `round.py`), while other keys go on.
- An answer says which registration it is about; a removal takes only versions up to its own. Of a
  reference there is one listing: its own bytes, named by a later registration, take the place of a likeness.
"""

from typing import assert_never

from msgspec.structs import replace

from services.contracts.decided import WorkRef
from services.contracts.inside import ContentCompared, CopyChanged, Ended, ListingChanged
from services.contracts.processor import HEAD, Decision, Emit, Event, View, Woken
from services.contracts.sample import LIKENESSES_MAX
from services.contracts.topics import MATCHES_FOUND
from services.matcher.answers import Answer, answer_about, answer_to
from services.matcher.comparing import admit, answered, compared, dismiss, tell_waiting
from services.matcher.round import begin, enforced, step, telling
from services.matcher.state import ENDED_MAX, LISTINGS_MAX, Copy, Digest, Listing


def decide(state: View, event: Event) -> Decision:
    """Decide one event of a digest."""
    digest: Digest = state.get() or Digest()
    return tell_waiting(state, digest, _decide(state, digest, event), event.key)


def _decide(state: View, digest: Digest, event: Event) -> Decision:
    fact: CopyChanged | ListingChanged | ContentCompared | Woken = event.fact
    match fact:
        case CopyChanged():
            return _copy_came(state, digest, fact, event) if fact.present else _copy_went(state, digest, fact, event)
        case ListingChanged():
            return answered(digest, _list(digest, fact) if fact.listed else _remove(digest, fact), fact)
        case ContentCompared():
            return compared(digest, fact, event)
        case Woken():
            return step(state, digest, event.key)
        case _:
            assert_never(fact)


def _copy_came(state: View, digest: Digest, came: CopyChanged, event: Event) -> Decision:
    name = f"copy/{came.upload_id}"
    known: Copy | None = state.get(name)
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


def _list(digest: Digest, put: ListingChanged) -> Decision:
    """Put a listing in force, or bring one that is there to the version of its registration."""
    same = _find(digest, put)
    if same is None and _is_full(digest, put):
        return Decision(emit=(answer_to(put, Answer.REFUSED),))
    if same is not None and same.version >= put.version:
        return Decision()
    listing = Listing(
        rightsholder_id=put.rightsholder_id,
        work_id=put.work_id,
        reference_id=put.reference_id,
        version=put.version,
        partition=put.rightsholder_partition,
        copies=digest.copies,
        likeness=put.likeness,
    )
    listings = (*digest.listings, listing) if same is None else _swap(digest.listings, same, listing)
    ended = tuple(gone for gone in digest.ended if (gone.work.rightsholder_id, gone.work.work_id) != listing.work)
    head = replace(digest, listings=listings, ended=ended)
    if same is None or same.likeness != listing.likeness:
        head = begin(head)
    head, told = _settle(head, put.digest)
    return Decision(
        {HEAD: head}, (answer_to(put, Answer.APPLIED, digest.copies), *_conflicts(digest, listing, put), *told)
    )


def _swap(listings: tuple[Listing, ...], old: Listing, new: Listing) -> tuple[Listing, ...]:
    return tuple(new if listing is old else listing for listing in listings)


def _remove(digest: Digest, gone: ListingChanged) -> Decision:
    """End a listing and answer REMOVED in any case: after it no listing of that version or older is left.

    What has no version ends nothing, and is an answer itself.
    """
    if gone.version < 0:
        return Decision()
    same = _find(digest, gone)
    answer = answer_to(gone, Answer.REMOVED)
    if same is None or same.version > gone.version:
        return Decision(emit=(answer,))
    listings = tuple(other for other in digest.listings if other is not same)
    ended = digest.ended
    if all(other.work != same.work for other in listings):
        ended = (*ended, Ended(WorkRef(same.rightsholder_id, same.work_id), gone.reason))[-ENDED_MAX:]
    head = begin(replace(digest, listings=listings, ended=ended))
    head, told = _settle(head, gone.digest)
    return Decision({HEAD: head}, (answer, *told))


def _settle(head: Digest, key: str) -> tuple[Digest, tuple[Emit, ...]]:
    """Return the head with every listing enforced, if there is nobody left to be told."""
    return enforced(head, key) if head.round is None and head.is_compared else (head, ())


def _is_full(digest: Digest, put: ListingChanged) -> bool:
    """Tell whether there is no place for one more listing; what is similar has its share of them."""
    similar = sum(other.likeness is not None for other in digest.listings)
    return len(digest.listings) >= LISTINGS_MAX or (put.similar and similar >= LIKENESSES_MAX)


def _find(digest: Digest, changed: ListingChanged) -> Listing | None:
    ids = (changed.rightsholder_id, changed.work_id, changed.reference_id)
    return next((one for one in digest.listings if (*one.work, one.reference_id) == ids), None)


def _conflicts(digest: Digest, listing: Listing, put: ListingChanged) -> tuple[Emit, ...]:
    """Tell both sides, once, when a work newly lists bytes that somebody else lists; what is similar is no conflict."""
    identical = [other for other in digest.listings if other.likeness is None]
    if put.similar or any(other.work == listing.work for other in identical):
        return ()
    others = {other.work: other for other in identical if other.rightsholder_id != listing.rightsholder_id}.values()
    if not others:
        return ()
    return (
        answer_to(put, Answer.CONFLICTED),
        *(answer_about(other, put.digest, Answer.CONFLICTED) for other in others),
    )

"""What the matcher decides about one digest.

- A copy that comes is told at once, in full, at the digest's version (matches.found).
- A listing that comes or goes raises the version; the copies that were there are told in a round of bounded steps
  (matches.revised, see `round.py`), while other keys go on.
- An answer says which registration it is about; a removal takes only versions up to its own.
"""

from dataclasses import replace
from typing import assert_never

from services.contracts.decided import WorkRef
from services.contracts.inside import CopyChanged, Ended, ListingChanged
from services.contracts.processor import HEAD, Decision, Emit, Event, View, Woken
from services.contracts.topics import MATCHES_FOUND
from services.matcher.answers import Answer, answer_about, answer_to
from services.matcher.round import begin, enforced, found, step
from services.matcher.state import ENDED_MAX, LISTINGS_MAX, Copy, Digest, Listing


def decide(state: View, event: Event) -> Decision:
    """Decide one event of a digest."""
    digest: Digest = state.get() or Digest()
    fact: CopyChanged | ListingChanged | Woken = event.fact
    match fact:
        case CopyChanged():
            return _copy_came(state, digest, fact) if fact.present else _copy_went(state, digest, fact)
        case ListingChanged():
            return _list(digest, fact) if fact.listed else _remove(digest, fact)
        case Woken():
            return step(state, digest, event.key)
        case _:
            assert_never(fact)


def _copy_came(state: View, digest: Digest, came: CopyChanged) -> Decision:
    name = f"copy/{came.upload_id}"
    known: Copy | None = state.get(name)
    if known is not None and known.submission >= came.submission:
        return Decision()
    copy = Copy(came.submission, came.upload_partition, digest.version)
    head = digest if known is not None else replace(digest, copies=digest.copies + 1)
    told = found(came.digest, came.upload_id, copy, digest)
    return Decision({HEAD: head, name: copy}, (Emit(MATCHES_FOUND, came.upload_id, told, copy.partition),))


def _copy_went(state: View, digest: Digest, went: CopyChanged) -> Decision:
    name = f"copy/{went.upload_id}"
    known: Copy | None = state.get(name)
    if known is None or known.submission > went.submission:
        return Decision()
    head = replace(digest, copies=digest.copies - 1)
    return Decision({HEAD: None if head == Digest() else head, name: None})


def _list(digest: Digest, put: ListingChanged) -> Decision:
    """Put a listing in force, or bring one that is there to the version of its registration."""
    same = _find(digest, put)
    if same is None and len(digest.listings) == LISTINGS_MAX:
        return Decision(emit=(answer_to(put, Answer.REFUSED),))
    if same is not None and same.version >= put.version:
        return Decision()
    listing = Listing(
        put.rightsholder_id, put.work_id, put.reference_id, put.version, put.rightsholder_partition, digest.copies
    )
    listings = (*digest.listings, listing) if same is None else _swap(digest.listings, same, listing)
    ended = tuple(gone for gone in digest.ended if (gone.work.rightsholder_id, gone.work.work_id) != listing.work)
    head = replace(digest, listings=listings, ended=ended)
    if same is None:
        head = begin(head)
    head, told = enforced(head, put.digest) if head.round is None else (head, ())
    return Decision(
        {HEAD: head}, (answer_to(put, Answer.APPLIED, digest.copies), *_conflicts(digest, listing, put), *told)
    )


def _swap(listings: tuple[Listing, ...], old: Listing, new: Listing) -> tuple[Listing, ...]:
    return tuple(new if listing is old else listing for listing in listings)


def _remove(digest: Digest, gone: ListingChanged) -> Decision:
    """End a listing and answer REMOVED in any case: after it no listing of that version or older is left."""
    same = _find(digest, gone)
    answer = answer_to(gone, Answer.REMOVED)
    if same is None or same.version > gone.version:
        return Decision(emit=(answer,))
    listings = tuple(other for other in digest.listings if other is not same)
    ended = digest.ended
    if all(other.work != same.work for other in listings):
        ended = (*ended, Ended(WorkRef(same.rightsholder_id, same.work_id), gone.reason))[-ENDED_MAX:]
    head = begin(replace(digest, listings=listings, ended=ended))
    head, told = enforced(head, gone.digest) if head.round is None else (head, ())
    return Decision({HEAD: head}, (answer, *told))


def _find(digest: Digest, changed: ListingChanged) -> Listing | None:
    for listing in digest.listings:
        if (*listing.work, listing.reference_id) == (
            changed.rightsholder_id,
            changed.work_id,
            changed.reference_id,
        ):
            return listing
    return None


def _conflicts(digest: Digest, listing: Listing, put: ListingChanged) -> tuple[Emit, ...]:
    """Tell both sides, once, when a work newly lists bytes that somebody else lists."""
    if any(other.work == listing.work for other in digest.listings):
        return ()
    others = {
        other.work: other for other in digest.listings if other.rightsholder_id != listing.rightsholder_id
    }.values()
    if not others:
        return ()
    return (
        answer_to(put, Answer.CONFLICTED),
        *(answer_about(other, put.digest, Answer.CONFLICTED) for other in others),
    )

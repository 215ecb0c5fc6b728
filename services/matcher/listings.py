"""The listings of a digest, and what is answered about them.

- Every change of a listing is answered exactly once, whatever comes of it, with its own version and terms_version; but
  for NOTHING, which is an answer itself. LISTED is answered APPLIED, REFUSED or PROTECTED, also when it changes
  nothing; ENDED is answered REMOVED. So nobody waits for ever. ENFORCED and CONFLICTED may follow.
- An answer says which registration it is about; a removal takes only versions up to its own. Of a reference there is
  one listing: its own bytes, named by a later registration, take the place of a likeness.
- The same version with a higher terms_version, or with another likeness, replaces that and nothing else: it is no new
  registration, so ENFORCED is not said again. What has no likeness to go by refreshes a likeness that is listed, and
  lists none.
"""

from typing import assert_never

from msgspec.structs import replace

from services.contracts.decided import WorkRef
from services.contracts.inside import Ended, ListingChanged
from services.contracts.processor import HEAD, Decision, Emit
from services.contracts.rights import PLAIN
from services.contracts.sample import LIKENESSES_MAX
from services.matcher.answers import Answer, answer_about, answer_to
from services.matcher.round import begin, settle
from services.matcher.rulings import overruling
from services.matcher.state import ENDED_MAX, LISTINGS_MAX, Digest, Listing

Change = ListingChanged.Change


def change(digest: Digest, wanted: ListingChanged) -> Decision:
    """Do what the registry wants of a listing, or answer what it asks."""
    match wanted.change:
        case Change.LISTED:
            return _list(digest, wanted)
        case Change.ENDED:
            return _remove(digest, wanted)
        case Change.NOTHING:
            return Decision()
        case Change.COUNTED:
            answer = Answer.PROTECTED if digest.protected else Answer.COUNTED
            return Decision(emit=(answer_to(wanted, answer, digest.copies),))
        case Change.PROTECTED:
            return _protect(digest, wanted)
        case _:
            assert_never(wanted.change)


def _list(digest: Digest, put: ListingChanged) -> Decision:
    """Put a listing in force, or bring one that is there to the version of its registration, or to newer terms."""
    if digest.protected:
        return Decision(emit=(answer_to(put, Answer.PROTECTED),))
    same = _find(digest, put)
    if same is None:
        return _add(digest, put)
    listing = _renewed(same, put, digest.copies)
    if listing is same:
        return Decision(emit=(answer_to(put, Answer.APPLIED, same.copies),))
    head = replace(digest, listings=tuple(listing if one is same else one for one in digest.listings))
    if (same.likeness, same.terms) != (listing.likeness, listing.terms):
        head = begin(head)
    return _applied(digest, head, listing, put)


def _add(digest: Digest, put: ListingChanged) -> Decision:
    if _is_full(digest, put) or (put.similar and put.likeness is None):
        return Decision(emit=(answer_to(put, Answer.REFUSED),))
    listing = _listing(put, digest.copies)
    ended = tuple(gone for gone in digest.ended if (gone.work.rightsholder_id, gone.work.work_id) != listing.work)
    return _applied(digest, begin(replace(digest, listings=(*digest.listings, listing), ended=ended)), listing, put)


def _listing(put: ListingChanged, copies: int) -> Listing:
    return Listing(
        rightsholder_id=put.rightsholder_id,
        work_id=put.work_id,
        reference_id=put.reference_id,
        version=put.version,
        partition=put.rightsholder_partition,
        copies=copies,
        likeness=put.likeness,
        terms=PLAIN if put.terms == PLAIN else put.terms,  # the very default, which the state leaves out
        terms_version=put.terms_version,
    )


def _renewed(same: Listing, put: ListingChanged, copies: int) -> Listing:
    """Return the listing that is there as it is put: registered later, under newer terms, more alike, or as it was.

    Of an index in parts, one may have met both later than the others: then a likeness becomes known to be greater.
    """
    if put.version > same.version:
        listing = _listing(put, copies)
        return replace(listing, likeness=same.likeness) if put.similar and put.likeness is None else listing
    if put.version < same.version:
        return same
    if put.terms_version > same.terms_version:
        same = replace(same, terms=_listing(put, copies).terms, terms_version=put.terms_version)
    is_known_better = None not in (put.likeness, same.likeness) and put.likeness != same.likeness
    return replace(same, likeness=put.likeness) if is_known_better else same


def _applied(before: Digest, head: Digest, listing: Listing, put: ListingChanged) -> Decision:
    head, told = settle(head, put.digest)
    conflicts = _conflicts(before, listing, put)
    return Decision({HEAD: head}, (answer_to(put, Answer.APPLIED, listing.copies), *conflicts, *told))


def _remove(digest: Digest, gone: ListingChanged) -> Decision:
    """End a listing and answer REMOVED in any case: after it no listing of that version or older is left."""
    same = _find(digest, gone)
    answer = answer_to(gone, Answer.REMOVED)
    if same is None or same.version > gone.version:
        return Decision(emit=(answer,))
    listings = tuple(other for other in digest.listings if other is not same)
    ended = digest.ended
    if all(other.work != same.work for other in listings):
        # What a ruling has put out of force stays so for that reason, whatever becomes of its listing.
        reason = overruling(digest, same) or gone.reason
        ended = (*ended, Ended(WorkRef(same.rightsholder_id, same.work_id), reason))[-ENDED_MAX:]
    head, told = settle(begin(replace(digest, listings=listings, ended=ended)), gone.digest)
    return Decision({HEAD: head}, (answer, *told))


def _protect(digest: Digest, asked: ListingChanged) -> Decision:
    answer = answer_to(asked, Answer.PROTECTED)
    if digest.protected:
        return Decision(emit=(answer,))
    head, told = settle(begin(replace(digest, protected=True)), asked.digest)
    return Decision({HEAD: head}, (answer, *told))


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

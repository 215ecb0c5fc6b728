"""What the matcher says to the registry about a listing."""

from services.contracts.inside import ListingApplied, ListingChanged
from services.contracts.processor import Emit
from services.contracts.topics import LISTINGS_APPLIED
from services.matcher.state import Listing

Answer = ListingApplied.Answer


def answer_about(listing: Listing, digest: str, answer: Answer) -> Emit:
    """Return an answer about a listing that is in force."""
    applied = ListingApplied(
        rightsholder_id=listing.rightsholder_id,
        work_id=listing.work_id,
        reference_id=listing.reference_id,
        digest=digest,
        version=listing.version,
        answer=answer,
        copies=listing.copies,
        similar=listing.likeness is not None,
        terms_version=listing.terms_version,
    )
    return Emit(LISTINGS_APPLIED, listing.rightsholder_id, applied, listing.partition)


def answer_to(asked: ListingChanged, answer: Answer, copies: int = 0) -> Emit:
    """Return the answer to a change of a listing."""
    applied = ListingApplied(
        rightsholder_id=asked.rightsholder_id,
        work_id=asked.work_id,
        reference_id=asked.reference_id,
        digest=asked.digest,
        version=asked.version,
        answer=answer,
        copies=copies,
        similar=asked.similar,
        terms_version=asked.terms_version,
    )
    return Emit(LISTINGS_APPLIED, asked.rightsholder_id, applied, asked.rightsholder_partition)

"""Bounds: the worst entry that can be fits into one record, and an early read with the largest sample in it."""

from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.decided import TakedownIssued, VerdictDecided, WorkRef
from services.contracts.inside import Ended, Match, UploadRead
from services.contracts.rights import PLAIN, TERMS_BYTES_MAX, Licence, Terms
from services.contracts.sample import KEPT_MAX, Likeness, Place, sample_of
from services.contracts.submitted import UploadSubmitted
from services.contracts.types import ID_CHARACTERS_MAX, timestamp
from services.enforcer.case import (
    CLAIMS_MAX,
    DISPUTES_MAX,
    EARLY_MAX,
    PROTECTED_MAX,
    TAKEN_MAX,
    TOLD_MAX,
    Case,
    Contested,
    Dispute,
    Found,
    Objections,
    Stage,
    Standing,
    Taken,
)
from tests.deciding import content

MESSAGE_BYTES_MAX = 1024 * 1024
LISTINGS_MAX, ENDED_MAX = 64, 16  # of the matcher
ID = "\x01" * ID_CHARACTERS_MAX  # the worst of JSON's escapes
TEXT = "\x01" * 16_384
LAST = 2**63 - 1
WORK = WorkRef(ID, ID)
LIKENESS = Likeness(1 / 3, *(LAST,) * 8)
CONTENT = replace(content("song"), size_bytes=LAST)


def largest_record() -> UploadSubmitted:
    """Return the largest submission of an upload."""
    places = ("XX",) * 300
    return UploadSubmitted(ID, ID, "\x01" * 8_192, ID, ID, LAST, TEXT, TEXT, places, timestamp(1), CONTENT)


def largest_case() -> Case:
    """Return a case in which everything is at its bound."""
    sample = sample_of({chunk: Place(2**40 - 1, 2**24 - 1) for chunk in range(KEPT_MAX)})
    taken = Taken(WORK, TakedownIssued.Basis.STAYDOWN, LAST, VerdictDecided.Reason.PROTECTED_CONTENT)
    times = {"early_until": LAST, "retry_at": LAST, "deadline": LAST, "forget_at": LAST, "flip_at": LAST}
    return Case(
        seen=LAST,
        submission=LAST,
        record=largest_record(),
        early=(UploadRead(ID, LAST, LAST, CONTENT, None, sample),) * EARLY_MAX,
        content=CONTENT,
        attempt=LAST,
        stale_offset=LAST,
        stale_attempt=LAST,
        tries=LAST,
        busy=LAST,
        slow=True,
        match_version=LAST,
        answered=True,
        verdict=VerdictDecided.Verdict.UNSCANNED,
        said="f" * 32,
        revision=LAST,
        taken=(taken,) * TAKEN_MAX,
        listing=Match(ID, ID, ID, LIKENESS, PLAIN),
        matched=True,
        standing=Standing.RESTRICTED,
        held=("f" * 32,) * LISTINGS_MAX,
        held_from_start=True,
        approved=("f" * 32,) * CLAIMS_MAX,
        lost=("f" * 32,) * CLAIMS_MAX,
        protected=("f" * 64,) * PROTECTED_MAX,
        told=("f" * 32,) * TOLD_MAX,
        **times,
    )


def test_the_largest_case_fits_into_a_record() -> None:
    """With every field at its bound, none left at its default, and room for the key and what stands before it."""
    case = largest_case()
    default = Case()
    for name in Case.__struct_fields__:
        assert getattr(case, name) != getattr(default, name), f"{name} is not at its bound"
    assert len(encode(case)) < MESSAGE_BYTES_MAX - 2 * len(encode(ID)) - 1_000


def test_the_largest_matches_fit_into_a_record() -> None:
    """Sixty-four listings with the largest terms, and every work that ended."""
    terms, number = Terms(), 0
    while len(encode(terms)) < TERMS_BYTES_MAX - 120:
        number += 1
        terms = replace(terms, licences=(*terms.licences, Licence(str(number), valid_from=LAST, valid_until=LAST)))
    matches = (Match(ID, ID, ID, LIKENESS, terms),) * LISTINGS_MAX
    assert len(encode(Found(matches, (Ended(WORK, ID),) * ENDED_MAX))) < MESSAGE_BYTES_MAX - 5_000


def test_the_largest_disputes_fit_into_a_record() -> None:
    """Eight, each about everything that can be down."""
    contested = (Contested("f" * 32, Stage.COUNTERED, LAST),) * TAKEN_MAX
    disputes = (Dispute(ID, LAST, contested),) * DISPUTES_MAX
    objections = Objections(LAST, "f" * 64, LAST, LAST, disputes, ("f" * 32,) * CLAIMS_MAX, LAST)
    assert len(encode(objections)) < 200 * 1024

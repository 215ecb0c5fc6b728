"""Bounds: the worst entry that can be fits into one record, and an early read with the largest sample in it."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.decided import TakedownIssued, VerdictDecided, WorkRef
from services.contracts.inside import Ended, Match, MatchFound, UploadRead
from services.contracts.objections import CounterNotice, DisputeSubmitted
from services.contracts.objections import Dispute as Opening
from services.contracts.rights import PLAIN, TERMS_BYTES_MAX, Licence, Terms
from services.contracts.sample import KEPT_MAX, Likeness, Place, sample_of
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import NOTICES_ISSUED
from services.contracts.types import ID_CHARACTERS_MAX, timestamp
from services.enforcer import PROCESSOR
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
from services.enforcer.disputes import is_short_enough
from services.runtime.sizing import OUTPUT_BYTES_MAX
from tests.deciding import Deciding, content

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
        ended=Ended(WORK, ID),
        matched=True,
        standing=Standing.RESTRICTED,
        held=("f" * 32,) * LISTINGS_MAX,
        held_from_start=True,
        approved=("f" * 32,) * CLAIMS_MAX,
        lost=("f" * 32,) * CLAIMS_MAX,
        protected=("f" * 64,) * PROTECTED_MAX,
        told=("f" * 32,) * TOLD_MAX,
        submitted_at=LAST,
        unscanned_since=LAST,
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


def most_words(said: Callable[[str], DisputeSubmitted]) -> DisputeSubmitted:
    """Return a step with the most words that are taken, in the worst of JSON's escapes."""
    few, many = 1, 16_384
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if is_short_enough(said("\x01" * middle)) else (few, middle)
    return said("\x01" * few)


def objection(words: str) -> DisputeSubmitted:
    """Return a dispute."""
    return DisputeSubmitted(ID, ID, dispute=Opening(Opening.Ground.MISIDENTIFIED, words))


def counter_notice(words: str) -> DisputeSubmitted:
    """Return a counter-notice, as long in all that it says."""
    return DisputeSubmitted(ID, ID, counter_notice=CounterNotice(words, words, words, words, True))


@pytest.mark.parametrize("said", [objection, counter_notice])
def test_a_step_that_is_sent_to_every_claimant_stays_small(said: Callable[[str], DisputeSubmitted]) -> None:
    """Sixty-four claimants with the longest ids, and the longest statement: what one record writes is bounded."""
    deciding = Deciding(PROCESSOR)
    record = UploadSubmitted(ID, ID, "file:/song")
    matches = tuple(Match(f"\x01{number:02}".ljust(ID_CHARACTERS_MAX, "\x01"), ID, ID) for number in range(64))
    for fact in (record, UploadRead(ID, 0, 0, CONTENT), MatchFound(ID, 0, CONTENT.blake3, 1, matches)):
        deciding.on(ID, fact, offset=0)
    letters = deciding.on(ID, most_words(said), offset=1).of(NOTICES_ISSUED)
    assert len(letters) == LISTINGS_MAX + 1
    assert sum(len(encode(letter)) for letter in letters) < OUTPUT_BYTES_MAX


def test_the_largest_disputes_fit_into_a_record() -> None:
    """Eight, each about everything that can be down."""
    contested = (Contested("f" * 32, Stage.COUNTERED, LAST),) * TAKEN_MAX
    disputes = (Dispute(ID, LAST, contested),) * DISPUTES_MAX
    objections = Objections(LAST, "f" * 64, LAST, LAST, disputes, ("f" * 32,) * CLAIMS_MAX, LAST)
    assert len(encode(objections)) < 200 * 1024

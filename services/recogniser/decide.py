"""What the recogniser decides about one content, or one reference.

- A content that is admitted is compared at once with the references that share chunks with it, and answered.
- A reference that comes is compared with the contents that are there in a walk: from one of its chunks to the next,
  and at each through the contents that have it. A content is dealt with at the first chunk that the two share, so
  once, and nothing need be remembered but where the walk stands.
- A reference and a content of the same bytes are identical, which the matcher knows; they are not compared.
"""

from collections import Counter
from typing import assert_never

from services.contracts.inside import (
    ContentAdmitted,
    ContentCompared,
    ReferenceFingerprinted,
    ReferenceForgotten,
    Resemblance,
)
from services.contracts.processor import HEAD, Decision, Emit, Event, View, Woken
from services.contracts.sample import LIKENESSES_MAX, SHARED_MIN, Chunks, chunks_of
from services.contracts.topics import CONTENTS_COMPARED
from services.recogniser.likeness import compare
from services.recogniser.state import WALK, Sampled, Walk, of_content, of_reference

POSTINGS_MAX = 128
"""References looked at for each chunk: a chunk that more have says little, and a sample has up to 4,096 chunks."""

CANDIDATES_MAX = 128
"""References compared with a content, those first that share most chunks: four times what is found at the most."""

CHUNKS_PER_STEP = 500
CONTENTS_PER_STEP = 200
"""What one step of a walk looks at: some milliseconds, and a fifth of a second where all contents are the largest."""

Fact = ContentAdmitted | ReferenceFingerprinted | ReferenceForgotten | Woken


def decide(state: View, event: Event) -> Decision:
    """Decide one event of a content, or of a reference."""
    known: Sampled | None = state.get()
    fact: Fact = event.fact
    match fact:
        case ContentAdmitted():
            return _admit(state, known, fact, event) if fact.present else _dismiss(known, fact)
        case ReferenceFingerprinted():
            is_new = known is None or known.reference != fact
            return Decision({HEAD: Sampled(reference=fact), WALK: Walk()}) if is_new else Decision()
        case ReferenceForgotten():
            return Decision({HEAD: None, WALK: None}) if known is not None else Decision()
        case Woken():
            return _walk(state, event)
        case _:
            assert_never(fact)


def _admit(state: View, known: Sampled | None, came: ContentAdmitted, event: Event) -> Decision:
    if known is not None and known.admission >= came.admission:
        return Decision()
    assert came.sample is not None, "what cannot be compared is not admitted"  # noqa: S101  # an invariant of the matcher
    found = _resembled(state, came.digest, chunks_of(came.sample))
    return Decision({HEAD: Sampled(came.admission, came.sample)}, (_say(event, came.digest, came.admission, *found),))


def _dismiss(known: Sampled | None, went: ContentAdmitted) -> Decision:
    return Decision({HEAD: None} if known is not None and known.admission <= went.admission else {})


def _resembled(state: View, digest: str, chunks: Chunks) -> list[Resemblance]:
    """Return the references that a content resembles, best first."""
    shared = Counter(key for chunk in chunks.places for key in state.find(of_reference(chunk), "", POSTINGS_MAX))
    likely = sorted((-count, key) for key, count in shared.items() if count >= SHARED_MIN)[:CANDIDATES_MAX]
    references = [state.at(key).get().reference for _, key in likely]
    found = [one for reference in references for one in _compare(digest, chunks, reference)]
    return sorted(found, key=lambda one: -one.likeness.score)[:LIKENESSES_MAX]


def _walk(state: View, event: Event) -> Decision:
    """Compare a reference with the next contents that share a chunk with it."""
    walk: Walk = state.get(WALK)
    reference: ReferenceFingerprinted = state.get().reference
    chunks = list(chunks_of(reference.sample).places)
    emit: list[Emit] = []
    position, after, left = walk.position, walk.after, CONTENTS_PER_STEP
    end = min(len(chunks), position + CHUNKS_PER_STEP)
    while position < end and left:
        met = state.find(of_content(chunks[position]), after, left)
        for digest in met:
            found = _meet(state, digest, reference, chunks[:position])
            emit += [_say(event, digest, -1, one) for one in found]
        left -= len(met)
        position, after = (position, met[-1]) if met and not left else (position + 1, "")
    return Decision({WALK: Walk(position, after) if position < len(chunks) else None}, emit)


def _meet(state: View, digest: str, reference: ReferenceFingerprinted, before: list[int]) -> list[Resemblance]:
    """Compare a reference with a content that has a chunk of it, unless it had one `before` that."""
    content = chunks_of(state.at(digest).get().content)
    return [] if any(chunk in content.places for chunk in before) else _compare(digest, content, reference)


def _compare(digest: str, content: Chunks, reference: ReferenceFingerprinted) -> list[Resemblance]:
    likeness = compare(content, chunks_of(reference.sample)) if digest != reference.digest else None
    if likeness is None:
        return []
    return [
        Resemblance(
            rightsholder_id=reference.rightsholder_id,
            work_id=reference.work_id,
            reference_id=reference.reference_id,
            reference_digest=reference.digest,
            likeness=likeness,
            rightsholder_partition=reference.rightsholder_partition,
        )
    ]


def _say(event: Event, digest: str, admission: int, *found: Resemblance) -> Emit:
    """Return what a comparison found. Contents are of the unit's own partition, wherever a reference came from."""
    compared = ContentCompared(digest, admission, found)
    return Emit(CONTENTS_COMPARED, digest, compared, event.partition)

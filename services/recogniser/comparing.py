"""Comparing contents with references, from either side.

- A content is compared with the references that share most chunks with it.
- A reference is compared with contents in a walk: from one of its chunks to the next, and at each through the contents
  that have it. A content is dealt with at the first chunk that the two share, so once, and nothing need be remembered
  but where the walk stands. What is admitted meanwhile is compared with the reference from its own side.
- A reference and a content of the same bytes are identical, which the matcher knows; they are not compared.
"""

from collections import Counter

from services.contracts.inside import ContentCompared, ReferenceFingerprinted, Resemblance
from services.contracts.processor import Decision, Emit, Event, View
from services.contracts.sample import LIKENESSES_MAX, SHARED_MIN, Chunks, chunks_of
from services.contracts.topics import CONTENTS_COMPARED
from services.recogniser.likeness import compare
from services.recogniser.state import WALK, Walk, of_content, of_reference

POSTINGS_MAX = 128
"""References looked at for each chunk: a chunk that more have says little, and a sample has up to 4,096 chunks."""

CANDIDATES_MAX = 128
"""References compared with a content, those first that share most chunks: four times what is found at the most."""

CHUNKS_PER_STEP = 500
CONTENTS_PER_STEP = 200
"""What one step of a walk looks at: some milliseconds, and a fifth of a second where all contents are the largest."""


def resembled(state: View, digest: str, chunks: Chunks) -> list[Resemblance]:
    """Return the references that a content resembles, best first."""
    shared = Counter(key for chunk in chunks.places for key in state.find(of_reference(chunk), "", POSTINGS_MAX))
    likely = sorted((-count, key) for key, count in shared.items() if count >= SHARED_MIN)[:CANDIDATES_MAX]
    references = [state.at(key).get().reference for _, key in likely]
    found = [one for reference in references for one in _compare(digest, chunks, reference)]
    return sorted(found, key=lambda one: -one.likeness.score)[:LIKENESSES_MAX]


def walk(state: View, event: Event) -> Decision:
    """Compare a reference with the next contents that share a chunk with it."""
    at: Walk = state.get(WALK)
    reference: ReferenceFingerprinted = state.get().reference
    chunks = list(chunks_of(reference.sample).places)
    emit: list[Emit] = []
    position, after, left = at.position, at.after, CONTENTS_PER_STEP
    end = min(len(chunks), position + CHUNKS_PER_STEP)
    while position < end and left:
        met = state.find(of_content(chunks[position]), after, left)
        for digest in met:
            found = _meet(state, digest, reference, chunks[:position])
            emit += [say(event, digest, -1, one) for one in found]
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


def say(event: Event, digest: str, admission: int, *found: Resemblance) -> Emit:
    """Return what a comparison found. Contents are of the unit's own partition, wherever a reference came from."""
    compared = ContentCompared(digest, admission, found)
    return Emit(CONTENTS_COMPARED, digest, compared, event.partition)

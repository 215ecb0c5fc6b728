"""Comparing contents with references, from either side.

- A content is compared with the references that share most chunks with it.
- A reference is compared with contents in a walk, in the order of their digests: the index says of all its chunks
  which contents have them, so how many each shares is known before anything of it is read, and each is met once.
  What is admitted meanwhile is compared with the reference from its own side.
- A reference and a content of the same bytes are identical, which the matcher knows; they are not compared.

Beyond the bounds (32 likenesses of a content, 128 references of a chunk, and what is found and read for one content)
something is left out, and is not asked about again when others end: only when the content or the reference comes anew.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from services.contracts.inside import ContentCompared, ReferenceFingerprinted, Resemblance
from services.contracts.processor import Decision, Emit, Event, View
from services.contracts.sample import KEPT_MAX, LIKENESSES_MAX, SHARED_MIN, Chunks, Sample, chunks_of, digests_of
from services.contracts.topics import CONTENTS_COMPARED
from services.recogniser.likeness import compare
from services.recogniser.state import WALK, Walk, of_content

POSTINGS_MAX = 128
"""References looked at for each chunk: a chunk that more have says little, and a sample has up to 4,096 chunks."""

CANDIDATES_MAX = 128
"""References compared with a content, those first that share most chunks: four times what is found at the most."""

FOUND_MAX = 8 * KEPT_MAX
"""What the index is asked for one content, in references: of the largest, all that 256 of its chunks can have. Chunks
are in the order of their digests, so of chance: the first that have so many references are a sample of all."""

READ_CHUNKS_MAX = 16 * KEPT_MAX
"""What is read and compared for one content, in chunks, some 20 ms: 16 references above 400 MiB, 100 of an hour of
music, and all candidates of less. Finding them takes some 20 ms where a content has 4,096 chunks."""

FOUND_PER_STEP = FOUND_MAX
READ_CHUNKS_PER_STEP = READ_CHUNKS_MAX
"""The same for one step of a walk, which leaves the rest to the next: at least eight contents, and more of what has
less than 4,096 chunks; of a reference that has so many some 50 ms, or 80 where the state is on disk."""


def resembled(state: View, digest: str, sample: Sample) -> list[Resemblance]:
    """Return the references that a content resembles, best first: of too many, those that share most with it.

    Nearly every content shares nothing with any, so that is found out first, of all its chunks at once.
    """
    met = state.having(digests_of(sample))
    if len(met) < SHARED_MIN:
        return []
    found: list[Resemblance] = []
    chunks = chunks_of(sample)
    room = READ_CHUNKS_MAX
    for key in _likely(state, sorted(met)):
        reference: ReferenceFingerprinted = state.at(key).get().reference
        if reference.digest == digest:
            continue
        taken_apart = chunks_of(reference.sample)
        found += _compare(chunks, reference, taken_apart)
        room -= len(taken_apart.places)
        if len(found) == LIKENESSES_MAX or room <= 0:
            break
    return sorted(found, key=lambda one: -one.likeness.score)


def _likely(state: View, chunks: Iterable[int]) -> list[str]:
    """Return the references to compare a content with those chunks with, those first that share most of them."""
    shared = Counter[str]()
    room = FOUND_MAX
    for chunk in chunks:
        found = state.find(chunk, "", POSTINGS_MAX)
        shared.update(found)
        room -= len(found)
        if room <= 0:
            break
    likely = sorted((-count, key) for key, count in shared.items() if count >= SHARED_MIN)
    return [key for _, key in likely[:CANDIDATES_MAX]]


def walk(state: View, event: Event) -> Decision:
    """Compare a reference with the next contents that share enough chunks with it."""
    at: Walk = state.get(WALK)
    reference: ReferenceFingerprinted = state.get().reference
    chunks = chunks_of(reference.sample)
    met, after = _meet(state, chunks, at.after)
    emit: list[Emit] = []
    room = READ_CHUNKS_PER_STEP
    for digest in met:
        if digest == reference.digest:
            continue
        content = chunks_of(state.at(digest).get().content)
        emit += [say(event, digest, -1, one) for one in _compare(content, reference, chunks)]
        room -= len(content.places)
        if room <= 0:
            return Decision({WALK: Walk(digest)}, emit)
    return Decision({WALK: None if after is None else Walk(after)}, emit)


def _meet(state: View, chunks: Chunks, after: str) -> tuple[list[str], str | None]:
    """Return, in order, the next contents that share enough chunks, and after which to go on, or None at the end.

    Of a chunk that more contents have than it is asked for, only those up to the last one given are known; so the
    least of these is how far all is known of every content.
    """
    each = max(FOUND_PER_STEP // max(len(chunks.places), 1), 1)
    pages = [state.find(of_content(chunk), after, each) for chunk in chunks.places]
    end = min((page[-1] for page in pages if len(page) == each), default=None)
    shared = Counter(chain.from_iterable(pages))
    met = (digest for digest, count in shared.items() if count >= SHARED_MIN and (end is None or digest <= end))
    return sorted(met), end


def _compare(content: Chunks, reference: ReferenceFingerprinted, chunks: Chunks) -> list[Resemblance]:
    likeness = compare(content, chunks)
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

"""Comparing contents with references, from either side, in one part of the index, which may be the whole.

- A content is compared with the references that share most chunks with it.
- A reference is compared with contents in a walk, in the order of their digests: the index says of all its chunks
  which contents have them, so how many each shares is known before anything of it is read, and each is met once.
  What is admitted meanwhile is compared with the reference from its own side.
- A reference and a content of the same bytes are identical, which the matcher knows; they are not compared.

Whichever of two comes second meets the first, in each part for itself; so it does not matter how far a part is.

Beyond the bounds (32 likenesses of a content, 128 references of a chunk, what is found and read for one content, and
of an index in parts 512 references that have any of its chunks, each part its share of them) something is left out,
and is not asked about again when others end: only when the content or the reference comes anew.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from services.contracts.inside import Met, ReferenceFingerprinted
from services.contracts.parts import shared, step_below
from services.contracts.processor import View
from services.contracts.sample import KEPT_MAX, Chunks, Sample, chunks_of, digests_of
from services.recogniser.likeness import count
from services.recogniser.state import Sampled, of_content

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


def met_by_content(state: View, digest: str, sample: Sample, least: int) -> Iterator[Met]:
    """Yield the references that share at least so many chunks with a content, those first that share most.

    Nearly every content shares nothing with any, so that is found out first, of all its chunks at once.
    """
    there = state.having(digests_of(sample))
    if len(there) < least:
        return
    content = chunks_of(sample)
    room = READ_CHUNKS_MAX
    for key in _likely(state, sorted(there), least):
        head: Sampled = state.at(key).get()
        assert head.reference is not None, "what contents are found by is apart"  # noqa: S101  # an invariant
        if head.reference.digest == digest:
            continue
        reference = chunks_of(head.reference.sample)
        yield from _met(content, head, head.reference, reference)
        room -= len(reference.places)
        if room <= 0:
            return


def _likely(state: View, chunks: Iterable[int], least: int) -> list[str]:
    """Return the references to compare a content with those chunks with, those first that share most of them."""
    found_in = Counter[str]()
    room = FOUND_MAX
    for chunk in chunks:
        found = state.find(chunk, "", POSTINGS_MAX)
        found_in.update(found)
        room -= len(found)
        if room <= 0:
            break
    likely = sorted((-times, key) for key, times in found_in.items() if times >= least)
    return [key for _, key in likely[:CANDIDATES_MAX]]


def met_by_reference(
    state: View, head: Sampled, after: str, least: int
) -> tuple[list[tuple[str, Sampled, Met]], str | None]:
    """Return the next contents that share at least so many chunks with a reference, and after which to go on, or None.

    Each with its digest, and what it shares.
    """
    reference = head.reference
    assert reference is not None, "only references are walked"  # noqa: S101  # an invariant
    chunks = chunks_of(reference.sample)
    digests, end = _next_contents(state, chunks, after, least)
    met: list[tuple[str, Sampled, Met]] = []
    room = READ_CHUNKS_PER_STEP
    for digest in digests:
        if digest == reference.digest:
            continue
        other: Sampled = state.at(digest).get()
        assert other.content is not None, "what references are found by is apart"  # noqa: S101  # an invariant
        content = chunks_of(other.content)
        met += ((digest, other, one) for one in _met(content, head, reference, chunks))
        room -= len(content.places)
        if room <= 0:
            return met, digest
    return met, end


def _next_contents(state: View, chunks: Chunks, after: str, least: int) -> tuple[list[str], str | None]:
    """Return, in order, the next contents that share enough chunks, and after which to go on, or None at the end.

    Of a chunk that more contents have than it is asked for, only those up to the last one given are known; so the
    least of these is how far all is known of every content.
    """
    each = max(FOUND_PER_STEP // max(len(chunks.places), 1), 1)
    pages = [state.find(of_content(chunk), after, each) for chunk in chunks.places]
    end = min((page[-1] for page in pages if len(page) == each), default=None)
    found_in = Counter(chain.from_iterable(pages))
    enough = (digest for digest, times in found_in.items() if times >= least and (end is None or digest <= end))
    return sorted(enough), end


def _met(content: Chunks, head: Sampled, reference: ReferenceFingerprinted, chunks: Chunks) -> Iterator[Met]:
    """Yield what they share, if it is anything below the step that counts."""
    step = step_below(content.limit, chunks.limit)
    if both := shared(content, chunks, step):
        yield Met(
            fingerprint_id=reference.fingerprint_id,
            rightsholder_id=reference.rightsholder_id,
            work_id=reference.work_id,
            reference_id=reference.reference_id,
            reference_digest=reference.digest,
            rightsholder_partition=reference.rightsholder_partition,
            step=step,
            of_reference=count(chunks, step) if head.counts is None else head.counts.at(step),
            shared=both,
        )

"""What is like what among the files of a simulated world, by the samples that scanning them found."""

from functools import cache

from services.contracts.sample import Chunks, Likeness, chunks_of
from services.recogniser.likeness import compare
from tests.simulator.files import LABELS, found_of


@cache
def likeness(digest: str, reference_digest: str) -> Likeness | None:
    """Return how some bytes resemble others; None if they do not, are the same, or were never scanned."""
    one, other = samples().get(digest), samples().get(reference_digest)
    return compare(one, other) if one and other and digest != reference_digest else None


@cache
def samples() -> dict[str, Chunks]:
    """Return, by digest, the chunks of every file that has enough of them to be compared."""
    found = map(found_of, LABELS)
    return {one.content.blake3: chunks_of(one.sample) for one in found if one.sample is not None}

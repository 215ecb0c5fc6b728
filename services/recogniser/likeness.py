"""How alike two contents are, by the samples of their chunks: pure, exact below the step under both their limits.

They resemble one another if they share `SHARED_MIN` different chunks or more, and these are at least `SHARE_MIN` of
the one or of the other: other tags, a cut head or tail and an appended part leave nearly all chunks of both, and a file
inside a longer one has all of its own but those at its two ends.

Who is found wrongly? By chance nobody: among 10^9 chunks of references and the 10^4 of an upload there are 10^13
pairs, and two different chunks have the same 64 bits once in 2^64 = 1.8 * 10^19; that is one equal pair in two million
uploads, and it takes four with the same reference. (xxh3 withstands chance, not intent: who forges equal chunks makes
their own upload resemble a work, or registers a file for which others' are blocked, as they could by registering the
others' own.) What remains is honest sharing: a cover picture or a jingle that two files have in common is a small
share of both; silence and plain areas are left out by the scan. The weak spot are short files of which one large
picture is half.

Who is not found? What has at most 128 KiB, which is not sampled. And of files above 12 MiB one chunk in four is looked
at, of what lies inside them so few that chance decides whether four are met: a reference of 16 chunks (400 KiB) is
missed four times in ten, one of 30 (750 KiB) once in 27, one of 41 (1 MiB) once in 265. (Above 400 MiB fewer are.)
"""

from bisect import bisect_right

from services.contracts.parts import STEPS, Shared, shared, step_below
from services.contracts.sample import SHARED_MIN, Chunks, Likeness

SHARE_MIN = 0.5
"""Half of one of the two: above what two different recordings share by a picture, far below what a copy keeps."""


def compare(upload: Chunks, reference: Chunks) -> Likeness | None:
    """Return how an upload resembles a reference, or None if it does not."""
    step = step_below(upload.limit, reference.limit)
    both = shared(upload, reference, step)
    return likeness(both, count(upload, step), count(reference, step)) if both else None


def likeness(both: Shared, of_upload: int, of_reference: int) -> Likeness | None:
    """Return how an upload resembles a reference, by what they share of so many chunks; None if it does not."""
    of_one = min(of_upload, of_reference)
    if both.chunks < SHARED_MIN or both.chunks < SHARE_MIN * of_one:
        return None
    return Likeness(
        score=both.chunks / of_one,
        upload_start_bytes=both.upload_start,
        upload_end_bytes=both.upload_end,
        reference_start_bytes=both.reference_start,
        reference_end_bytes=both.reference_end,
    )


def count(chunks: Chunks, step: int) -> int:
    """Return how many chunks lie at or below a step."""
    return bisect_right(list(chunks.places), STEPS[step])

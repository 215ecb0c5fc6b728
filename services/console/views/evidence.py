"""Evidence, as it is drawn: which part of an upload is which part of a reference. Pure.

Each scan has a drawing of its own: BYTES is a strip of the upload above a strip of the reference, with what both share
marked and joined. What compares by sound and sight is drawn by a template of its own, named after its scan.
"""

from dataclasses import dataclass
from typing import assert_never

from services.console.views.words import bytes_in_words
from services.contracts.decided import Evidence, VerdictDecided

WIDTH = 1_000
"""Units of a drawing; it is as wide as its page lets it be."""

# So that a shared second of a long file is still seen.
MARK_MIN = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a strip: where it begins and how wide it is, in units of the drawing."""

    x: float
    width: float

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Strip:
    """A file as a strip with the part that is shared; `size_bytes` is 0 where nobody said how large it is."""

    mark: Mark
    start_bytes: int
    end_bytes: int
    size_bytes: int

    @property
    def words(self) -> str:
        """Say which part of the file it is."""
        if self.size_bytes and self.end_bytes - self.start_bytes >= self.size_bytes:
            return f"the whole file, {bytes_in_words(self.size_bytes)}"
        of = f" of {bytes_in_words(self.size_bytes)}" if self.size_bytes else ""
        return f"{bytes_in_words(self.start_bytes)} to {bytes_in_words(self.end_bytes)}{of}"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What one piece of evidence shows: `template` draws it, `words` say the same."""

    evidence: Evidence
    template: str
    percent: int
    is_identical: bool
    upload: Strip
    reference: Strip

    @property
    def words(self) -> str:
        """Say what the drawing shows."""
        if self.is_identical:
            return "Both files are the same, byte for byte."
        return (
            f"About {self.percent} % of the shorter file's data is in both: of the upload {self.upload.words}; "
            f"of the reference {self.reference.words}."
        )


def drawings(verdict: VerdictDecided) -> tuple[Drawing, ...]:
    """Return the drawings of a verdict's evidence."""
    return tuple(_drawing(each, verdict) for each in verdict.evidence)


def _drawing(evidence: Evidence, verdict: VerdictDecided) -> Drawing:
    match evidence.scan:
        case VerdictDecided.Scan.BYTES:
            return _of_bytes(evidence, verdict.content.size_bytes if verdict.content else 0)
        case _:
            assert_never(evidence.scan)


def _of_bytes(evidence: Evidence, size_bytes: int) -> Drawing:
    is_identical = evidence.upload_end_bytes == 0
    if is_identical:
        upload = reference = _strip(0, size_bytes, size_bytes)
    else:
        upload = _strip(evidence.upload_start_bytes, evidence.upload_end_bytes, size_bytes)
        reference = _strip(evidence.reference_start_bytes, evidence.reference_end_bytes, 0)
    return Drawing(evidence, "evidence/bytes.html", int(100 * evidence.score), is_identical, upload, reference)


def _strip(start: int, end: int, size: int) -> Strip:
    """Draw a part of a file. Of a reference's size nothing is said, so its strip ends where the shared part does."""
    whole = max(size, end, 1)
    width = max(WIDTH * (end - start) / whole, MARK_MIN)
    return Strip(Mark(round(min(WIDTH * start / whole, WIDTH - width), 1), round(width, 1)), start, end, size)

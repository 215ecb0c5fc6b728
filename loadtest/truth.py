"""The truth about every upload of a run, and what the system said of it: missed, wrong and said twice are counted.

Pure. Each upload has the verdicts that must come about it, in their order; what comes is compared with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.contracts.decided import VerdictDecided

Verdict = VerdictDecided.Verdict
EXAMPLES_MAX = 5


@dataclass(frozen=True, slots=True)
class Expected:
    """A verdict that must come. `blake3`: of the bytes that it is about, empty if they cannot be read."""

    verdict: Verdict
    blake3: str = ""
    work_ids: tuple[str, ...] = ()

    def agrees(self, said: VerdictDecided) -> bool:
        """Tell whether a verdict is this one."""
        blake3 = said.content.blake3 if said.content else ""
        return (said.verdict, blake3, said.work_ids) == (self.verdict, self.blake3, self.work_ids)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many uploads there were, what was wrong with what was said of them, and some examples of it."""

    uploads: int
    missed: int
    wrong: int
    duplicate: int
    examples: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether there is nothing to complain of."""
        return self.missed == self.wrong == self.duplicate == 0


@dataclass(slots=True)
class _Upload:
    expected: list[Expected] = field(default_factory=list)
    said: dict[int, VerdictDecided] = field(default_factory=dict)
    came: list[float] = field(default_factory=list)
    repeated: int = 0


class Truth:
    """All uploads of a run."""

    def __init__(self) -> None:
        self._uploads: dict[str, _Upload] = {}
        self.outstanding: set[str] = set()
        """Uploads about which a verdict has yet to come."""

    def expect(self, upload_id: str, expected: Expected) -> None:
        """Note the verdict that must come next about an upload."""
        self._uploads.setdefault(upload_id, _Upload()).expected.append(expected)
        self.outstanding.add(upload_id)

    def saw(self, said: VerdictDecided, at: float) -> None:
        """Note a verdict and when it came; one about an upload that is not of this run is nobody's."""
        upload = self._uploads.get(said.upload_id)
        if upload is None:
            return
        if said.revision in upload.said:
            upload.repeated += 1
            return
        upload.said[said.revision] = said
        upload.came.append(at)
        if len(upload.said) >= len(upload.expected):
            self.outstanding.discard(said.upload_id)

    def came(self, upload_id: str) -> Sequence[float]:
        """Return when each verdict about an upload came, repeated ones left out."""
        return self._uploads[upload_id].came

    def said(self, upload_id: str) -> Sequence[VerdictDecided]:
        """Return the verdicts about an upload, by revision, repeated ones left out."""
        said = self._uploads[upload_id].said
        return [said[revision] for revision in sorted(said)]

    def tally(self) -> Tally:
        """Compare everything."""
        missed = [name for name, upload in self._uploads.items() if len(upload.said) < len(upload.expected)]
        wrong = [name for name, upload in self._uploads.items() if self._is_wrong(name, upload)]
        repeated = [name for name, upload in self._uploads.items() if upload.repeated]
        return Tally(
            uploads=len(self._uploads),
            missed=len(missed),
            wrong=len(wrong),
            duplicate=sum(upload.repeated for upload in self._uploads.values()),
            examples=(
                *(f"missed: {self._describe(name)}" for name in missed[:EXAMPLES_MAX]),
                *(f"wrong: {self._describe(name)}" for name in wrong[:EXAMPLES_MAX]),
                *(f"twice: {self._describe(name)}" for name in repeated[:EXAMPLES_MAX]),
            ),
        )

    def _is_wrong(self, upload_id: str, upload: _Upload) -> bool:
        """Tell whether something else was said than what must be, or more, or in another order than revisions have."""
        said = self.said(upload_id)
        in_order = list(upload.said) == sorted(upload.said)
        agreed = all(expected.agrees(one) for expected, one in zip(upload.expected, said, strict=False))
        return not (in_order and agreed and len(said) <= len(upload.expected))

    def _describe(self, upload_id: str) -> str:
        upload = self._uploads[upload_id]
        said = (f"{one.revision} {one.verdict} {'+'.join(one.reasons)}" for one in self.said(upload_id))
        expected = (one.verdict.value for one in upload.expected)
        return f"{upload_id}: expected {', '.join(expected)}; came {', '.join(said) or 'nothing'}"

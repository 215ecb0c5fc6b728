"""The truth about every upload of a run, and what the system said of it: missed, wrong and said twice are counted.

Pure. An upload is a number. It has the verdicts that must come about it, in their order; what comes is compared with
them at once, so that an upload takes some twenty bytes here, and only what was wrong is kept.
An UNSCANNED [TIMED_OUT] that is not complete may come before a verdict (CONTRACT: after 30 s): it is counted apart.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from services.contracts.decided import VerdictDecided

Verdict = VerdictDecided.Verdict
EXAMPLES_MAX = 5


class SaidContent(msgspec.Struct, frozen=True, gc=False):
    """The bytes that a verdict is about."""

    blake3: str


class Said(msgspec.Struct, frozen=True, gc=False):
    """A verdict as it is read from its topic: the fields that are compared; decoding all would cost four times."""

    upload_id: str
    verdict: Verdict
    revision: int
    complete: bool
    reasons: tuple[str, ...]
    work_ids: tuple[str, ...]
    decided_at: str
    content: SaidContent | None = None

    @property
    def is_delay(self) -> bool:
        """Whether it says no more than that the verdict takes longer."""
        return self.verdict is Verdict.UNSCANNED and self.reasons == ("TIMED_OUT",) and not self.complete


@dataclass(frozen=True, slots=True)
class Expected:
    """A verdict that must come. `blake3`: of the bytes that it is about, empty if they cannot be read.

    `reasons`: all that it must give; empty: whatever they are.
    """

    verdict: Verdict
    blake3: str = ""
    work_ids: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    def agrees(self, said: Said) -> bool:
        """Tell whether a verdict is this one."""
        blake3 = said.content.blake3 if said.content else ""
        is_about = said.verdict is self.verdict and blake3 == self.blake3 and said.work_ids == self.work_ids
        return is_about and self.reasons in ((), said.reasons)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many uploads there were, what was wrong with what was said of them, and some examples of it.

    `delayed`: were told first that it takes longer, which is nothing wrong.
    """

    uploads: int
    missed: int
    wrong: int
    duplicate: int
    examples: tuple[str, ...]
    delayed: int = 0

    @property
    def is_right(self) -> bool:
        """Whether there is nothing to complain of."""
        return self.missed == self.wrong == self.duplicate == 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.uploads + other.uploads,
            self.missed + other.missed,
            self.wrong + other.wrong,
            self.duplicate + other.duplicate,
            self.examples + other.examples,
            self.delayed + other.delayed,
        )


Story = tuple[Expected, ...]


class Truth:
    """All uploads of a run, by their numbers from 0."""

    def __init__(self) -> None:
        self._stories: list[Story] = []
        self._places = array("H")
        self._revisions = array("H")
        self._delayed = 0
        self._strange: dict[int, list[str]] = defaultdict(list)
        self._skipped: dict[int, set[int]] = defaultdict(set)
        self._repeated: dict[int, int] = defaultdict(int)
        self.at = array("d")
        """When the latest verdict of each came that was counted, 0 if none has."""
        self.heard = 0
        """How many verdicts have come."""
        self.outstanding = 0
        """How many verdicts have yet to come."""
        self.unscanned: dict[int, Said] = {}
        """The verdicts UNSCANNED that had to come."""
        self._watched = range(0)
        self.left = 0
        """How many verdicts have yet to come about the uploads that are watched."""

    def add(self, count: int) -> range:
        """Give numbers to so many new uploads, about which nothing is expected yet."""
        first = len(self._stories)
        self._stories.extend(() for _ in range(count))
        for each in (self._places, self._revisions, self.at):
            each.frombytes(bytes(each.itemsize * count))
        return range(first, first + count)

    def expect(self, number: int, expected: Expected) -> None:
        """Note the verdict that must come next about an upload."""
        self._stories[number] = (*self._stories[number], expected)
        self.outstanding += 1

    def expect_all(self, numbers: Sequence[int], expected: Expected) -> None:
        """Note the same verdict for many uploads; those with one story until now share one from now on."""
        longer: dict[int, tuple[Story, Story]] = {}
        for number in numbers:
            story = self._stories[number]
            if id(story) not in longer:
                longer[id(story)] = (story, (*story, expected))
            self._stories[number] = longer[id(story)][1]
        self.outstanding += len(numbers)

    def watch(self, numbers: range) -> None:
        """Count from now on what is left to come about these uploads, apart from all others."""
        self._watched = numbers
        self.left = sum(len(self._stories[number]) - self._places[number] for number in numbers)

    def saw(self, number: int, said: Said, at: float) -> None:
        """Note a verdict and when it came."""
        self.heard += 1
        story, place, seen = self._stories[number], self._places[number], self._revisions[number]
        if said.revision <= seen and said.revision not in self._skipped.get(number, ()):
            self._repeated[number] += 1
            return
        expected = story[place] if place < len(story) else None
        is_next = expected is not None and said.revision == seen + 1
        is_right = is_next and expected is not None and expected.agrees(said)
        if is_next and not is_right and said.is_delay:
            self._delayed += 1
            self._revisions[number] = said.revision
            return
        if not is_right:
            self._note_strange(number, said)
        if expected is not None:
            self._places[number] = place + 1
            self.outstanding -= 1
            self.left -= number in self._watched
            if said.verdict is Verdict.UNSCANNED:
                self.unscanned[number] = said
        self._revisions[number] = max(seen, said.revision)
        self.at[number] = at

    def arrivals(self, numbers: Iterable[int]) -> dict[int, float]:
        """Return when the latest verdict of each of these came; what waits for one is left out."""
        return {one: self.at[one] for one in numbers if self._places[one] == len(self._stories[one]) and self.at[one]}

    def tally(self) -> Tally:
        """Say what it comes down to."""
        missed = [one for one, story in enumerate(self._stories) if self._places[one] < len(story)]
        return Tally(
            uploads=sum(1 for story in self._stories if story),  # the others were planned and not sent
            missed=len(missed),
            wrong=len(self._strange),
            duplicate=sum(self._repeated.values()),
            examples=(
                *(f"missed: {self._describe(number)}" for number in missed[:EXAMPLES_MAX]),
                *(f"wrong: {self._describe(number)}" for number in list(self._strange)[:EXAMPLES_MAX]),
                *(f"twice: {self._describe(number)}" for number in list(self._repeated)[:EXAMPLES_MAX]),
            ),
            delayed=self._delayed,
        )

    def _note_strange(self, number: int, said: Said) -> None:
        """Keep a verdict that is not the next one that must come, or not in the order of revisions."""
        self._skipped[number].discard(said.revision)
        self._skipped[number].update(range(self._revisions[number] + 1, said.revision))
        self._strange[number].append(f"{said.revision} {said.verdict} {'+'.join(said.reasons)}")

    def _describe(self, number: int) -> str:
        expected = ", ".join(one.verdict.value for one in self._stories[number])
        came = f"{self._places[number]} came, the latest of them revision {self._revisions[number]}"
        strange = f"; not expected: {', '.join(self._strange[number])}" if number in self._strange else ""
        return f"upload {number}: expected {expected or 'nothing'}; {came}{strange}"

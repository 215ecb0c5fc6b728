"""The truth about takedowns that end: of each upload one ISSUED for its work, then one REINSTATED of the same takedown.

Read afterwards, so that looking costs nothing while the load runs.
"""

from array import array
from collections.abc import Callable
from itertools import chain, islice

import msgspec

from loadtest.reading import records_since
from loadtest.session import Session
from loadtest.truth import EXAMPLES_MAX, Tally
from services.contracts.decided import TakedownIssued
from services.contracts.topics import TAKEDOWNS_ISSUED
from services.runtime.address import Address

Status = TakedownIssued.Status
STEPS = (Status.ISSUED, Status.REINSTATED)
# A million uploads are two million records, which take a minute.
SECONDS_MAX = 600.0


class Said(msgspec.Struct, frozen=True, gc=False):
    """A takedown as it is read from its topic: the fields that are compared."""

    takedown_id: str
    status: Status
    work_id: str


class Takedowns:
    """What came about uploads, by their numbers; `work_of`: the work that each is taken down for."""

    def __init__(self, numbers: range, work_of: Callable[[int], str]) -> None:
        self._numbers = numbers
        self._work_of = work_of
        self._steps = bytearray(len(numbers))
        self._ids = array("Q", bytes(8 * len(numbers)))
        self._wrong: dict[int, str] = {}
        self._twice: dict[int, str] = {}

    async def read(self, session: Session, kafka: Address, begin_ms: int) -> None:
        """Note all that was written of the session's uploads since a time, in ms since the epoch."""
        decoder = msgspec.json.Decoder(Said)
        async for record in records_since(kafka, TAKEDOWNS_ISSUED, begin_ms, SECONDS_MAX):
            if (number := session.number_of(record.key)) is not None:
                self.saw(number, decoder.decode(record.value))

    def saw(self, number: int, said: Said) -> None:
        """Note the next one about an upload."""
        place, step, same = number - self._numbers.start, STEPS.index(said.status), int(said.takedown_id[:16], 16)
        if number not in self._numbers or said.work_id != self._work_of(number):
            self._wrong[number] = f"{said.status} for {said.work_id}"
        elif self._steps[place] > step:
            self._twice[number] = f"{said.status} again"
        elif self._steps[place] < step or (step and self._ids[place] != same):
            self._wrong[number] = f"{said.status} without its takedown"
        else:
            self._steps[place], self._ids[place] = step + 1, same

    def tally(self) -> Tally:
        """Say what it comes down to; the uploads themselves are counted by their verdicts."""
        missed = [number for number, steps in zip(self._numbers, self._steps, strict=True) if steps < len(STEPS)]
        examples = chain(
            (f"missed: takedown of upload {number}: it was not issued and ended" for number in missed[:EXAMPLES_MAX]),
            (f"wrong: takedown of upload {number}: {why}" for number, why in islice(self._wrong.items(), EXAMPLES_MAX)),
            (f"twice: takedown of upload {number}: {why}" for number, why in islice(self._twice.items(), EXAMPLES_MAX)),
        )
        return Tally(0, len(missed), len(self._wrong), len(self._twice), tuple(examples))

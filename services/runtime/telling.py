"""When the consumer group is told where a unit stands.

The changelog says it in every transaction; the group's offsets are there for whoever looks on, and to find out that
one of the two was lost. Telling the group takes two of a transaction's five requests and one marker more. Promises:
whoever looks sees where a unit stood a second ago; what the group was told, and no more, stands in the changelog too.
"""

import time
from collections.abc import Callable, Mapping

from services.runtime.changelog import UnitRecord

TELL_SECONDS = 1.0


class Telling:
    """The pace of one unit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next_at = 0.0

    def is_due(self, own: UnitRecord) -> bool:
        """Tell whether the group has not been told for long enough of what is committed."""
        return bool(_untold(own, {})) and self._clock() >= self._next_at

    def offsets(self, own: UnitRecord, moved: Mapping[str, int], leaving: bool) -> dict[str, int]:
        """Return what the group is told in the transaction after which the inputs `moved` stand there.

        Of an input that it has never heard of, at once: an input without offsets has not been read.
        """
        untold = _untold(own, moved)
        if not (leaving or untold.keys() - own.in_group.keys() or self._clock() >= self._next_at):
            return {}
        if untold:
            self._next_at = self._clock() + TELL_SECONDS
        return untold


def _untold(own: UnitRecord, moved: Mapping[str, int]) -> dict[str, int]:
    standing = {**own.offsets, **moved}
    return {topic: offset for topic, offset in standing.items() if own.in_group.get(topic) != offset}

"""The records of one partition that are in flight, and the contiguous prefix that may be committed. Pure.

Promises: `position` never passes a record that is not done, in whatever order they get done; a record that comes a
second time is taken once.
"""

from collections import OrderedDict

# A record in flight is some 2 KB of Python. This many wait behind one slow read before its partition pauses.
RECORDS_MAX = 2_000
# Facts with every text at its longest are 100 KB each.
BYTES_MAX = 8 * 1024 * 1024


class Window:
    """One partition's records between being taken and being done. `start`: the first offset to be taken."""

    def __init__(self, start: int) -> None:
        self._next = start
        self._taken: OrderedDict[int, tuple[int, int]] = OrderedDict()
        self._bytes = 0

    def take(self, offset: int, size_bytes: int, written_at: int = 0) -> bool:
        """Note that a record was taken; False if it had been taken before. Offsets come in order, with gaps.

        `written_at`: the time that it bears, in milliseconds since the epoch.
        """
        if offset < self._next:
            return False
        self._next = offset + 1
        self._taken[offset] = size_bytes, written_at
        self._bytes += size_bytes
        return True

    def finish(self, offset: int) -> None:
        """Note that all that a record led to is written."""
        self._bytes -= self._taken.pop(offset)[0]

    @property
    def next(self) -> int:
        """The first offset not yet taken."""
        return self._next

    @property
    def position(self) -> int:
        """What may be committed: every record before this offset is done."""
        return next(iter(self._taken), self._next)

    @property
    def oldest_ms(self) -> int | None:
        """The time that the record at `position` bears, if it is in flight."""
        return next((written_at for _, written_at in self._taken.values()), None)

    @property
    def is_full(self) -> bool:
        """Tell whether taking should pause."""
        return len(self._taken) >= RECORDS_MAX or self._bytes >= BYTES_MAX

    @property
    def has_room(self) -> bool:
        """Tell whether taking may go on after a pause: half is free, so that pauses are rare."""
        return len(self._taken) <= RECORDS_MAX // 2 and self._bytes <= BYTES_MAX // 2

    def __len__(self) -> int:
        return len(self._taken)

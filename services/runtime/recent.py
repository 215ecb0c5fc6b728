"""The entries that a unit read or wrote last, and of which it knows that they are not there.

What a batch changes it has read before, and an upload comes back several times within seconds; so most of what would
be read from disk is here. Promises: bounded in bytes; what is forgotten is only looked up again.
"""

from services.runtime.store import At

# Of each of two generations: some 30,000 entries, which is more than a batch reads.
GENERATION_BYTES_MAX = 8 * 1024 * 1024
# What Python takes for a key, a name, a pair and their place besides their text.
ENTRY_BYTES = 250


class Recent:
    """A map of entries in two generations: who is asked for moves into the younger, the older is dropped whole."""

    def __init__(self) -> None:
        self._young: dict[At, bytes | None] = {}
        self._old: dict[At, bytes | None] = {}
        self._bytes = 0

    def get(self, at: At) -> tuple[bool, bytes | None]:
        """Tell whether the entry is known, and what it is; None: it is not there."""
        if at in self._young:
            return True, self._young[at]
        if at in self._old:
            value = self._old[at]
            self.put(at, value)
            return True, value
        return False, None

    def put(self, at: At, value: bytes | None) -> None:
        """Remember what an entry is from now on."""
        self._bytes += ENTRY_BYTES + len(value or b"")
        self._young[at] = value
        if self._bytes > GENERATION_BYTES_MAX:
            self._old, self._young, self._bytes = self._young, {}, 0

    def renew(self, entries: dict[At, bytes | None], size_bytes: int) -> None:
        """Remember entries as they are from now on, as the younger generation; the dict is given away."""
        self._old, self._young, self._bytes = self._young, entries, size_bytes

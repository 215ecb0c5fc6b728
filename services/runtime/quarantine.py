"""Quarantine: a key that cannot be decided is set aside with all that comes for it, and every other key goes on.

    a record is read, or a timer is due ─► is its key set aside? ─ yes ─► parked, in the transaction of its batch
                                                                └─ no ──► decided ─ raises ─► its key is set aside

What is parked are entries of the unit's state, in their order, so they are where the unit is. When a unit starts, which
is when another version may have come, all of it is tried anew, in order, before anything else. Promises: what was
decided of the key before stays; nothing of it is lost, doubled or passes another record of its key. Beyond the bounds
it is no poison but a bug that meets everybody: the unit stops.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from services.contracts.codec import decode
from services.contracts.processor import Event, Processor
from services.runtime.inbox import Record
from services.runtime.store import At, Store, format_of, kind_of, pack, unpack

TIMERS = "timers"
"""What a topic's name is for timers."""
KIND = "parked"
NOBODY = ""
"""The key under which they stand: no record has it."""
KEYS_MAX = 64
PARKED_MAX = 1_000
PARKED_BYTES_MAX = 64 * 1024 * 1024
"""A start decides them in one batch."""


class PoisonError(Exception):
    """A record or timer of `key` cannot be decided; `position`: which of those that were tried, timers come last."""

    def __init__(self, key: str, position: int, topic: str, offset: int) -> None:
        super().__init__(f"{topic} at offset {offset}")
        self.key = key
        self.position = position
        self.topic = topic
        self.offset = offset

    def without_words(self) -> "UndecidedError":
        """Return where and of what kind the error was, and not what it says, which may be anybody's."""
        cause = self.__cause__
        return UndecidedError(type(cause).__name__).with_traceback(None if cause is None else cause.__traceback__)


class UndecidedError(Exception):
    """Something could not be decided, by the kind of its error."""


class QuarantineFullError(Exception):
    """So much cannot be decided that the unit stops. The message says how much."""


class Parked(Struct, frozen=True, omit_defaults=True):
    """A record of the key `of` as it came; or, if it has no topic, the name of its entry whose timer was due.

    Stored as MessagePack, which takes bytes as they are: in JSON a record of 800 KB would be too large to be parked.
    """

    of: str
    topic: str = ""
    partition: int = 0
    offset: int = -1
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    name: str = ""


class Quarantine:
    """What is set aside in one unit, as one batch meets it; `anew`: all of it is tried again in this batch."""

    def __init__(self, processor: Processor, store: Store, *, anew: bool) -> None:
        self._processor = processor
        self._store = store
        found = store.after(NOBODY, f"{KIND}/", PARKED_MAX + 1)
        self._parked = {name: msgspec.msgpack.decode(unpack(stored), type=Parked) for name, stored in found}
        self._anew = anew
        self._since = {} if anew else {parked.of: -1 for parked in self._parked.values()}
        """From which of the batch's records on a key is set aside."""
        self.poison: list[PoisonError] = []
        self._wakes = self._wakes_again() if anew else {}

    def records(self, batch: Sequence[Record]) -> Sequence[Record]:
        """Return the records to be decided: what is tried anew, and then those of the batch."""
        return [*(each for each in self._parked.values() if each.topic), *batch] if self._anew else batch

    def places(self, records: Sequence[Record]) -> Sequence[int]:
        """Return the places of the records that are not to be parked."""
        if not self._since:
            return range(len(records))
        return [place for place, record in enumerate(records) if not self._holds(record, place)]

    def timers(self, timers: Sequence[Event]) -> Sequence[Event]:
        """Return the timers that are not to be parked."""
        return [timer for timer in timers if timer.key not in self._since] if self._since else timers

    def take(self, poison: PoisonError, place: int) -> None:
        """Set a key aside from a place of the batch's records on; what failed later may have failed for this."""
        self._since[poison.key] = place
        self.poison = [*(each for each in self.poison if each.key != poison.key), poison]
        if len(self._since) > KEYS_MAX:
            raise QuarantineFullError(f"more than {KEYS_MAX} keys cannot be decided, the last at {poison}") from (
                poison.without_words()
            )

    def changes(
        self, records: Sequence[Record], timers: Sequence[Event], decided: Mapping[At, bytes | None]
    ) -> dict[At, bytes | None]:
        """Return the entries that change beside those that were `decided`."""
        if not self._since and not self._anew:
            return {}
        changes = self._released(decided) if self._anew else {}
        parked = [_as_parked(record) for place, record in enumerate(records) if self._holds(record, place)]
        parked += [each for each in self._asleep() if each.of in self._since]
        for at in dict.fromkeys((timer.key, timer.fact.name) for timer in timers if timer.key in self._since):
            parked.append(Parked(at[0], name=at[1]))
            changes[at] = self._without_timer(at, decided)
        self._check([*parked, *(() if self._anew else self._parked.values())])
        begin = int(max(self._parked, default=f"{KIND}/-1").partition("/")[2]) + 1
        for number, each in enumerate(parked, begin):
            changes[NOBODY, f"{KIND}/{number:012}"] = pack(msgspec.msgpack.encode(each), None, self._processor.format)
        return changes

    def _holds(self, record: Record, place: int) -> bool:
        return place >= self._since.get((record.key or b"").decode(errors="replace"), place + 1)

    def _released(self, decided: Mapping[At, bytes | None]) -> dict[At, bytes | None]:
        """Return what undoes the parking: the entries go, and timers are set again, so that they are soon due."""
        changes: dict[At, bytes | None] = {(NOBODY, name): None for name in self._parked}
        for at, wake in self._wakes.items():
            stored = self._store.get(*at)
            if stored is not None and at not in decided and at[0] not in self._since:
                changes[at] = pack(unpack(stored), wake, format_of(stored))
        return changes

    def _asleep(self) -> list[Parked]:
        """Return the timers that wait, to be tried anew."""
        return [each for each in self._parked.values() if not each.topic] if self._anew else []

    def _wakes_again(self) -> dict[At, int | None]:
        """Return when the entries whose timers sleep want to be woken; the key of one that cannot tell stays aside."""
        wakes: dict[At, int | None] = {}
        for timer in (each for each in self._asleep() if each.of not in self._since):
            stored = self._store.get(timer.of, timer.name)
            try:
                if stored is not None:
                    entry = decode(self._processor.entries[kind_of(timer.name)], unpack(stored))
                    wakes[timer.of, timer.name] = self._processor.next_wake(entry)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is told with the key
                poison = PoisonError(timer.of, -1, TIMERS, -1)
                poison.__cause__ = error
                self.take(poison, -1)
        return wakes

    def _without_timer(self, at: At, decided: Mapping[At, bytes | None]) -> bytes | None:
        """Return an entry as it is, but for its timer."""
        stored = decided[at] if at in decided else self._store.get(*at)
        return None if stored is None else pack(unpack(stored), None, format_of(stored))

    @staticmethod
    def _check(parked: Sequence[Parked]) -> None:
        size = sum(len(each.value or b"") for each in parked)
        if len(parked) > PARKED_MAX or size > PARKED_BYTES_MAX:
            raise QuarantineFullError(f"{len(parked)} records, {size} bytes, of keys that cannot be decided wait")


def keys_aside(store: Store) -> set[str]:
    """Return the keys that are set aside in a unit's state."""
    found = store.after(NOBODY, f"{KIND}/", PARKED_MAX)
    return {msgspec.msgpack.decode(unpack(stored), type=Parked).of for _, stored in found}


def _as_parked(record: Any) -> Parked:
    if isinstance(record, Parked):
        return record
    return Parked(
        of=record.key.decode(),
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
    )

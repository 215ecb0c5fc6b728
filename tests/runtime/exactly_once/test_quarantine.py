"""A key that cannot be decided is set aside: nothing of it is lost, and nobody else notices."""

import itertools
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.codec import encode
from services.contracts.processor import HEAD, Decision, Emit, Event, Processor, View, Woken
from services.runtime.batch import terms_of
from services.runtime.changelog import UnitRecord
from services.runtime.deciding import Batched, Decider, Turn
from services.runtime.disk_store import DiskStore
from services.runtime.inbox import Record
from services.runtime.outgoing import OVERHEAD_BYTES_MAX
from services.runtime.planning import MESSAGE_BYTES_MAX
from services.runtime.quarantine import KEYS_MAX, PARKED_MAX, TIMERS, QuarantineFullError, keys_aside
from services.runtime.store import MemoryStore, Store, unpack, wake_of
from services.runtime.upgrading import upgraded
from tests.kafka.engine.sample import Told, sample
from tests.runtime.exactly_once.records import record

NOW = 1_700_000_000_000
BROKEN = sample("s")
MENDED = sample("s", mended=True)
KEYS = ["a", "b", "c"]
UNLUCKY = 13
"""Told with this number, something goes wrong somewhere."""
NOTHING = object()
"""Not to be encoded."""


def _raising(asked: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function of an entry that cannot be asked of some: what the unlucky fact leaves."""

    def ask(entry: Any) -> Any:
        if getattr(entry, "number", 0) == UNLUCKY or getattr(entry, "fan", 0) == UNLUCKY:
            raise ValueError("poison")
        return asked(entry)

    return ask


def _deciding(change: Callable[[Decision], Decision]) -> Processor:
    """Return a processor that makes something else of what is poison, or the unlucky fact."""

    def decide(state: View, event: Event) -> Decision:
        decision = MENDED.decide(state, event)
        is_poison = isinstance(event.fact, Told) and (event.fact.do == "poison" or event.fact.number == UNLUCKY)
        return change(decision) if is_poison else decision

    return replace(MENDED, decide=decide)


def _saying(fact: Any) -> Processor:
    return _deciding(lambda decision: Decision(decision.changes, [Emit(MENDED.writes[0], "a", fact)]))


UNWRITABLE = _saying(NOTHING)
TELLING = st.builds(
    Told,
    key=st.sampled_from(KEYS),
    id=st.just(""),
    side=st.sampled_from(["left", "right"]),
    do=st.sampled_from(["", "", "", "poison", "wake", "fan"]),
    number=st.integers(1, 3),
)
STEPS = st.lists(st.lists(TELLING, max_size=6) | st.just("start"), max_size=12)


class Unit:
    """One unit as the engine drives it: batches, timers, and starts."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.own = UnitRecord()
        self.said: list[tuple[str, bytes | None]] = []

    def decide(self, processor: Processor, records: list[Record], *, anew: bool = False) -> Turn:
        """Decide and commit one batch, with the timers that are due."""
        decider = Decider(processor, 0, 1)
        timers = decider.timers(self.store, NOW, 100)
        turn = decider.decide(self.store, self.own, Batched(records, timers, {}, anew=anew), NOW)
        self.store.apply(turn.changes)
        self.own = turn.own
        self.said += [(key.decode(), value) for key, value, _ in turn.outgoing.records.get(("s.out", 0), ()) if key]
        return turn

    def start(self, processor: Processor) -> Turn:
        """Try anew what is set aside, and serve timers until there are none."""
        turn = self.decide(processor, [], anew=True)
        while (due := self.store.next_due()) is not None and due <= NOW:
            self.decide(processor, [])
        return turn

    def entries(self) -> dict[str, list[tuple[str, bytes]]]:
        """Return what is kept of each key."""
        heads = {key: self.store.get(key, "") for key in KEYS}
        told = {key: list(self.store.after(key, "id/", 100)) for key in KEYS}
        return {key: [("", heads[key] or b""), *told[key]] for key in KEYS}


def _records(numbers: Iterator[int], told: list[Told]) -> list[Record]:
    facts = [(number, replace(fact, id=f"i{number:03}")) for number, fact in zip(numbers, told, strict=False)]
    return [record(f"s.{fact.side}", number, encode(fact), fact.key.encode()) for number, fact in facts]


@pytest.mark.parametrize("on_disk", [False, True], ids=["in memory", "on disk"])
@given(broken=st.sampled_from([BROKEN, UNWRITABLE]), steps=STEPS)
@settings(max_examples=60)
def test_once_it_is_mended_all_is_as_if_nothing_had_been_broken(
    on_disk: bool, broken: Processor, steps: list[list[Told] | str]
) -> None:
    """Whatever comes in whatever batches, with starts in between; and what is not poisoned never waits."""
    poisoned = {fact.key for step in steps if isinstance(step, list) for fact in step if fact.do == "poison"}
    with TemporaryDirectory() as folder:
        unit, numbers, model = Unit(_store(on_disk, Path(folder))), itertools.count(), Unit(MemoryStore())
        with closing(unit.store):
            for step in steps:
                if isinstance(step, str):
                    unit.start(broken)
                else:
                    records = _records(numbers, step)
                    unit.decide(broken, records)
                    model.decide(MENDED, records)
                assert keys_aside(unit.store) <= poisoned
            assert keys_aside(unit.store) == poisoned
            model.start(MENDED)
            unit.start(MENDED)
            assert keys_aside(unit.store) == set()
            assert unit.entries() == model.entries()
            assert len(unit.store) == len(model.store)
            assert _told(unit) == _told(model)


def _told(unit: Unit) -> dict[str, list[bytes]]:
    """Return what came out about each key, but for timers, whose turn comes when it comes."""
    return {key: [value for k, value in unit.said if k == key and value and b"woken" not in value] for key in KEYS}


def _store(on_disk: bool, folder: Path) -> Store:
    return DiskStore(folder) if on_disk else MemoryStore()


def test_a_key_is_set_aside_from_its_poison_on_and_the_log_is_told_where_it_was() -> None:
    """What came before in the same batch is decided, what comes after waits, and others of the batch go on."""
    unit = Unit(MemoryStore())
    told = [Told("a", "", "left"), Told("a", "", "right", "poison"), Told("b", "", "left"), Told("a", "", "left")]
    turn = unit.decide(BROKEN, _records(itertools.count(7), told))
    assert [key for key, _ in unit.said] == ["a", "b"]
    assert [(poison.topic, poison.offset, poison.key) for poison in turn.poison] == [("s.right", 8, "a")]
    assert isinstance(turn.poison[0].__cause__, ValueError)
    assert keys_aside(unit.store) == {"a"}


def test_a_timer_of_a_key_that_is_set_aside_sleeps_and_comes_back() -> None:
    """Or it would be due for ever and take the place of others."""

    def decide(state: View, event: Event) -> Decision:
        if isinstance(event.fact, Woken):
            raise ValueError("poison")  # noqa: TRY004  # no wrong type, just some bug
        return BROKEN.decide(state, event)

    unit = Unit(MemoryStore())
    broken = replace(BROKEN, decide=decide)
    unit.decide(broken, _records(itertools.count(), [Told("a", "", "left", "wake", 5)]))
    turn = unit.decide(broken, [])
    assert [(poison.topic, poison.key) for poison in turn.poison] == [(TIMERS, "a")]
    assert wake_of(unit.store.get("a", "") or b"") is None
    assert Decider(broken, 0, 1).timers(unit.store, NOW, 9) == []
    unit.start(MENDED)
    assert [key for key, value in unit.said if b"woken-5" in (value or b"")] == ["a"]
    assert keys_aside(unit.store) == set()


ELSEWHERE = {
    "next_wake": replace(MENDED, next_wake=_raising(MENDED.next_wake)),
    "weight": replace(MENDED, weight=_raising(lambda _: 0.5)),
    "terms": replace(MENDED, terms=_raising(lambda _: (7,))),
    "an entry": _deciding(lambda decision: Decision({HEAD: NOTHING}, decision.emit)),
    "a fact": _saying(NOTHING),
    "too large a fact": _saying(Told("a", "x" * MESSAGE_BYTES_MAX, "left")),
    "a key": _deciding(lambda decision: Decision(decision.changes, [Emit(MENDED.writes[0], "\ud800", None)])),
    "a topic": _deciding(lambda decision: Decision(decision.changes, [Emit(MENDED.reads[0], "a", None)])),
}


@pytest.mark.parametrize("broken", ELSEWHERE.values(), ids=ELSEWHERE)
def test_an_error_in_anything_else_that_a_processor_says_is_poison_too(broken: Processor) -> None:
    """Nothing but its key waits, at each start anew, and the mended one makes of it what it always would have."""
    told = [Told("a", "", "left"), Told("a", "", "left", "fan", UNLUCKY), Told("b", "", "left"), Told("a", "", "right")]
    records = _records(itertools.count(), told)
    running = [broken]
    store = MemoryStore(lambda stored: terms_of(running[-1])(stored))  # noqa: PLW0108  # by the version that runs then
    unit, model = Unit(store), Unit(MemoryStore())
    unit.decide(broken, records[:3])
    unit.decide(broken, records[3:])
    assert keys_aside(unit.store) == {"a"}
    assert {key for key, _ in unit.said} == {"a", "b"}, "what came before it is decided, and so are others"
    unit.start(broken)
    assert keys_aside(unit.store) == {"a"}
    assert unit.store.next_due() is None, "a timer that cannot be served is not due for ever"
    running.append(MENDED)
    model.decide(MENDED, records)
    unit.start(MENDED)
    model.start(MENDED)
    assert keys_aside(unit.store) == set()
    assert unit.entries() == model.entries()
    assert _told(unit) == _told(model)


def test_an_error_of_a_timer_that_sleeps_keeps_its_key_aside() -> None:
    """When it is asked anew when it wants to be woken, that may be what cannot be said any more."""
    unit = Unit(MemoryStore())
    unit.decide(MENDED, _records(itertools.count(), [Told("a", "", "left", "fan", UNLUCKY)]))
    unit.decide(ELSEWHERE["weight"], [])
    assert keys_aside(unit.store) == {"a"}
    turn = unit.start(ELSEWHERE["next_wake"])
    assert [(poison.topic, poison.key) for poison in turn.poison] == [(TIMERS, "a")]
    assert keys_aside(unit.store) == {"a"}
    unit.start(MENDED)
    assert keys_aside(unit.store) == set()
    assert len([value for _, value in unit.said if b"woken" in (value or b"")]) == UNLUCKY


def test_what_cannot_be_read_waits_with_its_key_and_without_one_it_raises() -> None:
    """The first may be read by the next version; of the second nobody knows for whom it would wait."""
    unit = Unit(MemoryStore())
    unit.decide(BROKEN, [record("s.right", 0, b"not JSON", b"a")])
    assert keys_aside(unit.store) == {"a"}
    with pytest.raises(Exception, match="key is not UTF-8"):
        unit.decide(BROKEN, [record("s.right", 1, b"not JSON", b"\xff")])


def test_what_meets_everybody_is_no_poison() -> None:
    """Too many keys, or too much that waits, and nothing is changed: the unit stops."""
    unit = Unit(MemoryStore())
    many = [Told(f"k{number}", "", "left", "poison") for number in range(KEYS_MAX + 1)]
    with pytest.raises(QuarantineFullError, match="keys"):
        unit.decide(BROKEN, _records(itertools.count(), many))
    with pytest.raises(QuarantineFullError, match="records"):
        unit.decide(BROKEN, _records(itertools.count(), [Told("a", "", "left", "poison")] * (PARKED_MAX + 1)))
    assert len(unit.store) == 0


def test_what_waits_is_kept_as_it_came_whatever_format_state_has() -> None:
    """A version that changes the format of entries reads it back untouched."""
    unit = Unit(MemoryStore())
    unit.decide(BROKEN, _records(itertools.count(), [Told("a", "", "left", "poison")]))
    ((name, stored),) = unit.store.after("", "parked/", 9)
    later = replace(MENDED, upgrades=(lambda kind, _plain: pytest.fail(kind),))
    assert unpack(upgraded(later, name, stored)) == unpack(stored)


def test_a_record_nearly_as_large_as_any_waits_too() -> None:
    """It is parked as it came, with little more than its bytes, so that the changelog takes it."""
    unit = Unit(MemoryStore())
    large = record("s.right", 0, b"x" * (MESSAGE_BYTES_MAX - 2 * OVERHEAD_BYTES_MAX), b"a")
    unit.decide(BROKEN, [large])
    assert keys_aside(unit.store) == {"a"}


def test_what_is_logged_of_it_says_where_and_not_what_was_said() -> None:
    """What an error quotes may be anybody's; its kind and its trace are ours."""
    unit = Unit(MemoryStore())
    turn = unit.decide(BROKEN, _records(itertools.count(), [Told("a", "", "left", "poison")]))
    error = turn.poison[0].without_words()
    said = "".join(traceback.format_exception(error))
    assert str(error) == "ValueError"
    assert "in decide" in said
    assert str(turn.poison[0].__cause__) not in said.splitlines()[-1]

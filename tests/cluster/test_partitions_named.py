"""No partition that a fact or an entry names is forgotten when their number changes, whatever field is added."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from services.contracts.partitions import NAMING, Move, moved
from services.contracts.processor import unmoved
from services.contracts.topics import TOPICS
from services.pipeline import PIPELINE
from services.runtime.partitioning import partition_of

BEFORE = -7
"""No partition has that number."""
PARTITIONS = 1_000
PLAIN = {
    inspect.BoolType: True,
    inspect.FloatType: 0.5,
    inspect.BytesType: b"bytes",
    inspect.DateTimeType: datetime(2026, 11, 26, tzinfo=UTC),
}
# Outsiders know nothing of partitions.
FACTS = sorted({topic.fact for topic in TOPICS if not topic.from_world}, key=lambda kind: kind.__name__)
ENTRIES = [(each, kind) for each in PIPELINE for kind in each.entries]


def _new(key: str) -> int:
    return partition_of(key.encode(), PARTITIONS)


def filled(kind: Any) -> Any:
    """Return an instance of a type in which everything is there that can be: one of each list, no text twice."""
    return _filled(inspect.type_info(kind), "", count())


def _filled(kind: inspect.Type, name: str, numbers: "count[int]") -> Any:  # noqa: PLR0911  # one for each kind of type
    match kind:
        case inspect.StructType() | inspect.DataclassType():
            return kind.cls(**{each.name: _filled(each.type, each.name, numbers) for each in kind.fields})
        case inspect.UnionType():
            return _filled(next(one for one in kind.types if one != inspect.NoneType()), name, numbers)
        case inspect.VarTupleType():
            return (_filled(kind.item_type, name, numbers),)
        case inspect.TupleType():
            return tuple(_filled(each, name, numbers) for each in kind.item_types)
        case inspect.EnumType():
            return next(iter(kind.cls))
        case inspect.IntType():
            return BEFORE if _names_partition(name) else 5
        case inspect.StrType():
            return f"{name} {next(numbers)}"
        case _:
            assert isinstance(kind, tuple(PLAIN)), f"{name} is of a kind that this test cannot make yet: {kind}"
            return next(value for each, value in PLAIN.items() if isinstance(kind, each))


def _names_partition(name: str) -> bool:
    return name.endswith(("partition", "partitions"))


def _named(plain: Any) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Give every field that names a partition, with its value and the message that it is in."""
    if isinstance(plain, dict):
        yield from ((name, value, plain) for name, value in plain.items() if _names_partition(name))
        plain = plain.values()
    if not isinstance(plain, str) and isinstance(plain, Iterable):
        for one in plain:
            yield from _named(one)


def _check(after: Any) -> int:
    """Check that every partition is that of the id beside it, and return how many there are."""
    found = list(_named(msgspec.to_builtins(after)))
    for name, partition, beside in found:
        of = beside.get(name.removesuffix("partition") + "id", beside.get("rightsholder_id", "an upload"))
        assert partition == _new(of), f"{type(after).__name__} names a partition in {name} that is left as it was"
    return len(found)


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.__name__)
def test_every_partition_that_a_fact_names_is_that_of_its_id(kind: type) -> None:
    """And who reads the facts of a topic anew knows which these are."""
    named = _check(moved(filled(kind), _new))
    assert bool(named) is (kind in NAMING)


@pytest.mark.parametrize(("processor", "kind"), ENTRIES, ids=lambda each: getattr(each, "name", each))
def test_every_partition_that_an_entry_names_is_that_of_its_id(processor: Any, kind: str) -> None:
    """Of a copy it is that of the upload that its name has."""
    entry = filled(processor.entries[kind])
    named = _check(_moved(processor, f"{kind}/an upload" if kind else "", entry))
    assert not named or processor.moved is not unmoved or processor.placed is not None


def _moved(processor: Any, name: str, entry: Any) -> Any:
    if processor.placed is None:
        return processor.moved(name, entry, _new)
    _, _, there = next(processor.placed(Move(0, 1, PARTITIONS, 1, _new), "a digest", name, entry))
    return there


def test_a_field_that_is_forgotten_is_noticed() -> None:
    """Were an entry to name one more."""

    class Listing(msgspec.Struct):
        rightsholder_id: str
        work_partition: int

    with pytest.raises(AssertionError, match="left as it was"):
        _check(moved(filled(Listing), _new))

"""What must have come out of the sample processor: the fold of all that it was told, worked out on the spot."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import orjson

from services.runtime.changelog import OWN_KEY
from services.runtime.store import entry_of, unpack
from tests.kafka.engine.sample import Chain, Followed, Linked, Told, link

Side = tuple[str, str]
SIDES = ("left", "right")


def check_outputs(records: Iterable[Any], told: Sequence[Told]) -> None:
    """Check that each fact came out once, in its key's order, chained to all before it."""
    found: dict[Side, list[tuple[str, int, int]]] = defaultdict(list)
    for record in records:
        linked = msgspec.json.decode(record.value, type=Linked)
        found[linked.key, linked.side].append((linked.id, linked.count, linked.chain))
    assert found == _expected(told)


def check_state(records: Iterable[Any], told: Sequence[Told]) -> None:
    """Check that the changelog, compacted, holds for each key the end of both chains, and each fact."""
    compacted: dict[bytes, bytes | None] = {record.key: record.value for record in records}
    entries = {entry_of(key): unpack(value) for key, value in compacted.items() if key != OWN_KEY and value}
    chains = {key: msgspec.json.decode(value, type=Chain) for (key, name), value in entries.items() if not name}
    expected = {side: chain[-1] for side, chain in _expected(told).items()}
    sides = {(key, "left"): (chain.left, chain.left_chain) for key, chain in chains.items() if chain.left}
    sides |= {(key, "right"): (chain.right, chain.right_chain) for key, chain in chains.items() if chain.right}
    assert sides == {side: (count, chain) for side, (_, count, chain) in expected.items()}
    assert {name for _, name in entries if name} == {f"id/{fact.id}" for fact in told}


def check_followed(records: Iterable[Any], told: Sequence[Told], units: int) -> None:
    """Check that the changelog, compacted, holds for each unit and key the chain of all that was broadcast."""
    compacted = {(record.partition, record.key): record.value for record in records}
    found = {
        (entry_of(key)[0], f"all-{unit}"): msgspec.json.decode(unpack(value), type=Followed)
        for (unit, key), value in compacted.items()
        if key != OWN_KEY and entry_of(key)[1] == "all/chain"
    }
    expected = _expected(spread(told, units))
    assert found == {side: Followed(*chain[-1][1:]) for side, chain in expected.items() if side[1] not in SIDES}


def spread(told: Sequence[Told], units: int) -> list[Told]:
    """Return what comes out of all units: each broadcast once of each."""
    return [
        replace(fact, side=f"all-{unit}") if fact.side == "all" else fact
        for fact in told
        for unit in range(units if fact.side == "all" else 1)
    ]


def check_ids(records: Sequence[Any]) -> None:
    """Check that no two records have one CloudEvents id."""
    ids = [dict(record.headers)["ce_id"] for record in records]
    assert len(set(ids)) == len(ids)


def own_records(records: Iterable[Any]) -> dict[int, dict[str, Any]]:
    """Return what the units wrote of themselves, by partition."""
    return {record.partition: orjson.loads(record.value) for record in records if record.key == OWN_KEY}


def _expected(told: Sequence[Told]) -> dict[Side, list[tuple[str, int, int]]]:
    expected: dict[Side, list[tuple[str, int, int]]] = defaultdict(list)
    for fact in told:
        before = expected[fact.key, fact.side]
        _, count, chain = before[-1] if before else ("", 0, 0)
        before.append((fact.id, count + 1, link(chain, fact.id)))
    return dict(expected)

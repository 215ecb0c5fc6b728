import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.runtime.changelog import OWN_KEY, UnitRecord
from services.runtime.ending import EXIT_BROKEN
from services.runtime.partitioning import partition_of
from tests.kafka.engine import topics
from tests.kafka.engine.folds import own_records
from tests.kafka.engine.sample import Told, sample
from tests.kafka.engine.workers import Workers, workers

pytestmark = pytest.mark.kafka

TIMERS = 30
# More turns than there are in any time that a test may stand still.
FAN = 10_000
PARTITION = partition_of(b"k", topics.PARTITIONS)
# The goal is 100 ms; a machine that runs other tests at the same time gets five times that.
LATE_MS_MAX = 500
# And it may stand still; a unit whose timers are late is late each time.
TRIES_MAX = 3


def _woken(found: list[dict[str, object]]) -> list[dict[str, object]]:
    return [fact for fact in found if fact["side"] == "woken"]


def test_timers_fire_soon_after_their_time(kafka: str, prefix: str, tmp_path: Path) -> None:
    """A unit without input serves each timer once, never early, and less than 100 ms late."""
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        late = asyncio.run(_late(kafka, prefix, running))
    sys.stderr.write(f"timers late by {late} ms\n")
    assert late[-1] < LATE_MS_MAX


async def _late(kafka: str, prefix: str, running: Workers) -> list[int]:
    """Return how late timers were, in milliseconds, in order, when they were least late."""
    running.start()
    await topics.tell(kafka, prefix, [Told("k", "warm", "left")])
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= 1)
    late = [LATE_MS_MAX]
    for number in range(TRIES_MAX):
        if late[-1] >= LATE_MS_MAX:
            late = await _late_once(kafka, prefix, number)
    return late


async def _late_once(kafka: str, prefix: str, number: int) -> list[int]:
    """Return how late timers were; they are 50 ms apart and on any partition, and none is early or served twice."""
    base = int(time.time() * 1000) + 1_000
    timers = [Told(f"k{n}", f"t{number}-{n}", "left", "wake", base + 50 * n) for n in range(TIMERS)]
    await topics.tell(kafka, prefix, timers)
    enough = 1 + 2 * TIMERS * (number + 1)
    found = await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= enough)
    assert len(found) == enough
    said = zip(found, topics.facts(found), strict=True)
    woken = [(record, fact) for record, fact in said if fact["side"] == "woken" and fact["count"] >= base]
    assert len({fact["count"] for _, fact in woken}) == len(woken) == TIMERS
    late = sorted(record.timestamp - fact["count"] for record, fact in woken)
    assert late[0] >= 0
    return late


def test_state_and_timers_come_back_from_the_changelog(kafka: str, prefix: str, tmp_path: Path) -> None:
    """A member that starts on an empty machine has the state and the timers that were committed, and only these."""
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        asyncio.run(_start_over(kafka, prefix, running))
    found = topics.facts(asyncio.run(topics.read(kafka, f"{prefix}.out")))
    assert len(_woken(found)) == 20
    assert {fact["count"] for fact in found if fact["side"] == "right"} == {1}
    assert {fact["other"] for fact in found if fact["side"] == "right"} == {2}


async def _start_over(kafka: str, prefix: str, running: Workers) -> None:
    """Kill a member when timers are set, let them become due, and start another."""
    killed = running.start("a")
    due = int(time.time() * 1000) + 3_000
    await topics.tell(kafka, prefix, [Told(f"k{n}", f"first{n}", "left") for n in range(20)])
    await topics.tell(kafka, prefix, [Told(f"k{n}", f"timer{n}", "left", "wake", due) for n in range(20)])
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= 40)
    killed.kill()
    await topics.tell(kafka, prefix, [Told(f"k{n}", f"last{n}", "right") for n in range(20)])
    running.start("a")
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= 80)


def test_a_long_fan_out_starves_nobody(kafka: str, prefix: str, tmp_path: Path) -> None:
    """Entries that want a turn as soon as possible get one a transaction, and records come in between."""
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        found = topics.facts(asyncio.run(_fan_out(kafka, prefix, running)))
    steps = [fact["other"] for fact in _woken(found)]
    assert steps == list(range(FAN, FAN - len(steps), -1))
    assert 0 < len(steps) < FAN


async def _fan_out(kafka: str, prefix: str, running: Workers) -> list[object]:
    """Return what came out until a record was decided that was told when the fan-out had begun."""
    running.start()
    await topics.tell(kafka, prefix, [Told("k", "wide", "left", "fan", FAN)])
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= 2)
    await topics.tell(kafka, prefix, [Told("k", "between", "right")])

    def is_decided(found: Sequence[Any]) -> bool:
        return any(fact["id"] == "between" for fact in topics.facts(found))

    return await topics.read_until(kafka, f"{prefix}.out", is_decided)


def test_a_changelog_without_the_groups_offsets_is_refused(kafka: str, prefix: str, tmp_path: Path) -> None:
    """A member that finds state but no committed offsets ends, instead of deciding everything a second time."""
    asyncio.run(topics.create(kafka, prefix))
    asyncio.run(topics.tell(kafka, prefix, [Told("k", "again", "left")]))
    own = UnitRecord(offsets={f"{prefix}.left": 1})
    asyncio.run(topics.write(kafka, f"{prefix}.state", OWN_KEY, own.packed(), PARTITION))
    with workers(kafka, prefix, tmp_path) as running:
        member = running.start()
        assert member.wait() == EXIT_BROKEN
        assert "StateRefusedError" in member.logged("broken")[0]["error"]
    assert {record.partition for record in asyncio.run(topics.read(kafka, f"{prefix}.out"))} <= {0, 1, 2, 3} - {
        PARTITION
    }


def test_inputs_named_first_are_read_to_their_end_first(kafka: str, prefix: str, tmp_path: Path) -> None:
    """A record of another input is decided after all that the `first` input held when it was fetched."""
    asyncio.run(topics.create(kafka, prefix))
    many = 20_000  # two fetches: the record of the other input comes with the first of them
    told = [Told("k", f"l{n}", "left") for n in range(many)]
    asyncio.run(topics.tell(kafka, prefix, [*told, Told("k", "last", "right")]))
    with workers(kafka, prefix, tmp_path, "first") as running:
        running.start()
        found = asyncio.run(topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= many + 1))
    assert [fact["other"] for fact in topics.facts(found) if fact["side"] == "right"] == [many]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_the_unit_keeps_where_it_stands_beside_the_state(
    kafka: str, prefix: str, tmp_path: Path, end: signal.Signals
) -> None:
    """A unit's own record says what the group was told in the same transaction or before; who leaves tells all."""
    asyncio.run(topics.create(kafka, prefix))
    told = [Told(f"k{n}", f"i{n}", ("left", "right")[n % 2]) for n in range(400)]
    with workers(kafka, prefix, tmp_path) as running:
        member = running.start()
        asyncio.run(topics.tell(kafka, prefix, told))
        asyncio.run(topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= len(told)))
        member.send(end)
        member.wait()
    own = own_records(asyncio.run(topics.read(kafka, f"{prefix}.state")))
    committed = asyncio.run(topics.group_offsets(kafka, prefix))
    group = {p: each.get("group", each["offsets"]) for p, each in own.items()}
    assert {(topic, p): offset for p, each in group.items() for topic, offset in each.items()} == committed
    assert {topic for topic, _ in committed} == {topic.name for topic in sample(prefix).reads}
    assert end == signal.SIGKILL or all("group" not in each for each in own.values())

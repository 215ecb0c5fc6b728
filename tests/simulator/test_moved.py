"""Random histories that go on with another number of partitions end as the model says, as if nothing had happened."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from random import Random

import pytest

from services.contracts.codec import encode
from services.contracts.partitions import moved as moved_fact
from services.contracts.rules import RULES
from services.contracts.topics import CONTENTS_DIVIDED, REFERENCES_FINGERPRINTED, TOPICS
from services.runtime.changelog import UnitRecord
from services.runtime.partitioning import partition_of
from tests.simulator import cluster as simulated
from tests.simulator.checks import check_all
from tests.simulator.cluster import HORIZON_MS, SimulatedCluster, Unit
from tests.simulator.files import Files
from tests.simulator.law import DAY_MS, LawHistory
from tests.simulator.many import play_many
from tests.simulator.moved import MovedCluster, moved
from tests.simulator.playing import LIMITED, STRICT, live, small_steps
from tests.simulator.poisoned import PoisonedCluster

HISTORIES = int(os.environ.get("STAYDOWN_HISTORIES", "100"))
NIGHTLY_HISTORIES = int(os.environ.get("STAYDOWN_NIGHTLY_HISTORIES", "10000"))
SOME = 20
SHAPES = ((1, 1), (2, 1), (3, 1), (5, 1), (2, 2), (6, 2), (3, 3), (4, 4))
"""Numbers of partitions, and of parts in which the index lies."""
STOPS_MAX = 2


@small_steps()
def play_moving(seed: int) -> None:
    """Play one history that stops, goes on elsewhere, and mostly once more, and check every guarantee in the end."""
    random = Random(seed)
    files = Files(flaky=random.choice((0.0, 0.1)))
    shapes = _shapes(random, random.randint(1, STOPS_MAX))
    partitions, parts = shapes[0]
    cluster = SimulatedCluster(random, files, partitions, random.choice((RULES, LIMITED, STRICT)), parts)
    history = LawHistory(cluster, files, random)
    live(cluster, history, random)
    for shape in shapes[1:]:
        cluster.drain(random.choice((0, 0, HORIZON_MS)))
        history.react(cluster.receipts())
        cluster.drain(0)
        history.cluster = cluster = moved(cluster, *shape)
        live(cluster, history, random)
    cluster.drain(random.choice((HORIZON_MS, HORIZON_MS, 35 * DAY_MS)))
    check_all(cluster, files)


def _shapes(random: Random, stops: int) -> list[tuple[int, int]]:
    """Return what a cluster is at first, and at each stop; the parts of an index become more, by a whole factor."""
    shapes = [random.choice(SHAPES)]
    for _ in range(stops):
        before = shapes[-1]
        shapes.append(random.choice([one for one in SHAPES if one != before and one[1] % before[1] == 0] or [before]))
    return shapes


def test_every_history_that_goes_on_elsewhere_ends_as_the_model_says() -> None:
    """G1 to G6 hold with more partitions, with fewer, and from and to a single one."""
    failures = play_many(HISTORIES, play_moving)
    assert not failures, "\n\n".join(failures)


@pytest.mark.nightly
@pytest.mark.timeout(2 * 3600)
def test_ten_thousand_histories_that_go_on_elsewhere_end_as_the_model_says() -> None:
    """The same by night, a hundred times as many."""
    failures = play_many(NIGHTLY_HISTORIES, play_moving)
    assert not failures, "\n\n".join(failures)


def _drained() -> Iterator[tuple[PoisonedCluster, MovedCluster]]:
    """Give clusters, whose units keep a record of themselves as the engine's do, and what has become of them."""
    for seed in range(SOME):
        random = Random(seed)
        (partitions, parts), after = _shapes(random, 1)
        cluster = PoisonedCluster(random, Files(), partitions, STRICT, lambda _name, _event: False, parts=parts)
        live(cluster, LawHistory(cluster, cluster.readers[0].files, random), random)
        cluster.drain(0)
        yield cluster, moved(cluster, *after)


@small_steps()
def test_every_record_is_where_its_key_is_and_in_the_order_that_it_had() -> None:
    """None is lost or doubled, and each names the partitions of now; a reference stands where its rightsholder is."""
    met: Counter[str] = Counter()
    for before, after in _drained():
        for topic in TOPICS:
            then, now = defaultdict(list), defaultdict(list)
            for one in before.written(topic):
                fact = moved_fact(one.fact, after.topics.partition_of)
                then[one.key].append((fact, one.time))
            for one in super(MovedCluster, after).written(topic):
                met[topic.name] += 1
                now[one.key].append((one.fact, one.time))
                if topic is not REFERENCES_FINGERPRINTED:
                    assert one.partition == after.topics.partition_of(one.key)
                elif one.fact is not None:
                    assert one.partition == one.fact.rightsholder_partition  # type: ignore[attr-defined]
            if topic is CONTENTS_DIVIDED:  # whose records of one key were in several partitions
                assert _unordered(now) == _unordered(then)
            else:
                assert now == then
    assert met.keys() == {topic.name for topic in TOPICS}, "a topic without a record proves nothing"


@small_steps()
def test_what_follows_from_broadcasts_is_the_same_in_every_unit_of_a_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And nothing else is: so it does not matter of which unit a new one has it.

    Without compaction, in which an uploader and a community of one id supersede each other before some unit reads it.
    """
    monkeypatch.setattr(simulated, "COMPACTED", 0.0)
    met: set[str] = set()
    for cluster in (each for pair in _drained() for each in pair):
        for name in {unit.processor.name for unit in cluster.units}:
            units = [unit for unit in cluster.units if unit.processor.name == name]
            parts = units[0].processor.parts
            shared = [_everywhere(unit) for unit in units]
            assert all(each == shared[number % parts] for number, each in enumerate(shared))
            met |= {name} if shared[0] else set()
            for unit in units:
                own = {key for key, _, entry in unit.entries() if not unit.processor.everywhere(entry)}
                assert {partition_of(key.encode(), len(units)) // parts for key in own} <= {unit.partition // parts}
    assert met >= {"enforcer", "recogniser"}


@small_steps()
def test_what_is_watched_is_counted_where_it_is_as_if_it_had_always_been_there() -> None:
    """Uploads that wait for a person or are tried again, and since when: counted anew, and by then as by increments."""
    met: set[str] = set()
    for before, after in _drained():
        then, now = (_tallied(owns.values()) for owns in (before.owns(), after.owns))
        assert now == then
        met |= {name for name, _ in then}
    assert met == {"held", "unscanned"}


def _unordered(said: Mapping[str, list[tuple[object, int]]]) -> dict[str, Counter[str]]:
    return {key: Counter(map(repr, each)) for key, each in said.items()}


def _everywhere(unit: Unit) -> set[tuple[str, str, bytes]]:
    return {(key, name, encode(entry)) for key, name, entry in unit.entries() if unit.processor.everywhere(entry)}


def _tallied(owns: Iterable[UnitRecord]) -> Counter[tuple[str, int]]:
    """Return how many there are of what is watched, by the minute, in all units together."""
    every = ((name, spans) for own in owns for name, spans in (own.tallies or {}).items())
    return sum(
        (Counter({(name, since): number for since, number in spans.items()}) for name, spans in every), Counter()
    )

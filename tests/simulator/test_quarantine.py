"""Random histories with a bug in them: who is not concerned ends as the model says, and once it is mended all do."""

import os
from random import Random

import xxhash

from services.contracts.processor import Event
from services.contracts.rules import RULES
from tests.simulator.checks import check_all
from tests.simulator.cluster import HORIZON_MS
from tests.simulator.files import Files
from tests.simulator.history import UPLOADS, History
from tests.simulator.playing import live, small_steps
from tests.simulator.poisoned import Poison, PoisonedCluster, Without

SEED = int(os.environ.get("STAYDOWN_SEED", Random().randrange(2**32)))
HISTORIES = int(os.environ.get("STAYDOWN_HISTORIES", "40"))
KEYS_FOR_EACH_POISON = 2
EVENTS_FOR_EACH_POISON = 2


def _played(seed: int, poison: Poison) -> tuple[PoisonedCluster, Files]:
    random = Random(seed)
    files = Files(flaky=random.choice((0.0, 0.1)))
    cluster = PoisonedCluster(random, files, random.choice((1, 2, 3)), RULES, poison)
    live(cluster, History(cluster, files, random), random)
    cluster.drain(random.choice((0, HORIZON_MS)))
    return cluster, files


@small_steps()
def test_all_other_uploads_end_as_if_the_poisoned_one_were_not_there() -> None:
    """Whatever the enforcer is told of it raises; nobody else's verdict, takedown or receipt differs for that."""
    concerned = 0
    for seed in range(SEED, SEED + HISTORIES):
        upload_id = Random(seed).choice(UPLOADS)
        cluster, files = _played(seed, lambda name, event, one=upload_id: (name, event.key) == ("enforcer", one))  # type: ignore[misc]  # bound at once
        assert cluster.aside() <= {("enforcer", upload_id)}, f"seed {seed}"
        concerned += len(cluster.aside())
        cluster.drain()
        try:
            check_all(Without(cluster, upload_id), files)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error
    assert concerned


@small_steps()
def test_once_it_is_mended_every_history_ends_as_the_model_says() -> None:
    """Some events of some keys of every service raise, in any interleaving with crashes; nothing is lost by it."""
    concerned: set[str] = set()
    for seed in range(SEED, SEED + HISTORIES):

        def poison(name: str, event: Event, seed: int = seed) -> bool:
            chance = xxhash.xxh32_intdigest(f"{name} {event.key}".encode(), seed)
            return chance % KEYS_FOR_EACH_POISON == 0 and event.offset % EVENTS_FOR_EACH_POISON == 0

        cluster, files = _played(seed, poison)
        concerned |= {name for name, _ in cluster.aside()}
        cluster.mend()
        cluster.drain()
        assert not cluster.aside()
        try:
            check_all(cluster, files)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error
    assert {"enforcer", "registry", "matcher"} <= concerned

"""Thousands of random histories against the single-threaded model.

A failing seed is printed by hypothesis and in the failure's message; `STAYDOWN_SEED=n pytest tests/simulator -k seed`
plays it again.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import ModuleType

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matcher import comparing
from services.matcher import round as round_of_copies
from services.recogniser import comparing as recognising
from services.registry import likenesses
from tests.simulator.checks import check_all
from tests.simulator.cluster import SimulatedCluster
from tests.simulator.files import Files
from tests.simulator.history import History

HISTORIES = int(os.environ.get("STAYDOWN_HISTORIES", "2000"))
HAPPENINGS = 20
STEPS_AFTER = 150


SMALL: tuple[tuple[ModuleType, str, int], ...] = (
    (round_of_copies, "COPIES_PER_STEP", 2),
    (comparing, "TOLD_AT_ONCE_MAX", 1),
    (recognising, "FOUND_PER_STEP", 2),
    (recognising, "READ_CHUNKS_PER_STEP", 1),
    (likenesses, "LIKENESSES_PER_STEP", 1),
)
"""Bounds so small that a handful takes several steps, as a million does."""


@contextmanager
def small_steps() -> Iterator[None]:
    """Let everything that is done in bounded steps take several."""
    before = [getattr(module, name) for module, name, _ in SMALL]
    for module, name, small in SMALL:
        setattr(module, name, small)
    yield
    for (module, name, _), value in zip(SMALL, before, strict=True):
        setattr(module, name, value)


@small_steps()
def play(seed: int) -> SimulatedCluster:
    """Play one history and check every guarantee when it has drained."""
    random = Random(seed)
    files = Files(flaky=random.choice((0.0, 0.1)))
    cluster = SimulatedCluster(random, files, partitions=random.choice((1, 2, 3)))
    history = History(cluster, files, random)
    pace = random.choice((2, 10, 40))
    settles = random.choice((None, HAPPENINGS // 2))
    for number in range(HAPPENINGS):
        if number == settles:  # what comes then meets all that can follow from what was there
            cluster.drain()
            history.react(cluster.receipts())
        history.happen()
        for _ in range(random.randint(0, pace)):
            cluster.step()
            history.react(cluster.receipts())
    for _ in range(STEPS_AFTER):
        cluster.step()
        history.react(cluster.receipts())
    cluster.drain()
    check_all(cluster, files)
    return cluster


@settings(max_examples=HISTORIES, deadline=None, print_blob=True)
@given(st.integers(0, 2**64 - 1))
def test_every_history_ends_as_the_model_says(seed: int) -> None:
    """G1 to G6 hold in any interleaving, with redelivery, duplicates, crashes and time that jumps."""
    play(seed)


def test_the_seed_of_a_failure_plays_again() -> None:
    """A seed from the environment, or a fixed one, gives the same history twice."""
    seed = int(os.environ.get("STAYDOWN_SEED", "1"))
    assert play(seed).log == play(seed).log

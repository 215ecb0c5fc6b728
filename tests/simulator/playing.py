"""Playing one history, from its seed alone, and checking every guarantee when it has drained."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from random import Random
from types import ModuleType

from services.contracts.rules import RULES, Rules
from services.matcher import comparing
from services.matcher import round as round_of_copies
from services.recogniser import comparing as recognising
from services.registry import likenesses
from tests.simulator.checks import check_all
from tests.simulator.cluster import HORIZON_MS, SimulatedCluster
from tests.simulator.files import Files
from tests.simulator.history import History
from tests.simulator.law import DAY_MS, LawHistory

HAPPENINGS = 20
HAPPENINGS_OF_LAW = 30
STEPS_AFTER = 150

SMALL: tuple[tuple[ModuleType, str, int], ...] = (
    (round_of_copies, "COPIES_PER_STEP", 2),
    (comparing, "TOLD_AT_ONCE_MAX", 1),
    (recognising, "FOUND_PER_STEP", 2),
    (recognising, "READ_CHUNKS_PER_STEP", 1),
    (likenesses, "LIKENESSES_PER_STEP", 1),
)
"""Bounds so small that a handful takes several steps, as a million does."""

STRICT = Rules(
    probation_copies_max=1,
    probation_pending_max=1,
    watched_strikes=1,
    restricted_strikes=3,
    community_watched_strikes=2,
    reversals_min=1,
    reversal_percent=40,
)
"""Thresholds so low that a handful passes them."""

LIMITED = Rules(probation_copies_max=1, probation_pending_max=1)


DIVISIONS = ((1, 1), (2, 1), (3, 1), (2, 2), (3, 3), (4, 2))
"""Numbers of partitions, and of the parts in which the index lies."""


class Profile(StrEnum):
    """What a history is of: registrations, releases and uploads alone, or everything that the law of the case has."""

    PLAIN = "PLAIN"
    LAW = "LAW"


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
def play(seed: int, profile: Profile | None = None) -> SimulatedCluster:
    """Play one history and check every guarantee when it has drained."""
    random = Random(seed)
    files = Files(flaky=random.choice((0.0, 0.1)))
    is_law = random.random() < 0.5 if profile is None else profile is Profile.LAW
    rules = random.choice((RULES, LIMITED, STRICT)) if is_law else RULES
    partitions, parts = random.choice(DIVISIONS)
    cluster = SimulatedCluster(random, files, partitions, rules, parts)
    history = (LawHistory if is_law else History)(cluster, files, random)
    live(cluster, history, random)
    cluster.drain(random.choice((HORIZON_MS, HORIZON_MS, 35 * DAY_MS, 100 * DAY_MS)) if is_law else HORIZON_MS)
    check_all(cluster, files)
    return cluster


def live(cluster: SimulatedCluster, history: History, random: Random) -> None:
    """Let a history happen while the cluster goes on."""
    pace, happenings, calm = random.choice((2, 10, 40)), HAPPENINGS, 0.0
    if isinstance(history, LawHistory):  # what people answer to has been told them, if they wait for it
        happenings, calm = HAPPENINGS_OF_LAW, random.choice((0.0, 0.4, 0.8))
    settles = random.choice((None, happenings // 2))
    for number in range(happenings):
        if number == settles:  # what comes then meets all that can follow from what was there
            cluster.drain()
            history.react(cluster.receipts())
        if random.random() < calm:
            cluster.drain(0)
            history.react(cluster.receipts())
        history.happen()
        _step(cluster, history, random.randint(0, pace))
    _step(cluster, history, STEPS_AFTER)


def _step(cluster: SimulatedCluster, history: History, steps: int) -> None:
    for _ in range(steps):
        cluster.step()
        history.react(cluster.receipts())

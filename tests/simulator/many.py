"""Playing many histories at once, a part of them on each of the machine's processors."""

import math
import os
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from tests.simulator.playing import play

AT_ONCE = 100
"""Histories that a process plays before it takes the next: some seconds' work."""


def play_many(histories: int, play_one: Callable[[int], object] = play) -> list[str]:
    """Play so many histories that were not played before, and return what went wrong, by seed.

    They follow one another from a seed that is printed, or from STAYDOWN_SEED.
    """
    begin = int(os.environ.get("STAYDOWN_SEED", time.time_ns() % 2**48))
    print(f"seeds from {begin} on")  # noqa: T201  # pytest shows it when the test fails
    end = begin + histories
    at_once = min(AT_ONCE, math.ceil(histories / (os.cpu_count() or 1)))
    parts = [range(first, min(first + at_once, end)) for first in range(begin, end, at_once)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        return [failure for found in processes.map(partial(_failures, play_one), parts) for failure in found]


def _failures(play_one: Callable[[int], object], seeds: range) -> list[str]:
    found = []
    for seed in seeds:
        try:
            play_one(seed)
        except Exception:  # noqa: BLE001  # whatever it is, it is a failure, and the others are to be played too
            found.append(f"seed {seed}: {traceback.format_exc()}")
    return found

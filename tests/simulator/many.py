"""Playing many histories at once, a part of them on each of the machine's processors."""

import os
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.simulator.playing import play

AT_ONCE = 100
"""Histories that a process plays before it takes the next: some seconds' work."""


def play_many(histories: int) -> list[str]:
    """Play so many histories that were not played before, and return what went wrong, by seed.

    They follow one another from a seed that is printed, or from STAYDOWN_SEED.
    """
    begin = int(os.environ.get("STAYDOWN_SEED", time.time_ns() % 2**48))
    print(f"seeds from {begin} on")  # noqa: T201  # pytest shows it when the test fails
    end = begin + histories
    parts = [range(first, min(first + AT_ONCE, end)) for first in range(begin, end, AT_ONCE)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        return [failure for found in processes.map(_failures, parts) for failure in found]


def _failures(seeds: range) -> list[str]:
    found = []
    for seed in seeds:
        try:
            play(seed)
        except Exception:  # noqa: BLE001  # whatever it is, it is a failure, and the others are to be played too
            found.append(f"seed {seed}: {traceback.format_exc()}")
    return found

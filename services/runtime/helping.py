"""How many threads of a lane are of help: what they did in the last moment tells what the time goes to. Pure."""

import os
from typing import NamedTuple

# A process that uses less than this part of a core, and whose threads stop to wait for each piece of work, waits for
# storage, which may be asked by many at once. One that only gets no more of a core stops once in ten or fifty pieces.
STORAGE_CORES_MAX = 0.4
STORAGE_WAITS_MIN = 0.5
# Work of less CPU is mostly Python, which one thread at a time can run; more is hashing, for which a core is enough.
# What the event loop does beside it counts for nothing here: at the begin of a backlog it had files of 64 KiB taken for
# hashing, and the second thread cost a fifth more.
HASHING_SECONDS_MIN = 0.0002


class Spent(NamedTuple):
    """What has been done so far: pieces of work by the lane, its threads' waits and CPU time, and all CPU time."""

    pieces: int
    waits: int
    thread_seconds: float
    process_seconds: float


def helpful_threads(spent: Spent, seconds: float, least: int, most: int, cores: int = os.cpu_count() or 1) -> int:
    """Return how many threads, from `least` to `most`, can be of help where so much was spent in that time."""
    is_idle = spent.process_seconds <= seconds * STORAGE_CORES_MAX
    if is_idle and spent.waits >= spent.pieces * STORAGE_WAITS_MIN:
        return most
    is_hashing = spent.thread_seconds >= spent.pieces * HASHING_SECONDS_MIN
    return max(least, min(cores, most)) if is_hashing else least

"""Which process used how much CPU, from /proc: what will be optimised next.

A process's threads count with it. What others used on the machine meanwhile is reported beside it, since on a busy
machine latencies are theirs as well.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """CPU seconds used so far: by name of the process with its id, and by the whole machine."""

    at: float
    used: Mapping[str, tuple[int, float]]
    machine: float


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds that were used between two snapshots."""

    seconds: float
    by_process: Mapping[str, float]
    others: float
    restarted: tuple[str, ...]


def snapshot(pids: Mapping[str, int]) -> Snapshot:
    """Look now; a process that is gone has used nothing."""
    used = {name: (pid, _process_seconds(pid)) for name, pid in pids.items()}
    return Snapshot(time.monotonic(), used, _machine_seconds())


def used_between(before: Snapshot, after: Snapshot) -> Used:
    """Return what was used; a process that was started again meanwhile is named instead."""
    same = {name for name, (pid, _) in after.used.items() if before.used.get(name, (0, 0.0))[0] == pid}
    by_process = {name: after.used[name][1] - before.used[name][1] for name in after.used if name in same}
    return Used(
        seconds=after.at - before.at,
        by_process=by_process,
        others=max(0.0, after.machine - before.machine - sum(by_process.values())),
        restarted=tuple(sorted({*before.used, *after.used} - same)),
    )


def parse_process(stat: str) -> float:
    """Return user and system seconds from /proc/PID/stat (proc(5), fields 14 and 15); a name may have blanks."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def parse_machine(stat: str) -> float:
    """Return the busy seconds of all cores from /proc/stat: all but idle and iowait, without counting guests twice."""
    user, nice, system, _idle, _iowait, *interrupts = (int(field) for field in stat.splitlines()[0].split()[1:8])
    return (user + nice + system + sum(interrupts)) / TICKS_PER_SECOND


def _process_seconds(pid: int) -> float:
    try:
        return parse_process((PROC / str(pid) / "stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _machine_seconds() -> float:
    return parse_machine((PROC / "stat").read_text())

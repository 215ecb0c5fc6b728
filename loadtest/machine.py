"""What a run was measured on: figures without it mean nothing."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from loadtest.target import Cluster


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine, and what runs on it. `load_before`: processes that wanted a core before the run, a minute's mean."""

    cores: int
    cpu: str
    memory_mib: int
    system: str
    python: str
    broker: str
    load_before: float


def describe(cluster: Cluster, load_before: float) -> Machine:
    """Return this machine's description."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        cpu=_value("/proc/cpuinfo", "model name") or platform.machine(),
        memory_mib=int(_value("/proc/meminfo", "MemTotal").split()[0]) // 1024,
        system=f"{platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        broker=cluster.broker,
        load_before=load_before,
    )


def _value(path: str, name: str) -> str:
    """Return the first value of that name in a file of `name : value` lines."""
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""

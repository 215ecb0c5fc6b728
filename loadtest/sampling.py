"""How much memory each process has, looked at again and again while a load runs."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from loadtest.report import Chart, Line

PROC = Path("/proc")
MIB = 1024 * 1024
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
APART_SECONDS = 1.0
# An hour's worth; of a longer run every second look is dropped, then every fourth, and so on.
SAMPLES_MAX = 3_600


@dataclass(slots=True)
class Samples:
    """By process: (monotonic time, MiB resident). `gauge`: the same of whatever else was watched."""

    memory_mib: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    gauge: list[tuple[float, float]] = field(default_factory=list)

    def greatest(self, process: str, since: float = 0.0, until: float = float("inf")) -> float:
        """Return the most that a process had between two times, NaN if it was not seen."""
        found = [mib for at, mib in self.memory_mib.get(process, ()) if since <= at <= until]
        return max(found, default=float("nan"))

    def note(self, pids: Mapping[str, int], gauge: float) -> None:
        """Look once."""
        now = time.monotonic()
        self.gauge.append((now, gauge))
        for name, pid in pids.items():
            if (mib := resident_mib(pid)) is not None:
                self.memory_mib.setdefault(name, []).append((now, mib))
        if len(self.gauge) > SAMPLES_MAX:
            self.gauge = self.gauge[::2]
            self.memory_mib = {name: seen[::2] for name, seen in self.memory_mib.items()}


def resident_mib(pid: int) -> float | None:
    """Return a process's resident memory (proc(5), statm, field 2), None if it is gone."""
    try:
        return int((PROC / str(pid) / "statm").read_text().split()[1]) * PAGE_BYTES / MIB
    except (FileNotFoundError, ProcessLookupError):
        return None


@asynccontextmanager
async def sampling(pids: Callable[[], Mapping[str, int]], gauge: Callable[[], float]) -> AsyncIterator[Samples]:
    """Look every second for as long as it is entered, and once at each end."""
    samples = Samples()

    async def look() -> None:
        while True:
            samples.note(pids(), gauge())
            await asyncio.sleep(APART_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield samples
    finally:
        looking.cancel()
        await asyncio.wait({looking})
        samples.note(pids(), gauge())


def memory_chart(samples: Samples, title: str) -> Chart:
    """Return every process's memory over time, in seconds from the first look."""
    start = samples.gauge[0][0] if samples.gauge else 0.0
    lines = tuple(
        Line(name, tuple((at - start, mib) for at, mib in seen)) for name, seen in sorted(samples.memory_mib.items())
    )
    return Chart("memory", title, "seconds", "MiB resident", lines)

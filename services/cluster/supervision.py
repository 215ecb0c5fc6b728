"""Child processes that are kept running until told to stop.

Promises: a child that died, however, is started again within a second, without limit; when this process dies, even by
kill -9, its children die with it (Linux); `stop` ends those that it names within the seconds given, by SIGTERM first
and SIGKILL then. All children are in this process's group.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from services.cluster.child import Child, open_log
from services.cluster.tether import tethered

# Long enough that a child which cannot start leaves the machine usable, short enough to be back within a second.
RESTART_SECONDS = 0.2


class Supervisor:
    """Keeps children running. Use it from the main thread's event loop: children are tied to the thread."""

    def __init__(self, changed: Callable[[Mapping[str, int]], None]) -> None:
        """Tell `changed` the process ids by name after every start."""
        self._changed = changed
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._stopping: set[str] = set()

    @property
    def pids(self) -> Mapping[str, int]:
        """The process id that each child had last."""
        return {name: process.pid for name, process in self._running.items()}

    async def start(self, child: Child) -> None:
        """Start a child and keep it running from now on; OSError if it cannot be started at all."""
        assert child.name not in self._keepers, child.name  # noqa: S101 - an invariant: names are unique
        await self._spawn(child)
        self._keepers[child.name] = asyncio.create_task(self._keep(child))

    async def stop(self, names: Iterable[str], seconds: float) -> None:
        """End the named children, all at once, and return when they are gone; what is left then is killed."""
        ending = {name: self._keepers[name] for name in names if name in self._keepers}
        self._stopping.update(ending)
        self._signal(ending, signal.SIGTERM)
        if not ending:
            return
        _, left = await asyncio.wait(ending.values(), timeout=seconds)
        self._signal((name for name, keeper in ending.items() if keeper in left), signal.SIGKILL)
        await asyncio.gather(*ending.values())

    async def _keep(self, child: Child) -> None:
        while True:
            await self._running[child.name].wait()
            if child.name in self._stopping:
                return
            await asyncio.sleep(RESTART_SECONDS)
            if child.name in self._stopping:
                return
            # A full disk or process table passes; until then it is tried again, like a child that dies at once.
            with suppress(OSError):
                await self._spawn(child)
            # Told so meanwhile, when there was nobody to be told: it has done nothing yet.
            if child.name in self._stopping:
                self._signal([child.name], signal.SIGKILL)

    async def _spawn(self, child: Child) -> None:
        log = open_log(child.log)
        try:
            self._running[child.name] = await asyncio.create_subprocess_exec(
                *tethered(child.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **child.environment},
            )
        finally:
            os.close(log)
        if child.gives_way:
            _give_way(self._running[child.name].pid)
        self._changed(self.pids)

    def _signal(self, names: Iterable[str], number: signal.Signals) -> None:
        for name in names:
            process = self._running[name]
            if process.returncode is None:
                process.send_signal(number)


def _give_way(pid: int) -> None:
    """Let it run when nobody else wants to, where the system knows that; a niceness of 19 changed nothing."""
    if hasattr(os, "SCHED_IDLE"):
        with suppress(OSError):  # it is gone already, or a sandbox forbids it
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))

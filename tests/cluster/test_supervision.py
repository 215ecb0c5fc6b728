import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.cluster import child as child_module
from services.cluster.child import Child
from services.cluster.supervision import Supervisor

SECONDS_MAX = 10.0
SLEEPER = "import os, signal; print(os.environ['WORD'], flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
MORTAL = "print('gone', flush=True)"
# A supervisor in a process of its own: it tells its child's id and waits to be killed.
PARENT = """
import asyncio, sys
from pathlib import Path
from services.cluster.child import Child
from services.cluster.supervision import Supervisor

async def main():
    supervisor = Supervisor(lambda pids: print(*pids.values(), flush=True))
    await supervisor.start(Child("one", (sys.executable, "-c", "import signal; signal.pause()"), {}, Path(sys.argv[1])))
    await asyncio.Event().wait()

asyncio.run(main())
"""


def sleeper(tmp_path: Path, program: str = SLEEPER, name: str = "one") -> Child:
    """Return a child that runs the program."""
    return Child(name, (sys.executable, "-c", program), {"WORD": "hello"}, tmp_path / f"{name}.log")


async def until(holds: Callable[[], bool]) -> None:
    """Return when the condition holds; fail if it does not in time."""
    deadline = time.monotonic() + SECONDS_MAX
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


def is_alive(pid: int) -> bool:
    """Tell whether the process runs; one that died and was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False


def ignored_signals(pid: int) -> int:
    """Return the signals that the process ignores, bit n - 1 for signal n."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("SigIgn:")[2].split()[0], 16)


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="the system knows no idle policy")
def test_a_child_that_gives_way_runs_when_nobody_else_wants_to(tmp_path: Path) -> None:
    """Also after it was started again."""

    async def scenario() -> None:
        supervisor = Supervisor(lambda _pids: None)
        child = Child("one", (sys.executable, "-c", SLEEPER), {"WORD": "hello"}, tmp_path / "one.log", gives_way=True)
        await supervisor.start(child)
        first = supervisor.pids["one"]
        assert os.sched_getscheduler(first) == os.SCHED_IDLE
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.pids["one"] != first)
        await until(lambda: os.sched_getscheduler(supervisor.pids["one"]) == os.SCHED_IDLE)
        await supervisor.stop(["one"], SECONDS_MAX)

    asyncio.run(scenario())


def test_a_killed_child_is_back_within_a_second(tmp_path: Path) -> None:
    """Again and again, with its environment, in our process group, its words appended to one log."""

    async def scenario() -> None:
        told: list[int] = []
        supervisor = Supervisor(lambda pids: told.append(pids["one"]))
        await supervisor.start(sleeper(tmp_path))
        log = tmp_path / "one.log"
        for starts in (2, 3):
            await until(lambda starts=starts: log.read_text() == "hello\n" * (starts - 1))  # type: ignore[misc]  # a lambda's default
            killed = time.monotonic()
            os.kill(supervisor.pids["one"], signal.SIGKILL)
            await until(lambda starts=starts: len(told) == starts)  # type: ignore[misc]  # a lambda's default
            assert time.monotonic() - killed < 1.0
        assert os.getpgid(told[-1]) == os.getpgrp()
        await until(lambda: log.read_text() == "hello\n" * 3)
        await supervisor.stop(["one"], SECONDS_MAX)
        assert not is_alive(told[-1])

    asyncio.run(scenario())


def test_a_child_that_ends_by_itself_is_started_without_limit(tmp_path: Path) -> None:
    """Not only a kill is an end; and a stop comes through between two starts, too."""

    async def scenario() -> None:
        told: list[int] = []
        supervisor = Supervisor(lambda pids: told.append(pids["one"]))
        await supervisor.start(sleeper(tmp_path, MORTAL))
        await until(lambda: len(told) == 4)
        await supervisor.stop(["one"], SECONDS_MAX)
        assert not is_alive(told[-1])

    asyncio.run(scenario())


def test_a_start_that_fails_is_tried_again(tmp_path: Path) -> None:
    """When the log cannot be opened for a while the child is back as soon as it can."""

    async def scenario() -> None:
        told: list[int] = []
        supervisor = Supervisor(lambda pids: told.append(pids["one"]))
        child = sleeper(tmp_path)
        await supervisor.start(child)
        child.log.unlink()
        child.log.mkdir()
        os.kill(told[0], signal.SIGKILL)
        await until(lambda: not is_alive(told[0]))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(until(lambda: len(told) > 1), 0.5)
        child.log.rmdir()
        await until(lambda: len(told) == 2)
        await supervisor.stop(["one"], SECONDS_MAX)

    asyncio.run(scenario())


def test_a_stop_ends_a_child_that_is_being_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stop's own signal went to the one that was dead already."""

    async def scenario() -> None:
        supervisor, begun, goes_on = Supervisor(lambda _pids: None), asyncio.Event(), asyncio.Event()
        start = asyncio.create_subprocess_exec

        async def slow(*command: str, **how: Any) -> asyncio.subprocess.Process:
            begun.set()
            await goes_on.wait()
            return await start(*command, **how)

        await supervisor.start(sleeper(tmp_path))
        monkeypatch.setattr(asyncio, "create_subprocess_exec", slow)
        os.kill(supervisor.pids["one"], signal.SIGKILL)
        await begun.wait()
        asyncio.get_running_loop().call_soon(goes_on.set)  # that is, when the stop has given its signal and waits
        async with asyncio.timeout(SECONDS_MAX / 2):
            await supervisor.stop(["one"], SECONDS_MAX)
        assert not is_alive(supervisor.pids["one"])

    asyncio.run(scenario())


def test_a_child_whose_scheduling_nobody_may_change_runs_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox may forbid it."""

    def refuse(*_: object) -> None:
        raise PermissionError

    async def scenario() -> None:
        supervisor = Supervisor(lambda _pids: None)
        await supervisor.start(replace(sleeper(tmp_path), gives_way=True))
        await supervisor.stop(["one"], SECONDS_MAX)

    monkeypatch.setattr(os, "sched_setscheduler", refuse, raising=False)
    monkeypatch.setattr(os, "SCHED_IDLE", 5, raising=False)
    asyncio.run(scenario())


def test_a_child_that_does_not_heed_is_killed_in_time(tmp_path: Path) -> None:
    """Those that heed end at once; the deaf one ends when the seconds are over."""

    async def scenario() -> None:
        supervisor = Supervisor(lambda _: None)
        await supervisor.start(sleeper(tmp_path))
        await supervisor.start(sleeper(tmp_path, STUBBORN, "two"))
        pids = dict(supervisor.pids)
        await until(lambda: (tmp_path / "two.log").read_text() == "deaf\n")
        begun = time.monotonic()
        await supervisor.stop(["one"], SECONDS_MAX)
        assert is_alive(pids["two"])
        await supervisor.stop(supervisor.pids, 0.3)
        assert time.monotonic() - begun < 5.0
        assert not any(is_alive(pid) for pid in pids.values())

    asyncio.run(scenario())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent")
def test_children_die_with_their_supervisor(tmp_path: Path) -> None:
    """A kill -9 leaves a process no time to stop its children; the kernel does it."""

    async def scenario() -> None:
        command = (sys.executable, "-c", PARENT, str(tmp_path / "one.log"))
        parent = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert parent.stdout is not None
        orphan = int(await parent.stdout.readline())
        assert is_alive(orphan)
        parent.kill()
        await parent.wait()
        await until(lambda: not is_alive(orphan))

    asyncio.run(scenario())


@pytest.mark.skipif(sys.platform != "linux", reason="it is seen in /proc")
def test_a_child_ignores_the_terminal_s_interrupt(tmp_path: Path) -> None:
    """Ctrl-C reaches the whole group, but who stops first is the supervisor's to say."""

    async def scenario() -> None:
        supervisor = Supervisor(lambda _: None)
        await supervisor.start(sleeper(tmp_path))
        await until(lambda: (tmp_path / "one.log").read_text() == "hello\n")
        pid = supervisor.pids["one"]
        os.kill(pid, signal.SIGINT)
        assert ignored_signals(pid) & 1 << (signal.SIGINT - 1)
        assert supervisor.pids["one"] == pid
        await supervisor.stop(["one"], SECONDS_MAX)

    asyncio.run(scenario())


def test_a_log_that_has_grown_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a start, one older log is kept and a new one begun."""
    monkeypatch.setattr(child_module, "LOG_BYTES_MAX", 3)
    (tmp_path / "one.log").write_text("full")
    os.close(child_module.open_log(tmp_path / "one.log"))
    assert (tmp_path / "one.log.1").read_text() == "full"
    assert not (tmp_path / "one.log").read_text()

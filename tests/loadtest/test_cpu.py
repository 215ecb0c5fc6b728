import os
import time

import pytest

from loadtest.cpu import TICKS_PER_SECOND, Snapshot, parse_machine, parse_process, snapshot, used_between


def test_a_process_with_blanks_and_brackets_in_its_name_is_read() -> None:
    """User and system time stand 14th and 15th (proc(5)); the name may hold anything."""
    stat = f"17 (a ) name (b) S {' '.join(str(number) for number in range(4, 53))}"
    assert parse_process(stat) * TICKS_PER_SECOND == pytest.approx(14 + 15)


def test_idle_and_waiting_for_disks_are_not_busy() -> None:
    """All cores' first line: user, nice, system, idle, iowait, irq, softirq; what guests take is in user already."""
    assert parse_machine("cpu  1 2 4 1000 2000 8 16 32 64 128\ncpu0 9 9 9") * TICKS_PER_SECOND == pytest.approx(31)


def test_work_of_this_process_is_found_in_it() -> None:
    """Half a second of it, give or take what the system counts in."""
    before = snapshot({"self": os.getpid()})
    until = time.process_time() + 0.5
    while time.process_time() < until:
        pass
    used = used_between(before, snapshot({"self": os.getpid()}))
    assert used.by_process["self"] == pytest.approx(0.5, abs=0.1)
    assert used.restarted == ()


def test_a_process_that_was_started_again_is_named_and_not_counted() -> None:
    """Its new life's CPU says nothing about the run."""
    before = Snapshot(0.0, {"matcher": (1, 5.0), "hasher": (2, 1.0)}, 10.0)
    after = Snapshot(10.0, {"matcher": (3, 0.5), "hasher": (2, 4.0)}, 20.0)
    used = used_between(before, after)
    assert used.restarted == ("matcher",)
    assert used.by_process == {"hasher": 3.0}
    assert used.others == 7.0

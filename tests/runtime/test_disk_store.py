"""What is left on disk when something goes wrong: a state that once was, or what is recognised as no state."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from services.contracts.processor import no_terms
from services.runtime.database import StateBrokenError, damaged_mark
from services.runtime.disk_store import DiskStore
from services.runtime.recent import ENTRY_BYTES, GENERATION_BYTES_MAX, Recent
from services.runtime.settings import MIB
from services.runtime.state_folder import LET_GO_SECONDS_MAX, open_store
from services.runtime.store import Mark, pack

BATCH = 50
WRITER = """
    import itertools, os, resource, sys
    from pathlib import Path
    from services.runtime.disk_store import DiskStore
    from services.runtime.store import Mark, pack

    store = DiskStore(Path(sys.argv[1]))
    store.begin("origin")
    print("ready", flush=True)
    if len(sys.argv) > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    for number in itertools.count(1):
        value = pack(number.to_bytes(8, "big") + os.urandom(1_000), number % 3)
        store.apply({(f"k{each}", f"n/{number % 7}"): value for each in range(50)}, Mark(number, b"own"))
        print(number, flush=True)
"""


def _writer(path: Path, *limit: int) -> subprocess.Popen[bytes]:
    """Start a process that applies batches: the nth writes n to the same names of all keys."""
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(path), *map(str, limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _check_whole(path: Path) -> int:
    """Check that a store holds exactly the batches up to its mark, each whole, and return how many that are."""
    store = DiskStore(path)
    mark = store.begin("origin")
    assert mark is not None
    last = range(max(1, mark.offset - 6), mark.offset + 1)
    for key in range(BATCH):
        found = {name: value[9:17] for name, value in store.after(f"k{key}", "n/", 99)}
        assert found == {f"n/{number % 7}": number.to_bytes(8, "big") for number in last}
    assert len(store) == BATCH * len(last)
    assert len(store.due(9, 9_999, turns=9_999)) == BATCH * len(last)
    store.close()
    return mark.offset


@pytest.mark.parametrize("batches", [1, 40, 700])
def test_a_kill_leaves_whole_batches(tmp_path: Path, batches: int) -> None:
    """Kill -9 at any moment leaves all that was applied before, and of what was being applied all or nothing."""
    with _writer(tmp_path) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        said = [writer.stdout.readline() for _ in range(batches)]
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.readlines()
    assert _check_whole(tmp_path) >= int(said[-1])


def test_a_full_disk_ends_the_process_and_damages_nothing(tmp_path: Path) -> None:
    """Where no more can be written `apply` raises what nobody takes for a bug of a record; what was there stays."""
    with _writer(tmp_path, 4 * MIB) as writer:
        out, error = writer.communicate(timeout=120)
    assert writer.returncode != 0
    assert b"StateBrokenError" in error
    assert _check_whole(tmp_path) >= int(out.split()[-1])


def _filled(path: Path) -> None:
    store = DiskStore(path)
    store.begin("origin")
    store.apply({(f"k{number}", ""): pack(os.urandom(2_000), None) for number in range(5_000)}, Mark(1, b"own"))
    store.close()


def test_garbage_is_found_when_it_is_read_and_thrown_away_at_the_next_start(tmp_path: Path) -> None:
    """A block whose checksum is wrong raises, marks the database as damaged, and the next start begins anew."""
    folder = tmp_path / "service" / "0"
    folder.mkdir(parents=True)
    _filled(folder)
    for path in (folder / "database").glob("*.sst"):
        content = bytearray(path.read_bytes())
        content[: len(content) // 2] = b"\xa5" * (len(content) // 2)
        path.write_bytes(content)
    store = DiskStore(folder)
    with pytest.raises(StateBrokenError):
        [store.get(f"k{number}", "") for number in range(5_000)]
    store.close()
    assert damaged_mark(folder / "database").exists()
    held = asyncio.run(open_store(str(tmp_path), "service", 0, no_terms))
    assert len(held) == 0
    assert not damaged_mark(folder / "database").exists()
    held.close()


def test_a_folder_is_held_by_one_store(tmp_path: Path) -> None:
    """Who comes while it is held waits for it to be let go, and else takes the next."""
    asyncio.run(_hold(tmp_path))


async def _hold(directory: Path) -> None:
    first = await open_store(str(directory), "service", 0, no_terms)
    other = await open_store(str(directory), "service", 1, no_terms)
    waiting = asyncio.create_task(open_store(str(directory), "service", 0, no_terms))
    first.apply({("k", ""): pack(b"x", None)})
    await asyncio.sleep(0)
    assert not waiting.done()
    first.close()
    second = await asyncio.wait_for(waiting, LET_GO_SECONDS_MAX)
    assert second.get("k", "") == pack(b"x", None)
    third = await open_store(str(directory), "service", 0, no_terms)
    assert third.get("k", "") is None
    for store in (other, second, third):
        store.close()


def test_what_was_read_last_is_bounded() -> None:
    """However much is read, two generations are kept, and what is asked for stays among them."""
    recent = Recent()
    recent.put(("hot", ""), b"x")
    for number in range(3 * GENERATION_BYTES_MAX // ENTRY_BYTES):
        recent.put((f"k{number}", ""), None)
        assert recent.get(("hot", "")) == (True, b"x")
    assert recent.get(("k0", "")) == (False, None)
    assert recent.get((f"k{number}", "")) == (True, None)

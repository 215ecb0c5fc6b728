"""What is left on disk when something goes wrong: a state that once was, or what is recognised as no state."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path

import pytest
from blake3 import blake3

from services.contracts.processor import no_terms
from services.contracts.sample import KEPT_MAX
from services.runtime.database import Database, StateBrokenError, damaged_mark
from services.runtime.disk_store import LAG_SECONDS_MAX, DiskStore
from services.runtime.recent import ENTRY_BYTES, GENERATION_BYTES_MAX, Recent
from services.runtime.settings import MIB
from services.runtime.sieve import ROOM_MIN
from services.runtime.state_folder import LET_GO_SECONDS_MAX, open_store
from services.runtime.store import Changes, Mark, pack, unpack
from services.runtime.tables import TERMS_A_STEP
from services.runtime.unwritten import PUTS_MAX, SIZE_BYTES_MAX

BATCH = 50
LAG_BATCHES = 2 * PUTS_MAX // BATCH
"""What waits, and as much again that is being written."""
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
    if mark is None:
        store.close()
        return 0
    last = range(max(1, mark.offset - 6), mark.offset + 1)
    for key in range(BATCH):
        found = {name: value[9:17] for name, value in store.after(f"k{key}", "n/", 99)}
        assert found == {f"n/{number % 7}": number.to_bytes(8, "big") for number in last}
    assert len(store) == BATCH * len(last)
    assert len(store.due(9, 9_999, turns=9_999)) == BATCH * len(last)
    store.close()
    return mark.offset


@pytest.mark.parametrize("batches", [1, LAG_BATCHES + 40, 3 * LAG_BATCHES])
def test_a_kill_leaves_whole_batches(tmp_path: Path, batches: int) -> None:
    """Kill -9 at any moment leaves all that was applied up to some point, which is not long ago, and nothing else."""
    with _writer(tmp_path) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        said = [writer.stdout.readline() for _ in range(batches)]
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.readlines()
    assert int(said[-1]) - LAG_BATCHES <= _check_whole(tmp_path) <= int(said[-1]) + 1


def test_a_full_disk_ends_the_process_and_damages_nothing(tmp_path: Path) -> None:
    """Where no more can be written `apply` raises what nobody takes for a bug of a record; what was there stays."""
    with _writer(tmp_path, 4 * MIB) as writer:
        out, error = writer.communicate(timeout=120)
    assert writer.returncode != 0
    assert b"StateBrokenError" in error
    assert 0 < _check_whole(tmp_path) <= int(out.split()[-1]) + 1


def test_of_an_entry_that_changes_often_the_end_is_written(tmp_path: Path) -> None:
    """What came and went in between, timers among it, leaves no trace on disk."""
    store = DiskStore(tmp_path)
    store.begin("origin")
    for wake in (5, 7, None):
        store.apply({("k", ""): pack(b"x", wake), ("gone", ""): pack(b"y", wake)}, Mark(1, b"own"))
    store.apply({("gone", ""): None}, Mark(2, b"own"))
    assert store.lag
    store.close()
    with closing(Database(tmp_path / "database")) as database:
        keys = [key for key, _ in database.items(b"\0", b"\xff")]
        assert sorted(key[:1] for key in keys) == [b"e", b"m", b"n", b"o", b"r"]
    with closing(DiskStore(tmp_path)) as store:
        assert store.begin("origin") == Mark(2, b"own")
        assert store.get("k", "") == pack(b"x", None)


def test_what_is_not_on_disk_is_bounded(tmp_path: Path) -> None:
    """However much is applied without a rest, what waits in memory is twice what starts the writing, and a batch."""
    value = pack(os.urandom(10_000), None)
    most = 0
    with closing(DiskStore(tmp_path)) as store:
        for batch in range(40):
            store.apply({(f"k{batch}-{number}", ""): value for number in range(100)}, Mark(batch, b"own"))
            most = max(most, store.lag)
    assert SIZE_BYTES_MAX // 20_000 < most < 2 * SIZE_BYTES_MAX // len(value) + 100


def test_a_rest_writes_what_was_left(tmp_path: Path) -> None:
    """What has been gathered for long enough is written although nothing more comes."""
    with closing(DiskStore(tmp_path)) as store:
        store.begin("origin")
        store.apply({("k", ""): pack(b"x", None)}, Mark(1, b"own"))
        deadline = time.monotonic() + 10 * LAG_SECONDS_MAX
        while store.lag and time.monotonic() < deadline:
            store.rest()
        assert store.lag == 0
        assert store.get("k", "") == pack(b"x", None)


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


def test_what_no_head_has_is_told_from_memory_soon_after_a_start(tmp_path: Path) -> None:
    """At once everything may be there; after a rest only what is, or has come since, and at no time less."""

    def terms(stored: bytes) -> list[int]:
        return [int.from_bytes(stored[-8:])]

    heads = {(f"k{number}", ""): pack(blake3(bytes([number])).digest(8), None) for number in range(200)}
    there, strangers = {terms(value)[0] for value in heads.values()}, {number << 40 for number in range(1, 200)}
    with closing(DiskStore(tmp_path, terms)) as store:
        store.begin("origin")
        store.apply(heads, Mark(1, b"own"))
    with closing(DiskStore(tmp_path, terms)) as store:
        store.begin("origin")
        assert store.having(there | strangers) == there | strangers
        store.rest()
        assert store.having(there | strangers) == there
        store.apply({("new", ""): pack((7 << 40).to_bytes(8), None)}, Mark(2, b"own"))
        assert store.having(strangers) == {7 << 40}


def test_heads_of_thousands_of_terms_are_written_in_steps_that_keep_pace(tmp_path: Path) -> None:
    """Neither does one batch wait for a whole head, nor does more gather than comes while all before is written."""

    def batch(number: int) -> Changes:
        return {(f"{number}-{each}", ""): pack((number << 8 | each).to_bytes(8), None) for each in range(20)}

    def terms(stored: bytes) -> list[int]:
        return [int.from_bytes(unpack(stored)) << 16 | each for each in range(KEPT_MAX)]

    with closing(DiskStore(tmp_path, terms)) as store:
        store.begin("origin")
        store.apply(batch(0))
        store.write(KEPT_MAX // TERMS_A_STEP)
        assert store.lag == 20
        for number in range(1, 4):
            store.apply(batch(number))
            assert store.lag == 20
            store.write(1)


def test_terms_that_are_written_just_when_all_are_walked_again_are_not_lost(tmp_path: Path) -> None:
    """The walk sees what has been written, so it does not begin while something is known and only half written."""
    many = set(range(ROOM_MIN + 1))
    with closing(DiskStore(tmp_path, lambda stored: many if stored[-1:] == b"m" else ())) as store:
        store.begin("origin")
        store.apply({("many", ""): pack(b"m", None), ("none", ""): pack(b"n", None)}, Mark(1, b"own"))
        store.write(1)
        store.rest(1)
        while store.lag:
            store.write(9)
        for _ in range(9):
            assert store.having(many) == many
            store.rest()

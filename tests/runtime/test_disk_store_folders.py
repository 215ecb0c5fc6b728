"""What of folders that nobody uses stays on disk: nothing that would never be read again."""

import asyncio
import os
import time
from pathlib import Path

from services.contracts.processor import no_terms
from services.runtime.disk_store import DiskStore
from services.runtime.planning import STATE_REMOVALS_MS
from services.runtime.state_folder import HeldStore, open_store
from services.runtime.store import pack

ENTRY = {("k", ""): pack(b"x", None)}


async def _open(directory: Path, partition: int) -> HeldStore:
    return await open_store(str(directory), "service", partition, no_terms)


def _left(directory: Path) -> list[str]:
    """Return the folders in which there is a database."""
    return sorted(path.parent.name for path in directory.glob("service/*/database"))


def test_folders_beside_that_of_a_unit_are_removed_when_nobody_has_them(tmp_path: Path) -> None:
    """Else each freeze would leave a copy of the state on disk for ever; one in use stays as it is."""
    asyncio.run(_take_over_and_return(tmp_path))


async def _take_over_and_return(directory: Path) -> None:
    frozen = await _open(directory, 0)
    second = await _open(directory, 0)
    second.apply(ENTRY)
    frozen.close()
    third = await _open(directory, 0)
    assert _left(directory) == ["0", "0-1"]
    second.apply(dict.fromkeys(ENTRY))
    second.close()
    third.close()
    last = await _open(directory, 0)
    assert _left(directory) == ["0"]
    last.close()


def test_folders_of_partitions_that_moved_away_are_removed_when_they_are_too_old_to_be_believed(tmp_path: Path) -> None:
    """Until then a partition that comes back reads only what is new; and one in use is never too old."""
    asyncio.run(_leave_and_return(tmp_path))


async def _leave_and_return(directory: Path) -> None:
    for partition in (1, 2, 10):
        folder = directory / "service" / str(partition)
        folder.mkdir(parents=True)
        _left_there(folder)
    held = await _open(directory, 3)
    for partition in (1, 3, 10):
        _age(directory / "service" / str(partition) / "database")
    first = await _open(directory, 0)
    assert _left(directory) == ["0", "2", "3"]
    first.close()
    held.close()


def _left_there(folder: Path) -> None:
    store = DiskStore(folder)
    store.apply(ENTRY)
    store.close()


def _age(database: Path) -> None:
    """Have the files of a database be last written when its state is too old by a second."""
    then = time.time() - STATE_REMOVALS_MS / 1000 - 1
    for path in database.iterdir():
        os.utime(path, (then, then))

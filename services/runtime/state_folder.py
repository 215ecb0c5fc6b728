"""Where the state on disk of a unit lies: `<STAYDOWN_STATE_DIR>/<service>/<partition>`, held by one process.

A process that was killed holds nothing; one that hands a unit over lets go in a moment. One that is frozen holds its
folder, and must not hold up who takes over: that one takes a second folder beside it. Promises: nobody opens what
another has open; what RocksDB cannot open, or was found damaged, is thrown away, since the changelog is the truth.
So is what nobody would read again: the unit's other folders, and old ones of partitions that moved away.
"""

import asyncio
import fcntl
import os
import shutil
import time
from pathlib import Path

import structlog

from services.runtime.database import NO_SPACE, damaged_mark
from services.runtime.disk_store import DiskStore
from services.runtime.planning import STATE_REMOVALS_MS
from services.runtime.store import Terms

# A unit that is handed over writes its buffers out, 0.2 s for 16 MiB, before it lets go.
LET_GO_SECONDS_MAX = 3.0
LOOK_SECONDS = 0.02
# Who is frozen, and who took over and was frozen too.
FOLDERS_MAX = 8

log = structlog.get_logger()


class HeldStore(DiskStore):
    """A store on disk, and the lock that keeps it for this process."""

    def __init__(self, folder: Path, terms: Terms, lock: int) -> None:
        """Open what lies in `folder`; `lock` is closed with it."""
        super().__init__(folder, terms)
        self._lock = lock

    def close(self) -> None:
        """Close the database, and only then let go."""
        super().close()
        os.close(self._lock)


async def open_store(state_dir: str, service: str, partition: int, terms: Terms) -> HeldStore:
    """Return the store of a unit; OSError or what RocksDB raises if there can be none, as on a full disk."""
    folder, lock = await _hold(Path(state_dir) / service, partition)
    _clear(Path(state_dir) / service, partition)
    database = folder / "database"
    damaged = damaged_mark(database)
    if damaged.exists():
        _discard(database, "it was found damaged")
    try:
        return HeldStore(folder, terms, lock)
    except Exception as error:  # RocksDB raises nothing else, whatever is wrong
        if NO_SPACE in str(error):
            raise
        reason = str(error)
    _discard(database, reason)  # not while the error holds on to what was half open
    return HeldStore(folder, terms, lock)


async def _hold(service: Path, partition: int) -> tuple[Path, int]:
    """Return a folder of the unit, made if need be, and its lock: the first that nobody has, after some patience."""
    deadline = time.monotonic() + LET_GO_SECONDS_MAX
    for number in range(FOLDERS_MAX):
        folder = service / (f"{partition}-{number}" if number else str(partition))
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock_file(folder)
        try:
            if await _locked(lock, deadline):
                return folder, lock
        except asyncio.CancelledError:
            os.close(lock)
            raise
        os.close(lock)
    raise OSError(f"every state folder of {service.name}, partition {partition}, is held by another process")


async def _locked(descriptor: int, deadline: float) -> bool:
    """Lock the file for this process; False if another still has it at the deadline."""
    while not _lock(descriptor):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(LOOK_SECONDS)
    return True


def _lock_file(folder: Path) -> int:
    return os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _clear(service: Path, partition: int) -> None:
    """Throw away what nobody has and nobody would read again.

    The locks stay: who takes one on a file that was removed meanwhile would not know of who makes it anew.
    """
    for database in service.glob("*/database"):
        is_own = database.parent.name.partition("-")[0] == str(partition)
        lock = _lock_file(database.parent)
        try:
            if _lock(lock) and (is_own or _is_old(database)):
                _discard(database, "the unit has another folder" if is_own else "it is too old to be believed")
        finally:
            os.close(lock)


def _is_old(database: Path) -> bool:
    """Tell whether it was last written so long ago that its unit would be rebuilt in any case."""
    written = max((path.stat().st_mtime for path in database.glob("*")), default=0.0)
    return time.time() - written > STATE_REMOVALS_MS / 1000


def _discard(database: Path, reason: str) -> None:
    log.warning("state_discarded", path=str(database), reason=reason)
    shutil.rmtree(database, ignore_errors=True)
    damaged_mark(database).unlink(missing_ok=True)

"""RocksDB as the state on disk uses it: every setting that matters, written out, and what its errors mean.

Memory is bounded whatever a process serves: one block cache (with the indexes and filters of all files in it) and one
budget of write buffers for all units. The write-ahead log is never synchronised: after a kill -9 the system still has
all of it, after a loss of power a prefix of it, and as a batch is one record of the log, either is a state that the
unit once had. There is one column family, so nothing can be ahead of anything else.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

from rocksdict import (
    BlockBasedIndexType,
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    DBRecoveryMode,
    Options,
    Rdict,
    ReadOptions,
    WriteBatch,
    WriteBufferManager,
)

MIB = 1024 * 1024
# For all units of a process, indexes and filters (1.25 bytes an entry) among it.
BLOCK_CACHE_BYTES = 128 * MIB
# For all units of a process; a write that finds it full flushes the largest buffer.
WRITE_BUFFERS_BYTES_MAX = 64 * MIB
# What a start after a kill reads again: 0.1 s.
WRITE_BUFFER_BYTES = 16 * MIB
# One entry in a hundred that is not there is looked for in vain.
FILTER_BITS_PER_KEY = 10
# Of a buffer, for a filter of its own: what is not in it, as with every new upload, is known at a third of the price.
WRITE_BUFFER_FILTER = 0.02
# With a dozen units below the 1,024 descriptors that a process may have.
OPEN_FILES_MAX = 48
BACKGROUND_JOBS = 2
# RocksDB's own log, which tells what it did.
LOG_BYTES_MAX = MIB
LOG_FILES = 2
NO_SPACE = "No space left"
_SIZES = ("rocksdb.estimate-live-data-size", "rocksdb.cur-size-all-mem-tables")


class StateBrokenError(BaseException):
    """The state on disk cannot be read or written. No `Exception`: what `decide` raises is taken for a bug of ours."""


class Database:
    """One database, open. Keys and values are bytes; ranges are in the order of the keys' bytes."""

    def __init__(self, path: Path) -> None:
        """Open it, made if need be; whatever RocksDB says against it is raised as it is."""
        self._path = path
        self._db = Rdict(str(path), _options())

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        try:
            found: bytes | None = self._db.get(key)
        except Exception as error:
            raise self._broken(error) from error
        return found

    def get_all(self, keys: list[bytes]) -> list[bytes | None]:
        """Return the values in the order of the keys; for many keys at half the price."""
        try:
            found = self._db.get(cast("list[Any]", keys))
        except Exception as error:
            raise self._broken(error) from error
        return cast("list[bytes | None]", found)

    def items(self, begin: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield keys and values from `begin` on, before `end`."""
        bounds = ReadOptions()
        bounds.set_iterate_upper_bound(end)
        try:
            place = self._db.iter(bounds)
            place.seek(begin)
            while place.valid():
                yield place.key(), place.value()
                place.next()
            # It ends alike at the last key and at a block that cannot be read; only this tells them apart.
            place.status()
        except Exception as error:
            raise self._broken(error) from error

    def last(self, begin: bytes, end: bytes) -> bytes | None:
        """Return the last key from `begin` on and before `end`, or None."""
        try:
            place = self._db.iter()
            place.seek_for_prev(end)
            if place.valid() and place.key() == end:
                place.prev()
            if place.valid():
                found = cast("bytes", place.key())
                return found if found >= begin else None
            place.status()  # no key and an unreadable one look alike here too
        except Exception as error:
            raise self._broken(error) from error
        return None

    def write(self, batch: WriteBatch) -> None:
        """Write all of a batch or, if the process ends in it, nothing."""
        try:
            self._db.write(batch)
        except Exception as error:
            raise self._broken(error) from error

    @property
    def size_bytes(self) -> int:
        """How much it estimates to hold, on disk and in its buffers."""
        return sum(self._db.property_int_value(name) or 0 for name in _SIZES)

    def close(self) -> None:
        """Write the buffers out and close it; nothing may be iterating."""
        self._db.close()

    def _broken(self, error: Exception) -> StateBrokenError:
        """Return what to raise; unless only room is missing, the next start is told to begin with nothing."""
        if NO_SPACE not in str(error):
            damaged_mark(self._path).touch()
        return StateBrokenError(f"the state in {self._path}: {error}")


def damaged_mark(path: Path) -> Path:
    """Return the file that is there if the database at `path` must not be used again."""
    return path.with_name(f"{path.name}.damaged")


def new_batch() -> WriteBatch:
    """Return an empty batch."""
    return WriteBatch(raw_mode=True)


@cache
def _block_cache() -> Cache:
    return Cache(BLOCK_CACHE_BYTES)


@cache
def _write_buffers() -> WriteBufferManager:
    return WriteBufferManager(WRITE_BUFFERS_BYTES_MAX, allow_stall=False)


def _options() -> Options:
    table = BlockBasedOptions()
    table.set_block_cache(_block_cache())
    # In small blocks: whole ones, of a megabyte each, drove one another out of the cache, and a read cost 150 µs.
    table.set_index_type(BlockBasedIndexType.two_level_index_search())
    table.set_partition_filters(True)
    table.set_cache_index_and_filter_blocks(True)
    table.set_pin_top_level_index_and_filter(True)
    table.set_pin_l0_filter_and_index_blocks_in_cache(True)
    table.set_bloom_filter(FILTER_BITS_PER_KEY, False)
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_block_based_table_factory(table)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_write_buffer_manager(_write_buffers())
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_memtable_whole_key_filtering(True)
    options.set_memtable_prefix_bloom_ratio(WRITE_BUFFER_FILTER)
    options.set_wal_recovery_mode(DBRecoveryMode.point_in_time())
    options.set_max_open_files(OPEN_FILES_MAX)
    options.set_max_background_jobs(BACKGROUND_JOBS)
    options.set_max_log_file_size(LOG_BYTES_MAX)
    options.set_keep_log_file_num(LOG_FILES)
    options.set_stats_dump_period_sec(0)
    return options

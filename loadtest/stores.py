"""What the two stores cost: `python -m loadtest.stores [ENTRIES]`.

`--copies`: on disk alone, so that ten million show what memory it takes. `--references`: references of the recogniser.

Entries are copies of the matcher as it keeps them, a tenth under one hot digest and the others each under its own.
Times are CPU seconds of this process, RocksDB's own threads among them, so that others on the machine disturb little.
"""

import argparse
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import xxhash

from loadtest import references
from services.contracts.codec import encode
from services.matcher.state import Copy
from services.runtime.disk_store import DiskStore
from services.runtime.store import Changes, Mark, MemoryStore, Store, pack

BATCH = 5_000
PAGE = 500
HOT = 10
"""One entry in so many lies under the hot digest."""
HOT_DIGEST = "f" * 64
MIB = 1024 * 1024


def main() -> None:
    """Print what was measured."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("entries", type=int, nargs="?", default=1_000_000)
    options.add_argument(
        "--copies", action="store_true", help="fill a store on disk alone, and say what memory it took"
    )
    options.add_argument("--references", action="store_true", help="references of the recogniser, by the size of each")
    options.add_argument("--directory", type=Path, default=None)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="staydown-stores-", dir=given.directory) as directory:
        disk = Path(directory)
        if given.references:
            references.report(given.entries, disk)
            return
        if not given.copies:
            _report("memory", MemoryStore(), given.entries)
        store = DiskStore(disk)
        store.begin("loadtest")
        _report("disk", store, given.entries)
        store.close()
        _reopen(disk)
        print(f"on disk: {sum(each.stat().st_size for each in disk.rglob('*') if each.is_file()) / MIB:,.0f} MiB")
        shutil.rmtree(disk / "database")


def _report(name: str, store: Store, count: int) -> None:
    print(f"{name}: {count:,} entries")
    _measure("apply, new", count, lambda: _apply(store, count))
    some = min(count, 200_000)
    step = count // some
    there = [entry_at(number) for number in range(0, count, step)]
    _measure("get, in no order", some, lambda: [store.get(*at) for at in there])
    _measure("get, not there", some, lambda: [store.get(key, f"{name}x") for key, name in there])
    recent = there[-10_000:]
    _measure("get, just read", len(recent) * 10, lambda: [store.get(*at) for at in [*recent] * 10])
    _measure("walk a hot digest", count // HOT, lambda: _walk(store))
    _measure("apply, change", some, lambda: _apply(store, some))
    _measure("round of a hot digest", count // HOT, lambda: _round(store))
    print(f"  most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    sys.stdout.flush()


def _measure(what: str, count: int, do: Callable[[], object]) -> None:
    cpu, wall = time.process_time(), time.perf_counter()
    do()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"  {what:<24}{count / cpu:>12,.0f}/s of CPU {count / wall:>12,.0f}/s {cpu / count * 1e6:>8.2f} µs")


def _apply(store: Store, count: int) -> None:
    for batch in _batches(count):
        store.apply(batch, Mark(count, b"own"))


def _walk(store: Store) -> None:
    name = "copy/"
    while found := store.after(HOT_DIGEST, name, PAGE):
        name = found[-1][0]


def _round(store: Store) -> None:
    """Tell each copy of the hot digest, as the matcher does: a page, and the page changed."""
    name = "copy/"
    while found := store.after(HOT_DIGEST, name, PAGE):
        told = pack(encode(Copy(7, 3, 2)), None)
        store.apply({(HOT_DIGEST, copy): told for copy, _ in found}, Mark(3, b"own"))
        name = found[-1][0]


def _reopen(path: Path) -> None:
    begun = time.perf_counter()
    with closing(DiskStore(path)) as store:
        store.begin("loadtest")
        print(f"  opened again in {time.perf_counter() - begun:.3f} s with {len(store):,} entries")


def _batches(count: int) -> Iterator[Changes]:
    value = pack(encode(Copy(123_456_789, 3, 1)), None)
    for begin in range(0, count, BATCH):
        yield {entry_at(number): value for number in range(begin, min(begin + BATCH, count))}


def entry_at(number: int) -> tuple[str, str]:
    """Return key and name of one of the entries."""
    upload = xxhash.xxh3_64_hexdigest(number.to_bytes(8, "big"))
    digest = HOT_DIGEST if number % HOT == 0 else xxhash.xxh3_128_hexdigest(upload.encode()) * 2
    return digest, f"copy/u-{upload}"


if __name__ == "__main__":
    main()

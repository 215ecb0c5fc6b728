"""What a reference takes in the recogniser's state, in memory and on disk: `loadtest.stores COUNT --references`.

A reference is a file of 5 MiB, a song: 200 chunks, of which its sample keeps 128. Each unit has every reference.
"""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import xxhash

from loadtest.peers.memory import resident_mib
from services.contracts.codec import encode
from services.contracts.inside import ReferenceFingerprinted
from services.contracts.sample import Place, sample_of
from services.recogniser import PROCESSOR
from services.recogniser.state import Sampled
from services.runtime.batch import terms_of
from services.runtime.disk_store import DiskStore
from services.runtime.store import At, Mark, MemoryStore, Store, pack

CHUNKS = 200
CHUNK_BYTES = 5 * 1024 * 1024 // CHUNKS
BATCH = 500
MIB = 1024 * 1024
KB = 1000


@dataclass(frozen=True, slots=True)
class Took:
    """What one reference took, in bytes, and in µs of CPU to make it and to apply it."""

    memory_bytes: float
    memory_us: float
    disk_bytes: float
    disk_us: float


def measure(count: int, disk: Path) -> Took:
    """Return what each of so many took in memory and on disk; to be asked in a process that has let nothing go yet."""
    before = resident_mib(os.getpid())
    store = MemoryStore(terms_of(PROCESSOR))
    memory_us = _fill(store, count)
    memory_bytes = (resident_mib(os.getpid()) - before) * MIB / count
    with closing(DiskStore(disk, terms_of(PROCESSOR))) as on_disk:
        on_disk.begin("loadtest")
        disk_us = _fill(on_disk, count)
    disk_bytes = sum(each.stat().st_size for each in disk.rglob("*") if each.is_file()) / count
    return Took(memory_bytes, memory_us, disk_bytes, disk_us)


def report(count: int, disk: Path) -> None:
    """Print what so many references take in either store, and how soon the one on disk is there again."""
    took = measure(count, disk)
    print(f"in memory: {took.memory_bytes / KB:.1f} KB a reference, {took.memory_us:,.0f} µs of CPU")
    print(f"on disk: {took.disk_bytes / KB:.1f} KB a reference, {took.disk_us:,.0f} µs of CPU")
    _reopen(disk, count)


def _fill(store: Store, count: int) -> float:
    begun, heads = time.process_time(), _heads(count)
    while batch := dict(islice(heads, BATCH)):
        store.apply(batch, Mark(count, b"own"))
    return (time.process_time() - begun) / count * 1e6


def _reopen(disk: Path, count: int) -> None:
    begun = time.perf_counter()
    with closing(DiskStore(disk, terms_of(PROCESSOR))) as store:
        store.begin("loadtest")
        opened, cpu = time.perf_counter() - begun, time.process_time()
        strangers = set(range(CHUNKS))
        while len(store.having(strangers)) == CHUNKS:
            store.rest()
        cpu = time.process_time() - cpu
    each = f"{cpu / count * 1e6:.0f} µs a reference"
    print(f"opened again in {opened:.3f} s; what nobody has is told from memory after {cpu:.2f} s of CPU more, {each}")


def _heads(count: int) -> Iterator[tuple[At, bytes]]:
    random = Random(0)
    for number in range(count):
        places = {random.getrandbits(64): Place(CHUNK_BYTES * at, CHUNK_BYTES) for at in range(CHUNKS)}
        name = xxhash.xxh3_128_hexdigest(str(number).encode())
        reference = ReferenceFingerprinted(
            name, "a-rightsholder", f"song-{number}", "master", number, 2 * name, sample_of(places), 3
        )
        yield (name, ""), pack(encode(Sampled(reference=reference)), None)

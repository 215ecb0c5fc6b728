"""What a reference takes in the recogniser's state, in memory and on disk: `loadtest.stores COUNT --references`.

A reference is a file of 5 MiB, a song: 200 chunks, of which its sample keeps 128. Each unit has every reference, or its
part of each. A content is one such file of an upload; in parts it is at several units, with a tally at its own.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random

import xxhash

from loadtest.peers.memory import resident_mib
from services.contracts.codec import encode
from services.contracts.inside import ReferenceFingerprinted
from services.contracts.parts import PARTS_MAX, counts_of, divided
from services.contracts.sample import Place, Sample, sample_of
from services.recogniser import PROCESSOR
from services.recogniser.state import TALLY, Entry, Sampled, Tally
from services.runtime.batch import terms_of
from services.runtime.disk_store import DiskStore
from services.runtime.store import At, Mark, MemoryStore, Store, pack

CHUNKS = 200
CHUNK_BYTES = 5 * 1024 * 1024 // CHUNKS
BATCH = 500
MIB = 1024 * 1024
KB = 1000

Entries = Iterator[tuple[At, bytes]]
Making = Callable[[int], Entries]
"""Makes the entries of each of so many."""


@dataclass(frozen=True, slots=True)
class Took:
    """What one took, in bytes, and in µs of CPU to make it and to apply it. `entry_bytes`: keys and values alone."""

    memory_bytes: float
    memory_us: float
    disk_bytes: float
    disk_us: float
    entry_bytes: float


def measure(count: int, disk: Path, making: Making) -> Took:
    """Return what each of so many took in memory and on disk; to be asked in a process that has let nothing go yet."""
    before = resident_mib(os.getpid())
    store = MemoryStore(terms_of(PROCESSOR))
    memory_us = _fill(store, count, making)
    memory_bytes = (resident_mib(os.getpid()) - before) * MIB / count
    with closing(DiskStore(disk, terms_of(PROCESSOR))) as on_disk:
        on_disk.begin("loadtest")
        disk_us = _fill(on_disk, count, making)
    disk_bytes = sum(each.stat().st_size for each in disk.rglob("*") if each.is_file()) / count
    return Took(memory_bytes, memory_us, disk_bytes, disk_us, store.size_bytes / count)


def measure_apart(count: int, making: Making) -> Took:
    """Return the same, measured in a fresh process."""
    with (
        tempfile.TemporaryDirectory(prefix="staydown-references-") as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process,
    ):
        return process.submit(measure, count, Path(folder), making).result()


def report(count: int, disk: Path) -> None:
    """Print what so many references take in either store, and how soon the one on disk is there again."""
    took = measure(count, disk, references)
    print(f"in memory: {took.memory_bytes / KB:.1f} KB a reference, {took.memory_us:,.0f} µs of CPU")
    print(f"on disk: {took.disk_bytes / KB:.1f} KB a reference, {took.disk_us:,.0f} µs of CPU")
    _reopen(disk, count)


def _fill(store: Store, count: int, making: Making) -> float:
    begun, entries = time.process_time(), making(count)
    while batch := dict(islice(entries, BATCH)):
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


def references(count: int) -> Entries:
    """Make what a unit has of each reference, of an index in one part."""
    for number, sample in _samples(count):
        yield _head(_name(number), Sampled(reference=_reference(number, sample)))


def shares(count: int) -> Entries:
    """Make what a unit has of each reference, of an index in as many parts as there can be."""
    for number, sample in _samples(count):
        if share := divided(sample, PARTS_MAX).get(number % PARTS_MAX):
            yield _head(_name(number), Sampled(reference=_reference(number, share), counts=counts_of(sample)))


def contents(count: int) -> Entries:
    """Make what a unit has of each content, of an index in one part."""
    for number, sample in _samples(count):
        yield _head(2 * _name(number), Sampled(number, sample))


def contents_in_parts(count: int) -> Entries:
    """Make what all units together have of each content, of an index in as many parts as there can be."""
    for number, sample in _samples(count):
        parts, digest = divided(sample, PARTS_MAX), 2 * _name(number)
        for part, share in parts.items():
            yield _head(f"{digest[2:]}{part:02}", Sampled(number, share, home=0))
        yield (digest, TALLY), _packed(Tally(number, counts_of(sample), tuple(parts), (), ()))


def _samples(count: int) -> Iterator[tuple[int, Sample]]:
    random = Random(0)
    for number in range(count):
        yield number, sample_of({random.getrandbits(64): Place(CHUNK_BYTES * at, CHUNK_BYTES) for at in range(CHUNKS)})


def _name(number: int) -> str:
    return xxhash.xxh3_128_hexdigest(str(number).encode())


def _reference(number: int, sample: Sample) -> ReferenceFingerprinted:
    name = _name(number)
    return ReferenceFingerprinted(name, "a-rightsholder", f"song-{number}", "master", number, 2 * name, sample, 3)


def _head(key: str, head: Sampled) -> tuple[At, bytes]:
    return (key, ""), _packed(head)


def _packed(entry: Entry) -> bytes:
    return pack(encode(entry), None)

"""What the same bytes cost in one process, with the same libraries and without Kafka: CPU seconds a read.

Of 1 MiB and more: as many threads at once as the hasher uses, each scanning what it reads into a buffer that it uses
again. Of less: a loop in one thread that reads each file at once and hashes it with the one-shot calls.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import xxhash
from blake3 import blake3

from loadtest.hashing.files import File, Files
from loadtest.target import LoadTestError
from services.contracts.types import Content
from services.runtime.scanning import PIECE_BYTES, Buffer, Scan

CORES = os.cpu_count() or 1


def limit_seconds(files: Files, reads: int) -> float:
    """Return the CPU seconds that one read and all that is to be found of it cost at best."""
    if files.size < PIECE_BYTES:
        return _cpu_seconds(files, reads, 1, lambda: _hash_at_once)
    return _cpu_seconds(files, reads, threads(files.size), lambda: Scanner().read)


def compute_seconds(files: Files, reads: int) -> float:
    """Return what of it is left when nothing is read, but the same random bytes are scanned over and over."""
    return _cpu_seconds(files, reads, threads(files.size), lambda: Scanner().scan, is_compared=False)


def threads(size: int) -> int:
    """Return how many threads the hasher has for files of that size when enough of them wait."""
    return CORES if size >= PIECE_BYTES else 1


class Scanner:
    """What one thread scans with."""

    def __init__(self) -> None:
        self._buffer = Buffer()
        self._buffer.view[:] = random.Random(0).randbytes(len(self._buffer.view))

    def read(self, path: str) -> Content:
        """Scan a file."""
        scan = Scan(self._buffer)
        descriptor = os.open(path, os.O_RDONLY)
        try:
            while got := os.readv(descriptor, [scan.room()]):
                scan.take(got)
        finally:
            os.close(descriptor)
        return scan.finish().content

    def scan(self, path: str) -> Content:
        """Scan as many bytes as the file has."""
        left = os.stat(path).st_size  # noqa: PTH116  # as cheap as can be
        scan = Scan(self._buffer)
        while left:
            count = min(left, PIECE_BYTES)
            scan.take(count)
            left -= count
        return scan.finish().content


def _hash_at_once(path: str) -> Content:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # as cheap as can be
        data = file.read()
    return Content(xxhash.xxh3_128_hexdigest(data), blake3(data).hexdigest(), len(data))


def _cpu_seconds(
    files: Files, reads: int, count: int, make: Callable[[], Callable[[str], Content]], *, is_compared: bool = True
) -> float:
    """Return the CPU seconds of one of so many reads, shared by so many threads, each with a function of its own."""

    def work(number: int) -> float:
        read = make()
        for made in islice(_from(files, number), 1):
            read(made.path)  # pages of a new buffer are the system's to clear
        began = time.thread_time()
        for made in islice(_from(files, number), reads // count + (number < reads % count)):
            if read(made.path) != made.content and is_compared:
                raise LoadTestError(f"{made.path} has changed, or is hashed wrongly.")
        return time.thread_time() - began

    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(work, range(count))) / reads


def _from(files: Files, number: int) -> Iterator[File]:
    return cycle(files.made[number % len(files.made) :] + files.made[: number % len(files.made)])

"""Reading a file once, to its identity and the sample of its chunks, in constant memory.

Promises: an answer for every URI, never an exception; a digest only of a file that stayed the same from first to last
byte; nothing read beyond the size that the file had when it was opened; a read within its budget of time and bytes.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from services.contracts.reading import Failure, Found, Outcome, Read
from services.runtime.metrics import READ_BYTES, READ_SECONDS
from services.runtime.opening import Opener, UnreadableError, failure_of, path_of
from services.runtime.scanning import PIECE_BYTES, Buffer, Scan, scan_whole
from services.runtime.settings import Settings

_SECONDS = {slow: READ_SECONDS.labels("slow" if slow else "ordinary") for slow in (False, True)}


@dataclass(frozen=True, slots=True)
class _Budget:
    """How long a read may take, in seconds, and what it is when it takes longer."""

    seconds: float
    over: Failure


class FileReader:
    """Reads files below the media roots. May be used by many threads; each keeps one buffer."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._opener = Opener(settings.media_roots)
        self._settings = settings
        self._ordinary = _Budget(settings.ordinary_read_ms / 1000, Failure.SLOW)
        self._slow = _Budget(settings.slow_read_ms / 1000, Failure.TIMED_OUT)
        self._buffers = threading.local()

    def read(self, job: Read) -> Outcome:
        """Return the content of the file, or why there is none."""
        found = self.read_small(job)
        return self.read_large(job) if found is None else found

    def read_small(self, job: Read) -> Outcome | None:
        """Do the same for a file of one piece; None if it is larger and to be read by `read_large`."""
        if job.claimed is not None and self._settings.trust_upload_content:
            return Found(job.claimed)
        return self._answer(job, PIECE_BYTES)

    def read_large(self, job: Read) -> Outcome:
        """Do the same for a file of any size."""
        found = self._answer(job, self._settings.read_bytes_max)
        return Failure.TOO_LARGE if found is None else found

    def _answer(self, job: Read, size_max: int) -> Outcome | None:
        try:
            descriptor, before = self._opener.open(path_of(job.uri))
        except UnreadableError as error:
            return error.failure
        except OSError as error:
            return failure_of(error)
        try:
            return self._read(descriptor, before, job, size_max)
        except OSError as error:
            return failure_of(error)
        finally:
            os.close(descriptor)

    def _read(self, descriptor: int, before: os.stat_result, job: Read, size_max: int) -> Outcome | None:
        if refused := self._refuse(before.st_size, job):
            return refused
        if before.st_size > size_max:
            return None
        began = time.perf_counter()
        if before.st_size <= PIECE_BYTES:
            found = self._hash_whole(descriptor, before.st_size)
        else:
            found = self._hash(descriptor, before.st_size, self._slow if job.slow else self._ordinary)
        _SECONDS[job.slow].observe(time.perf_counter() - began)
        return found if _is_same(before, os.fstat(descriptor)) else Failure.CHANGED

    def _refuse(self, size: int, job: Read) -> Failure | None:
        if size == 0:
            return Failure.EMPTY
        if size > self._settings.read_bytes_max:
            return Failure.TOO_LARGE
        return Failure.SLOW if size > self._settings.ordinary_read_bytes and not job.slow else None

    def _hash_whole(self, descriptor: int, size: int) -> Outcome:
        """Return what `size` bytes are that fit into the buffer; a file that ends before has changed."""
        view = self._buffer().view[:size]
        got = os.readv(descriptor, [view])
        while got < size:
            more = os.readv(descriptor, [view[got:]])
            if not more:
                return Failure.CHANGED
            got += more
        READ_BYTES.inc(size)
        return scan_whole(view)

    def _hash(self, descriptor: int, size: int, budget: _Budget) -> Outcome:
        """Return what `size` bytes are; a file that ends before has changed."""
        deadline = self._clock() + budget.seconds
        scan = Scan(self._buffer())
        left = size
        while left:
            got = os.readv(descriptor, [scan.room()[: min(left, PIECE_BYTES)]])
            if not got:
                return Failure.CHANGED
            scan.take(got)
            left -= got
            if left and self._clock() > deadline:
                return budget.over
        READ_BYTES.inc(size)
        return scan.finish()

    def _buffer(self) -> Buffer:
        """Return this thread's buffer, made on its first read."""
        own: Buffer | None = getattr(self._buffers, "own", None)
        if own is None:
            own = self._buffers.own = Buffer()
        return own


def _is_same(before: os.stat_result, after: os.stat_result) -> bool:
    """Tell whether nobody wrote to an open file, replaced, renamed or removed it meanwhile."""
    return (
        before.st_ctime_ns == after.st_ctime_ns
        and before.st_mtime_ns == after.st_mtime_ns
        and before.st_size == after.st_size
    )

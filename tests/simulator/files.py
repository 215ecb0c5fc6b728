"""The files of a simulated world: what is at each address now, what was there before, and reads that fail.

A label stands for some bytes. Those of a family share data as files do that were tagged anew, cut, put together or
laid into a longer one; they are scanned by the very scanner of the hasher.
"""

from functools import cache
from random import Random

from services.contracts.reading import Failure, Found, Outcome, Read
from services.contracts.types import Content
from services.runtime.scanning import Buffer, Scan

FAILS_SOMETIMES = (Failure.UNREACHABLE, Failure.TIMED_OUT, Failure.SLOW, Failure.CHANGED, Failure.BUSY)

KIB = 1024
BYTES_OF_A_FILE = 5_000
SONG_KIB = 700
PICTURE_KIB = 100
FAMILY: dict[str, tuple[tuple[str, int, int], ...]] = {
    "song": (("a", 0, SONG_KIB),),
    "song with other tags": (("tags", 0, 30), ("a", 0, SONG_KIB)),
    "song without its begin": (("a", 250, SONG_KIB),),
    "song inside a longer file": (("x", 0, 400), ("a", 0, SONG_KIB), ("y", 0, 2_500)),
    "both songs": (("a", 0, SONG_KIB), ("b", 0, SONG_KIB)),
    "another song": (("b", 0, SONG_KIB),),
    "another with the song's picture": (("a", 0, PICTURE_KIB), ("c", 0, SONG_KIB)),
}
"""For each label the parts of its bytes: whose they are, and from where to where, in KiB."""

LABELS = (*FAMILY, "small", "tiny")


def bytes_of(label: str) -> bytes:
    """Return the bytes that a label stands for; those of no family are too few to be compared but as a whole."""
    parts = FAMILY.get(label)
    if parts is None:
        return label.encode() * BYTES_OF_A_FILE
    return b"".join(_data(name)[start * KIB : end * KIB] for name, start, end in parts)


@cache
def found_of(label: str) -> Found:
    """Return what scanning the bytes of a label finds."""
    scan, left = Scan(Buffer()), memoryview(bytes_of(label))
    while left:
        room = scan.room()
        piece = left[: len(room)]
        room[: len(piece)] = piece
        scan.take(len(piece))
        left = left[len(piece) :]
    return scan.finish()


def content_of(label: str) -> Content:
    """Return the identity of the bytes that a label stands for."""
    return found_of(label).content


@cache
def _data(name: str) -> bytes:
    return Random(name).randbytes(4_096 * KIB)


class Files:
    """Addresses and what stands there: a label, which is some bytes, or the reason why it cannot be read."""

    def __init__(self, flaky: float = 0.1) -> None:
        self.flaky = flaky
        self.at: dict[str, list[str | Failure]] = {}

    def uri(self, name: str) -> str:
        """Return the address of a file's name."""
        return f"file:/{name}"

    def put(self, uri: str, what: str | Failure) -> None:
        """Let `what` stand at an address from now on."""
        self.at.setdefault(uri, []).append(what)

    def read(self, job: Read, random: Random) -> Outcome:
        """Return what a read finds now; now and then it fails although there is something."""
        what = self.at.get(job.uri, [Failure.NOT_FOUND])[-1]
        if isinstance(what, Failure):
            return what
        if random.random() < self.flaky:
            return random.choice(FAILS_SOMETIMES)
        return found_of(what)

    def now(self, uri: str) -> str | Failure:
        """Return what stands at an address."""
        return self.at.get(uri, [Failure.NOT_FOUND])[-1]

    def is_steady(self, uri: str) -> bool:
        """Tell whether an address has always held the same."""
        return len(set(self.at.get(uri, []))) <= 1

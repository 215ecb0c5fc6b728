"""The files of a simulated world: what is at each address now, what was there before, and reads that fail."""

from functools import cache
from random import Random

import xxhash
from blake3 import blake3

from services.contracts.reading import Failure, Found, Outcome, Read
from services.contracts.types import Content

FAILS_SOMETIMES = (Failure.UNREACHABLE, Failure.TIMED_OUT, Failure.SLOW, Failure.CHANGED)


BYTES_OF_A_FILE = 5_000


def bytes_of(label: str) -> bytes:
    """Return the bytes that a label stands for."""
    return label.encode() * BYTES_OF_A_FILE


@cache
def content_of(label: str) -> Content:
    """Return the identity of the bytes that a label stands for."""
    content = bytes_of(label)
    return Content(xxhash.xxh3_128_hexdigest(content), blake3(content).hexdigest(), len(content))


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
        return Found(content_of(what))

    def now(self, uri: str) -> str | Failure:
        """Return what stands at an address."""
        return self.at.get(uri, [Failure.NOT_FOUND])[-1]

    def is_steady(self, uri: str) -> bool:
        """Tell whether an address has always held the same."""
        return len(set(self.at.get(uri, []))) <= 1

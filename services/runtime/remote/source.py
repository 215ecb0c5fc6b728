"""What a source of bytes is to whoever reads it, and how it fails.

Two kinds of failure: `UnreadableError` is an answer about what was asked for; `SourceError` says that the source
itself is in trouble, counts against its host, and is a reason to go on where the bytes stopped.
"""

import errno
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from services.contracts.reading import Failure, Read
from services.runtime.opening import UnreadableError

# What we lack ourselves, and no fault of the host's.
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ENOSPC})


class Scheme(StrEnum):
    """The schemes of what lies elsewhere."""

    HTTP = "http"
    HTTPS = "https"
    S3 = "s3"
    GS = "gs"
    AZ = "az"


class SourceError(Exception):
    """The source does not answer as it should: refused, reset, cut off, overloaded."""


@dataclass(frozen=True, slots=True)
class State:
    """What stays the same while nobody changes what is read. None: not said.

    `version` is a strong validator (RFC 9110, 8.8.1): only by it can a read go on where another stopped.
    """

    version: str | None
    size: int | None
    others: tuple[str | None, ...] = ()

    def differs(self, other: "State") -> bool:
        """Tell whether this cannot be the same content as the other. A range need not say all that the whole said."""
        said = ((self.size, other.size), *zip(self.others, other.others, strict=True))
        return self.version != other.version or any(None not in pair and pair[0] != pair[1] for pair in said)


@dataclass(frozen=True, slots=True)
class Body:
    """An answer on its way: its bytes from `start` on."""

    state: State
    start: int
    chunks: AsyncIterator[bytes]


class Source(Protocol):
    """What can be read from: one host's or one bucket's."""

    def open(self, job: Read, at: int, before: State | None) -> AbstractAsyncContextManager[Body]:
        """Ask for what `job` names, from the byte `at` on if it is still what it was `before`.

        The answer may begin at 0 all the same. Raise UnreadableError or SourceError, also while the bytes come.
        """


def host_trouble(error: OSError) -> Exception:
    """Return what an error of the system means to a read: the host's fault, or our own."""
    return UnreadableError(Failure.UNREACHABLE) if error.errno in _OURS else SourceError(str(error))

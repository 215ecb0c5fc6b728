"""Records of one partition in one file: compressed, each with its length before it."""

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

LENGTH_BYTES = 4
# Thrice as fast as the best, and a tenth larger.
LEVEL = 3


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A record, as it was."""

    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


_decode = msgspec.msgpack.Decoder(Kept).decode
_encode = msgspec.msgpack.Encoder().encode


def put(file: gzip.GzipFile, record: Kept) -> None:
    """Append a record."""
    encoded = _encode(record)
    file.write(len(encoded).to_bytes(LENGTH_BYTES))
    file.write(encoded)


def opened_for_writing(path: Path) -> gzip.GzipFile:
    """Open a file that is not there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return gzip.GzipFile(path, "xb", compresslevel=LEVEL)


def records(path: Path) -> Iterator[Kept]:
    """Yield the records in their order."""
    with gzip.open(path) as file:
        while length := file.read(LENGTH_BYTES):
            yield _decode(file.read(int.from_bytes(length)))


def digest(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

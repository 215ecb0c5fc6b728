"""Files made beforehand: contents that nobody can guess from one another, and their identity."""

import os
import random
from dataclasses import dataclass
from pathlib import Path

import blake3
import xxhash

from services.contracts.types import Content


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file on disk and what its bytes are."""

    uri: str
    content: Content


def make_files(folder: Path, count: int, size_bytes: int, seed: int) -> list[MadeFile]:
    """Write files of random bytes, so that no two of them share even a part."""
    source = random.Random(seed)
    folder.mkdir(parents=True)
    made = [_make(folder / f"{number:07}", source.randbytes(size_bytes)) for number in range(count)]
    os.sync()  # or the disk is busy with them while the load runs
    return made


def _make(path: Path, data: bytes) -> MadeFile:
    path.write_bytes(data)
    content = Content(xxhash.xxh3_128_hexdigest(data), blake3.blake3(data).hexdigest(), len(data))
    return MadeFile(path.as_uri(), content)

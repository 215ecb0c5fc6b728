"""The jars that Apache Kafka runs from: found in the user's cache, or got there once.

Promises: a path that is handed out holds exactly the bytes that the committed list names, whoever delivered them;
the cache is filled by one rename, so that two processes at once, or one that is killed, never show a half-filled one.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.cluster.downloads import download_jars
from services.cluster.errors import ClusterError

KAFKA_VERSION = "4.3.1"
LIST = Path(__file__).with_name(f"kafka-{KAFKA_VERSION}.sha256")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Jars:
    """A checked set of jars, in the order of the class path, and how long it took to get them (0.0 if cached)."""

    paths: tuple[Path, ...]
    downloading_seconds: float


async def obtain_jars(progress: Progress) -> Jars:
    """Return the jars from the cache, downloading them first if they are missing there or differ from the list."""
    digests = read_list(LIST.read_text(encoding="utf-8"))
    cache = cache_directory() / f"kafka-{KAFKA_VERSION}"
    fault = find_fault(cache, digests)
    if fault is None:
        return Jars(_paths(cache, digests), 0.0)
    if cache.exists():
        progress(f"cached jars of Kafka are discarded: {fault}")
    started = time.monotonic()
    await _fill(cache, digests, progress)
    seconds = time.monotonic() - started
    progress(f"downloaded {len(digests)} jars of Apache Kafka {KAFKA_VERSION} in {seconds:.1f} s")
    return Jars(_paths(cache, digests), seconds)


def read_list(text: str) -> Mapping[str, str]:
    """Return file name → SHA-256 from lines as `sha256sum` writes them."""
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line)
    return {name: digest for digest, name in pairs}


def find_fault(directory: Path, digests: Mapping[str, str]) -> str | None:
    """Return the first way in which the directory falls short of the list, or None if all is there and right."""
    for name, digest in digests.items():
        try:
            with (directory / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return f"{name} is missing"
        if found != digest:
            return f"{name} has a SHA-256 other than the committed one"
    return None


def cache_directory() -> Path:
    """Return the folder of this program below the user's cache, by the XDG rules."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "staydown"


def _paths(directory: Path, digests: Mapping[str, str]) -> tuple[Path, ...]:
    return tuple(directory / name for name in sorted(digests))


async def _fill(cache: Path, digests: Mapping[str, str], progress: Progress) -> None:
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="filling-", dir=cache.parent, ignore_cleanup_errors=True) as name:
            new = Path(name) / "jars"
            new.mkdir()
            await download_jars(new, progress)
            if fault := find_fault(new, digests):
                raise ClusterError(f"The download of Apache Kafka is not used: {fault}.")
            _replace(cache, new, digests)
    except OSError as error:
        raise ClusterError(f"The jars of Apache Kafka cannot be kept in {cache.parent}: {error.strerror}.") from error


def _replace(cache: Path, new: Path, digests: Mapping[str, str]) -> None:
    """Put the new folder in place; whoever was first wins, since what is there then is as good."""
    if cache.exists() and find_fault(cache, digests):
        shutil.move(cache, new.with_name("discarded"))
    try:
        new.rename(cache)
    except OSError:
        if find_fault(cache, digests):
            raise

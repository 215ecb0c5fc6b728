"""Files are read once, whole, in constant memory, and only a file that stayed the same has a digest."""

import os
import threading
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import xxhash
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.reading import Failure, Found, Outcome, Read
from services.contracts.types import Content
from services.runtime.reading import FileReader
from services.runtime.scanning import PIECE_BYTES
from services.runtime.settings import Settings

SPARSE_BYTES = 512 * PIECE_BYTES


def _reader(root: Path, **changes: object) -> FileReader:
    return FileReader(replace(Settings(media_roots=(str(root),)), **changes))  # type: ignore[arg-type]  # settings' fields


def _content(data: bytes) -> Content:
    return Content(xxhash.xxh3_128_hexdigest(data), blake3(data).hexdigest(), len(data))


@settings(max_examples=40)
@given(pieces=st.integers(0, 2), around=st.integers(-2, 2), seed=st.binary(min_size=1, max_size=40))
def test_a_file_has_the_digests_of_its_bytes(
    tmp_path_factory: pytest.TempPathFactory, pieces: int, around: int, seed: bytes
) -> None:
    """Around every boundary of the buffer, and after a larger file left its bytes in it."""
    size = max(1, pieces * PIECE_BYTES + around)
    data = (seed * (size // len(seed) + 1))[:size]
    root = tmp_path_factory.mktemp("root")
    (root / "file").write_bytes(data)
    found = _reader(root).read(Read(f"file://{root}/file"))
    assert isinstance(found, Found)
    assert found.content == _content(data)


def test_the_digests_are_those_of_other_implementations(tmp_path: Path) -> None:
    """Known answers: BLAKE3's own test vector for one byte, and XXH3's canonical form."""
    (tmp_path / "file").write_bytes(b"\0")
    expected = Content(
        "a6cd5e9392000f6ac44bdff4074eecdb", "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213", 1
    )
    assert _reader(tmp_path).read(Read(f"file://{tmp_path}/file")) == Found(expected)


@pytest.mark.parametrize(
    ("size", "slow", "expected"),
    [
        (0, False, Failure.EMPTY),
        (1_000, False, None),
        (2_000, False, None),
        (2_001, False, Failure.SLOW),
        (2_001, True, None),
        (3_000, True, None),
        (3_001, True, Failure.TOO_LARGE),
        (3_001, False, Failure.TOO_LARGE),
    ],
)
def test_a_file_is_read_up_to_the_size_that_its_lane_allows(
    size: int, slow: bool, expected: Failure | None, tmp_path: Path
) -> None:
    """Over the ordinary budget it is asked again on the slow lane; over the other one it is too large."""
    data = b"x" * size
    (tmp_path / "file").write_bytes(data)
    reader = _reader(tmp_path, ordinary_read_bytes=2_000, read_bytes_max=3_000)
    assert reader.read(Read(f"file://{tmp_path}/file", slow=slow)) == (expected or Found(_content(data)))


@pytest.mark.parametrize(("slow", "expected"), [(False, Failure.SLOW), (True, Failure.TIMED_OUT)])
def test_a_read_that_takes_longer_than_its_lane_allows_ends(slow: bool, expected: Failure, tmp_path: Path) -> None:
    """The clock is looked at after each piece."""
    (tmp_path / "file").write_bytes(bytes(2 * PIECE_BYTES))
    times = iter([0.0, 10_000.0])
    reader = FileReader(Settings(media_roots=(str(tmp_path),)), lambda: next(times))
    assert reader.read(Read(f"file://{tmp_path}/file", slow=slow)) is expected


def test_a_large_file_is_left_to_the_other_lane(tmp_path: Path) -> None:
    """One piece is read at once, more is not."""
    (tmp_path / "piece").write_bytes(bytes(PIECE_BYTES))
    (tmp_path / "more").write_bytes(bytes(PIECE_BYTES + 1))
    reader = _reader(tmp_path)
    assert reader.read_small(Read(f"file://{tmp_path}/piece")) == Found(_content(bytes(PIECE_BYTES)))
    assert reader.read_small(Read(f"file://{tmp_path}/more")) is None


@pytest.mark.parametrize("trusted", [True, False])
def test_what_the_sender_says_is_taken_unread_only_if_it_is_trusted(trusted: bool, tmp_path: Path) -> None:
    """Else the bytes count."""
    (tmp_path / "file").write_bytes(b"bytes")
    claimed = _content(b"said")
    found = _reader(tmp_path, trust_upload_content=trusted).read(Read(f"file://{tmp_path}/file", claimed))
    assert found == Found(claimed if trusted else _content(b"bytes"))


def test_errors_of_the_system_are_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An input/output error may pass: UNREACHABLE."""
    (tmp_path / "file").write_bytes(b"bytes")

    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "readv", fail)
    assert _reader(tmp_path).read(Read(f"file://{tmp_path}/file")) is Failure.UNREACHABLE


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"else")


def _replace(path: Path) -> None:
    path.with_name("new").write_bytes(bytes(3 * PIECE_BYTES))
    path.with_name("new").rename(path)


CHANGES: dict[str, Callable[[Path], None]] = {
    "appended to": _append,
    "overwritten": _overwrite,
    "cut": lambda path: os.truncate(path, PIECE_BYTES),
    "emptied": lambda path: os.truncate(path, 0),
    "replaced": _replace,
    "removed": lambda path: path.unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_has_no_digest(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its first piece is in, whatever is done to the file."""
    path = tmp_path / "file"
    path.write_bytes(bytes(3 * PIECE_BYTES))
    os.utime(path, (1, 1))
    assert _read_while(path, CHANGES[change], monkeypatch) is Failure.CHANGED


def _read_while(path: Path, change: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Read with a thread that does something to the file between the first piece and the second."""
    real = os.readv
    pieces: list[int] = []

    def readv(descriptor: int, buffers: list[memoryview]) -> int:
        if len(pieces) == 1:
            changer = threading.Thread(target=change, args=(path,))
            changer.start()
            changer.join()
        pieces.append(real(descriptor, buffers))
        return pieces[-1]

    monkeypatch.setattr(os, "readv", readv)
    return _reader(path.parent).read(Read(f"file://{path}"))


def test_a_file_that_grows_without_end_is_read_no_further_than_it_was_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that is faster than the reader cannot hold it."""
    path = tmp_path / "file"
    path.write_bytes(bytes(2 * PIECE_BYTES))
    real = os.readv
    got: list[int] = []

    def readv(descriptor: int, buffers: list[memoryview]) -> int:
        with path.open("ab") as file:
            file.write(bytes(2 * PIECE_BYTES))
        got.append(real(descriptor, buffers))
        return got[-1]

    monkeypatch.setattr(os, "readv", readv)
    assert _reader(tmp_path).read(Read(f"file://{path}")) is Failure.CHANGED
    assert sum(got) == 2 * PIECE_BYTES


def test_memory_stays_the_same_for_a_large_file(tmp_path: Path) -> None:
    """One buffer of a piece, and little besides, however large the file."""
    path = tmp_path / "sparse"
    path.touch()
    os.truncate(path, SPARSE_BYTES)
    reader = _reader(tmp_path, ordinary_read_bytes=SPARSE_BYTES, ordinary_read_ms=600_000)
    tracemalloc.start()
    found = reader.read(Read(f"file://{path}"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, Found)
    assert found.content.size_bytes == SPARSE_BYTES
    assert peak < 2 * PIECE_BYTES

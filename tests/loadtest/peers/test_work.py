import os
from pathlib import Path

import pytest

from loadtest.peers.task import Stage, Task
from loadtest.peers.work import Work, identify
from services.contracts.codec import decode, encode
from services.contracts.decided import VerdictDecided
from services.contracts.inside import UploadRead
from services.contracts.reading import Read
from services.contracts.submitted import UploadSubmitted
from services.runtime.reading import FileReader
from services.runtime.scanning import UNSAMPLED_BYTES_MAX
from services.runtime.settings import Settings


@pytest.mark.parametrize("size", [16, 4096, UNSAMPLED_BYTES_MAX, 3_000_000])
def test_peers_find_in_a_file_what_the_hasher_finds(tmp_path: Path, size: int) -> None:
    """The same digests and the same sample, or it would not be the same work."""
    path = tmp_path / "file"
    path.write_bytes(os.urandom(size))
    assert identify(str(path)) == FileReader(Settings(media_roots=(str(tmp_path),))).read(Read(path.as_uri()))


def test_a_listed_digest_is_blocked_and_another_one_clear(tmp_path: Path) -> None:
    """By a look into the listings."""
    listed, other = tmp_path / "listed file", tmp_path / "other"
    listed.write_bytes(b"listed")
    other.write_bytes(b"other")
    work = Work(Task(Stage.PIPELINE, {identify(str(listed)).content.blake3: ("song",)}, "label"))
    verdicts = [
        decode(VerdictDecided, work.answer_record(encode(UploadSubmitted("u", "somebody", path.as_uri())), 7))
        for path in (listed, other)
    ]
    assert [(one.verdict, one.work_ids, one.submission) for one in verdicts] == [
        ("BLOCKED", ("song",), 7),
        ("CLEAR", (), 7),
    ]


def test_hashing_alone_answers_what_was_found(tmp_path: Path) -> None:
    """As the hasher does."""
    path = tmp_path / "file"
    path.write_bytes(b"bytes")
    work = Work(Task(Stage.HASHING, {}, "label"))
    read = decode(UploadRead, work.answer_record(encode(UploadSubmitted("u", "somebody", path.as_uri())), 7))
    assert read == UploadRead("u", 7, 0, content=identify(str(path)).content)

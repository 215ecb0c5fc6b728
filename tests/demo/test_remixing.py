import wave
from pathlib import Path

import pytest

from services.cluster.remixing import cut, join, tag
from services.cluster.synthesiser import write_song
from services.contracts.reading import Found, Read
from services.contracts.sample import Chunks, chunks_of
from services.recogniser.likeness import SHARE_MIN, compare
from services.runtime.reading import FileReader
from services.runtime.settings import Settings


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Write a song of the demo's."""
    write_song(tmp_path / "song.wav", "a song")
    return tmp_path / "song.wav"


def _chunks(file: Path) -> Chunks:
    found = FileReader(Settings(media_roots=(str(file.parent),))).read(Read(file.as_uri()))
    assert isinstance(found, Found)
    assert found.sample is not None
    return chunks_of(found.sample)


def _frames(file: Path) -> bytes:
    with wave.open(str(file)) as opened:
        frames: bytes = opened.readframes(opened.getnframes())
    return frames


def test_what_was_done_to_a_song_can_still_be_played(song: Path, tmp_path: Path) -> None:
    """Other tags change no sound, a cut takes some of it, and a longer file has both."""
    write_song(tmp_path / "other.wav", "another")
    tag(song, tmp_path / "tagged.wav", "a title of odd length")
    cut(song, tmp_path / "cut.wav", 2.0)
    join(tmp_path / "other.wav", song, tmp_path / "joined.wav")
    assert _frames(tmp_path / "tagged.wav") == _frames(song)
    assert _frames(song).endswith(_frames(tmp_path / "cut.wav"))
    assert _frames(tmp_path / "joined.wav") == _frames(tmp_path / "other.wav") + _frames(song)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_found_all_the_same(seed: int, tmp_path: Path) -> None:
    """Whatever song it is; and another song is not."""
    song, other = tmp_path / "song.wav", tmp_path / "other.wav"
    write_song(song, f"song {seed}")
    write_song(other, f"other {seed}")
    tag(song, tmp_path / "tagged.wav", "title")
    cut(song, tmp_path / "cut.wav", 3.0)
    join(other, song, tmp_path / "joined.wav")
    for name in ("tagged.wav", "cut.wav", "joined.wav"):
        likeness = compare(_chunks(tmp_path / name), _chunks(song))
        assert likeness is not None, name
        assert likeness.score >= SHARE_MIN
    assert compare(_chunks(other), _chunks(song)) is None

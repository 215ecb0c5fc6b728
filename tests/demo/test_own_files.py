"""The demo with a person's own files: which of them play, what is made of the song, and that none is touched."""

import os
import random
from pathlib import Path

import pytest

from services.cli import run
from services.cluster.composing import compose_own
from services.cluster.errors import ClusterError
from services.cluster.own_files import PARTS, OwnFiles, remix

SIZE = 1_200_000
NAMES = ("a b.mp3", "ünï.flac", 'it\'s "x".wav', "two\nlines.mp4", "photo.JPG", "6.ogg", "7.wav", "8.png", "9.m4a")


def fill(folder: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """Write files that have nothing in common, and return what is in them."""
    for number, name in enumerate(names):
        (folder / name).write_bytes(random.Random(name).randbytes(SIZE + number))
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    """Return what is in each file."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_files_of_any_name_play_every_part_and_stay_as_they_are(tmp_path: Path) -> None:
    """The smallest that is long enough is the song, and all that is made of it lies elsewhere."""
    (tmp_path / "mine").mkdir()
    before = fill(tmp_path / "mine", NAMES)
    own = OwnFiles(tmp_path / "mine")
    cast = compose_own(own, tmp_path / "made")
    assert [each.file.name for each in own.playing] == list(NAMES[: len(PARTS)])
    assert (cast.first.title, cast.first.song) == ("a b", tmp_path / "mine" / NAMES[0])
    assert contents(tmp_path / "mine") == before
    for made in (cast.first.tagged, cast.first.cut, cast.first.mixtape):
        assert made.is_relative_to(tmp_path / "made")
        assert made.suffix == ".mp3"


def test_one_file_plays_the_song_and_songs_made_up_the_rest(tmp_path: Path) -> None:
    """The story is whole with a single file."""
    (tmp_path / "mine").mkdir()
    fill(tmp_path / "mine", ("only.wav",))
    own = OwnFiles(tmp_path / "mine")
    cast = compose_own(own, tmp_path / "made")
    assert [each.file.name for each in own.playing] == ["only.wav"]
    others = (cast.first.own_song, cast.first.other_song, cast.crowd, *cast.licensed, cast.ama, cast.settled)
    assert all(each.is_file() and each.is_relative_to(tmp_path / "made") for each in others)


def test_who_cannot_play_is_told_why(tmp_path: Path) -> None:
    """Doubles, what is alike, what is empty, no medium, or somewhere else."""
    mine = tmp_path / "mine"
    mine.mkdir()
    fill(mine, ("a.wav", "b.wav"))
    (tmp_path / "outside.wav").write_bytes(b"x")
    (mine / "double.wav").write_bytes((mine / "b.wav").read_bytes())
    (mine / "tagged.wav").write_bytes((mine / "b.wav").read_bytes() + b"TAG")
    (mine / "empty.wav").touch()
    (mine / "notes.txt").write_text("x")
    (mine / "link.wav").symlink_to(tmp_path / "outside.wav")
    os.mkfifo(mine / "pipe.wav")
    own = OwnFiles(mine)
    own.choose(tmp_path / "made")
    why = {
        "tagged.wav": "it is like b.wav",
        "empty.wav": "it is empty, or larger than 256 MiB",
        "notes.txt": "no audio, image or video by its name",
        "link.wav": "it is a link that leads out of the folder",
        "pipe.wav": "no regular file is there",
    }
    same = own.passed_over.keys() - why.keys()
    assert same in ({"b.wav"}, {"double.wav"})
    assert {name: each for name, each in own.passed_over.items() if name in why} == {
        **why,
        "tagged.wav": own.passed_over["tagged.wav"],
    }
    assert own.passed_over["tagged.wav"].startswith("it is like ")


UNUSABLE = {
    "nothing": ({}, "has no audio, image or video file that can be read"),
    "no media": ({"a.txt": b"x"}, r"can be read; a\.txt: no audio, image or video by its name"),
    "only short ones": ({"a.wav": b"x" * 1_000}, "No file of .* is long enough"),
}


@pytest.mark.parametrize(("files", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_folder_that_cannot_play_is_an_error(tmp_path: Path, files: dict[str, bytes], why: str) -> None:
    """One sentence, before anything is started."""
    (tmp_path / "mine").mkdir()
    for name, content in files.items():
        (tmp_path / "mine" / name).write_bytes(content)
    with pytest.raises(ClusterError, match=why):
        OwnFiles(tmp_path / "mine").choose(tmp_path / "made")
    with pytest.raises(ClusterError, match="is no folder"):
        OwnFiles(tmp_path / "none").choose(tmp_path / "made")


def test_what_is_made_of_a_song_is_other_bytes_of_it(tmp_path: Path) -> None:
    """A tag at the end, a part of the begin less, another file before it."""
    song, other = tmp_path / "song.mp3", tmp_path / "other.mp3"
    song.write_bytes(b"song" * 100)
    other.write_bytes(b"other")
    made = remix(song, other, tmp_path / "made")
    assert made.tagged.read_bytes() == b"song" * 100 + b"TAG" + bytes(125)
    assert made.cut.read_bytes() == b"song" * 75
    assert made.mixtape.read_bytes() == b"other" + b"song" * 100


@pytest.mark.kafka
def test_the_story_goes_as_it_must_with_own_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All as expected with two files of strange names; a second time on the same state is refused."""
    monkeypatch.delenv("STAYDOWN_KAFKA", raising=False)
    (tmp_path / "mine").mkdir()
    before = fill(tmp_path / "mine", ("two\nlines ü.mp3", "it's.wav"))
    arguments = ["demo", "--state", str(tmp_path / "state"), "--media", str(tmp_path / "mine")]
    code = run(arguments)
    told = capsys.readouterr().out
    assert code == 0, told
    assert "WRONG" not in told
    assert "“two?lines ü” is posted" in told
    assert "a song that everybody sings: a song made up for the demo" in told
    assert contents(tmp_path / "mine") == before
    assert run(arguments) == 1
    assert "--media wants one without any" in capsys.readouterr().err

import wave
from array import array
from pathlib import Path

from services.cluster.synthesiser import SAMPLES_PER_SECOND, write_song


def written(folder: Path, name: str, seed: str) -> bytes:
    """Return the bytes of a song."""
    write_song(folder / name, seed)
    return (folder / name).read_bytes()


def test_a_seed_is_a_song(tmp_path: Path) -> None:
    """The same seed gives the same bytes, another one another song."""
    first = written(tmp_path, "a.wav", "one")
    assert first == written(tmp_path, "b.wav", "one")
    assert first != written(tmp_path, "c.wav", "two")


def test_a_song_is_a_few_seconds_of_sound_that_does_not_clip(tmp_path: Path) -> None:
    """Any player plays it, and it is neither silence nor distortion."""
    write_song(tmp_path / "a.wav", "one")
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SAMPLES_PER_SECOND)
        assert 6 < file.getnframes() / SAMPLES_PER_SECOND < 14
        samples = array("h", file.readframes(file.getnframes()))
    assert 5_000 < max(abs(each) for each in samples) < 32_767


def test_a_song_repeats_its_first_phrase(tmp_path: Path) -> None:
    """A A B A is what makes it a tune: its last quarter sounds the melody of its second."""
    write_song(tmp_path / "a.wav", "one")
    with wave.open(str(tmp_path / "a.wav")) as file:
        quarter = file.getnframes() // 4
        phrases = [file.readframes(quarter) for _ in range(4)]
    assert phrases[1] == phrases[3] != phrases[2]

"""A small synthesiser: songs out of a seed, as WAV, for a story that must not borrow anybody's music.

A seed chooses key, tempo and two short phrases; the song plays them as A A B A over the chords I vi IV V, with a
plucked lead and a soft bass. The same seed gives the same bytes, another one another song.
"""

import math
import random
import wave
from array import array
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

SAMPLES_PER_SECOND = 22_050
SAMPLE_MAX = 32_767
PENTATONIC = (0, 2, 4, 7, 9, 12, 14, 16)
"""Steps of the major pentatonic scale, in semitones: whatever is drawn from it sounds like a tune."""
CHORDS = (0, 9, 5, 7)
"""I, vi, IV and V of a major key, in semitones above its first note."""
RHYTHMS = ((1, 1, 1, 1), (2, 1, 1), (1, 1, 2), (2, 2))
"""Lengths of a bar's notes, in beats."""
FORM = "AABA"

Note = tuple[int, int]
"""Semitones above the key's first note, and beats."""


def write_song(path: Path, seed: str) -> None:
    """Write the song of a seed, some nine seconds of 16-bit mono; takes about a third of a second."""
    samples = _song(random.Random(seed))  # noqa: S311  # a tune needs no secrets
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_PER_SECOND)
        file.writeframes(samples.tobytes())


def _song(draw: random.Random) -> "array[int]":
    first_hertz = 220.0 * 2 ** (draw.randrange(12) / 12)
    beat = SAMPLES_PER_SECOND * 60 // draw.randrange(190, 230)
    phrases = {name: [_bar(draw) for _ in CHORDS[:2]] for name in sorted(set(FORM))}
    mixed = array("h")
    for number, name in enumerate(FORM):
        for half, bar in enumerate(phrases[name]):
            chord = CHORDS[(2 * number + half) % len(CHORDS)]
            mixed.extend(_mix(_line(bar, first_hertz * 2, beat), _bass(chord, first_hertz / 2, beat)))
    return mixed


def _bar(draw: random.Random) -> list[Note]:
    """Draw a bar: a rhythm, and a melody that moves by small steps of the scale."""
    at = draw.randrange(len(PENTATONIC))
    bar = []
    for beats in draw.choice(RHYTHMS):
        at = min(max(at + draw.choice((-2, -1, -1, 0, 1, 1, 2)), 0), len(PENTATONIC) - 1)
        bar.append((PENTATONIC[at], beats))
    return bar


def _line(bar: list[Note], first_hertz: float, beat: int) -> Iterator[float]:
    for semitones, beats in bar:
        yield from _tone(first_hertz * 2 ** (semitones / 12), beats * beat, 0.45)


def _bass(semitones: int, first_hertz: float, beat: int) -> Iterator[float]:
    hertz = first_hertz * 2 ** (semitones / 12)
    for _ in range(2):
        yield from _tone(hertz, 2 * beat, 0.3)


def _mix(lead: Iterator[float], bass: Iterator[float]) -> Iterator[int]:
    return (int(SAMPLE_MAX * (one + other)) for one, other in zip(lead, bass, strict=True))


@lru_cache(maxsize=256)  # far more than the different notes of a song
def _tone(hertz: float, samples: int, loudness: float) -> "array[float]":
    """Return a plucked tone of two partials that fades out, from -loudness to loudness; each is made once."""
    turn = 2 * math.pi * hertz / SAMPLES_PER_SECOND
    attack = SAMPLES_PER_SECOND // 100
    tone = array("d")
    for at in range(samples):
        envelope = loudness * min(at / attack, 1.0) * (1 - at / samples) ** 2
        tone.append(envelope * (0.7 * math.sin(turn * at) + 0.3 * math.sin(2 * turn * at)))
    return tone

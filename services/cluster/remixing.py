"""What people do to a song so that its file is another one: other tags, a cut begin, a place in a longer file."""

import struct
import wave
from pathlib import Path

_HEADER_BYTES = 12
"""RIFF, the length of what follows, WAVE."""


def tag(song: Path, to: Path, title: str) -> None:
    """Write a WAV file with a title before its sound, as tagging programs do (RIFF: LIST of INFO with INAM)."""
    whole = song.read_bytes()
    text = title.encode() + b"\0"
    text += b"\0" * (len(text) % 2)
    info = b"INFO" + b"INAM" + struct.pack("<I", len(text)) + text
    body = b"WAVE" + b"LIST" + struct.pack("<I", len(info)) + info + whole[_HEADER_BYTES:]
    to.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


def cut(song: Path, to: Path, seconds: float) -> None:
    """Write a WAV file without its first seconds."""
    with wave.open(str(song)) as source:
        source.setpos(round(seconds * source.getframerate()))
        _write(to, source, source.readframes(source.getnframes()))


def join(first: Path, then: Path, to: Path) -> None:
    """Write one WAV file of two that have one form."""
    with wave.open(str(first)) as one, wave.open(str(then)) as other:
        _write(to, one, one.readframes(one.getnframes()) + other.readframes(other.getnframes()))


def _write(to: Path, form: wave.Wave_read, frames: bytes) -> None:
    with wave.open(str(to), "wb") as file:
        file.setnchannels(form.getnchannels())
        file.setsampwidth(form.getsampwidth())
        file.setframerate(form.getframerate())
        file.writeframes(frames)

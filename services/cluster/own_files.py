"""The demo with a person's own files: which of a folder can play, and what others make of the song among them.

Promises: nothing in the folder is written to; two that play are neither the same nor alike, and what is made of the
song is found as a copy of it, both by the very comparison that the services make; who does not play is told, and why.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from services.client.files import media_type_of
from services.client.wanted import MEDIA
from services.cluster.errors import ClusterError
from services.contracts.reading import Failure, Read
from services.contracts.sample import Chunks, chunks_of
from services.recogniser.likeness import compare
from services.runtime.reading import FileReader
from services.runtime.settings import Settings

PARTS = (
    "the song that is registered",
    "somebody's own song",
    "another one of theirs",
    "a song that everybody sings",
    "a licensed track",
    "another licensed track",
    "a recording that is claimed wrongly",
    "a track that is settled about",
)
"""What files play, in the order in which they are given a part."""

SONG_BYTES_MIN = 1024 * 1024
"""One that is shorter may be missed inside a longer file."""

BYTES_MAX = 256 * 1024 * 1024
"""What is larger is read on the slow lane, and the demo waits for nothing that is slow."""

LOOKED_AT_MAX = 1_000
"""Files of a folder that are looked at, and a tenth of them read."""
READ_MAX = LOOKED_AT_MAX // 10

ID3V1_BYTES = 128


@dataclass(frozen=True, slots=True)
class Own:
    """A file that can play; `chunks`: those by which it is compared, none if it is short."""

    file: Path
    digest: str
    chunks: Chunks | None


@dataclass(frozen=True, slots=True)
class Remixes:
    """What others made of the song."""

    tagged: Path
    cut: Path
    mixtape: Path


@dataclass(slots=True)
class OwnFiles:
    """The files that play, the song first, and why others of the folder do not, by their names."""

    folder: Path
    playing: list[Own] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)
    _reader: FileReader = field(default_factory=lambda: FileReader(Settings(media_roots=("/",))))

    def read(self, file: Path) -> Own | Failure:
        """Return a file as the services will know it."""
        found = self._reader.read(Read(file.as_uri()))
        if isinstance(found, Failure):
            return found
        chunks = None if found.sample is None else chunks_of(found.sample)
        return Own(file, found.content.blake3, chunks)

    def choose(self, scratch: Path) -> Remixes:
        """Choose who plays, and make of the song in `scratch` what others made of it; ClusterError if nobody can."""
        candidates = self._candidates()
        song, remixes = self._song(candidates, scratch)
        self.playing.append(song)
        for each in candidates:
            if each is not song and len(self.playing) < len(PARTS) and not self._is_like_one(each):
                self.playing.append(each)
        return remixes

    def _candidates(self) -> list[Own]:
        """Return the smallest that can be read, each once."""
        files = sorted(self._files(), key=lambda file: file.stat().st_size)
        found: dict[str, Own] = {}
        for file in files[:READ_MAX]:
            own = self.read(file)
            if isinstance(own, Failure):
                self._pass_over(file, f"it cannot be read: {own}")
            elif own.digest in found:
                self._pass_over(file, f"it is the same as {found[own.digest].file.name}")
            else:
                found[own.digest] = own
        if not found:
            raise ClusterError(f"{self.folder} has no audio, image or video file that can be read{self._why()}.")
        return list(found.values())

    def _files(self) -> Iterator[Path]:
        """Give the media of the folder, by name; what is hidden is passed over."""
        if not self.folder.is_dir():
            raise ClusterError(f"{self.folder} is no folder.")
        for number, file in enumerate(_walk(self.folder)):
            if number == LOOKED_AT_MAX:
                return
            if not media_type_of(str(file)).startswith(MEDIA):
                self._pass_over(file, "no audio, image or video by its name")
            elif not file.resolve().is_relative_to(self.folder):
                self._pass_over(file, "it is a link that leads out of the folder")
            elif not file.is_file():
                self._pass_over(file, "no regular file is there")
            elif not 0 < file.stat().st_size <= BYTES_MAX:
                self._pass_over(file, f"it is empty, or larger than {BYTES_MAX >> 20} MiB")
            else:
                yield file

    def _song(self, candidates: list[Own], scratch: Path) -> tuple[Own, Remixes]:
        """Return the smallest that is long enough, or else the longest, of which all that is made is found."""
        long = [each for each in candidates if each.file.stat().st_size >= SONG_BYTES_MIN]
        for each in (*long, *reversed([one for one in candidates if one not in long])):
            other = next((one.file for one in candidates if one is not each), None)
            remixes = remix(each.file, other, scratch)
            if all(self._is_found(made, each) for made in (remixes.tagged, remixes.cut, remixes.mixtape)):
                return each, remixes
        raise ClusterError(f"No file of {self.folder} is long enough to find a part of it: 1 MiB or more is.")

    def _is_found(self, made: Path, song: Own) -> bool:
        own = self.read(made)
        return isinstance(own, Own) and _are_alike(own, song)

    def _is_like_one(self, own: Own) -> bool:
        for each in self.playing:
            if _are_alike(own, each):
                self._pass_over(own.file, f"it is like {each.file.name}")
                return True
        return False

    def _pass_over(self, file: Path, why: str) -> None:
        self.passed_over[str(file.relative_to(self.folder))] = why

    def _why(self) -> str:
        return "".join(f"; {name}: {why}" for name, why in list(self.passed_over.items())[:3])


def remix(song: Path, other: Path | None, scratch: Path) -> Remixes:
    """Write what others make of a file: with an ID3v1 tag at its end, without its first quarter, after another one."""
    whole = song.read_bytes()
    scratch.mkdir(parents=True, exist_ok=True)
    made = Remixes(*(scratch / f"{name}{song.suffix}" for name in ("tagged", "cut", "mixtape")))
    made.tagged.write_bytes(whole + b"TAG".ljust(ID3V1_BYTES, b"\0"))
    made.cut.write_bytes(whole[len(whole) // 4 :])
    made.mixtape.write_bytes((other.read_bytes() if other else os.urandom(len(whole))) + whole)
    return made


def _are_alike(one: Own, other: Own) -> bool:
    return one.chunks is not None and other.chunks is not None and compare(one.chunks, other.chunks) is not None


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place) / name for name in sorted(names) if not name.startswith("."))

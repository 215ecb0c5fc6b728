"""The files of one run of the demo: songs made up, heard in no run before, or a person's own as far as they go."""

import secrets
from dataclasses import replace
from pathlib import Path

from services.cluster.demo_cast import Cast
from services.cluster.law_cast import LawCast
from services.cluster.own_files import OwnFiles
from services.cluster.remixing import cut, join, tag
from services.cluster.synthesiser import write_song

NAMES = (
    "paper-lanterns",
    "rain-on-the-ferry",
    "really-mine",
    "ferry",
    "track-0",
    "track-1",
    "on-the-ferry",
    "tide",
)
CUT_SECONDS = 3.0
"""A third of the song."""

TITLE_CHARACTERS_MAX = 60


def compose(folder: Path) -> LawCast:
    """Write the songs of one run and return its cast."""
    run = secrets.token_hex(3)
    songs = [folder / f"{name}-{run}.wav" for name in NAMES]
    for file in songs:
        write_song(file, file.stem)
    song, _, other = songs[:3]
    made = [folder / f"{name}-{run}.wav" for name in ("lanterns-tagged", "slow-lanterns", "mixtape")]
    tag(song, made[0], "free download")
    cut(song, made[1], CUT_SECONDS)
    join(other, song, made[2])
    return _cast(folder, run, songs, made)


def compose_own(own: OwnFiles, folder: Path) -> LawCast:
    """Return the cast of a run with a person's own files; songs made up have the parts for which there are too few.

    Everything is written below `folder`; ClusterError if none of theirs can play.
    """
    made = own.choose(folder / "made")
    run = secrets.token_hex(3)
    songs = [each.file for each in own.playing]
    for name in NAMES[len(songs) :]:
        songs.append(folder / f"{name}-{run}.wav")
        write_song(songs[-1], songs[-1].stem)
    cast = _cast(folder, run, songs, [made.tagged, made.cut, made.mixtape])
    title = "".join(each if each.isprintable() else "?" for each in songs[0].stem)[:TITLE_CHARACTERS_MAX]
    return replace(cast, first=replace(cast.first, title=title))


def _cast(folder: Path, run: str, songs: list[Path], made: list[Path]) -> LawCast:
    song, own, other, crowd, track, other_track, ama, settled = songs
    tagged, without_begin, mixtape = made
    first = Cast(run, song, own, other, folder / f"static-{run}.wav", tagged, without_begin, mixtape)
    return LawCast(first, crowd, (track, other_track), ama, settled)

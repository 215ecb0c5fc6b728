"""The uploads of a run: files made once, some of listed content, and what must be answered about each."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loadtest.files import MadeFile, make_files
from loadtest.peers.draining import running
from loadtest.peers.records import Upload
from loadtest.peers.rightsholder import Status, rightsholder
from loadtest.peers.subjects import Bench, staydown
from loadtest.peers.tally import Said, Verdict
from loadtest.peers.task import Stage

LISTED_WORKS = 20


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one size: one for each upload, with the work that lists it if there is one; and by work."""

    size: int
    of_upload: tuple[tuple[MadeFile, str | None], ...]
    listed: Mapping[str, MadeFile]


def make(bench: Bench, count: int, size: int, share: float, seed: int) -> Files:
    """Make the files for so many uploads; `share` of them are copies of some listed ones."""
    chance = random.Random(seed)
    is_listed = [chance.random() < share for _ in range(count)]
    listed = make_files(bench.media / f"listed-{size}-{seed}", LISTED_WORKS, size, seed + 1)
    own = iter(make_files(bench.media / f"own-{size}-{seed}", is_listed.count(False), size, seed + 2))
    works = {f"work-{size}-{number}": made for number, made in enumerate(listed)}
    names = list(works)
    of_upload: list[tuple[MadeFile, str | None]] = []
    for is_copy in is_listed:
        work = chance.choice(names) if is_copy else None
        of_upload.append((works[work], work) if work is not None else (next(own), None))
    return Files(size, tuple(of_upload), works)


async def register(bench: Bench, files: Iterable[Files]) -> str:
    """Have Staydown list what is to be listed, and return whose it is."""
    works = {work: made for one in files for work, made in one.listed.items()}
    async with running(staydown(bench)), rightsholder(bench.broker) as opened:
        await opened.register(works, Status.ACCEPTED)
        return opened.rightsholder_id


def uploads(name: str, stage: Stage, files: Files) -> list[Upload]:
    """Return a pass's uploads, under ids of their own, and what must be answered."""
    return [
        Upload(
            f"{name}-{number}",
            made.uri,
            verdict_on(made, work) if stage is Stage.PIPELINE else made.content.blake3,
        )
        for number, (made, work) in enumerate(files.of_upload)
    ]


def verdict_on(made: MadeFile, work: str | None) -> Said:
    """Return what must be said of an upload of these bytes, listed by that work or by nobody."""
    if work is None:
        return Said(Verdict.CLEAR, made.content.blake3)
    return Said(Verdict.BLOCKED, made.content.blake3, (work,))

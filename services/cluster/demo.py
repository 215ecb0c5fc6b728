"""`staydown demo`: a cluster of its own, the story on it, and what came of it.

Promises: the cluster is stopped by its own means at the end, also after Ctrl-C; what was downloaded, started and played
is timed apart.
"""

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from services.client.following import following
from services.client.submitting import Sent, sending
from services.cluster.composing import compose, compose_own
from services.cluster.demo_report import Report
from services.cluster.demo_stage import Stage
from services.cluster.demo_witness import WATCHED, Witness
from services.cluster.errors import ClusterError
from services.cluster.jars import obtain_jars
from services.cluster.law_cast import LawCast
from services.cluster.law_story import DAYS_LATER, play_later, play_law
from services.cluster.own_files import PARTS, OwnFiles
from services.cluster.state import read_running
from services.cluster.story import play
from services.cluster.up import UpOptions, up
from services.contracts.topics import UPLOADS_SUBMITTED
from services.runtime.address import Kafka
from services.runtime.security import as_set

TOLD_MAX = 10
"""Files that were passed over, of which each is told."""

DAY_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """A Kafka that runs already, if one is to be used; where state is kept; where songs are written; a person's own."""

    kafka: str | None
    state: Path
    media: Path
    own: Path | None = None


@dataclass(slots=True)
class Times:
    """Seconds that each part took."""

    download: float = 0.0
    start: float = 0.0
    story: float = 0.0
    stop: float = 0.0


async def play_demo(options: DemoOptions, screen: Console) -> bool | None:
    """Play it and tell whether all went as expected; None if it was interrupted. ClusterError, ClientError."""
    demo = _Demo(options, screen)
    await demo.prepare()
    if not await demo.run():
        return None
    demo.conclude()
    return demo.report.is_right()


class _Demo:
    """One demo, from preparing to concluding."""

    def __init__(self, options: DemoOptions, screen: Console) -> None:
        self.report = Report(screen)
        self._options = options
        self._times = Times()
        self._posted: dict[str, Sent] = {}
        self._cast: LawCast

    async def prepare(self) -> None:
        """Get what a local Kafka needs, timed apart, since it depends on the line."""
        if not (self._options.kafka or os.environ.get("STAYDOWN_KAFKA")):
            self._times.download = (await obtain_jars(self.report.line)).downloading_seconds
        self._options.media.mkdir(parents=True)
        if self._options.own is None:
            self._cast = await asyncio.to_thread(compose, self._options.media)
            return
        own = OwnFiles(self._options.own.resolve())
        try:
            self._cast = await asyncio.to_thread(compose_own, own, self._options.media)
        except ClusterError:
            shutil.rmtree(self._options.media)
            raise
        self._tell(own)

    def _tell(self, own: OwnFiles) -> None:
        """Say which files play what, what is played by songs made up, and who was passed over."""
        self.report.chapter(f"The story with {len(own.playing)} of your files, and {len(PARTS)} parts")
        names = [_plain(str(each.file.relative_to(own.folder))) for each in own.playing]
        for part, name in zip(PARTS, names, strict=False):
            self.report.line(f"{part}: {name}")
        for part in PARTS[len(names) :]:
            self.report.line(f"{part}: a song made up for the demo, since your files are too few")
        for name, why in list(own.passed_over.items())[:TOLD_MAX]:
            self.report.line(f"skipped {_plain(name)}: {_plain(why)}", style="dim")
        if len(own.passed_over) > TOLD_MAX:
            self.report.line(f"and {len(own.passed_over) - TOLD_MAX} more", style="dim")

    async def run(self) -> bool:
        """Play the story on a cluster that is stopped afterwards; False if a signal came first.

        The last part plays a month later: on the same state, with the clock set forward.
        """
        if not await self._act(self._today, 0):
            return False
        self.report.chapter(f"The cluster is started again, with its clock set {DAYS_LATER} days forward")
        return await self._act(self._later, DAYS_LATER * DAY_SECONDS)

    async def _act(self, act: Callable[[Stage], Awaitable[None]], clock_ahead_seconds: int) -> bool:
        """Start the cluster, play a part of the story on it, and stop it; False if a signal came first."""
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        options = UpOptions(
            self._options.kafka,
            self._options.state,
            media_roots=(self._options.media, *((self._options.own,) if self._options.own else ())),
            clock_ahead_seconds=clock_ahead_seconds,
        )
        serving = asyncio.create_task(up(options, lambda _: ready.set_result(None), self.report.line))
        playing = asyncio.create_task(self._play(ready, act))
        try:
            await asyncio.wait({serving, playing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._end(serving, playing)
        if not serving.cancelled():
            await serving
        if playing.cancelled():
            return False
        await playing
        return True

    async def _play(self, ready: "asyncio.Future[None]", act: Callable[[Stage], Awaitable[None]]) -> None:
        began = time.monotonic()
        await ready
        given = self._options.kafka or os.environ.get("STAYDOWN_KAFKA")
        kafka = as_set(given) if given else Kafka(read_running(self._options.state).bootstrap)
        starting = time.monotonic() - began
        self._times.start += starting
        if self._options.own and not self._posted:
            await _check_unused(kafka)
        # What is due at once when the clock is set forward is said while the cluster starts.
        topics, is_later = [topic.name for topic in WATCHED], bool(self._posted)
        async with following(kafka, topics, from_beginning=is_later) as follower, sending(kafka) as sender:
            self.report.line(f"the cluster is ready: Kafka at {kafka}", starting)
            began = time.monotonic()
            await act(Stage(self._cast.first, sender, Witness(follower), self.report, self._posted))
            self._times.story += time.monotonic() - began

    async def _today(self, stage: Stage) -> None:
        await play(stage)
        await play_law(stage, self._cast)

    async def _later(self, stage: Stage) -> None:
        await play_later(stage, self._cast)

    async def _end(self, serving: "asyncio.Task[None]", playing: "asyncio.Task[None]") -> None:
        """Stop the cluster as `staydown up` stops it."""
        began = time.monotonic()
        for task in (playing, serving):
            task.cancel()
        await asyncio.wait({serving, playing})
        self._times.stop += time.monotonic() - began

    def conclude(self) -> None:
        """Show what was expected and what happened, and what took how long."""
        self.report.show_table()
        wrong = sum(not check.is_right for check in self.report.checks)
        all_of = len(self.report.checks)
        self.report.line(f"{wrong} of {all_of} WENT WRONG" if wrong else f"all {all_of} as expected")
        times = self._times
        download = f"{times.download:.1f} s" if times.download else "none (cached)"
        self.report.line(
            f"download {download} · start {times.start:.1f} s · story {times.story:.1f} s · stop {times.stop:.1f} s"
        )


async def _check_unused(kafka: Kafka) -> None:
    """Raise ClusterError if something was uploaded before: a person's files are the same each time, and known then."""
    async with following(kafka, (UPLOADS_SUBMITTED.name,), from_beginning=True) as follower:
        async for _ in follower.until_present_end():
            raise ClusterError(f"Kafka at {kafka} has uploads, maybe these files: --media wants one without any.")


def _plain(name: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in name)

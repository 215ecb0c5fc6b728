"""`backup`: how long a copy of everything takes, how large it is, and how long until a restored cluster can go on.

A cluster of its own takes the uploads in, is stopped and saved, and is restored onto a second Kafka with empty disks.
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number as Within

from loadtest.options import Output, Target
from loadtest.repeats import Measured
from loadtest.report import Number, Report
from loadtest.running import Offered, Run, run
from loadtest.stock import Uploads, make_stock
from loadtest.target import LoadTestError, Services, progress
from services.cluster.broker_settings import Profile
from services.cluster.running import running_kafka
from services.cluster.saved.restoring import restore
from services.cluster.saved.saving import save
from services.cluster.up import UpOptions
from services.runtime.address import kafka_at

MILLION = 1_000_000


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What is saved."""

    uploads: Annotated[int, Parameter(validator=Within(gte=1, lte=5_000_000), help="That are saved.")] = 200_000
    size: Annotated[int, Parameter(validator=Within(gte=16, lte=1024**2), help="Bytes of each file.")] = 4096
    listed: Annotated[float, Parameter(validator=Within(gte=0, lte=1), help="The share that is blocked.")] = 0.05
    contents: Annotated[int, Parameter(validator=Within(gte=1, lte=1_000_000), help="Distinct files.")] = 50_000


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of it. `save_seconds`: `quiet_seconds` of it, groups of stopped services had not ended yet."""

    records: int
    copy_bytes: int
    stop_seconds: float
    quiet_seconds: float
    save_seconds: float
    restore_seconds: float
    ready_seconds: float


def backup(*, saved: Backup = Backup(), output: Output = Output()) -> Report:  # noqa: B008  # frozen
    """Measure how long services stand for a copy of so many uploads, and how long a restore takes."""

    async def measure(given: Run) -> Measured:
        session, cluster = given.session, given.cluster
        stock = await make_stock(session, cluster, saved.contents, saved.size, given.seed)
        uploads = Uploads(session, stock, stock.choose(saved.uploads, saved.listed, given.seed))
        uploads.expect()
        progress(f"submitting {saved.uploads:,} uploads")
        await uploads.send_all()
        await session.answered()
        with tempfile.TemporaryDirectory(prefix="staydown-load-") as folder:
            return _measured(saved, await _copy(given, Path(folder)))

    sentence = f"a copy of {saved.uploads:,} uploads of {saved.size:,} bytes, {saved.contents:,} contents"
    return run("backup", Offered(saved, sentence, saved.contents * saved.size), Target(), output, measure)


async def _copy(given: Run, folder: Path) -> Copied:
    cluster, copy = given.cluster, folder / "copy"
    if cluster.services is None:
        raise LoadTestError("A copy needs a cluster of its own, whose services it may stop.")
    progress("stopping the services")
    began = time.monotonic()
    await cluster.services.stop()
    stopped = time.monotonic()
    first = list[float]()
    manifest = await save(kafka_at(cluster.bootstrap), copy, lambda _: first.append(time.monotonic()))
    saved = time.monotonic()
    async with running_kafka(folder / "kafka", progress, profile=Profile.LOAD) as second:
        progress("restoring onto another Kafka")
        restoring = time.monotonic()
        await restore(second.bootstrap, copy, lambda _: None)
        restored = time.monotonic()
        services = Services(UpOptions(second.bootstrap, folder / "state", media_roots=(cluster.media,)))
        try:
            await services.start()
            ready = time.monotonic()
        finally:
            await services.stop()
    return Copied(
        records=sum(part.count for parts in manifest.topics.values() for part in parts),
        copy_bytes=sum(path.stat().st_size for path in copy.rglob("*.gz")),
        stop_seconds=stopped - began,
        quiet_seconds=first[0] - stopped,
        save_seconds=saved - stopped,
        restore_seconds=restored - restoring,
        ready_seconds=ready - restored,
    )


def _measured(saved: Backup, copied: Copied) -> Measured:
    million = saved.uploads / MILLION
    reading = copied.save_seconds - copied.quiet_seconds
    return Measured(
        numbers=(
            Number("services stopped after", copied.stop_seconds, "seconds"),
            Number("their groups gone after", copied.quiet_seconds, "seconds"),
            Number("saved, from then on, of a million uploads", reading / million, "seconds"),
            Number("  of all records", copied.records / reading, "per second"),
            Number("the copy, of a million uploads", copied.copy_bytes / 1e9 / million, "GB"),
            Number("restored, of a million uploads", copied.restore_seconds / million, "seconds"),
            Number("  of all records", copied.records / copied.restore_seconds, "per second"),
            Number("services ready, with empty disks, after", copied.ready_seconds, "seconds"),
        ),
    )

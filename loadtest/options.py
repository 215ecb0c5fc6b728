"""What every profile can be told, checked before anything is started.

Promises: nothing but 127.0.0.1 is talked to, and every number has a bound.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from services.cluster.state import default_state
from services.cluster.up import check_twice

LOOPBACK = "127.0.0.1"
PORT_MAX = 65_535
# A million uploads are two minutes at the fastest that one machine does; the generator keeps all it saw in memory.
UPLOADS_MAX = 1_000_000
# What a laptop's disk can spare.
FILES_BYTES_MAX = 16 * 1024**3
# Java compiles its hot code for the better part of a minute: on two cores the broker took 4.5 ms of CPU an upload after
# 20 s of warm-up, 2.8 after 90 s, and p50 was 400 ms and 150.
WARM_UP_SECONDS = 60.0


def check_loopback(_kind: Any, kafka: str | None) -> None:
    """Refuse an address that is not this machine's own: load is for nobody else's broker."""
    if kafka is None:
        return
    host, _, port = kafka.rpartition(":")
    if host != LOOPBACK or not (port.isascii() and port.isdigit() and 0 < int(port[:6]) <= PORT_MAX):
        raise ValueError(f"A load test talks to {LOOPBACK}:PORT alone.")


def check_target(_kind: Any, target: "Target | None") -> None:
    """Refuse a running cluster that is half named."""
    if target is None:
        return
    if target.kafka is not None and (target.media_root is None or not target.media_root.is_dir()):
        raise ValueError("With --kafka, name by --media-root a folder that the running cluster may read.")
    if target.kafka is None and (target.media_root is not None or target.state is not None):
        raise ValueError("--media-root and --state are those of a running cluster: name it by --kafka.")
    if target.kafka is not None and target.twice:
        raise ValueError("--twice is for a cluster that is started for it, not for one that runs.")
    check_twice(target.twice)


def check_load(_kind: Any, load: "Load | None") -> None:
    """Refuse more than this machine can be asked to hold."""
    if load is None:
        return
    if not 1 <= load.count - load.warm_up_count <= load.count <= UPLOADS_MAX:
        raise ValueError(f"Rate and seconds make {load.count:,} uploads; 1 to {UPLOADS_MAX:,} can be sent.")
    if load.files_bytes > FILES_BYTES_MAX:
        raise ValueError(f"The files would take {load.files_bytes:,} bytes; {FILES_BYTES_MAX:,} are allowed.")


@Parameter(name="*", validator=check_target)
@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Which cluster is to be loaded: one that runs, or one that is started for it and ended."""

    kafka: Annotated[
        str | None,
        Parameter(validator=check_loopback, help="127.0.0.1:PORT of a cluster that runs; its own one without."),
    ] = None
    media_root: Annotated[Path | None, Parameter(help="A folder that the running cluster may read.")] = None
    state: Annotated[Path | None, Parameter(help="The running cluster's state directory, for its process ids.")] = None
    twice: Annotated[
        tuple[str, ...], Parameter(help="A service of which a second process runs; may be repeated.", negative=())
    ] = ()

    @property
    def state_directory(self) -> Path:
        """Where a running cluster says what it consists of."""
        return self.state or default_state()


@Parameter(name="*", validator=check_load)
@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much is offered."""

    rate: Annotated[float, Parameter(validator=Number(gt=0, lte=20_000), help="Uploads a second.")] = 200.0
    seconds: Annotated[float, Parameter(validator=Number(gt=0, lte=3_600), help="How long, after the warm-up.")] = 30.0
    warm_up_seconds: Annotated[
        float, Parameter(validator=Number(gte=0, lte=600), help="How long before that; not counted.")
    ] = WARM_UP_SECONDS
    size: Annotated[int, Parameter(validator=Number(gte=16, lte=1024**3), help="Bytes of each file.")] = 64 * 1024
    listed: Annotated[
        float, Parameter(validator=Number(gte=0, lte=1), help="The share of uploads whose content is listed before.")
    ] = 0.05
    contents: Annotated[
        int, Parameter(validator=Number(gte=1, lte=1_000_000), help="Distinct files at most; more uploads share them.")
    ] = 100_000

    @property
    def files_bytes(self) -> int:
        """How many bytes of files are made for it."""
        return min(self.count, self.contents) * self.size

    @property
    def count(self) -> int:
        """How many uploads are sent, the warm-up's among them."""
        return self.warm_up_count + round(self.rate * self.seconds)

    @property
    def warm_up_count(self) -> int:
        """How many of them belong to the warm-up."""
        return round(self.rate * self.warm_up_seconds)


def check_output(_kind: Any, output: "Output | None") -> None:
    """Refuse a place that cannot be written to now, rather than after the run."""
    if output is None:
        return
    if output.json is not None and not output.json.absolute().parent.is_dir():
        raise ValueError(f"--json: there is no folder {output.json.parent}.")
    if output.plot is not None and output.plot.exists() and not output.plot.is_dir():
        raise ValueError(f"--plot: {output.plot} is no folder.")


@Parameter(name="*", validator=check_output)
@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How often it is measured, and what is made of it."""

    repeats: Annotated[int, Parameter(validator=Number(gte=1, lte=100), help="Times; the spread is reported.")] = 1
    seed: Annotated[int | None, Parameter(help="Draws files and order; another each time unless given.")] = None
    json: Annotated[Path | None, Parameter(help="A file to be written with all figures.")] = None
    plot: Annotated[Path | None, Parameter(help="A folder for pictures (PNG).")] = None

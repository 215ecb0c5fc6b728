"""`staydown up`, `demo` and `services`: the cluster on one machine, and what it consists of."""

import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import Parameter, validators

from services.cli.options import AsJson
from services.cli.terminal import complain, console, say, show_table
from services.cluster.demo import DemoOptions, play_demo
from services.cluster.state import default_state
from services.cluster.up import UpOptions, check_twice
from services.cluster.up import up as run_up
from services.contracts.follower import Follower
from services.contracts.processor import Processor
from services.pipeline import FOLLOWERS, PIPELINE

EXIT_INTERRUPTED = 130

Port = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=65_535))]
Kafka = Annotated[str | None, Parameter(help="Use this Kafka, HOST:PORT; otherwise STAYDOWN_KAFKA, or a local one.")]


async def up(
    *,
    kafka: Kafka = None,
    state: Annotated[
        Path | None, Parameter(help="Where all state is kept; ~/.local/state/staydown unless given.")
    ] = None,
    kafka_port: Annotated[Port | None, Parameter(help="Port of the local Kafka; a free one unless given.")] = None,
    console_port: Annotated[Port | None, Parameter(help="Port of the console; a free one unless given.")] = None,
    media_root: Annotated[
        tuple[Path, ...], Parameter(help="Folder below which files may be read; may be repeated.")
    ] = (),
    twice: Annotated[
        tuple[str, ...],
        Parameter(
            negative=(),
            validator=lambda _, names: check_twice(names),
            help="A service of which a second process runs, which shares its work; may be repeated.",
        ),
    ] = (),
    canary: Annotated[
        bool, Parameter(negative=(), help="Upload a listed work every few seconds, and tell when it is not refused.")
    ] = False,
    kafka_only: Annotated[
        bool, Parameter(negative=(), help="Run Kafka without any service, as `backup` and `restore` want it.")
    ] = False,
) -> None:
    """Run the whole cluster here, in the foreground, until Ctrl-C.

    Prints `ready bootstrap=HOST:PORT console=URL` on stdout when it can take uploads.
    """
    if not media_root and not kafka_only:
        complain("without --media-root no file may be read, so every file: URI will be NOT_ALLOWED.")
    given = (kafka, state or default_state(), kafka_port, console_port, media_root)
    await run_up(UpOptions(*given, twice=twice, canary=canary, kafka_only=kafka_only), say)


async def demo(
    *,
    kafka: Kafka = None,
    state: Annotated[
        Path | None, Parameter(help="Where all state is kept; a folder that goes with the demo unless given.")
    ] = None,
    media: Annotated[
        Path | None,
        Parameter(help="Play with the audio, image and video files of this folder; they stay as they are."),
    ] = None,
) -> int:
    """Play the whole story on a real Kafka here, and compare what happened with what was expected."""
    folder = Path(tempfile.mkdtemp(prefix="staydown-demo-"))
    options = DemoOptions(kafka, state or folder / "state", folder / "media", media)
    went_well = await play_demo(options, console())
    shutil.rmtree(folder, ignore_errors=True)  # kept when an error ended the demo: its message names logs in there
    return EXIT_INTERRUPTED if went_well is None else int(not went_well)


def show_services(*, as_json: AsJson = False) -> None:
    """Tell the services of the pipeline, in the order a record meets them."""
    described = [*map(describe, PIPELINE), *map(describe_follower, FOLLOWERS)]
    if as_json:
        say(orjson.dumps([asdict(each) for each in described], option=orjson.OPT_INDENT_2).decode())
        return
    rows = [(each.name, each.engine, each.reads, each.writes, each.state) for each in described]
    show_table(("service", "engine", "reads", "writes", "keeps"), rows)


@dataclass(frozen=True, slots=True)
class Described:
    """A service of the pipeline as data."""

    name: str
    reads: tuple[str, ...]
    broadcasts: tuple[str, ...]
    writes: tuple[str, ...]
    state: str
    engine: str


def describe(processor: Processor) -> Described:
    """Return a processor as it is told to outsiders."""
    reads, broadcasts, writes = (
        tuple(topic.name for topic in topics) for topics in (processor.reads, processor.broadcasts, processor.writes)
    )
    return Described(processor.name, reads, broadcasts, writes, processor.keeps, processor.engine.value)


def describe_follower(follower: Follower) -> Described:
    """Return a service that writes no topic as it is told to outsiders."""
    reads = tuple(topic.name for topic in follower.reads)
    return Described(follower.name, reads, (), (), follower.keeps, follower.engine)

"""`staydown backup` and `staydown restore`: all topics into files, and back onto an empty Kafka."""

from asyncio import to_thread
from pathlib import Path
from typing import Annotated

from aiokafka.errors import KafkaError
from cyclopts import Parameter
from cyclopts.types import PositiveInt

from services.cli.options import HERE, Target
from services.cli.terminal import say, working
from services.client.errors import ClientError
from services.cluster.probe import check_reachable
from services.cluster.saved.checking import check
from services.cluster.saved.manifest import Manifest
from services.cluster.saved.restoring import restore as restore_topics
from services.cluster.saved.saving import save
from services.cluster.saved.shapes import Wanted

CONNECT_SECONDS_MAX = 10.0

Folder = Annotated[Path, Parameter(help="The copy's folder.")]
Partitions = Annotated[
    PositiveInt | None,
    Parameter(help="How many, instead of as many as there were; the copy must be of a cluster at rest."),
]
IndexParts = Annotated[
    PositiveInt | None,
    Parameter(help="In how many parts the recogniser's index is to lie, a multiple of before; else as --partitions."),
]


async def backup(
    folder: Folder, /, *, partitions: Partitions = None, index_parts: IndexParts = None, target: Target = HERE
) -> None:
    """Write all topics and where groups stand into an empty folder, while no service runs.

    It is read back before it is called saved; a copy that could not be restored, as it is wanted, is told.

    On one machine: beside `staydown up --kafka-only`.
    """
    kafka = target.bootstrap
    await check_reachable(kafka, CONNECT_SECONDS_MAX)
    try:
        with working("saving"):
            await save(kafka, folder, lambda _: None)
            _tell("saved", await to_thread(check, folder, Wanted(partitions, index_parts)))
    except (KafkaError, TimeoutError) as error:
        raise ClientError(f"Kafka at {kafka} could not be read: {type(error).__name__}.") from error


async def restore(
    folder: Folder,
    /,
    *,
    partitions: Partitions = None,
    index_parts: IndexParts = None,
    only_check: Annotated[
        bool, Parameter(name="--check", negative=(), help="Only read the copy, and tell whether it can be restored.")
    ] = False,
    target: Target = HERE,
) -> None:
    """Bring a copy back onto a Kafka that has none of the topics, so that services go on from there.

    On one machine: beside `staydown up --kafka-only` on a new state directory.

    Another number of partitions, or of parts of the index, takes a copy at rest: everything read, nothing under way
    (.github/OPERATING.md says how to get there). It is made in the folder of TMPDIR, where it takes as much room again.
    """
    wanted = Wanted(partitions, index_parts)
    if only_check:
        manifest = await to_thread(check, folder, wanted)
        _tell(f"taken at {manifest.taken_at} by version {manifest.version}, can be restored:", manifest)
        return
    kafka = target.bootstrap
    await check_reachable(kafka, CONNECT_SECONDS_MAX)
    try:
        with working("restoring"):
            _tell("restored", await restore_topics(kafka, folder, lambda _: None, wanted))
    except (KafkaError, TimeoutError) as error:
        raise ClientError(f"Kafka at {kafka} did not take the copy: {type(error).__name__}.") from error


def _tell(what: str, manifest: Manifest) -> None:
    records = sum(part.count for parts in manifest.topics.values() for part in parts)
    say(f"{what} {records:,} records of {len(manifest.topics)} topics with {manifest.partitions} partitions")

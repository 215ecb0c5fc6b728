"""`staydown backup` and `staydown restore`: all topics into files, and back onto an empty Kafka."""

from pathlib import Path
from typing import Annotated

from aiokafka.errors import KafkaError
from cyclopts import Parameter
from cyclopts.types import PositiveInt

from services.cli.options import HERE, Target
from services.cli.terminal import say, working
from services.client.errors import ClientError
from services.cluster.probe import check_reachable
from services.cluster.saved.manifest import Manifest
from services.cluster.saved.restoring import restore as restore_topics
from services.cluster.saved.saving import save

CONNECT_SECONDS_MAX = 10.0

Folder = Annotated[Path, Parameter(help="The copy's folder.")]


async def backup(folder: Folder, /, *, target: Target = HERE) -> None:
    """Write all topics and where groups stand into an empty folder, while no service runs."""
    kafka = target.bootstrap
    await check_reachable(kafka, CONNECT_SECONDS_MAX)
    try:
        with working("saving"):
            _tell("saved", await save(kafka, folder, lambda _: None))
    except (KafkaError, TimeoutError) as error:
        raise ClientError(f"Kafka at {kafka} could not be read: {type(error).__name__}.") from error


async def restore(
    folder: Folder,
    /,
    *,
    partitions: Annotated[
        PositiveInt | None,
        Parameter(help="How many, instead of as many as there were; the copy must be of a cluster at rest."),
    ] = None,
    target: Target = HERE,
) -> None:
    """Bring a copy back onto a Kafka that has none of the topics, so that services go on from there.

    Another number of partitions takes a copy at rest: everything read, nothing under way (.github/OPERATING.md says how
    to get there). It is made in the folder of TMPDIR, where it takes as much room again.
    """
    kafka = target.bootstrap
    await check_reachable(kafka, CONNECT_SECONDS_MAX)
    try:
        with working("restoring"):
            _tell("restored", await restore_topics(kafka, folder, lambda _: None, partitions))
    except (KafkaError, TimeoutError) as error:
        raise ClientError(f"Kafka at {kafka} did not take the copy: {type(error).__name__}.") from error


def _tell(what: str, manifest: Manifest) -> None:
    records = sum(part.count for parts in manifest.topics.values() for part in parts)
    say(f"{what} {records:,} records of {len(manifest.topics)} topics with {manifest.partitions} partitions")

"""`staydown topics`: make the topics that the pipeline needs on a Kafka, and check them."""

from typing import Annotated

from aiokafka.errors import KafkaError
from cyclopts import App, Parameter
from cyclopts.types import PositiveInt

from services.cli.options import HERE, Target
from services.cli.terminal import complain, say, working
from services.client.errors import ClientError
from services.cluster.probe import check_reachable
from services.runtime.checking import TopicsError
from services.runtime.provisioning import PLANNED, check_topics, create_topics

# What a small cluster wants; a key's partition follows from it, so it is never changed in place.
PARTITIONS = 12
CONNECT_SECONDS_MAX = 10.0

TOPICS = App(name="topics", help="Create and check the topics on a Kafka.")


@TOPICS.command
async def create(
    *,
    partitions: Annotated[
        PositiveInt | None,
        Parameter(
            help=f"Of each topic, never changed afterwards; otherwise what is there, and of nothing {PARTITIONS}."
        ),
    ] = None,
    target: Target = HERE,
) -> int:
    """Create what is missing; what is there is left as it is."""
    bootstrap = target.bootstrap
    await check_reachable(bootstrap, CONNECT_SECONDS_MAX)
    try:
        with working("creating topics"):
            await create_topics(bootstrap, partitions or PARTITIONS, adopt=partitions is None)
    except TopicsError as error:
        return _complain(await check_topics(bootstrap, partitions) or [str(error)])
    except (KafkaError, TimeoutError) as error:
        raise ClientError(f"Kafka at {bootstrap} did not create the topics: {error}.") from error
    say(f"all {len(PLANNED)} topics are there" + (f", with {partitions} partitions each" if partitions else ""))
    return 0


@TOPICS.command
async def check(
    *,
    partitions: Annotated[
        PositiveInt | None, Parameter(help="Partitions that each should have; otherwise what most have.")
    ] = None,
    target: Target = HERE,
) -> int:
    """Compare the topics with what the pipeline needs, and tell every difference."""
    bootstrap = target.bootstrap
    await check_reachable(bootstrap, CONNECT_SECONDS_MAX)
    try:
        with working("checking topics"):
            found = await check_topics(bootstrap, partitions)
    except (KafkaError, TimeoutError) as error:
        raise ClientError(f"Kafka at {bootstrap} did not describe the topics: {error}.") from error
    if not found:
        say(f"all {len(PLANNED)} topics are as they should be")
    return _complain(found)


def _complain(differences: list[str]) -> int:
    """Tell each difference on a line of its own and return the exit code."""
    for difference in differences:
        complain(difference)
    return int(bool(differences))

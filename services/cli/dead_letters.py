"""`staydown dlq`: records that could not be read, and why."""

from collections import Counter, deque
from typing import Annotated

import orjson
from cyclopts import App, Parameter
from cyclopts.types import PositiveInt

from services.cli.options import HERE, AsJson, Target
from services.cli.terminal import say, show_table, shown, shown_bytes, working
from services.client.errors import ClientError
from services.client.following import Record, following
from services.contracts.topics import dead_letters
from services.pipeline import PIPELINE

LIMIT = 20
VALUE_BYTES_SHOWN = 2_000
HEADER_BYTES_SHOWN = 1_000
REASON = "staydown-reason"

TOPICS = tuple(
    sorted(
        dead_letters(topic.name, processor.name)
        for processor in PIPELINE
        for topic in (*processor.reads, *processor.broadcasts)
        if topic.public
    )
)

DEAD_LETTERS = App(name="dlq", help="Look at dead letters: records that could not be read, untouched, and why.")


@DEAD_LETTERS.command(name="list")
async def list_topics(*, as_json: AsJson = False, target: Target = HERE) -> None:
    """Count the dead letters of each topic."""
    counts: Counter[str] = Counter()
    newest: dict[str, Record] = {}
    with working("reading dead letters"):
        async with following(target.bootstrap, TOPICS, from_beginning=True) as follower:
            async for record in follower.until_present_end():
                counts[record.topic] += 1
                if record.topic not in newest or record.at >= newest[record.topic].at:
                    newest[record.topic] = record
    if as_json:
        say(orjson.dumps([{"topic": topic, "count": counts[topic]} for topic in TOPICS]).decode())
        return
    rows = [(topic, str(counts[topic]), *_newest(newest.get(topic))) for topic in TOPICS]
    show_table(("topic", "count", "newest (UTC)", "why"), rows)


@DEAD_LETTERS.command
async def show(
    topic: Annotated[str, Parameter(help="Topic of dead letters, as `staydown dlq list` names it.")],
    *,
    limit: Annotated[PositiveInt, Parameter(help="How many of the newest in each partition.")] = LIMIT,
    target: Target = HERE,
) -> None:
    """Print the newest dead letters of a topic: why, where from, key, headers and value."""
    if topic not in TOPICS:
        raise ClientError(f"{topic} is no topic of dead letters; there are {', '.join(TOPICS)}.")
    newest: dict[int, deque[Record]] = {}
    with working("reading dead letters"):
        async with following(target.bootstrap, (topic,), from_beginning=True) as follower:
            async for record in follower.until_present_end():
                newest.setdefault(record.partition, deque(maxlen=limit)).append(record)
    found = sorted((record for records in newest.values() for record in records), key=lambda record: record.at)
    for record in found[-limit:]:
        _show(record)
    if not found:
        say(f"{topic} is empty")


def _newest(record: Record | None) -> tuple[str, str]:
    if record is None:
        return "", ""
    return f"{record.at:%Y-%m-%d %H:%M:%S}", shown_bytes(dict(record.headers).get(REASON) or b"", HEADER_BYTES_SHOWN)


def _show(record: Record) -> None:
    say(f"{record.topic}, partition {record.partition}, offset {record.offset}, {record.at:%Y-%m-%d %H:%M:%S} UTC")
    for name, value in record.headers:
        say(f"  {shown(name)}: {shown_bytes(value, HEADER_BYTES_SHOWN)}")
    say(f"  key: {shown_bytes(record.key, HEADER_BYTES_SHOWN)}")
    say(f"  value: {shown_bytes(record.value, VALUE_BYTES_SHOWN)}")

"""`staydown dlq`: records that could not be read, and why."""

from collections import Counter, deque
from typing import Annotated

import orjson
from cyclopts import App, Parameter
from cyclopts.types import NonNegativeInt, PositiveInt

from services.cli.options import HERE, AsJson, Target
from services.cli.sending import say_sent
from services.cli.terminal import say, show_table, shown, shown_bytes, working
from services.client.errors import ClientError
from services.client.following import Place, Record, following, record_at
from services.client.replaying import letter_of, replay
from services.client.submitting import sending
from services.contracts.binary import json_of
from services.contracts.malformed import MalformedError
from services.contracts.topics import Topic, dead_letters
from services.pipeline import FOLLOWERS, PIPELINE
from services.runtime.intake import is_binary, read_record

LIMIT = 20
VALUE_BYTES_SHOWN = 2_000
HEADER_BYTES_SHOWN = 1_000
REASON = "staydown-reason"

ORIGINS: dict[str, Topic] = {
    dead_letters(topic.name, service): topic
    for service, topics in (
        *((processor.name, (*processor.reads, *processor.broadcasts)) for processor in PIPELINE),
        *((follower.name, follower.reads) for follower in FOLLOWERS),
    )
    for topic in topics
    if topic.public
}
"""Of each topic of dead letters the topic that could not be read."""

TOPICS = tuple(sorted(ORIGINS))

DEAD_LETTERS = App(name="dlq", help="Look at dead letters: records that could not be read, untouched, and why.")
DeadLetters = Annotated[str, Parameter(help="Topic of dead letters, as `staydown dlq list` names it.")]


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
    topic: DeadLetters,
    *,
    limit: Annotated[PositiveInt, Parameter(help="How many of the newest in each partition.")] = LIMIT,
    target: Target = HERE,
) -> None:
    """Print the newest dead letters of a topic: why, where from, key, headers and value."""
    _check(topic)
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


@DEAD_LETTERS.command(name="replay")
async def replay_letter(
    topic: DeadLetters,
    partition: Annotated[NonNegativeInt, Parameter(help="Its partition, as `staydown dlq show` tells it.")],
    offset: Annotated[NonNegativeInt, Parameter(help="Its offset, as `staydown dlq show` tells it.")],
    *,
    target: Target = HERE,
) -> None:
    """Give a dead letter to the services once more, if this version can read it.

    Refused if a later record of its key is there, which the replay would undo: submit what is to hold now instead.
    """
    _check(topic)
    original = ORIGINS[topic]
    with working("reading the dead letter and what came after it"):
        record = await record_at(target.bootstrap, Place(topic, partition, offset))
        if record is None:
            raise ClientError(f"There is no record at partition {partition}, offset {offset} of {topic}.")
        letter = letter_of(original, record)
        try:
            read_record(original, record)
        except MalformedError as error:
            raise ClientError(f"This version cannot read it either: {error.why.rstrip('.')}.") from None
        async with sending(target.bootstrap) as sender:
            sent = await replay(target.bootstrap, sender, letter)
    say_sent(sent, key=sent.key)


def _check(topic: str) -> None:
    if topic not in ORIGINS:
        raise ClientError(f"{topic} is no topic of dead letters; there are {', '.join(TOPICS)}.")


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
    if read := _read_binary(record):
        say(f"  which says: {shown_bytes(read, VALUE_BYTES_SHOWN)}")


def _read_binary(record: Record) -> bytes | None:
    """Return a value that is binary protobuf as JSON, if that can be read."""
    try:
        readable = record.value is not None and is_binary(record.headers)
        return json_of(ORIGINS[record.topic].fact, record.value or b"") if readable else None
    except MalformedError:
        return None

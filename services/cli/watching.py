"""Following one topic of what is decided, and telling each record on a line of its own."""

from collections.abc import Callable
from contextlib import aclosing

from services.cli.terminal import say, shown_json
from services.client import Staydown
from services.client.said import Said
from services.contracts.codec import encode
from services.contracts.topics import Topic
from services.runtime.address import Address


async def watch(
    kafka: Address,
    topic: Topic,
    concerns: Callable[[Said], bool],
    line_of: Callable[[Said], str],
    *,
    from_beginning: bool,
    limit: int | None,
    as_json: bool,
    json_of: Callable[[Said], str] = lambda each: encode(each.fact).decode(),
) -> None:
    """Print what concerns the reader as it comes, as a line or as a JSON object, until there were enough."""
    left = limit
    async with Staydown(kafka) as staydown, aclosing(staydown.watch(topic, from_beginning=from_beginning)) as facts:
        async for each in facts:
            if not concerns(each):
                continue
            say(shown_json(json_of(each)) if as_json else f"{each.at:%H:%M:%S} {line_of(each)}")
            if left is not None and (left := left - 1) == 0:
                return

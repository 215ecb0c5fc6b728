"""Logs are lines of JSON, and bounded whatever happens."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from services.runtime.logs import LINES_MAX, WINDOW_SECONDS, Ration, configure_logs

Said = Callable[[], list[dict[str, object]]]


@pytest.fixture(name="said")
def _said() -> Iterator[Said]:
    """Configure logs, give a way to read them, and leave logging as it was."""
    root, client = logging.getLogger(), logging.getLogger("aiokafka")
    handlers, level, client_level = list(root.handlers), root.level, client.level
    client.setLevel(logging.NOTSET)
    out = io.StringIO()
    configure_logs("hasher", out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    client.setLevel(client_level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_our_own_lines_and_those_of_libraries_are_json_of_one_form(said: Said) -> None:
    """A reader of logs needs one parser."""
    structlog.get_logger().info("start", kafka="127.0.0.1:9092")
    logging.getLogger("aiokafka.client").error("Unable connect to %s", "127.0.0.1:9092")
    logging.getLogger("aiokafka.client").info("not worth a line")
    ours, theirs = said()
    assert (ours["event"], ours["service"], ours["level"], ours["kafka"]) == (
        "start",
        "hasher",
        "info",
        "127.0.0.1:9092",
    )
    assert (theirs["event"], theirs["service"], theirs["level"]) == (
        "Unable connect to 127.0.0.1:9092",
        "hasher",
        "error",
    )
    assert str(ours["at"]) <= str(theirs["at"])


def test_a_flood_of_one_kind_leaves_room_for_the_others(said: Said) -> None:
    """Neither garbage from the world nor a broker that is away fills the disk."""
    for number in range(10 * LINES_MAX):
        structlog.get_logger().warning("dead_letter", offset=number)
        logging.getLogger("aiokafka.conn").warning("refused %d", number)
    structlog.get_logger().info("stop")
    events = [line["event"] for line in said()]
    assert events.count("dead_letter") == LINES_MAX
    assert len(events) == 2 * LINES_MAX + 1
    assert events[-1] == "stop"


def test_the_first_line_after_a_flood_says_how_many_were_left_out() -> None:
    """Nothing is hidden."""
    times = [0.0] * (LINES_MAX + 5) + [WINDOW_SECONDS] * 2
    ration = Ration(iter(times).__next__)
    found = [ration.left_out("dead_letter") for _ in times]
    assert found == [0] * LINES_MAX + [None] * 5 + [5, 0]

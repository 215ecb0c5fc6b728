"""How a service ends when it cannot start."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from types import FrameType

import pytest
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError, RequestTimedOutError

from services.cluster.ports import free_ports
from services.runtime.checking import TopicsError
from services.runtime.run import EXIT_SETTINGS, heeded, recheck

SECONDS_MAX = 60.0


def _start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.hasher"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )


def test_a_wrong_setting_is_one_sentence_and_an_exit_code_of_its_own() -> None:
    """No stack of calls: its reader is an operator."""
    ended = _start(STAYDOWN_TRUST_UPLOAD_CONTENT="maybe")
    assert ended.returncode == EXIT_SETTINGS
    assert ended.stderr == "hasher: STAYDOWN_TRUST_UPLOAD_CONTENT must be true or false, and is 'maybe'.\n"
    assert ended.stdout == ""


def test_without_a_broker_a_service_ends_and_says_so_in_lines_of_json() -> None:
    """Whoever supervises it starts it again."""
    ended = _start(STAYDOWN_KAFKA=f"127.0.0.1:{free_ports(1)[0]}")
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode not in (0, EXIT_SETTINGS)
    assert lines[0]["event"] == "start"
    assert lines[-1]["level"] == "critical"
    assert "KafkaConnectionError" in lines[-1]["error"]
    assert {line["service"] for line in lines} == {"hasher"}


def test_a_running_service_is_ended_by_a_difference_and_by_no_broker_in_trouble() -> None:
    """Whatever keeps Kafka from answering passes, or the engine notices it."""
    answers = [KafkaConnectionError(), NodeNotReadyError(), RequestTimedOutError(), TimeoutError(), None]
    left = iter([*answers, TopicsError("two partitions more")])

    async def check() -> None:
        if error := next(left):
            raise error

    with pytest.raises(TopicsError, match="two partitions more"):
        asyncio.run(recheck(check, 0))


@pytest.mark.parametrize(
    ("before", "numbers"),
    [
        (signal.default_int_handler, (signal.SIGTERM, signal.SIGINT)),
        (signal.SIG_IGN, (signal.SIGTERM,)),
    ],
    ids=["heeded", "ignored"],
)
def test_an_interrupt_stops_a_service_unless_its_parent_had_it_ignored(
    before: Callable[[int, FrameType | None], object] | signal.Handlers, numbers: tuple[signal.Signals, ...]
) -> None:
    """A terminal sends Ctrl-C to every child as well, and it is the parent who stops them, each in its turn."""
    was = signal.signal(signal.SIGINT, before)
    try:
        assert heeded() == numbers
    finally:
        signal.signal(signal.SIGINT, was)

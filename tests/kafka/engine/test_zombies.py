import asyncio
import signal
from pathlib import Path

import pytest

from services.runtime.ending import EXIT_BROKEN
from tests.kafka.engine import topics
from tests.kafka.engine.folds import check_ids, check_outputs, check_state
from tests.kafka.engine.sample import Told
from tests.kafka.engine.workers import Workers, workers

pytestmark = pytest.mark.kafka


def test_a_frozen_member_writes_nothing_once_it_thaws(kafka: str, prefix: str, tmp_path: Path) -> None:
    """A member frozen in its work past its session, and thawed when another has taken over, writes nothing more."""
    told = [Told(f"k{n % 50}", f"i{n}", ("left", "right")[n % 2]) for n in range(40_000)]
    asyncio.run(topics.create(kafka, prefix))
    with workers(kafka, prefix, tmp_path) as running:
        asyncio.run(_freeze_and_thaw(kafka, prefix, running, told))
    found = asyncio.run(topics.read(kafka, f"{prefix}.out"))
    check_outputs(found, told)
    check_ids(found)
    check_state(asyncio.run(topics.read(kafka, f"{prefix}.state")), told)


async def _freeze_and_thaw(kafka: str, prefix: str, running: Workers, told: list[Told]) -> None:
    frozen = running.start()
    await topics.tell(kafka, prefix, told[:30_000])
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= 1)
    frozen.send(signal.SIGSTOP)
    successor = running.start()
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= 30_000)
    frozen.send(signal.SIGCONT)
    await topics.tell(kafka, prefix, told[30_000:])
    await topics.read_until(kafka, f"{prefix}.out", lambda found: len(found) >= len(told))
    await topics.until("the zombie ends or is a member again", lambda: _is_over(frozen.process.poll(), frozen.logged))
    assert successor.process.poll() is None


def _is_over(code: int | None, logged: object) -> bool:
    """Tell whether the process has ended as one that was fenced, or has joined anew as if it had just started."""
    assert code in (None, EXIT_BROKEN)
    return code is not None or (callable(logged) and len(logged("assigned")) > 1)

"""Transactions that do not commit are told to the next start."""

import asyncio
import gc
from pathlib import Path

import pytest
from aiokafka.errors import ProducerFenced
from prometheus_client import REGISTRY

from services.runtime.outgoing import Sendable
from services.runtime.settings import Settings
from services.runtime.transactions import Transactions
from tests.kafka.engine import topics

pytestmark = pytest.mark.kafka


def _counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("staydown_transactions_total", {"outcome": outcome}) or 0.0


def test_who_is_fenced_tells_it_after_the_next_start(kafka: str, prefix: str, tmp_path: Path) -> None:
    """The unit is taken over by another process, and the transaction of the old one does not commit."""
    asyncio.run(_taken_over(Settings(kafka=kafka, state_dir=str(tmp_path)), prefix))
    gc.collect()  # what the fenced client leaves behind complains when it goes: here, and not in somebody else's middle


async def _taken_over(settings: Settings, prefix: str) -> None:
    out = f"{prefix}.out"
    await topics.create(settings.kafka, prefix)
    old, new, third = (Transactions(settings, prefix, 0) for _ in range(3))
    records: dict[tuple[str, int], list[Sendable]] = {(out, 0): [(b"k", b"{}", [])]}
    try:
        committed = _counted("committed")
        await old.open([out])
        await old.commit(records, {})
        assert _counted("committed") == committed + 1
        await new.open([out])
        with pytest.raises(ProducerFenced):
            await old.commit(records, {})
        await new.commit(records, {})
        fenced, aborted = _counted("fenced"), _counted("aborted")
        await third.open([out])
        assert (_counted("fenced"), _counted("aborted")) == (fenced + 1, aborted)
        assert _counted("committed") == committed + 2
    finally:
        for each in (old, new, third):
            await each.close()

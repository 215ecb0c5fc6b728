import asyncio
import json
from pathlib import Path

import pytest

from services.notifier.schedule import State
from services.notifier.store import Settled
from tests.cli.conftest import Staydown
from tests.notifier.facts import NOW, by_webhook, some
from tests.notifier.stores import a_store

HOOK = by_webhook("hook")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a state directory whose archive has a delivery that waits, one that was given up, and one that is done."""
    monkeypatch.delenv("STAYDOWN_STATE_DIR", raising=False)
    monkeypatch.delenv("STAYDOWN_ARCHIVE_URL", raising=False)

    async def fill() -> None:
        async with a_store(f"sqlite:///{tmp_path}/archive.sqlite", HOOK) as store:
            await store.put(some(3, HOOK))
            first, second, _ = await store.turn("hook", [], 3, NOW)
            given_up = Settled(first.id, State.GIVEN_UP, 10, NOW, "500 no\u202eroom")
            await store.turn("hook", [given_up, Settled(second.id, State.DELIVERED, 1, NOW, "204")], 0, NOW)

    asyncio.run(fill())
    return tmp_path


def test_what_waits_and_what_was_given_up_is_listed(staydown: Staydown, state: Path) -> None:
    """With what was answered last, made harmless; what is done only when asked for."""
    listed = staydown("deliveries", "list", "--state", state)
    assert listed.code == 0, listed.err
    assert listed.out.count("notice.issued n-") == 2
    assert "GIVEN_UP" in listed.out
    assert "no\\u202eroom" in listed.out
    everything = staydown("deliveries", "list", "--state", state, "--all", "--json").out.splitlines()
    assert sorted(json.loads(line)["state"] for line in everything) == ["DELIVERED", "GIVEN_UP", "WAITING"]
    assert staydown("deliveries", "list", "--state", state, "--receiver", "other", "--json").out == ""


def test_what_was_given_up_is_tried_again(staydown: Staydown, state: Path) -> None:
    """By its id, or all of a receiver's; a second time there is nothing to do."""
    (line,) = [
        json.loads(line)
        for line in staydown("deliveries", "list", "--state", state, "--json").out.splitlines()
        if "GIVEN_UP" in line
    ]
    assert staydown("deliveries", "retry", "other", "--state", state).out == "0 to be tried again\n"
    assert staydown("deliveries", "retry", line["delivery_id"], "--state", state).out == "1 to be tried again\n"
    assert staydown("deliveries", "retry", "--receiver", "hook", "--state", state).out == "0 to be tried again\n"
    assert "GIVEN_UP" not in staydown("deliveries", "list", "--state", state, "--all").out

"""`staydown deliveries`: what the notifier delivers, and trying again what it gave up."""

import time
from dataclasses import asdict
from typing import Annotated

import orjson
from cyclopts import App, Parameter
from cyclopts.types import PositiveInt

from services.archive.migrating import check_schema
from services.archive.queries.deliveries import Delivered, find_deliveries
from services.cli.archive import Url, opened
from services.cli.options import HERE, AsJson, Target
from services.cli.terminal import say, show_table, shown_json, times
from services.contracts.types import timestamp
from services.notifier.retrying import retry as retry_deliveries
from services.notifier.schedule import State

DELIVERIES = App(name="deliveries", help="See what is delivered by webhook and mail, and try it again.")

Receiver = Annotated[str, Parameter(help="Only of this receiver.")]


@DELIVERIES.command(name="list")
async def list_deliveries(
    *,
    every: Annotated[bool, Parameter(name="--all", help="Also what was delivered.")] = False,
    receiver: Receiver = "",
    limit: Annotated[PositiveInt, Parameter(help="So many at most, the newest first.")] = 100,
    as_json: AsJson = False,
    archive: Url = None,
    target: Target = HERE,
) -> None:
    """Tell what waits and what was given up, and what was answered last; with --json one object a line."""
    states = tuple(State) if every else (State.WAITING, State.GIVEN_UP)
    async with opened(archive, target.state) as engine:
        await check_schema(engine)
        found = await find_deliveries(engine, states=states, receiver=receiver, limit=limit)
    if as_json:
        for each in found:
            say(shown_json(orjson.dumps(asdict(each)).decode()))
        return
    show_table(("delivery", "receiver", "about", "state", "tries", "next", "answer"), [_row(each) for each in found])


@DELIVERIES.command
async def retry(*ids: str, receiver: Receiver = "", archive: Url = None, target: Target = HERE) -> None:
    """Try again what was given up: these deliveries, or all; with --receiver it is enabled again if it had gone."""
    async with opened(archive, target.state) as engine:
        await check_schema(engine)
        count = await retry_deliveries(engine, int(time.time() * 1000), receiver=receiver, ids=ids)
    say(f"{count} to be tried again")


def _row(each: Delivered) -> tuple[str, ...]:
    next_try = times(timestamp(each.next_ms)) if each.state == State.WAITING else ""
    return each.delivery_id, each.receiver, each.about, each.state, str(each.attempts), next_try, each.detail

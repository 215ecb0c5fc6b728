"""Deliveries in the readable record's database: put once, tried by one at a time, and what came of each try.

Promises: a delivery that is put a second time stays as it is; what is tried by one is tried by nobody else until its
time is over, so that a kill costs no more than another try; what a letter gathers is fixed before it is sent.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, Select, and_, bindparam, case, delete, func, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.archive.engine import writing
from services.archive.tables import DELIVERIES, RECEIVERS
from services.notifier.matching import Delivery
from services.notifier.receivers import Receiver
from services.notifier.schedule import DAY_MS, TRIED_MS, State

# Both databases bound the parameters of a statement.
TOGETHER_MAX = 500
# A letter with more would be read by nobody.
LETTER_MAX = 200
# Above the longest try by far, and what a delivery that was tried by a killed process waits.
LEASE_MS = 120_000
# Above the days for which notices' topic is kept, since they could be read again.
NOBODYS = "its receiver is in the file no more"
DELIVERED_KEPT_MS = 30 * DAY_MS
GIVEN_UP_KEPT_MS = 90 * DAY_MS

_D = DELIVERIES.c
# Written out: neither database uses a partial index for a parameter.
_WAITS = _D.state == literal_column("'WAITING'")


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is to be tried now under one id: a delivery, or those that one letter gathers."""

    id: str
    rows: tuple[Row[Any], ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """How a delivery stands after a try."""

    delivery_id: str
    state: State
    attempts: int
    next_ms: int
    detail: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """A receiver as a whole: when something is to be tried next, and since when the oldest waits; ms, or None."""

    receiver: str
    is_disabled: bool
    next_ms: int | None
    oldest_ms: int | None


class Store:
    """All deliveries. `holder`: this process's name; one that survives restarts takes up at once what it tried."""

    def __init__(self, engine: AsyncEngine, holder: str = "") -> None:
        self._engine = engine
        self._holder = holder or uuid4().hex
        self._insert: Any = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    async def begin(self, receivers: Sequence[Receiver], now: int) -> None:
        """Note who is told; whoever has another address now is no longer disabled. Let go of what this name held."""
        rows = [{"receiver": each.id, "address": each.address, "disabled_ms": None} for each in receivers]
        insert = self._insert(RECEIVERS)
        moved = insert.on_conflict_do_update(
            index_elements=["receiver"],
            set_={"address": insert.excluded.address, "disabled_ms": None},
            where=RECEIVERS.c.address != insert.excluded.address,
        )
        async with writing(self._engine) as connection:
            await connection.execute(moved, rows)
        await self.let_go(now)

    async def let_go(self, now: int) -> None:
        """Let go of what is held, so that it is tried again at once."""
        held = update(DELIVERIES).where(_D.holder == self._holder, _WAITS)
        async with writing(self._engine) as connection:
            await connection.execute(held.values(holder=None, next_ms=now))

    async def put(self, deliveries: Sequence[Delivery]) -> None:
        """Put what is new, in one transaction; in one order, or two processes could wait for one another."""
        ordered = sorted(deliveries, key=lambda each: each.delivery_id)
        async with writing(self._engine) as connection:
            for begin in range(0, len(ordered), TOGETHER_MAX):
                rows = [
                    {**asdict(each), "state": State.WAITING, "attempts": 0, "detail": ""}
                    for each in ordered[begin : begin + TOGETHER_MAX]
                ]
                insert = self._insert(DELIVERIES).values(rows)
                await connection.execute(insert.on_conflict_do_nothing(index_elements=["delivery_id"]))

    async def turn(self, receiver: str, settled: Sequence[Settled], limit: int, now: int) -> list[Claimed]:
        """Note what came of tries, and take up to `limit` deliveries that are due; in one transaction."""
        async with writing(self._engine) as connection:
            await self._settle(connection, settled, now)
            if not limit:
                return []
            due = select(_D.delivery_id).where(*_due(receiver, now)).order_by(_D.next_ms).limit(limit)
            rows = await self._hold(connection, await _locked(connection, due), now)
            return [Claimed(row.delivery_id, (row,)) for row in rows]

    async def turn_of_letters(self, receiver: str, settled: Sequence[Settled], limit: int, now: int) -> list[Claimed]:
        """Do the same where a letter gathers what is due: one at a time, and one that failed as it was."""
        async with writing(self._engine) as connection:
            await self._settle(connection, settled, now)
            if not limit:
                return []
            fresh = select(_D.delivery_id).where(*_due(receiver, now), _D.letter.is_(None))
            gathered = await _locked(connection, fresh.order_by(_D.said_ms, _D.delivery_id).limit(LETTER_MAX))
            await connection.execute(update(DELIVERIES).where(_D.delivery_id.in_(gathered)).values(letter=uuid4().hex))
            written = select(_D.letter).where(*_due(receiver, now), _D.letter.is_not(None)).order_by(_D.next_ms)
            letter = (await connection.execute(written.limit(1))).scalar()
            if letter is None:
                return []
            its = select(_D.delivery_id).where(*_due(receiver, now), _D.letter == letter)
            rows = await self._hold(connection, await _locked(connection, its), now)
            in_order = sorted(rows, key=lambda row: (row.said_ms, row.delivery_id))
            return [Claimed(letter, tuple(in_order))] if rows else []

    async def outlooks(self) -> list[Outlook]:
        """Return how each receiver stands. Each is two looks into an index, however much waits."""
        waiting = (_D.receiver == RECEIVERS.c.receiver, _WAITS)
        next_ms = select(func.min(_D.next_ms)).where(*waiting).scalar_subquery()
        oldest_ms = select(func.min(_D.created_ms)).where(*waiting).scalar_subquery()
        async with self._engine.connect() as connection:
            found = await connection.execute(select(RECEIVERS.c.receiver, RECEIVERS.c.disabled_ms, next_ms, oldest_ms))
            return [Outlook(name, disabled is not None, due, oldest) for name, disabled, due, oldest in found]

    async def disable(self, receiver: str, now: int) -> None:
        """Note that a receiver is gone."""
        async with writing(self._engine) as connection:
            await connection.execute(update(RECEIVERS).where(RECEIVERS.c.receiver == receiver).values(disabled_ms=now))

    async def give_up(self, receiver: str, now: int) -> int:
        """Give up what waits for a receiver that is gone, and is not being tried; return how much that was."""
        is_free = or_(_D.holder.is_(None), _D.next_ms <= now)
        waiting = update(DELIVERIES).where(_D.receiver == receiver, _WAITS, is_free)
        gone = waiting.values(state=State.GIVEN_UP, detail="the receiver is gone", finished_ms=now, holder=None)
        async with writing(self._engine) as connection:
            return (await connection.execute(gone)).rowcount

    async def expire(self, receivers: Sequence[str], now: int) -> int:
        """Give up what waits for nobody who is told any more, once it would have been given up; return how much."""
        waits = update(DELIVERIES).where(_D.receiver.not_in(receivers), _WAITS, _D.next_ms < now - TRIED_MS)
        late = waits.values(state=State.GIVEN_UP, detail=NOBODYS, finished_ms=now, holder=None)
        async with writing(self._engine) as connection:
            named = update(DELIVERIES).where(_D.receiver.not_in(receivers), _WAITS, _D.detail == "")
            await connection.execute(named.values(detail=NOBODYS))
            return (await connection.execute(late)).rowcount

    async def prune(self, now: int) -> int:
        """Remove some of what was finished long ago; return how much that was."""
        old = or_(
            and_(_D.state == State.DELIVERED, _D.finished_ms < now - DELIVERED_KEPT_MS),
            and_(_D.state == State.GIVEN_UP, _D.finished_ms < now - GIVEN_UP_KEPT_MS),
        )
        ids = select(_D.delivery_id).where(old).limit(TOGETHER_MAX)
        async with writing(self._engine) as connection:
            return (await connection.execute(delete(DELIVERIES).where(_D.delivery_id.in_(ids)))).rowcount

    async def _settle(self, connection: AsyncConnection, settled: Sequence[Settled], now: int) -> None:
        """Note what came of tries, unless somebody else holds them by now, since they took too long."""
        if not settled:
            return
        names = ("state", "attempts", "next_ms", "detail", "finished_ms")
        one = update(DELIVERIES).where(_D.delivery_id == bindparam("its_id"), _D.holder == self._holder)
        rows = [
            {
                "its_id": each.delivery_id,
                "its_state": each.state,
                "its_attempts": each.attempts,
                "its_next_ms": each.next_ms,
                "its_detail": each.detail,
                "its_finished_ms": None if each.state is State.WAITING else now,
            }
            for each in settled
        ]
        # What was delivered is in other hands, and what is personal in it would outlive an erasure here.
        body = case((bindparam("its_state") == literal_column("'DELIVERED'"), ""), else_=_D.body)
        noted: dict[str, Any] = {name: bindparam(f"its_{name}") for name in names}
        await connection.execute(one.values(holder=None, body=body, **noted), rows)

    async def _hold(self, connection: AsyncConnection, ids: Sequence[str], now: int) -> Sequence[Row[Any]]:
        held = update(DELIVERIES).where(_D.delivery_id.in_(ids)).values(holder=self._holder, next_ms=now + LEASE_MS)
        what = (_D.delivery_id, _D.body, _D.said_ms, _D.attempts, _D.detail, _D.traceparent)
        return (await connection.execute(held.returning(*what))).fetchall()


def _due(receiver: str, now: int) -> tuple[Any, ...]:
    return _D.receiver == receiver, _WAITS, _D.next_ms <= now


async def _locked(connection: AsyncConnection, which: Select[Any]) -> Sequence[str]:
    """Return the ids that nobody else takes now, in a statement of its own.

    Within an UPDATE, PostgreSQL may ask again and find others, so that more are taken than were to be.
    """
    found: Sequence[str] = (await connection.execute(which.with_for_update(skip_locked=True))).scalars().all()
    return found

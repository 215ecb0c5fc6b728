"""Who writes the record waits for whom. On SQLite every writer waits for every other already.

On PostgreSQL these are advisory locks, held until the transaction ends: by partition number, since all facts about an
upload are in partitions of one number, so that what is read and then written of it is nobody else's meanwhile; and one
for erasures, which every batch shares and an erasure has alone.
"""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# Two numbers name a lock: ours, and what it is for. Any other program's are its own affair.
_PARTITION, _ERASURE, _MIGRATION = 0x5D_01, 0x5D_02, 0x5D_03


async def hold_partitions(connection: AsyncConnection, partitions: Iterable[int]) -> None:
    """Wait for whoever writes facts of these partition numbers, or erases."""
    if connection.dialect.name != "postgresql":
        return
    await connection.execute(text("SELECT pg_advisory_xact_lock_shared(:kind, 0)"), {"kind": _ERASURE})
    for number in sorted(set(partitions)):
        await _hold(connection, _PARTITION, number)


async def hold_erasure(connection: AsyncConnection) -> None:
    """Wait until nobody writes facts, and let nobody begin."""
    await _hold(connection, _ERASURE, 0)


async def hold_migration(connection: AsyncConnection) -> None:
    """Wait for whoever changes the tables."""
    await _hold(connection, _MIGRATION, 0)


async def _hold(connection: AsyncConnection, kind: int, number: int) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:kind, :number)"), {"kind": kind, "number": number})

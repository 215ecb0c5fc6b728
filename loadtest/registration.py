"""A registration by digest, when a thousand copies are up already: how long until the last of them is down.

From handing the registration to the Kafka client until the arrival of the last BLOCKED verdict. Each round has a
content of its own and begins when nothing else is going on.
"""

import asyncio
from dataclasses import dataclass

from loadtest.files import MadeFile, make_files
from loadtest.form import plain
from loadtest.latency import Latencies, Percentiles
from loadtest.session import Session, Status
from loadtest.stock import expected_of
from loadtest.target import Cluster, progress

FILE_BYTES = 4096
# So that what the uploads of a round left to be done (offsets, fetches) is done when the registration comes.
QUIET_SECONDS = 0.5
# What one round sends at once and waits for, before the next 500: the load before the measurement, not part of it.
TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Registrations:
    """What came of it: over the rounds, each counted by its last copy."""

    copies: int
    last_down_ms: Percentiles


async def measure_registrations(
    session: Session, cluster: Cluster, rounds: int, copies: int, seed: int
) -> Registrations:
    """Measure so many rounds; one in which a verdict is missing ends them, and the truth says so."""
    files = await asyncio.to_thread(make_files, cluster.folder(), rounds, FILE_BYTES, seed)
    latencies = Latencies()
    for number, made in enumerate(files):
        progress(f"registration {number + 1} of {rounds}, with {copies:,} copies up")
        seconds = await _round(session, f"registered-{number}", made, copies)
        if seconds is None:
            break
        latencies.record(seconds)
    return Registrations(copies, latencies.percentiles())


async def _round(session: Session, work_id: str, made: MadeFile, copies: int) -> float | None:
    """Return how long the last copy took to come down, or None if one did not."""
    numbers = session.new_uploads(copies)
    if not await _upload(session, numbers, made):
        return None
    await asyncio.sleep(QUIET_SECONDS)
    session.truth.expect_all(numbers, expected_of(made, work_id))
    registered_at = session.register(work_id, made)
    if not await session.answered():
        return None
    await session.receipts_came([work_id], Status.ENFORCED)
    return max(session.truth.at[number] for number in numbers) - registered_at


async def _upload(session: Session, numbers: range, made: MadeFile) -> bool:
    """Post the copies and return whether all got their verdict, which is CLEAR."""
    address = plain(made.uri)
    for begin in range(0, len(numbers), TOGETHER):
        together = numbers[begin : begin + TOGETHER]
        session.truth.expect_all(together, expected_of(made, None))
        for number in together:
            session.submit(number, address)
        if not await session.answered():
            return False
    return True

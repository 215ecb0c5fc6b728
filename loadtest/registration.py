"""A registration by digest, when a thousand copies are up already: how long until the last of them is down.

From handing the registration to the Kafka client until the arrival of the last BLOCKED verdict. Each round has a
content of its own and begins when nothing else is going on.
"""

import asyncio
from dataclasses import dataclass

from loadtest.even_load import expected_of
from loadtest.files import MadeFile, make_files
from loadtest.latency import Latencies, Percentiles
from loadtest.session import Session, Status
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
    files = await asyncio.to_thread(make_files, cluster.media / "registered", rounds, FILE_BYTES, seed)
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
    upload_ids = [f"{session.run_id}-{work_id}-{copy}" for copy in range(copies)]
    if not await _upload(session, upload_ids, made):
        return None
    await asyncio.sleep(QUIET_SECONDS)
    for upload_id in upload_ids:
        session.truth.expect(upload_id, expected_of(made, work_id))
    registered_at = await session.register(work_id, made)
    if not await session.answered():
        return None
    await session.receipts_came([work_id], Status.ENFORCED)
    return max(session.truth.came(upload_id)[-1] for upload_id in upload_ids) - registered_at


async def _upload(session: Session, upload_ids: list[str], made: MadeFile) -> bool:
    """Post the copies and return whether all got their verdict, which is CLEAR."""
    for begin in range(0, len(upload_ids), TOGETHER):
        for upload_id in upload_ids[begin : begin + TOGETHER]:
            session.truth.expect(upload_id, expected_of(made, None))
            await session.submit(upload_id, made.uri)
        if not await session.answered():
            return False
    return True

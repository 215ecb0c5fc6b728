"""How late timers are when nothing else goes on, seen from outside.

An upload whose file is missing is UNSCANNED at once, and the enforcer asks for it again by a timer a second after the
time that this verdict names (`decided_at`). Late is what lies between that moment and the arrival of the request at
our reader: the timer's own lateness, the transaction that it led to, and the way here. A service's own metric of
timer lateness would leave the last two out, and would be the word of whoever is being measured.
`written_ms` is up to the moment that the request was made, by its record's own timestamp.
"""

import asyncio
import time
from dataclasses import dataclass

from loadtest.latency import Latencies, Percentiles
from loadtest.session import Session
from loadtest.target import Cluster, progress
from loadtest.truth import Expected, Verdict
from services.contracts.types import milliseconds

# CONTRACT: the enforcer's first retry, by DESIGN's doubling backoff from a second.
FIRST_RETRY_MS = 1000
# No multiple of any pause in the engine, so that timers are set at all moments of its rhythm.
APART_SECONDS = 0.137
WAIT_SECONDS_MAX = 15.0


@dataclass(frozen=True, slots=True)
class Timers:
    """What came of it: until the request could be read, and until it was made."""

    late_ms: Percentiles
    written_ms: Percentiles


async def measure_timers(session: Session, cluster: Cluster, count: int) -> Timers:
    """Submit so many uploads without a file, one by one, and see when each is asked for again."""
    progress(f"setting {count} timers with nothing else to do")
    upload_ids = [f"{session.run_id}-missing-{number}" for number in range(count)]
    for upload_id in upload_ids:
        session.truth.expect(upload_id, Expected(Verdict.UNSCANNED))
        await session.submit(upload_id, (cluster.media / upload_id).as_uri())
        await asyncio.sleep(APART_SECONDS)
    await session.answered()
    await session.reader.until(lambda: all(session.asked[name] for name in upload_ids), WAIT_SECONDS_MAX)
    for upload_id in upload_ids:
        await session.delete(upload_id)
    await session.acknowledged()
    return _timers(session, upload_ids)


def _timers(session: Session, upload_ids: list[str]) -> Timers:
    """Return the lateness of the first request for each; one that never came has none and is missing in the count."""
    late, written = Latencies(), Latencies()
    since_epoch = time.time() - time.monotonic()
    for upload_id in upload_ids:
        for asked in session.asked[upload_id][:1]:
            due_ms = milliseconds(session.truth.said(upload_id)[0].decided_at) + FIRST_RETRY_MS
            late.record(asked.at + since_epoch - due_ms / 1000)
            written.record((asked.written_ms - due_ms) / 1000)
    return Timers(late.percentiles(), written.percentiles())

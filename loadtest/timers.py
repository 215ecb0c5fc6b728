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
from datetime import datetime

from loadtest.form import plain
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
    numbers = session.new_uploads(count)
    for number in numbers:
        session.truth.expect(number, Expected(Verdict.UNSCANNED))
        session.submit(number, plain((cluster.media / session.upload_id(number)).as_uri()))
        await asyncio.sleep(APART_SECONDS)
    await session.answered()
    await session.reader.until(lambda: all(session.asked[number] for number in numbers), WAIT_SECONDS_MAX)
    for number in numbers:
        session.delete(number)
    await session.acknowledged()
    return _timers(session, numbers)


def _timers(session: Session, numbers: range) -> Timers:
    """Return the lateness of the first request for each; one that never came has none and is missing in the count."""
    late, written = Latencies(), Latencies()
    since_epoch = time.time() - time.monotonic()
    for number in numbers:
        said = session.truth.unscanned.get(number)
        if said is None:
            continue
        for at, written_ms in session.asked[number][:1]:
            due_ms = milliseconds(datetime.fromisoformat(said.decided_at)) + FIRST_RETRY_MS
            late.record(at + since_epoch - due_ms / 1000)
            written.record((written_ms - due_ms) / 1000)
    return Timers(late.percentiles(), written.percentiles())

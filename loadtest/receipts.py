"""The truth about receipts: a registration has one ACCEPTED, one ENFORCED and nothing else; a settlement RELEASED."""

from collections.abc import Iterable, Mapping, Sequence

from loadtest.latency import Latencies
from loadtest.session import Status
from loadtest.truth import EXAMPLES_MAX, Tally

Receipts = Mapping[str, Mapping[Status, Sequence[float]]]
"""By work and status: when each receipt came."""
WANTED = (Status.ACCEPTED, Status.ENFORCED)


def receipts_tally(receipts: Receipts, work_ids: Iterable[str], wanted: Sequence[Status] = WANTED) -> Tally:
    """Compare what came about works that were registered once, or in answer to what was wanted, with what must come."""
    missed, wrong, twice = [], [], []
    for work_id in work_ids:
        came = {status: len(times) for status, times in receipts.get(work_id, {}).items() if times}
        missed += [f"missed: {work_id}: no {status}" for status in wanted if not came.get(status)]
        wrong += [f"wrong: {work_id}: {status}" for status in came if status not in wanted]
        twice += [f"twice: {work_id}: {count} times {status}" for status, count in came.items() if count > 1]
    examples = (*missed[:EXAMPLES_MAX], *wrong[:EXAMPLES_MAX], *twice[:EXAMPLES_MAX])
    return Tally(0, len(missed), len(wrong), len(twice), examples)


def receipt_latencies(receipts: Receipts, intended: Mapping[str, float], status: Status) -> Latencies:
    """Return how long after its intended time each work had that receipt."""
    latencies = Latencies()
    for work_id, due in intended.items():
        for at in receipts.get(work_id, {}).get(status, ())[:1]:
            latencies.record(at - due)
    return latencies

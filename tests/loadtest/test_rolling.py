"""By what `rolling` judges how long the partitions of each worker were away."""

from math import nan

import pytest

from loadtest.latency import Percentiles
from loadtest.profiles.rolling import Away, Rolling, goals


def _waited(worst_ms: float, count: int = 100) -> Percentiles:
    return Percentiles(count, 50, 60, worst_ms / 2, worst_ms, worst_ms)


CALM = _waited(400)
EVERY = (
    Away("archivist", 9_000, CALM),
    Away("matcher", 2_000, CALM),
    Away("enforcer-2", 2_000, _waited(3_000)),
    Away("console", 12_000, CALM),
)


@pytest.mark.parametrize(("dynamic", "limit"), [(False, 4_000), (True, 10_000)])
def test_a_kill_is_judged_by_who_decides_and_by_whether_members_have_names(dynamic: bool, limit: float) -> None:
    """The worst of what uploads waited and of when a worker was ready; who shows or tells has no such goal."""
    first, _ = goals(Rolling(kill=True, dynamic=dynamic), CALM, CALM, EVERY)
    assert first.figure.endswith("(enforcer-2)")
    assert (first.limit, first.reached) == (limit, 3_000)


def test_a_service_beside_the_way_of_uploads_is_away_until_it_is_ready() -> None:
    """No upload waits for the ledger, and nothing is known of one for which no upload came."""
    assert Away("ledger", 5_000, CALM).milliseconds == 5_000
    assert Away("ledger", 5_000, Percentiles(0, nan, nan, nan, nan, nan)).milliseconds == 5_000


def test_a_restart_is_judged_by_verdicts_meanwhile() -> None:
    """And so is a kill of those alone who decide nothing, by verdicts afterwards."""
    assert [goal.limit for goal in goals(Rolling(), CALM, CALM, EVERY)] == [5_000, 500]
    assert [goal.limit for goal in goals(Rolling(kill=True), CALM, CALM, EVERY[:1])] == [500]

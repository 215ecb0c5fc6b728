"""How long a unit rests after a transaction."""

import pytest

from services.pipeline import PIPELINE
from services.runtime.resting import REST_SECONDS_MAX, REST_SECONDS_MIN, rest_seconds


@pytest.mark.parametrize(
    ("taken", "records", "least_ms", "rest"),
    [
        (0.001, 1, 0, REST_SECONDS_MIN),
        (0.04, 1, 0, 0.04),
        (0.001, 100, 0, 0.04),
        (0.5, 5_000, 0, REST_SECONDS_MAX),
        (0.06, 1, 400, 0.4),
        (0.5, 1, 50, REST_SECONDS_MAX),
    ],
)
def test_a_unit_rests_as_long_as_it_worked_within_bounds(
    taken: float, records: int, least_ms: int, rest: float
) -> None:
    """A rest grows with what a transaction took and held, up to a bound that only a processor's own wish exceeds."""
    assert rest_seconds(taken, records, least_ms) == pytest.approx(rest)


def test_who_is_in_front_where_a_background_may_be_waits_least() -> None:
    """Beside a background batches are full anyway, so that resting longer shares no transaction."""
    assert rest_seconds(0.04, 100, 0, in_front=True) == REST_SECONDS_MIN
    assert rest_seconds(0.04, 100, 400, in_front=True) == pytest.approx(0.4)


def test_nobody_on_the_way_of_an_upload_rests_longer() -> None:
    """What a verdict or a receipt waits for has no rest of its own: only the ledger, which nobody waits for."""
    assert {processor.name for processor in PIPELINE if processor.rest_ms} == {"ledger"}

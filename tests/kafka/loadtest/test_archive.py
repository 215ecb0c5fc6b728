"""On a real Kafka: facts are told, come into the record, and are written anew."""

import pytest

from loadtest.profiles.archive import archive

pytestmark = pytest.mark.kafka


def test_what_is_told_is_in_the_record_and_again_when_it_is_written_anew() -> None:
    """Every fact once, after either."""
    report = archive(rates=(500.0,), seconds=2.0, seed=1)
    assert report.truth.is_right, report.truth
    assert report.truth.uploads == 2 * 1_000
    [(_, latencies)] = report.figures_ms.items()
    assert latencies.count == 1_000
    assert 0 < latencies.p50 <= latencies.max

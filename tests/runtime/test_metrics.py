"""The catalogue of metrics: every one named, explained, bounded, and with a boundary at its objective."""

import pytest
from prometheus_client import Histogram, Metric
from prometheus_client.metrics import MetricWrapperBase

from services.contracts.measured import Measure
from services.drawing import catalogue
from services.notifier.metrics import DELIVERY_SECONDS
from services.runtime.labels import LABELS
from services.runtime.metrics import (
    COUNTED,
    ENFORCED_SECONDS,
    PAGE_SECONDS,
    RECORD_SECONDS,
    TIMED,
    VERDICT_SECONDS,
)

OBJECTIVES = [
    (VERDICT_SECONDS, 0.15),
    (VERDICT_SECONDS, 0.3),
    (VERDICT_SECONDS, 1.0),
    (ENFORCED_SECONDS, 1.5),
    (DELIVERY_SECONDS, 3.0),
    (RECORD_SECONDS, 2.0),
    (PAGE_SECONDS, 0.2),
]


def _family(metric: MetricWrapperBase) -> Metric:
    (family,) = metric.describe()
    return family


@pytest.mark.parametrize("metric", catalogue(), ids=lambda metric: _family(metric).name)
def test_a_metric_says_what_it_means_and_has_labels_of_closed_lists(metric: MetricWrapperBase) -> None:
    """Each label is one of those of which the catalogue says where all values come from."""
    family = _family(metric)
    assert family.name.startswith("staydown_")
    assert family.documentation.endswith((".", "?"))
    assert "|" not in family.documentation, "it stands in a table"
    assert set(metric._labelnames) <= LABELS.keys()  # noqa: SLF001  # there is no other way to ask


def test_every_label_of_which_something_is_said_is_used() -> None:
    """What nobody uses is not there."""
    assert {name for metric in catalogue() for name in metric._labelnames} == LABELS.keys()  # noqa: SLF001


@pytest.mark.parametrize(("metric", "seconds"), OBJECTIVES)
def test_a_histogram_has_a_boundary_at_its_objective(metric: Histogram, seconds: float) -> None:
    """Else nobody could say how many were within it."""
    assert seconds in metric._upper_bounds  # noqa: SLF001  # there is no other way to ask


def test_every_measure_of_a_decision_is_counted() -> None:
    """By a metric of the catalogue."""
    metrics = {**COUNTED, **TIMED}
    assert metrics.keys() == set(Measure)
    assert set(metrics.values()) <= set(catalogue())

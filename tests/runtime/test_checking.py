"""What of Kafka's topics is compared with the plan."""

import pytest

from services.contracts.topics import UPLOADS_SUBMITTED
from services.runtime.checking import (
    COMPARED,
    NONE_THERE,
    config_differences,
    is_being_restored,
    partition_differences,
    partitions_there,
    with_leaders,
)
from services.runtime.planning import RESTORING, Planned, plan

(TOPIC,) = plan((), [UPLOADS_SUBMITTED])
OTHER = Planned("other", {"cleanup.policy": "delete"})


@pytest.mark.parametrize("name", COMPARED)
def test_each_setting_that_promises_rest_on_is_compared(name: str) -> None:
    """Its sentence names the topic, what it has, and what it should have."""
    found = config_differences([TOPIC], {TOPIC.name: {**TOPIC.configs, name: "7"}})
    assert found == [f"{TOPIC.name} has {name}=7 and should have {TOPIC.configs[name]}: set it with kafka-configs"]


def test_what_is_as_planned_or_left_to_the_operator_is_no_difference() -> None:
    """Retention may be changed; a setting without a plan, and a topic that was not described, are not compared."""
    kept = {name: value if name in COMPARED else "1" for name, value in TOPIC.configs.items()}
    assert config_differences([TOPIC], {TOPIC.name: kept}) == []
    assert config_differences([OTHER], {"other": {"cleanup.policy": "delete", "compression.type": "zstd"}}) == []
    assert config_differences([TOPIC], {}) == []


def test_a_partition_without_a_leader_is_no_difference_to_who_runs() -> None:
    """Its topic cannot be counted now, while another number of partitions and a missing topic still tell."""
    planned = [TOPIC, OTHER, Planned("missing", {})]
    assert with_leaders(planned, {TOPIC.name: 0, "other": 5}) == planned[1:]
    counts = {TOPIC.name: 0, "other": 5}
    found = partition_differences(with_leaders(planned, counts), counts, 4)
    assert [sentence.split()[0] for sentence in found] == ["other", "missing"]


def test_where_nothing_is_both_ways_to_get_topics_are_named_once() -> None:
    """Made for a new cluster, brought back from a copy; and what was made stands in the way of what is brought back."""
    assert partition_differences([TOPIC, OTHER], {"of others": 4}) == [NONE_THERE]
    assert partition_differences([], {}) == []


def test_a_topic_is_being_restored_while_it_is_kept_as_a_restore_keeps_it() -> None:
    """Not where that is the plan, nor where an operator keeps it longer."""
    kept_for_years = Planned("years", {"cleanup.policy": "delete", "retention.ms": "-1"})
    assert is_being_restored([TOPIC], {TOPIC.name: {**TOPIC.configs, **RESTORING}})
    assert not is_being_restored([TOPIC, kept_for_years], {"years": RESTORING})
    assert not is_being_restored([TOPIC], {TOPIC.name: {**TOPIC.configs, "retention.ms": "-1"}})


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ({}, None),
        ({TOPIC.name: 0, "unplanned": 3}, None),
        ({TOPIC.name: 12, "other": 0}, 12),
        ({TOPIC.name: 12, "other": 12, "unplanned": 3}, 12),
    ],
)
def test_the_number_of_partitions_is_that_of_the_planned_topics(counts: dict[str, int], found: int | None) -> None:
    """Those that cannot be counted, and those of others, say nothing."""
    assert partitions_there([TOPIC, OTHER], counts) == found

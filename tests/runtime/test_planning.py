"""Topics follow from the pipeline and the contracts, and differences are told in sentences."""

from services.contracts.processor import Engine
from services.contracts.topics import TOPICS, WORKS_SUBMITTED, Cleanup, changelog, dead_letters
from services.hasher import PROCESSOR as HASHER
from services.pipeline import FOLLOWERS, PIPELINE
from services.runtime.checking import partition_differences
from services.runtime.planning import plan
from services.runtime.provisioning import PLANNED

BY_NAME = {topic.name: topic for topic in PLANNED}


def test_every_topic_of_the_contracts_is_used_by_the_pipeline_and_the_other_way_round() -> None:
    """What is planned from processors alone is what is planned with the contracts' list."""
    used = {topic.name for topic in plan(PIPELINE, (), FOLLOWERS)}
    assert used == set(BY_NAME)
    assert {topic.name for topic in TOPICS} <= used


def test_there_is_a_changelog_for_each_service_that_keeps_state_and_for_no_other() -> None:
    """The hasher keeps nothing."""
    kept = {name for name in BY_NAME if name.endswith(".state")}
    assert kept == {changelog(each.name) for each in PIPELINE if each.engine is Engine.EXACTLY_ONCE}
    assert all(BY_NAME[name].configs["cleanup.policy"] == "compact" for name in kept)


def test_there_are_dead_letters_for_each_public_topic_that_a_service_reads() -> None:
    """What is inside has none: that would be our own bug."""
    expected = {
        dead_letters(topic.name, each.name)
        for each in PIPELINE
        for topic in (*each.reads, *each.broadcasts)
        if topic.public
    } | {dead_letters(topic.name, each.name) for each in FOLLOWERS for topic in each.reads}
    assert {name for name in BY_NAME if name.endswith(".dead")} == expected


def test_what_is_kept_for_years_is_never_removed() -> None:
    """No retention by time, none by size."""
    kept = [BY_NAME[topic.name] for topic in TOPICS if topic.cleanup is Cleanup.KEEP]
    assert kept
    assert all(topic.configs["retention.ms"] == topic.configs["retention.bytes"] == "-1" for topic in kept)


def test_one_service_needs_only_what_it_reads_and_writes() -> None:
    """The hasher starts without the registry's topics."""
    names = {topic.name for topic in plan([HASHER])}
    assert WORKS_SUBMITTED.name not in names
    assert names == {topic.name for topic in (*HASHER.reads, *HASHER.writes)} | {"uploads.submitted.v1.hasher.dead"}


def test_topics_as_planned_have_no_differences() -> None:
    """Whatever the common number is."""
    assert partition_differences(PLANNED, dict.fromkeys(BY_NAME, 12)) == []


def test_a_missing_topic_and_another_number_of_partitions_are_told() -> None:
    """Each in a sentence with the topic's name; the number that most have is the right one."""
    counts = dict.fromkeys(BY_NAME, 4) | {"verdicts.decided.v1": 12}
    del counts["works.receipts.v1"]
    missing, other = sorted(partition_differences(PLANNED, counts), key=lambda each: "12" in each)
    assert missing.startswith("works.receipts.v1 is missing")
    assert other.startswith("verdicts.decided.v1 has 12 partitions and should have 4")


def test_the_number_that_was_asked_for_counts_where_one_was() -> None:
    """All have four, twelve were wanted."""
    assert len(partition_differences(PLANNED, dict.fromkeys(BY_NAME, 4), 12)) == len(PLANNED)

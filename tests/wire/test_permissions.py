"""What each principal may do on a Kafka with an authoriser."""

import pytest

from services.cluster.permissions import Operation, Permission, Resource, of_rightsholder, permissions
from services.contracts.processor import Processor
from services.contracts.topics import TOPICS
from services.notifier.intake import GROUP
from services.pipeline import PIPELINE, SERVICES
from services.runtime.provisioning import PLANNED

EVERYBODY = permissions(["label"])
INSIDE = {topic.name for topic in TOPICS if not topic.public}
FROM_WORLD = {topic.name for topic in TOPICS if topic.from_world}
COPYING = {"keeper", "restorer"}
PEOPLE = EVERYBODY.keys() - set(SERVICES) - COPYING - {"provisioner"}


def _topics(principal: str, operation: Operation) -> set[str]:
    held = EVERYBODY[principal]
    return {each.name for each in held if each.resource is Resource.TOPIC and each.operation is operation}


def test_a_rightsholder_may_submit_works_and_nothing_else() -> None:
    """One operation on one topic."""
    works = (Permission(Resource.TOPIC, "works.submitted.v1", Operation.WRITE),)
    assert EVERYBODY["label"] == of_rightsholder() == works


@pytest.mark.parametrize("processor", PIPELINE, ids=lambda each: each.name)
def test_a_service_may_write_what_the_pipeline_says_and_what_bears_its_name(processor: Processor) -> None:
    """Topics that it writes; its own dead letters and state."""
    others = _topics(processor.name, Operation.WRITE) - {topic.name for topic in processor.writes}
    assert _topics(processor.name, Operation.WRITE) >= {topic.name for topic in processor.writes}
    assert all(name.endswith(f".{processor.name}.dead") or name == f"{processor.name}.state" for name in others)


@pytest.mark.parametrize("processor", PIPELINE, ids=lambda each: each.name)
def test_a_service_may_read_what_the_pipeline_says_and_its_own_state(processor: Processor) -> None:
    """Nothing of another service's."""
    wanted = {topic.name for topic in (*processor.reads, *processor.broadcasts)}
    assert _topics(processor.name, Operation.READ) - {f"{processor.name}.state"} == wanted


@pytest.mark.parametrize("principal", sorted(PEOPLE))
def test_whoever_is_outside_has_no_part_in_what_services_say_to_one_another(principal: str) -> None:
    """Neither to read nor to write; and nothing that a service says publicly can be said by somebody else."""
    assert not _topics(principal, Operation.READ) & INSIDE
    assert _topics(principal, Operation.WRITE) <= FROM_WORLD


def test_every_topic_from_the_world_has_somebody_who_may_write_it() -> None:
    """Beside the dead-letter desk, which says nothing of its own."""
    sayers = PEOPLE - {"dead-letter-desk"}
    assert set().union(*(_topics(each, Operation.WRITE) for each in sayers)) == FROM_WORLD


def test_groups_and_transactional_ids_bear_the_name_of_their_principal() -> None:
    """So nobody takes a service's partitions, or fences it."""
    for principal, held in EVERYBODY.items():
        if principal in COPYING:
            continue
        own = {each.name for each in held if each.resource is not Resource.TOPIC}
        assert own <= {principal, f"{principal}-"}
    assert GROUP in EVERYBODY


def test_who_takes_a_copy_changes_nothing() -> None:
    """It reads every topic, and sees where the groups of all the others stand."""
    keeper = EVERYBODY["keeper"]
    seeing = {Operation.READ, Operation.DESCRIBE_CONFIGS}
    assert {each.operation for each in keeper if each.resource is Resource.TOPIC} == seeing
    assert _topics("keeper", Operation.READ) == {topic.name for topic in PLANNED}
    groups = {each.name: each.operation for each in keeper if each.resource is Resource.GROUP}
    others = {
        each.name
        for principal in EVERYBODY.keys() - COPYING
        for each in EVERYBODY[principal]
        if each.resource is Resource.GROUP
    }
    assert groups == dict.fromkeys(others, Operation.DESCRIBE)
    assert {"enforcer", "archivist", "notifier", "upload-pipeline"} <= others


def test_a_rightsholder_cannot_have_the_name_of_a_service() -> None:
    """It would be told what it may not do by having it taken away, or be given too much."""
    with pytest.raises(ValueError, match="registry"):
        permissions(["registry"])

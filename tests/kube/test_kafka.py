"""Kafka as Strimzi is told to make it: topics, users, listeners; and what is scaled by their lag."""

from collections.abc import Mapping
from typing import Any

import pytest

from services.contracts.processor import Engine, Processor
from services.contracts.topics import TOPICS, changelog, dead_letters
from services.manifests.workloads import WORKLOADS
from services.notifier.intake import GROUP
from services.notifier.intake import TOPICS as TOLD
from services.pipeline import FOLLOWERS, PIPELINE
from services.runtime.provisioning import PLANNED
from tests.kube.rendering import OVERLAYS, OWN_KAFKA, container, environment, of_kind, ours, rendered

PARTITIONS = {"small": 4, "production": 12}
MEMBERS = {"small": 1, "production": 2}
COPIES = {"small": 1, "production": 3}
Acls = dict[tuple[str, str, str], set[str]]


def _acls(name: str) -> Acls:
    rules = of_kind("KafkaUser", rendered("production"))[name]["spec"]["authorization"]["acls"]
    found = {_resource(each["resource"]): set(each["operations"]) for each in rules}
    assert len(found) == len(rules)
    return found


def _resource(each: Mapping[str, str]) -> tuple[str, str, str]:
    return each["type"], each["name"], each["patternType"]


def _expected(name: str, reads: set[str], writes: set[str], buries: set[str]) -> Acls:
    found: Acls = {("group", name, "literal"): {"Read"}}
    for topic in reads | writes | buries:
        found["topic", topic, "literal"] = {"DescribeConfigs"}
    for topic in reads:
        found["topic", topic, "literal"].add("Read")
    for topic in writes | buries:
        found["topic", topic, "literal"].add("Write")
    return found


@pytest.mark.parametrize("processor", PIPELINE, ids=lambda each: each.name)
def test_a_service_may_do_what_the_pipeline_says_and_nothing_else(processor: Processor) -> None:
    """Its topics, its dead letters, its group; with state its changelog and its transactional ids."""
    name, topics = processor.name, (*processor.reads, *processor.broadcasts)
    reads, writes = {each.name for each in topics}, {each.name for each in processor.writes}
    transactional: Acls = {}
    if processor.engine is Engine.EXACTLY_ONCE:
        reads, writes = reads | {changelog(name)}, writes | {changelog(name)}
        transactional = {("transactionalId", f"{name}-", "prefix"): {"Write"}}
    buries = {dead_letters(each.name, name) for each in topics if each.public}
    assert _acls(name) == _expected(name, reads, writes, buries) | transactional


def test_who_follows_may_read_public_topics_and_bury_what_cannot_be_read() -> None:
    """The archivist writes nothing else, and the notifier nothing at all."""
    for follower in FOLLOWERS:
        buries = {dead_letters(each.name, follower.name) for each in follower.reads}
        reads = {each.name for each in follower.reads}
        assert _acls(follower.name) == _expected(follower.name, reads, set(), buries)
    assert _acls("notifier") == _expected(GROUP, set(TOLD), set(), set())


def test_the_console_may_say_what_people_decide_and_reads_nothing() -> None:
    """What it shows is in the archive."""
    said = ("disputes.submitted.v1", "reviews.submitted.v1")
    assert _acls("console") == {("topic", name, "literal"): {"Write"} for name in said}


def test_nobody_is_a_superuser_and_whoever_comes_from_elsewhere_has_a_certificate() -> None:
    """Services and Jobs have passwords, by the name that they are told."""
    objects = rendered("production")
    users = of_kind("KafkaUser", objects)
    passwords = {name for name, each in users.items() if each["spec"]["authentication"]["type"] == "scram-sha-512"}
    assert passwords == {*ours(objects), "keeper", "restorer"}
    for name, each in ours(objects).items():
        told = {one["name"]: one.get("value") for one in container(each)["env"]}
        assert told["STAYDOWN_KAFKA_SASL_USERNAME"] == name
    (kafka,) = of_kind("Kafka", objects).values()
    assert kafka["spec"]["kafka"]["authorization"] == {"type": "simple"}
    assert all(each["tls"] and each["authentication"] for each in kafka["spec"]["kafka"]["listeners"])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_topic_is_as_it_is_planned(overlay: str) -> None:
    """With the settings that promises rest on, and one number of partitions."""
    found = of_kind("KafkaTopic", rendered(overlay))
    assert found.keys() == {each.name for each in PLANNED} >= {each.name for each in TOPICS}
    for planned in PLANNED:
        spec = found[planned.name]["spec"]
        assert spec["config"] == dict(planned.configs)
        assert (spec["partitions"], spec["replicas"]) == (PARTITIONS[overlay], COPIES[overlay])
        assert found[planned.name]["metadata"]["labels"]["strimzi.io/cluster"] == "staydown"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_broker_fewer_than_there_are_copies_still_writes(overlay: str) -> None:
    """And with less, nothing is acknowledged that could be lost."""
    objects = rendered(overlay)
    (kafka,) = of_kind("Kafka", objects).values()
    config = kafka["spec"]["kafka"]["config"]
    copies = COPIES[overlay]
    for name in ("default", "offsets.topic", "transaction.state.log"):
        assert config[f"{name}.replication.factor"] == copies
    assert config["min.insync.replicas"] == config["transaction.state.log.min.isr"] == max(1, copies - 1)
    assert of_kind("KafkaNodePool", objects)["brokers"]["spec"]["replicas"] >= copies
    assert of_kind("KafkaNodePool", objects)["controllers"]["spec"]["replicas"] == copies
    assert config["auto.create.topics.enable"] is False
    assert config["unclean.leader.election.enable"] is False


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_on_a_kafka_of_ones_own_a_job_makes_the_topics_with_as_many_partitions(overlay: str) -> None:
    """As the one principal that may."""
    objects = rendered(overlay, OWN_KAFKA)
    arguments = container(of_kind("Job", objects)["topics"])["args"]
    assert arguments == ["services.cli", "topics", "create", "--partitions", str(PARTITIONS[overlay])]
    assert environment("topics", objects)["STAYDOWN_KAFKA_SASL_USERNAME"] == "provisioner"
    assert "topics" not in of_kind("Job", rendered(overlay))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_keeps_no_state_grows_with_its_lag_and_never_beyond_the_partitions(overlay: str) -> None:
    """By every topic that it reads, as itself; and nothing else says how many there are."""
    objects = rendered(overlay)
    scaled = of_kind("ScaledObject", objects)
    follows: dict[str, Any] = {one.name: set(one.follows) for one in WORKLOADS if one.follows}
    assert scaled.keys() == follows.keys() == of_kind("TriggerAuthentication", objects).keys()
    for name, each in scaled.items():
        spec = each["spec"]
        assert spec["scaleTargetRef"] == {"kind": "Deployment", "name": name}
        assert MEMBERS[overlay] == spec["minReplicaCount"] <= spec["maxReplicaCount"] <= PARTITIONS[overlay]
        assert {one["metadata"]["topic"] for one in spec["triggers"]} == follows[name]
        assert {one["metadata"]["consumerGroup"] for one in spec["triggers"]} == {name}
        assert "replicas" not in ours(objects)[name]["spec"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_service_has_more_members_than_partitions(overlay: str) -> None:
    """The rest would wait, and hold memory for it."""
    for each in ours(rendered(overlay, ())).values():
        assert each["spec"]["replicas"] <= PARTITIONS[overlay]

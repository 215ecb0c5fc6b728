"""Whatever an overlay makes would be taken by a cluster, and what is misspelt would not."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.manifests.drawing import RULES, manifests
from tests.kube.checking import SCHEMAS, ValidationError, check
from tests.kube.rendering import CHOICES, K8S, OVERLAYS, Manifest, built, every_object, of_kind, rendered

KINDS = (
    *("Namespace", "ServiceAccount", "ConfigMap", "Service", "Deployment", "StatefulSet", "Job"),
    *(
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "NetworkPolicy",
        "Kafka",
        "KafkaNodePool",
        "KafkaTopic",
        "KafkaUser",
    ),
    *("ScaledObject", "TriggerAuthentication", "PodMonitor", "PrometheusRule"),
)
RIGHTSHOLDER = K8S / "components" / "strimzi" / "rightsholder"


def _one_of(kind: str) -> Manifest:
    return next(each for each in every_object() if each["kind"] == kind)


def _misspelt(manifest: Manifest) -> Iterator[tuple[str, Any]]:
    """Yield the object with each of its own fields misspelt, and each of its spec's."""
    for place in ((), ("spec",)):
        whole = manifest.get(place[0]) if place else manifest
        for field in whole if isinstance(whole, dict) else ():
            wrong: Any = deepcopy(manifest)
            inside = wrong[place[0]] if place else wrong
            if field not in ("apiVersion", "kind"):
                inside[f"{field}z"] = inside.pop(field)
                yield ".".join((*place, field)), wrong


def _would_be_taken(manifest: Manifest) -> bool:
    try:
        check(manifest)
    except ValidationError:
        return False
    return True


def test_every_overlay_is_valid_alone_and_with_every_component() -> None:
    """Strictly: an unknown field is an error, in operators' kinds as in Kubernetes' own."""
    for each in every_object():
        check(each)


def test_every_kind_that_is_rendered_is_misspelt_here() -> None:
    """A kind that is new has to be tried too."""
    assert {each["kind"] for each in every_object()} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_misspelt_field_is_caught(kind: str) -> None:
    """Each field at the top and in the spec, with one letter more."""
    uncaught = {field for field, wrong in _misspelt(_one_of(kind)) if _would_be_taken(wrong)}
    assert uncaught == set()


def test_a_misspelt_field_of_an_alert_is_caught() -> None:
    """Where an alert that never fires would hide."""
    rule = {"alert": "Behind", "expr": "up == 0", "for": "5m", "labels": {"severity": "page"}}
    whole = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "staydown"},
        "spec": {"groups": [{"name": "staydown", "rules": [rule]}]},
    }
    check(whole)
    rule["fro"] = rule.pop("for")
    with pytest.raises(ValidationError):
        check(whole)


def test_a_wrong_type_deep_inside_is_caught() -> None:
    """A word where a number belongs, in a pod and in a topic."""
    workload: Any = deepcopy(_one_of("StatefulSet"))
    workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = "soon"
    topic: Any = deepcopy(_one_of("KafkaTopic"))
    topic["spec"]["partitions"] = "many"
    for wrong in (workload, topic):
        with pytest.raises(ValidationError):
            check(wrong)


def test_every_schema_is_of_a_kind_that_is_used() -> None:
    """What is used no longer goes."""
    assert {path.stem for path in SCHEMAS.glob("*.json")} <= set(KINDS)


def test_the_pattern_of_a_rightsholder_is_valid() -> None:
    """It may write submissions and nothing else, and shows a certificate."""
    (user,) = built(RIGHTSHOLDER)
    check(user)
    assert user["spec"]["authentication"] == {"type": "tls"}
    (rule,) = user["spec"]["authorization"]["acls"]
    assert rule["resource"] == {"type": "topic", "name": "works.submitted.v1", "patternType": "literal"}
    assert rule["operations"] == ["Write"]


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("components", CHOICES)
def test_every_object_is_in_our_namespace_and_no_name_is_taken_twice(overlay: str, components: tuple[str, ...]) -> None:
    """The namespace holds pods to Kubernetes' restricted standard."""
    objects = rendered(overlay, components)
    (namespace,) = of_kind("Namespace", objects).values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {each["metadata"].get("namespace") for each in objects if each is not namespace} == {"staydown"}
    names = [(each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(names) == len(set(names))


def test_alerts_are_those_that_prometheus_of_compose_reads(tmp_path: Path) -> None:
    """One file is the source of both."""
    (tmp_path / RULES).parent.mkdir(parents=True)
    (tmp_path / RULES).write_text("groups:\n  - name: one\n    rules:\n      - {alert: Down, expr: up == 0}\n")
    drawn = msgspec.yaml.decode(manifests(tmp_path)["components/prometheus/rules.yaml"])
    check(drawn)
    assert drawn["spec"] == msgspec.yaml.decode((tmp_path / RULES).read_bytes())

"""Every opening serves a setting, and every setting that leads elsewhere has its opening."""

import re

import pytest

from services.console.settings import CONSOLE_VARIABLES
from services.runtime.settings import VARIABLES
from tests.kube.rendering import (
    COMPONENTS,
    OVERLAYS,
    OWN_KAFKA,
    Manifest,
    environment,
    of_kind,
    ours,
    pods,
    rendered,
    selects,
)

KNOWN = {each.name for each in (*VARIABLES, *CONSOLE_VARIABLES)}
SETTING = "staydown/setting"
STRIMZI = {"strimzi", "strimzi-operators"}
PORTS = {
    "STAYDOWN_KAFKA": {9093},
    "STAYDOWN_ARCHIVE_URL": {5432},
    "STAYDOWN_STORE_BUCKETS": {443},
    "STAYDOWN_HTTP_HOSTS": {80, 443},
    "STAYDOWN_RECEIVERS": {443, 587},
    "STAYDOWN_CONSOLE_ISSUER": {443},
    "STAYDOWN_CONSOLE": {8080},
    "STAYDOWN_HTTP": {9100},
}
DNS = 53
LEADS_OUT = {
    *("STAYDOWN_KAFKA", "STAYDOWN_ARCHIVE_URL", "STAYDOWN_STORE_BUCKETS", "STAYDOWN_HTTP_HOSTS"),
    *("STAYDOWN_RECEIVERS", "STAYDOWN_CONSOLE_ISSUER"),
}

pytestmark = pytest.mark.parametrize("overlay", OVERLAYS)


def _settings(policy: Manifest) -> list[str]:
    said: str = policy["metadata"]["annotations"][SETTING]
    return said.split(", ")


def _openings(policy: Manifest, direction: str) -> set[int]:
    return {port["port"] for rule in policy["spec"].get(direction, ()) for port in rule["ports"]}


def _policies(overlay: str) -> dict[str, Manifest]:
    found = of_kind("NetworkPolicy", rendered(overlay, COMPONENTS))
    return {name: each for name, each in found.items() if name not in {*STRIMZI, "default-deny"}}


def test_nothing_is_open_that_is_not_named(overlay: str) -> None:
    """In the whole namespace, in both directions; and no rule names no port."""
    objects = of_kind("NetworkPolicy", rendered(overlay, ()))
    assert objects["default-deny"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, each in of_kind("NetworkPolicy", rendered(overlay)).items():
        rules = [rule for way in ("ingress", "egress") for rule in each["spec"].get(way, ())]
        assert rules or name == "default-deny"
        assert all(rule["ports"] for rule in rules), name


def test_every_opening_serves_a_setting_that_its_pods_have(overlay: str) -> None:
    """By the port that the setting's value says, or that its kind always has."""
    objects = rendered(overlay, COMPONENTS)
    for name, policy in _policies(overlay).items():
        opened = _openings(policy, "ingress") | _openings(policy, "egress")
        assert set(_settings(policy)) <= KNOWN
        if name == "names":
            assert opened == {DNS}
            continue
        assert opened == set().union(*(PORTS[each] for each in _settings(policy))), name
        chosen = [each for each, pod in pods(objects).items() if selects(policy["spec"]["podSelector"], pod)]
        assert chosen
        for pod in set(chosen) - {"archive"}:
            assert set(_settings(policy)) & set(environment(pod, objects)), (name, pod)


def test_every_setting_that_leads_elsewhere_has_its_opening(overlay: str) -> None:
    """Else a service would be told of what it cannot reach."""
    objects = rendered(overlay, OWN_KAFKA)
    policies = of_kind("NetworkPolicy", objects).values()
    for name, pod in pods(objects).items():
        opened = {
            setting
            for policy in policies
            if policy["metadata"]["name"] not in {"default-deny", "names"}
            and "egress" in policy["spec"]
            and selects(policy["spec"]["podSelector"], pod)
            for setting in _settings(policy)
        }
        told = environment(name, objects)
        assert {each for each in LEADS_OUT if told.get(each)} <= opened, name


def test_ports_are_those_of_the_values(overlay: str) -> None:
    """A broker's port and the pages' own, as they are set."""
    objects = rendered(overlay)
    for name in ours(objects):
        told = environment(name, objects)
        for setting in ("STAYDOWN_KAFKA", "STAYDOWN_HTTP", "STAYDOWN_CONSOLE"):
            if setting in told:
                assert {int(told[setting].rpartition(":")[2])} == PORTS[setting]
        if url := told.get("STAYDOWN_ARCHIVE_URL"):
            assert not re.search(r"@[^/]*:\d", url), "its port is not PostgreSQL's own, which is opened"


def test_the_world_is_reached_by_who_must_and_nobody_s_own_network(overlay: str) -> None:
    """A source or a webhook cannot lead to a neighbour, nor to the machine's own metadata."""
    for name in ("sources", "receivers"):
        for rule in _policies(overlay)[name]["spec"]["egress"]:
            wide, six = (peer["ipBlock"] for peer in rule["to"])
            assert {"10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"} <= set(
                wide["except"]
            )
            assert {"fc00::/7", "fe80::/10"} <= set(six["except"])


def test_metrics_are_open_for_prometheus_and_pages_for_the_gateway(overlay: str) -> None:
    """Nothing else comes in."""
    incoming = {name for name, each in _policies(overlay).items() if "Ingress" in each["spec"]["policyTypes"]}
    assert incoming - {"archive"} == {"metrics", "pages"}
    assert all(rule["from"] for name in incoming for rule in _policies(overlay)[name]["spec"]["ingress"])


def test_without_prometheus_no_metrics_are_open(overlay: str) -> None:
    """The component brings the opening with what uses it."""
    assert "metrics" not in of_kind("NetworkPolicy", rendered(overlay, ()))


def test_with_strimzi_services_reach_its_brokers_alone(overlay: str) -> None:
    """Elsewhere the port is all that is known."""
    (rule,) = of_kind("NetworkPolicy", rendered(overlay))["kafka"]["spec"]["egress"]
    assert rule["to"] == [{"podSelector": {"matchLabels": {"strimzi.io/name": "staydown-kafka"}}}]

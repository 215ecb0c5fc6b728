"""How pods run: confined, watched, ended gently, told only what they know."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.archive.engine import archive_url
from services.archivist import run as archivist
from services.canary.settings import CANARY_VARIABLES, CanarySettings, read_canary_settings
from services.cluster.canary import CANARY
from services.cluster.up import BESIDE
from services.console import serving as console
from services.console.settings import CONSOLE_VARIABLES, read_console_settings
from services.contracts.processor import Engine
from services.manifests.workloads import HTTP_PORT, WORKLOADS
from services.notifier import intake as notifier_intake
from services.notifier import lanes as notifier_lanes
from services.pipeline import PIPELINE, SERVICES
from services.runtime import at_least_once, exactly_once, taking
from services.runtime.settings import VARIABLES, Settings, read_settings
from services.runtime.variables import SettingsError
from tests.kube.rendering import (
    COMPONENTS,
    OVERLAYS,
    OWN_KAFKA,
    ROOT,
    TOGETHER,
    Manifest,
    container,
    environment,
    files,
    of_kind,
    ours,
    pods,
    rendered,
    selects,
    workloads,
)

KEEPING_STATE = {processor.name for processor in PIPELINE if processor.engine is Engine.EXACTLY_ONCE}
KNOWN = {each.name for each in (*VARIABLES, *CONSOLE_VARIABLES, *CANARY_VARIABLES)}
# What each does after it was told to stop, at the longest, in seconds.
DRAIN_SECONDS = {
    **dict.fromkeys(KEEPING_STATE, exactly_once.SUSPEND_SECONDS_MAX + exactly_once.LEAVE_SECONDS_MAX),
    "hasher": taking.DRAIN_SECONDS + at_least_once.CLOSE_SECONDS,
    "archivist": archivist.STOP_SECONDS_MAX,
    "notifier": notifier_intake.LAST_SECONDS + notifier_intake.CLOSE_SECONDS + notifier_lanes.DRAIN_SECONDS,
    "canary": CanarySettings().late_ms / 1000,
    "console": console.DRAIN_SECONDS_MAX,
}
# Loops that are busy, imports that are slow: what the constants do not count.
MARGIN_SECONDS = 5

pytestmark = pytest.mark.parametrize("overlay", OVERLAYS)


def _spec(workload: Manifest) -> Any:
    return workload["spec"]["template"]["spec"]


def test_every_service_runs_and_nothing_else_of_ours(overlay: str) -> None:
    """Those of the pipeline and those beside it; what keeps state has a volume and a name that stays."""
    found = ours(rendered(overlay))
    assert set(found) == {*SERVICES, *BESIDE, CANARY} == {one.name for one in WORKLOADS}
    assert {name for name, each in found.items() if each["kind"] == "StatefulSet"} == KEEPING_STATE
    for name, each in found.items():
        assert container(each)["args"] == [f"services.{name}"]


def test_every_pod_is_confined(overlay: str) -> None:
    """As Kubernetes' restricted standard says, and with a root that cannot be written."""
    for name, pod in (one for choice in TOGETHER for one in pods(rendered(overlay, choice)).items()):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(spec)
        for each in spec["containers"]:
            assert each["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "/tmp" in {mount["mountPath"] for mount in each["volumeMounts"]}  # noqa: S108  # a pod's own
            assert "hostPath" not in str(spec["volumes"])


def test_service_accounts_have_no_token_and_one_workload_each(overlay: str) -> None:
    """Nothing here speaks to Kubernetes."""
    objects = rendered(overlay)
    accounts = of_kind("ServiceAccount", objects)
    assert all(each["automountServiceAccountToken"] is False for each in accounts.values())
    assert {_spec(each)["serviceAccountName"] for each in workloads(objects).values()} == set(accounts)


def test_a_pod_is_given_longer_than_its_drain(overlay: str) -> None:
    """What is added up is what the services' own constants allow, and what happens before they are told."""
    for name, each in ours(rendered(overlay)).items():
        before = container(each).get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        assert _spec(each)["terminationGracePeriodSeconds"] > before + DRAIN_SECONDS[name] + MARGIN_SECONDS, name


def test_liveness_asks_the_loop_and_readiness_the_service(overlay: str) -> None:
    """Neither asks Kafka; a broker's trouble kills no pod, and a start has a minute."""
    for name, each in ours(rendered(overlay)).items():
        probes = container(each)
        assert probes["livenessProbe"]["httpGet"] == {"path": "/live", "port": "http"}, name
        assert probes["startupProbe"]["httpGet"] == {"path": "/live", "port": "http"}
        assert probes["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "http"}
        assert {"name": "http", "containerPort": HTTP_PORT} in probes["ports"]


def test_every_variable_is_a_setting(overlay: str) -> None:
    """What is misspelt would be ignored in silence."""
    for objects in (rendered(overlay, choice) for choice in TOGETHER):
        for name in pods(objects):
            told = {each for each in environment(name, objects) if each.startswith("STAYDOWN_")}
            assert told <= KNOWN, (name, told - KNOWN)


def test_who_keeps_state_is_a_static_member_by_its_pods_name(overlay: str) -> None:
    """And keeps its cache on a volume of its own, which goes with it."""
    for name in KEEPING_STATE:
        each = ours(rendered(overlay))[name]
        (instance,) = [one for one in container(each)["env"] if one["name"] == "STAYDOWN_INSTANCE"]
        assert instance["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
        (claim,) = each["spec"]["volumeClaimTemplates"]
        mounts = {one["name"]: one["mountPath"] for one in container(each)["volumeMounts"]}
        assert mounts[claim["metadata"]["name"]] == environment(name, rendered(overlay))["STAYDOWN_STATE_DIR"]
        assert each["spec"]["podManagementPolicy"] == "Parallel"


def test_there_are_never_two_canaries(overlay: str) -> None:
    """Each enrols with a key of its own, and the other's submissions are refused from then on."""
    canary = ours(rendered(overlay))[CANARY]["spec"]
    assert (canary["replicas"], canary["strategy"]) == (1, {"type": "Recreate"})


def test_no_secret_is_a_variable_and_every_file_that_is_named_is_mounted(overlay: str) -> None:
    """Whoever sees a process's environment learns nothing."""
    choices = [rendered(overlay, each) for each in TOGETHER]
    for objects, name, pod in ((each, *one) for each in choices for one in pods(each).items()):
        assert "secretKeyRef" not in str(pod)
        assert "secretRef" not in str(pod)
        mounted = files(pod)
        for variable, value in environment(name, objects).items():
            if variable.endswith("_FILE"):
                assert value in mounted, (name, variable)
            if "password_file=" in value:
                assert value.partition("password_file=")[2].partition("&")[0] in mounted, (name, variable)


def test_each_has_a_budget_that_lets_one_go(overlay: str) -> None:
    """So a drain of nodes goes on, one pod of a service after another."""
    objects = rendered(overlay)
    budgets = of_kind("PodDisruptionBudget", objects)
    assert set(budgets) == set(workloads(objects))
    for name, each in budgets.items():
        assert each["spec"]["maxUnavailable"] == 1
        assert [other for other, pod in pods(objects).items() if selects(each["spec"]["selector"], pod)] == [name]


def test_pods_are_spread_over_zones_and_nodes(overlay: str) -> None:
    """By their own service's pods, and not so strictly that one waits."""
    for each in ours(rendered(overlay)).values():
        spread = _spec(each)["topologySpreadConstraints"]
        assert [one["topologyKey"] for one in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
        assert all(selects(one["labelSelector"], each["spec"]["template"]) for one in spread)


def test_every_image_has_a_version(overlay: str) -> None:
    """Ours is the project's own; none is the latest."""
    version = (ROOT / "pyproject.toml").read_text().partition('\nversion = "')[2].partition('"')[0]
    for pod in pods(rendered(overlay)).values():
        name, _, tag = pod["spec"]["containers"][0]["image"].partition(":")
        assert tag == version if name == "staydown" else tag[:1].isdigit()


def test_one_version_of_postgresql_and_kafka_serves_everywhere(overlay: str) -> None:
    """Compose and Kubernetes run the same."""
    compose = (ROOT / "docker-compose.yml").read_text()
    (kafka,) = of_kind("Kafka", rendered(overlay)).values()
    assert f"image: apache/kafka:{kafka['spec']['kafka']['version']}\n" in compose
    for pod in pods(rendered(overlay)).values():
        assert f"image: {pod['spec']['containers'][0]['image']}\n" in compose


def test_every_container_says_what_it_takes(overlay: str) -> None:
    """Memory is bounded; cores are not, since a unit that is throttled misses its heartbeats."""
    for name, pod in (one for choice in TOGETHER for one in pods(rendered(overlay, choice)).items()):
        resources = pod["spec"]["containers"][0]["resources"]
        assert set(resources["requests"]) == {"cpu", "memory"}, name
        assert set(resources["limits"]) == {"memory"}


def test_ports_of_a_pod_differ_and_no_two_services_select_one_pod(overlay: str) -> None:
    """Each Service leads to one workload, by a port that it has."""
    objects = rendered(overlay, COMPONENTS)
    for name, pod in pods(objects).items():
        ports = [each["containerPort"] for each in pod["spec"]["containers"][0].get("ports", ())]
        assert len(ports) == len(set(ports)), name
    for name, service in of_kind("Service", objects).items():
        (found,) = [
            each for each in pods(objects).values() if selects({"matchLabels": service["spec"]["selector"]}, each)
        ]
        named = {each["name"] for each in found["spec"]["containers"][0]["ports"]}
        assert {each["targetPort"] for each in service["spec"]["ports"]} <= named, name


def test_what_is_run_once_tries_until_it_can_and_may_be_run_again(overlay: str) -> None:
    """A Job that is still there cannot be changed, so it goes soon after its end."""
    for name, job in of_kind("Job", rendered(overlay, OWN_KAFKA)).items():
        assert job["spec"]["template"]["spec"]["containers"][0]["args"][0] == "services.cli", name
        assert job["spec"]["ttlSecondsAfterFinished"]
        assert job["spec"]["backoffLimit"] > 1


TO_FILL_IN = {
    "hasher": "STAYDOWN_STORE_BUCKETS",
    "canary": "STAYDOWN_CANARY_SOURCE",
    "console": "STAYDOWN_CONSOLE_URL",
    **dict.fromkeys(("archivist", "notifier"), "STAYDOWN_ARCHIVE_URL"),
}
"""Who refuses to start under an overlay alone, for which setting; of the small one the archive is in the cluster."""


def _read(name: str, told: dict[str, str]) -> Settings:
    """Return a service's settings as it reads them at its start, those of its own included."""
    if name == CANARY:
        read_canary_settings(told)
    if name == "console":
        read_console_settings(told)
    return read_settings(told)


def _told(name: str, objects: Sequence[Manifest], folder: Path) -> dict[str, str]:
    """Return what a service is told, with its secrets in a folder."""
    told = environment(name, objects) | {"STAYDOWN_INSTANCE": f"{name}-0"}
    for file in files(pods(objects)[name]):
        path = folder / file.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a secret")
    return {key: value.replace("/run/secrets", f"{folder}/run/secrets") for key, value in told.items()}


def test_what_is_not_filled_in_is_refused_by_who_needs_it(overlay: str, tmp_path: Path) -> None:
    """Before anything is begun, by the variable's name; nobody else waits for it."""
    objects = rendered(overlay)
    refused = {}
    for name in ours(objects):
        try:
            _read(name, _told(name, objects, tmp_path))
        except SettingsError as error:
            refused[name] = str(error)
    here = {"STAYDOWN_ARCHIVE_URL"} if overlay == "small" else set()
    wanted = {name: variable for name, variable in TO_FILL_IN.items() if variable not in here}
    assert {name: said.partition(" must be your own")[0] for name, said in refused.items()} == wanted


def test_every_service_takes_its_settings(overlay: str, tmp_path: Path) -> None:
    """None refuses to start for what it is told, once its secrets are there and what is to be filled in is."""
    objects = rendered(overlay)
    for name in ours(objects):
        here = {key: value.replace(".example", ".test") for key, value in _told(name, objects, tmp_path).items()}
        settings = _read(name, here)
        assert settings.security.protocol == "SASL_SSL"
        if settings.archive_url:
            assert archive_url(settings.archive_url).username == "staydown"
        if name == CANARY:  # what it uploads lies where the hasher may read
            assert here["STAYDOWN_CANARY_SOURCE"].startswith(
                environment("hasher", objects)["STAYDOWN_STORE_BUCKETS"].replace(".example", ".test")
            )
        if name == "console":
            assert not read_console_settings(here).is_local

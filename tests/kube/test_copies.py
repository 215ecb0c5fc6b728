"""A cluster that rests, the Jobs that take a copy of it and bring one back, and where people run commands."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.cli import APP
from services.manifests.users import CERTIFICATE, PASSWORD, users
from services.manifests.workloads import WORKLOADS
from services.runtime.security import Protocol, read_security
from tests.kube.rendering import (
    BACKUP,
    COMPONENTS,
    K8S,
    OVERLAYS,
    OWN_KAFKA,
    RESTORE,
    Manifest,
    environment,
    files,
    of_kind,
    ours,
    pods,
    rendered,
    selects,
    workloads,
)
from tests.kube.test_kafka import PARTITIONS

JOBS = {"backup": (BACKUP, "keeper"), "restore": (RESTORE, "restorer")}
CERTIFIED = {each.name for each in users() if each.authentication == CERTIFICATE}

each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)
each_job = pytest.mark.parametrize("name", JOBS)


def _listeners(overlay: str, components: tuple[str, ...]) -> dict[str, Any]:
    (kafka,) = of_kind("Kafka", rendered(overlay, components)).values()
    return {each["name"]: each.get("networkPolicyPeers") for each in kafka["spec"]["kafka"]["listeners"]}


@each_overlay
def test_at_rest_nobody_of_ours_runs_and_nobody_starts_one(overlay: str) -> None:
    """Nor does KEDA; the archive of a small cluster goes on."""
    objects = rendered(overlay, BACKUP)
    assert {each["spec"]["replicas"] for each in ours(objects).values()} == {0}
    assert ours(objects).keys() == {one.name for one in WORKLOADS}
    assert {each["spec"]["replicas"] for name, each in workloads(objects).items() if name == "archive"} <= {1}
    paused = [each["metadata"]["annotations"] for each in of_kind("ScaledObject", objects).values()]
    assert paused == [{"autoscaling.keda.sh/paused-replicas": "0"}] * len([one for one in WORKLOADS if one.follows])


@each_overlay
def test_at_rest_nobody_makes_topics_and_afterwards_they_are_what_was_restored(overlay: str) -> None:
    """Strimzi's operator leaves them alone, and what it takes over again is as it is restored."""
    resting, running = (of_kind("KafkaTopic", rendered(overlay, each)) for each in (BACKUP, COMPONENTS))
    for name, each in resting.items():
        assert each["metadata"]["annotations"] == {"strimzi.io/managed": "false"}
        assert "annotations" not in running[name]["metadata"]
        assert each["spec"] == running[name]["spec"]


@each_overlay
def test_at_rest_there_is_no_job_that_makes_topics(overlay: str) -> None:
    """One that waited could not be told another number of partitions: the template of a Job never changes."""
    assert "topics" in of_kind("Job", rendered(overlay, OWN_KAFKA))
    assert "topics" not in of_kind("Job", rendered(overlay, RESTORE))


@each_overlay
def test_at_rest_nobody_from_outside_is_let_in(overlay: str) -> None:
    """A person's toolbox is; who has a password stands where they stood."""
    resting, running = _listeners(overlay, BACKUP), _listeners(overlay, COMPONENTS)
    assert resting["services"] == running["services"]
    assert running["outside"] is None
    ((peer,),) = [resting["outside"]]
    let_in = [name for name, pod in pods(rendered(overlay, BACKUP)).items() if selects(peer["podSelector"], pod)]
    assert let_in == ["toolbox"]


@each_overlay
@each_job
def test_a_job_runs_a_command_that_there_is_on_a_volume_that_it_has(overlay: str, name: str) -> None:
    """With the overlay's number of partitions; what it makes besides lies on the volume too."""
    components, _ = JOBS[name]
    objects = rendered(overlay, components)
    pod = pods(objects)[name]["spec"]
    module, *arguments = pod["containers"][0]["args"]
    called, bound, _ = APP.parse_args(arguments, exit_on_error=False, print_error=False)
    assert (module, called.__name__, bound.arguments["partitions"]) == ("services.cli", name, PARTITIONS[overlay])
    claims = {each["name"]: each.get("persistentVolumeClaim") for each in pod["volumes"]}
    (mounted,) = [each["mountPath"] for each in pod["containers"][0]["volumeMounts"] if claims[each["name"]]]
    assert str(bound.arguments["folder"]).startswith(f"{mounted}/")
    assert environment(name, objects)["TMPDIR"] == mounted
    size = of_kind("PersistentVolumeClaim", objects)["backups"]["spec"]["resources"]["requests"]["storage"]
    assert size == {"small": "20Gi", "production": "100Gi"}[overlay]


@each_overlay
@each_job
def test_a_job_is_let_in_as_who_may_do_that_alone(overlay: str, name: str) -> None:
    """By the image of the services; a try that failed leaves its log, and is not followed by many."""
    components, principal = JOBS[name]
    objects = rendered(overlay, components)
    assert environment(name, objects)["STAYDOWN_KAFKA_SASL_USERNAME"] == principal
    assert {each.name: each.authentication for each in users()}[principal] == PASSWORD
    assert any(f"kafka-{principal}" in str(each) for each in pods(objects)[name]["spec"]["volumes"])
    images = {each: pods(objects)[each]["spec"]["containers"][0]["image"] for each in (name, "hasher")}
    assert images[name] == images["hasher"]
    assert pods(objects)[name]["spec"]["restartPolicy"] == "Never"
    (peer, _) = _listeners(overlay, COMPONENTS)["services"]
    openings = of_kind("NetworkPolicy", objects)["kafka"]["spec"]
    assert all(selects(each, pods(objects)[name]) for each in (peer["podSelector"], openings["podSelector"]))


@each_overlay
def test_certificates_outlive_the_kafka_that_they_were_made_for(overlay: str) -> None:
    """Who has one goes on with it on the next."""
    (kafka,) = of_kind("Kafka", rendered(overlay)).values()
    for who in ("clusterCa", "clientsCa"):
        assert kafka["spec"][who] == {"generateSecretOwnerReference": False}


@each_overlay
@pytest.mark.parametrize("principal", sorted({*CERTIFIED, "archivist"}))
def test_in_the_toolbox_a_person_is_whoever_may_do_it(overlay: str, principal: str, tmp_path: Path) -> None:
    """By one word before the command: the settings are such as every command takes, and their files are there."""
    objects = rendered(overlay, BACKUP)
    told = environment("toolbox", objects)
    program = (K8S / "components" / "toolbox" / "as.sh").read_text()
    ((script,),) = [each["data"].values() for name, each in of_kind("ConfigMap", objects).items() if name[:3] == "as-"]
    assert script == program
    (tmp_path / "as").write_text(script)
    command = ("sh", str(tmp_path / "as"), principal, "env")
    done = subprocess.run(command, env=told | {"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True)
    found = dict(line.split("=", 1) for line in done.stdout.splitlines())
    security = read_security(found)
    named = {each for key, each in found.items() if key.endswith("_FILE")}
    assert named <= files(pods(objects)["toolbox"])
    by_password = (Protocol.SASL_SSL, "archivist", f"{_host(told)}:9093")
    shown = (security.protocol, security.username, found["STAYDOWN_KAFKA"])
    assert shown == (by_password if principal == "archivist" else (Protocol.SSL, "", f"{_host(told)}:9094"))


def _host(told: dict[str, str]) -> str:
    return told["STAYDOWN_KAFKA"].partition(":")[0]


@each_overlay
def test_the_toolbox_reaches_kafka_and_the_archive(overlay: str) -> None:
    """And is gone after a working day."""
    objects = rendered(overlay, BACKUP)
    policies, toolbox = of_kind("NetworkPolicy", objects), pods(objects)["toolbox"]
    opened = {
        port["port"]
        for each in policies.values()
        if selects(each["spec"]["podSelector"], toolbox)
        for rule in each["spec"].get("egress", ())
        for port in rule["ports"]
    }
    assert opened == {53, 5432, 9093, 9094}
    assert "archive" not in policies or _lets_in(policies["archive"], toolbox)
    assert 0 < of_kind("Job", objects)["toolbox"]["spec"]["activeDeadlineSeconds"] <= 86_400


def _lets_in(policy: Manifest, pod: Manifest) -> bool:
    return any(selects(each["podSelector"], pod) for rule in policy["spec"]["ingress"] for each in rule["from"])

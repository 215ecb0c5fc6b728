"""What the operators' page says to do in compose, as Compose and our command line read it; no daemon is here."""

import json
import re
import shlex
import subprocess

import pytest

from services.cli import APP
from services.cluster.canary import CANARY
from services.cluster.up import BESIDE
from services.pipeline import SERVICES
from tests.compose.resolved import COMPOSE, ROOT, compose, parse

PAGE = (ROOT / ".github" / "OPERATING.md").read_text()
LINES = [shlex.split(line, comments=True)[1:] for line in re.findall(r"^docker .*", PAGE, re.MULTILINE)]
COMPOSED = [arguments for program, *arguments in LINES if program == "compose"]
RUN = [arguments for arguments in COMPOSED if arguments[0] == "run"]
UNDERSTOOD = "Cannot connect to the Docker daemon"


def on_project(arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    """Have a command read with our file."""
    return compose(f"--file={COMPOSE}", *arguments)


@pytest.mark.parametrize("arguments", COMPOSED, ids=" ".join)
def test_compose_understands_a_command_and_fails_for_want_of_a_daemon_alone(arguments: list[str]) -> None:
    """Its options and the services that it names are there."""
    assert UNDERSTOOD in on_project(arguments).stderr


@pytest.mark.parametrize(
    "arguments", [["stop", "hashers"], ["run", "--mount=/a:/b", "topics"], ["begin"]], ids=" ".join
)
def test_a_planted_fault_is_found(arguments: list[str]) -> None:
    """Before a daemon is looked for."""
    done = on_project(arguments)
    assert done.returncode
    assert UNDERSTOOD not in done.stderr


def test_what_is_stopped_for_a_copy_is_every_service_and_nothing_else() -> None:
    """Kafka above all goes on."""
    (stopped,) = [arguments[1:] for arguments in COMPOSED if arguments[0] == "stop"]
    assert set(stopped) == {*SERVICES, *BESIDE, CANARY}


def test_copies_are_made_and_restored_by_a_container_that_starts_kafka_alone() -> None:
    """Where topics are made at a start, so it has Kafka's address; what it runs is our command line's."""
    assert {arguments[-2] for arguments in RUN} == {"backup", "restore"}
    for arguments in RUN:
        at = arguments.index("topics")
        module, *command = arguments[at + 1 :]
        assert module == "services.cli"
        APP.parse_args(command, exit_on_error=False, print_error=False)
    project = json.loads(parse().stdout)
    assert {*project["services"]["topics"]["depends_on"]} == {"kafka"}
    assert not project["services"]["kafka"].get("depends_on")


def test_the_volume_that_is_removed_is_kafka_s() -> None:
    """By the name that Docker knows it by."""
    (removed,) = [arguments[-1] for arguments in LINES if arguments[:2] == ["volume", "rm"]]
    project = json.loads(parse().stdout)
    (mounted,) = project["services"]["kafka"]["volumes"]
    assert project["volumes"][mounted["source"]]["name"] == removed

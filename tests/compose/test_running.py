"""What docker-compose.yml describes is started, without containers: commands and settings are right."""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store
from sqlalchemy import URL

from services.cluster.canary import CANARY
from services.cluster.ports import free_ports
from services.cluster.secrets import BUCKET, FILES, READER, WRITER, make_secrets
from services.cluster.up import BESIDE
from services.pipeline import SERVICES
from tests.compose.host import Host
from tests.compose.resolved import services
from tests.conftest import a_kafka
from tests.databases import new_database

COMPOSED = services()
OURS = (*SERVICES, *BESIDE, CANARY)
DATABASE = "postgresql://staydown@archive:5432/archive"
STORE_SECONDS_MAX = 30.0
POLL_SECONDS = 0.05


def test_secrets_are_drawn_once(tmp_path: Path) -> None:
    """Into the folders that are volumes of who may read them; the second time changes nothing."""
    command = Host(tmp_path, {}).command(COMPOSED["secrets"])
    assert command[2:4] == ("services.cluster.secrets", f"{tmp_path}/secrets")
    for _ in range(2):
        subprocess.run(command, check=True, timeout=30)
    drawn = {name: (tmp_path / "secrets" / name).read_text() for name in FILES}
    make_secrets(tmp_path / "secrets")
    assert drawn == {name: (tmp_path / "secrets" / name).read_text() for name in FILES}
    assert len(set(drawn.values())) == len(FILES)
    volumes = {volume["target"] for volume in COMPOSED["secrets"]["volumes"]}
    assert volumes == {f"/secrets/{name.partition('/')[0]}" for name in FILES}


@pytest.fixture(scope="module")
def own_kafka() -> Iterator[str]:
    """Run a broker for these tests alone: every group of the pipeline takes part, and others' records would be work."""
    with a_kafka() as bootstrap:
        yield bootstrap


@pytest.fixture
def host(own_kafka: str, postgres: URL, tmp_path: Path) -> Host:
    """Give what stands in for the containers: secrets, a folder of media, Kafka, and an empty database."""
    make_secrets(tmp_path / "secrets")
    for name in ("media", CANARY):
        (tmp_path / "srv" / name).mkdir(parents=True)
    archive = new_database(postgres).replace("postgresql+psycopg:", "postgresql:")
    hosts = {"kafka:9092": own_kafka, "127.0.0.1:9094": own_kafka, f"{DATABASE}?": f"{archive}&"}
    return Host(tmp_path, hosts)


@pytest.mark.kafka
def test_every_service_gets_ready_as_composed(host: Host, tmp_path: Path) -> None:
    """On a real Kafka and a real PostgreSQL: the topics first, then all of them."""

    async def scenario() -> None:
        assert await host.run("topics", COMPOSED["topics"]) == 0, (tmp_path / "topics.log").read_text()
        async with host.running({name: COMPOSED[name] for name in OURS}) as addresses:
            assert len(set(addresses.values())) == len(OURS)

    asyncio.run(scenario())
    assert (tmp_path / "state" / "matcher").is_dir()


@pytest.mark.kafka
@pytest.mark.nightly
def test_load_finds_every_verdict_right_while_workers_are_killed(host: Host, tmp_path: Path) -> None:
    """As composed, but less of it. A generator that was late makes the run void (3), a wrong verdict ends it with 1."""
    load = _told(COMPOSED["load"], rate="20", seconds="20", **{"warm-up-seconds": "10"})
    chaos = _told(COMPOSED["chaos"], rounds="3")

    async def scenario() -> None:
        assert await host.run("topics", COMPOSED["topics"]) == 0
        async with host.running({name: COMPOSED[name] for name in OURS}):
            codes = await asyncio.gather(host.run("chaos", chaos), host.run("load", load))
        assert codes[0] == 0, (tmp_path / "chaos.log").read_text()
        assert codes[1] in (0, 3), (tmp_path / "load.log").read_text()

    asyncio.run(scenario())
    assert (tmp_path / "chaos.log").read_text().count("ready again after") == 3


def _told(service: Mapping[str, Any], **options: str) -> dict[str, Any]:
    """Return the service with other numbers in its command."""
    command = service["command"]
    for name, value in options.items():
        command = [f"--{name}={value}" if part.startswith(f"--{name}=") else part for part in command]
    assert command != service["command"]
    return {**service, "command": command}


@contextmanager
def _store(folder: Path) -> Iterator[str]:
    """Run the store as composed, on ports that are free here, and give its address."""
    taken: dict[str, str] = {}
    command = []
    for part in COMPOSED["store"]["command"]:
        name, _, value = part.partition("=")
        if ".port" in name and value != "0":
            value = taken.setdefault(name, str(free_ports(1)[0]))
        command.append(
            re.sub(r"^/(data|secrets|tmp)", rf"{folder}/\1", value).join((f"{name}=", "")) if value else part
        )
    command = [part.replace("-ip.bind=0.0.0.0", "-ip.bind=127.0.0.1") for part in command]
    for each in ("data", "tmp"):
        (folder / each).mkdir()
    with (folder / "log").open("wb") as log:
        program = Path(sys.executable).with_name("weed")
        server = subprocess.Popen([program, *command], cwd=folder / "data", stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{taken['-s3.port']}"
    finally:
        server.kill()
        server.wait()
        for port in taken.values():
            for left in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
                left.unlink()


def _bucket(address: str, keys: Path) -> S3Store:
    told = dict(line.partition("=")[::2] for line in keys.read_text().splitlines())
    config = {**{name.lower(): value for name, value in told.items()}, "endpoint": address, "region": "us-east-1"}
    return S3Store(BUCKET, config=config, client_options={"allow_http": True}, retry_config={"max_retries": 0})  # type: ignore[arg-type]  # its types know capital names


def test_the_platform_writes_into_the_store_and_the_hasher_only_reads(tmp_path: Path) -> None:
    """With the keys that are drawn; the bucket is there at once, and nobody without a key gets anything."""
    make_secrets(tmp_path / "secrets")
    with _store(tmp_path) as address:
        platform, hasher = (_bucket(address, tmp_path / "secrets" / who / "keys") for who in (WRITER, READER))
        deadline = time.monotonic() + STORE_SECONDS_MAX
        while True:
            try:
                obstore.put(platform, "song.wav", b"a song")
                break
            except (BaseError, OSError):
                assert time.monotonic() < deadline, (tmp_path / "log").read_text()[-3000:]
                time.sleep(POLL_SECONDS)
        assert obstore.get(hasher, "song.wav").bytes().to_bytes() == b"a song"
        with pytest.raises((BaseError, OSError)):
            obstore.put(hasher, "song.wav", b"another song")
        keys = tmp_path / "secrets" / READER / "keys"
        keys.unlink()
        keys.write_text("AWS_ACCESS_KEY_ID=nobody\nAWS_SECRET_ACCESS_KEY=nothing\n")
        with pytest.raises((BaseError, OSError)):
            obstore.get(_bucket(address, keys), "song.wav")
    assert json.loads((tmp_path / "secrets" / "store" / "s3.json").read_text())["identities"]

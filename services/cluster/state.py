"""The state directory of the cluster on one machine: who holds it, and what runs on it at the moment.

Promises: one `up` at a time holds a directory; `services.json` in it is always whole, names every process as it is
now, and is gone after a clean stop.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from services.cluster.errors import ClusterError


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service's process id, and the address of its pages (/live, /ready, /metrics)."""

    pid: int
    http: str


@dataclass(frozen=True, slots=True)
class RunningCluster:
    """What `services.json` says: the process id of `up`, Kafka's address and its nodes' ids (none if it was given)."""

    pid: int
    bootstrap: str
    kafka: Mapping[str, int]
    services: Mapping[str, RunningService]


def default_state() -> Path:
    """Return the state directory used unless another is named, by the XDG rules."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "staydown"


@contextmanager
def held(state: Path) -> Iterator[None]:
    """Hold the state directory, made if need be, for this process alone; the lock ends with the process, however."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = (state / "lock").open("a")
    except OSError as error:
        raise ClusterError(f"The state directory {state} cannot be used: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ClusterError(f"A cluster is running on {state} already.") from None
        try:
            yield
        finally:
            _path(state).unlink(missing_ok=True)


class ClusterRecord:
    """Keeps `services.json` as it should be while things start, die and are started again."""

    def __init__(self, state: Path, bootstrap: str, addresses: Mapping[str, str]) -> None:
        """Begin with nothing running; `addresses` are those of the services' pages, by name."""
        self._state = state
        self._addresses = addresses
        self._running = RunningCluster(os.getpid(), bootstrap, {}, {})

    def note_kafka(self, pids: Mapping[str, int]) -> None:
        """Put down the process ids of Kafka's nodes."""
        self._write(replace(self._running, kafka=pids))

    def note_services(self, pids: Mapping[str, int]) -> None:
        """Put down the process ids of the services."""
        services = {name: RunningService(pid, self._addresses[name]) for name, pid in pids.items()}
        self._write(replace(self._running, services=services))

    def _write(self, running: RunningCluster) -> None:
        self._running = running
        new = _path(self._state).with_suffix(".new")
        new.write_bytes(msgspec.json.format(msgspec.json.encode(running)))
        new.replace(_path(self._state))


def read_running(state: Path) -> RunningCluster:
    """Return what runs on the state directory, or raise ClusterError if nothing does."""
    try:
        running = msgspec.json.decode(_path(state).read_bytes(), type=RunningCluster)
        os.kill(running.pid, 0)
    except (OSError, msgspec.DecodeError):
        raise ClusterError(f"No cluster is running on {state}.") from None
    return running


def _path(state: Path) -> Path:
    return state / "services.json"

"""Worker processes of the sample processor: started, killed, frozen, stopped, and never left behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

SECONDS_MAX = 120.0
SESSION_TIMEOUT_MS = 2_000


@dataclass(frozen=True, slots=True)
class Worker:
    """One process and the file that takes its log."""

    process: subprocess.Popen[bytes]
    path: Path

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return the log lines of that name."""
        lines = (json.loads(line) for line in self.path.read_bytes().splitlines() if line.startswith(b"{"))
        return [line for line in lines if line.get("event") == event]

    def shown(self, metric: str, topic: str) -> dict[int, float]:
        """Return what the worker's page says of a topic, by partition."""
        (started,) = self.logged("start")
        with closing(HTTPConnection("127.0.0.1", started["http_port"], timeout=10)) as page:
            page.request("GET", "/metrics")
            families = text_string_to_metric_families(page.getresponse().read().decode())
        found = (sample for family in families if family.name == metric for sample in family.samples)
        return {int(each.labels["partition"]): each.value for each in found if each.labels["topic"] == topic}

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill it at once."""
        self.process.kill()
        self.process.wait()

    def wait(self) -> int:
        """Return its exit code once it has ended."""
        return self.process.wait(SECONDS_MAX)


class Workers:
    """Starts workers of one sample processor."""

    def __init__(self, bootstrap: str, prefix: str, folder: Path, *options: str, state: Path | None = None) -> None:
        self._command = (sys.executable, "-m", "tests.kafka.engine.sample", prefix, *options)
        self._environment = {
            **os.environ,
            "STAYDOWN_KAFKA": bootstrap,
            "STAYDOWN_SESSION_TIMEOUT_MS": str(SESSION_TIMEOUT_MS),
            "STAYDOWN_STATE_DIR": str(state or ""),
        }
        self._folder = folder
        self.all: list[Worker] = []

    def start(self, instance: str = "", index_parts: int = 1) -> Worker:
        """Start one more; an instance makes it a static member of its group."""
        path = self._folder / f"worker-{len(self.all)}.log"
        told = {"STAYDOWN_INSTANCE": instance, "STAYDOWN_INDEX_PARTS": str(index_parts)}
        environment = {**self._environment, **told}
        with path.open("wb") as log:
            process = subprocess.Popen(self._command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self.all.append(Worker(process, path))
        return self.all[-1]

    def logs(self) -> str:
        """Return all that they said, for a test that fails."""
        return "\n".join(f"{worker.path.name}:\n{worker.path.read_text()}" for worker in self.all)


@contextmanager
def workers(bootstrap: str, prefix: str, folder: Path, *options: str, state: Path | None = None) -> Iterator[Workers]:
    """Give workers that end with the context, and say what they logged if it fails; `state`: kept on disk there."""
    started = Workers(bootstrap, prefix, folder, *options, state=state)
    try:
        yield started
    except BaseException:
        sys.stderr.write(started.logs())
        raise
    finally:
        for worker in started.all:
            worker.kill()

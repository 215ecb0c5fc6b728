"""A real Prometheus on loopback, for as long as a test asks it."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from services.cluster.ports import free_ports
from tests.observe.promtool import RULES

STOP_SECONDS_MAX = 20.0
POLL_SECONDS = 0.1

installed = pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus (Debian's) is not installed")


class Prometheus:
    """Answers queries."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def ask(self, expression: str) -> list[dict[str, Any]]:
        """Return the samples of an expression now; an error of the expression's fails."""
        async with self._session.get(f"{self._url}/api/v1/query", params={"query": expression}) as answer:
            said = await answer.json()
        assert said["status"] == "success", (expression, said)
        found: list[dict[str, Any]] = said["data"]["result"]
        return found

    async def until_ready(self) -> None:
        """Wait until it answers."""
        while not await self._is_ready():  # noqa: ASYNC110  # another process tells only when asked
            await asyncio.sleep(POLL_SECONDS)

    async def _is_ready(self) -> bool:
        try:
            async with self._session.get(f"{self._url}/-/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False


@asynccontextmanager
async def a_prometheus(folder: Path, targets: Mapping[str, str]) -> AsyncIterator[Prometheus]:
    """Scrape each target (HOST:PORT by job) every second, under our rules."""
    settings = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [target]}]} for job, target in targets.items()
        ],
    }
    (folder / "prometheus.yml").write_text(json.dumps(settings))  # JSON is YAML
    address = f"127.0.0.1:{free_ports(1)[0]}"
    command = (
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address={address}",
    )
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=subprocess.STDOUT)
    try:
        async with aiohttp.ClientSession() as session:
            yield Prometheus(f"http://{address}", session)
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), STOP_SECONDS_MAX)

"""How long the matcher takes to have its state again: `python -m loadtest.restarts [ENTRIES]`, on a Kafka of its own.

The changelog is filled with copies, then the matcher is started and killed in turn: with its state in memory, on disk
for the first time, and on disk again. The time is its own `staydown_restore_seconds`, the mean of its units; and the
most memory that it had.
"""

import asyncio
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
from aiokafka import AIOKafkaProducer

from loadtest.stores import BATCH, entry_at
from services.cluster.broker_settings import Profile
from services.cluster.ports import free_ports
from services.cluster.running import running_kafka
from services.contracts.codec import encode
from services.matcher.state import Copy
from services.runtime.changelog import OWN_KEY, UnitRecord
from services.runtime.provisioning import create_topics
from services.runtime.store import changelog_key, pack

PARTITIONS = 4
CHANGELOG = "matcher.state"
READY_SECONDS_MAX = 600.0
POLL_SECONDS = 0.02


async def main(count: int) -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory(prefix="staydown-restarts-") as directory:
        async with running_kafka(Path(directory) / "kafka", _tell, profile=Profile.LOAD) as kafka:
            await create_topics(kafka.bootstrap, PARTITIONS)
            await _fill(kafka.bootstrap, count)
            stores = str(Path(directory) / "stores")
            runs = (("in memory", ""), ("on disk, rebuilt", stores), ("on disk, again", stores), ("the same", stores))
            for name, state in runs:
                print(f"{name:<18} {await _restart(kafka.bootstrap, state)}", flush=True)


async def _fill(bootstrap: str, count: int) -> None:
    """Write copies as the matcher's units would, each unit's own record last."""
    value = pack(encode(Copy(123_456_789, 3, 1)), None)
    own = UnitRecord(now=int(time.time() * 1000)).packed()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=512 * 1024) as producer:
        for begin in range(0, count, BATCH):
            batch = producer.create_batch()
            for number in range(begin, min(begin + BATCH, count)):
                key = changelog_key(*entry_at(number))
                if batch.append(key=key, value=value, timestamp=None) is None:
                    await producer.send_batch(batch, CHANGELOG, partition=begin // BATCH % PARTITIONS)
                    batch = producer.create_batch()
                    batch.append(key=key, value=value, timestamp=None)
            await producer.send_batch(batch, CHANGELOG, partition=begin // BATCH % PARTITIONS)
        await producer.flush()
        for partition in range(PARTITIONS):
            await producer.send_and_wait(CHANGELOG, own, OWN_KEY, partition)


async def _restart(bootstrap: str, state: str) -> str:
    """Start the matcher, wait until it is ready, kill it, and say what it took."""
    (port,) = free_ports(1)
    settings = {"STAYDOWN_KAFKA": bootstrap, "STAYDOWN_HTTP": f"127.0.0.1:{port}", "STAYDOWN_STATE_DIR": state}
    environment = {**os.environ, **settings, "STAYDOWN_INSTANCE": "0", "STAYDOWN_SESSION_TIMEOUT_MS": "30000"}
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.matcher", env=environment)
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(READY_SECONDS_MAX):
            while not await _is_ready(session, port):  # noqa: ASYNC110  # another process's
                await asyncio.sleep(POLL_SECONDS)
            ready = time.perf_counter() - begun
            async with session.get(f"http://127.0.0.1:{port}/metrics") as page:
                metrics = await page.text()
        status = Path(f"/proc/{process.pid}/status").read_text()  # noqa: ASYNC240  # no file on a disk
    finally:
        process.kill()
        await process.wait()
    seconds = float(re.findall(r"^staydown_restore_seconds_sum (\S+)$", metrics, re.MULTILINE)[0]) / PARTITIONS
    records = float(re.findall(r"^staydown_restored_records_total (\S+)$", metrics, re.MULTILINE)[0])
    memory = int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) // 1024
    return f"{seconds:6.2f} s a unit, {ready:6.2f} s to ready, {records:>12,.0f} records read, {memory:,} MiB at most"


async def _is_ready(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/ready") as response:
            return response.ok
    except aiohttp.ClientError:
        return False


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))

"""On a real Kafka: whatever is done to hashers, every upload is answered."""

import asyncio
import random
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
import xxhash
from aiokafka import AIOKafkaProducer

from services.contracts.codec import decode, encode
from services.contracts.inside import UploadRead
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import UPLOADS_READ, UPLOADS_SUBMITTED
from services.runtime.provisioning import create_topics
from tests.kafka.hasher.process import running_hasher
from tests.kafka.hasher.topics import PARTITIONS, lag, producing, reading

pytestmark = pytest.mark.kafka

UPLOADS = 3_000
KILLS = 4
FILE_BYTES = 20_000


def _files(media: Path) -> list[Path]:
    rng = random.Random(17)
    files = [media / f"{number}.bin" for number in range(50)]
    for file in files:
        file.write_bytes(rng.randbytes(FILE_BYTES))
    return files


async def _submit(producer: AIOKafkaProducer, name: str, files: Sequence[Path]) -> dict[str, str]:
    """Submit uploads as fast as they are taken; return the expected check value of each."""
    sums = [xxhash.xxh3_128_hexdigest(file.read_bytes()) for file in files]
    expected = {}
    for number in range(UPLOADS):
        upload_id = f"{name}-{number}"
        fact = UploadSubmitted(upload_id, "someone", f"file://{files[number % len(files)]}")
        await producer.send(UPLOADS_SUBMITTED.name, encode(fact), upload_id.encode())
        expected[upload_id] = sums[number % len(files)]
    await producer.flush()
    return expected


def _check(records: Sequence[object], expected: dict[str, str]) -> None:
    reads = [decode(UploadRead, record.value) for record in records]  # type: ignore[attr-defined]  # the client's records
    found = {read.upload_id: read.content.xxh3_128 for read in reads if read.upload_id in expected}
    assert found == expected


def test_kill_9_at_any_moment_loses_no_read(kafka: str, tmp_path: Path) -> None:
    """What was not written when the process died is done again by the next."""
    rng = random.Random(23)

    async def scenario() -> None:
        await create_topics(kafka, PARTITIONS)
        files = _files(tmp_path)
        async with (
            producing(kafka) as producer,
            reading(kafka, UPLOADS_READ.name) as answers,
            running_hasher(kafka, tmp_path, tmp_path / "log") as hasher,
        ):
            submitting = asyncio.create_task(_submit(producer, tmp_path.name, files))
            for _ in range(KILLS):
                await answers.until_more(rng.randrange(1, 400))
                await hasher.end(signal.SIGKILL)
                await hasher.start()
            expected = await submitting
            _check(await answers.until_keys(set(expected)), expected)

    asyncio.run(scenario())


def test_sigterm_commits_what_is_done_and_exits_with_0(kafka: str, tmp_path: Path) -> None:
    """Nothing is done again after a stop that was asked for."""

    async def scenario() -> None:
        await create_topics(kafka, PARTITIONS)
        files = _files(tmp_path)
        async with (
            producing(kafka) as producer,
            reading(kafka, UPLOADS_READ.name) as answers,
            running_hasher(kafka, tmp_path, tmp_path / "log") as hasher,
        ):
            expected = await _submit(producer, tmp_path.name, files)
            _check(await answers.until_keys(set(expected)), expected)
            assert await hasher.end(signal.SIGTERM) == 0, (tmp_path / "log").read_text()
            assert await lag(kafka, "hasher", UPLOADS_SUBMITTED.name) == 0

    asyncio.run(scenario())


def test_a_second_hasher_comes_and_the_first_goes_while_uploads_pour_in(kafka: str, tmp_path: Path) -> None:
    """Partitions move twice; what was in flight is done again by whoever has them then."""

    async def scenario() -> None:
        await create_topics(kafka, PARTITIONS)
        files = _files(tmp_path)
        async with (
            producing(kafka) as producer,
            reading(kafka, UPLOADS_READ.name) as answers,
            running_hasher(kafka, tmp_path, tmp_path / "log") as first,
        ):
            expected = await _submit(producer, f"{tmp_path.name}-a", files)
            async with running_hasher(kafka, tmp_path, tmp_path / "log-1", "1"):
                expected |= await _submit(producer, f"{tmp_path.name}-b", files)
                assert await first.end(signal.SIGTERM) == 0, (tmp_path / "log").read_text()
                expected |= await _submit(producer, f"{tmp_path.name}-c", files)
                _check(await answers.until_keys(set(expected)), expected)

    asyncio.run(scenario())

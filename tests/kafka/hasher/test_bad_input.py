"""On a real Kafka: bad records become dead letters, bad files become answers, and the next record is served."""

import asyncio
import os
from pathlib import Path

import pytest

from services.contracts.codec import decode, encode
from services.contracts.inside import UploadRead
from services.contracts.reading import Failure
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import UPLOADS_READ, UPLOADS_SUBMITTED, dead_letters
from services.runtime.planning import MESSAGE_BYTES_MAX
from services.runtime.provisioning import create_topics
from tests.contracts import schema
from tests.kafka.hasher.process import running_hasher
from tests.kafka.hasher.topics import PARTITIONS, producing, reading
from tests.kafka.unreadable import send_unreadable_header

pytestmark = pytest.mark.kafka

# A batch of one record has 61 bytes before it, and lengths, key and the like take some 20 more.
LARGEST = b"{" * (MESSAGE_BYTES_MAX - 200)

BAD: dict[str, tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]] = {
    "undecodable": (b"u", b"\xff\xfe", [("ce_id", b"7"), ("mine", None)]),
    "the largest that Kafka takes": (b"u", LARGEST, []),
    "wrong type": (b"u", b'{"upload_id":"u","uploader_id":1,"uri":"x"}', []),
    "no key": (None, encode(UploadSubmitted("u", "a", "file:///x")), []),
    "another key": (b"v", encode(UploadSubmitted("u", "a", "file:///x")), []),
    "no whole message": (b"u", b"\x0a\x05u", [("content-type", b"application/protobuf")]),
}


def test_bad_records_are_dead_letters_untouched_and_the_next_record_is_served(kafka: str, tmp_path: Path) -> None:
    """All in one partition, each between good ones, of which the last is binary protobuf."""
    (tmp_path / "file").write_bytes(b"bytes")

    async def scenario() -> None:
        await create_topics(kafka, PARTITIONS)
        dead = dead_letters(UPLOADS_SUBMITTED.name, "hasher")
        async with (
            producing(kafka) as producer,
            reading(kafka, UPLOADS_READ.name) as answers,
            reading(kafka, dead) as letters,
            running_hasher(kafka, tmp_path, tmp_path / "log"),
        ):
            good = [f"{tmp_path.name}-{number}" for number in range(len(BAD) + 1)]
            for upload_id, (key, value, headers) in zip(good, BAD.values(), strict=False):
                fact = encode(UploadSubmitted(upload_id, "a", f"file://{tmp_path}/file"))
                await producer.send(UPLOADS_SUBMITTED.name, fact, upload_id.encode(), 0)
                await producer.send(UPLOADS_SUBMITTED.name, value, key, 0, headers=headers)
            await producer.flush()
            await send_unreadable_header(producer, UPLOADS_SUBMITTED.name)
            last = schema.parse(UploadSubmitted, encode(UploadSubmitted(good[-1], "a", f"file://{tmp_path}/file")))
            binary = [("content-type", b"application/protobuf")]
            await producer.send_and_wait(
                UPLOADS_SUBMITTED.name, last.SerializeToString(), good[-1].encode(), 0, headers=binary
            )
            await answers.until_keys(set(good))
            found = await letters.until(lambda records: len(records) > len(BAD))
        assert {(each.partition, each.key, each.value) for each in found} == {
            (0, None, None),
            *((0, key, value) for key, value, _ in BAD.values()),
        }
        said: list[dict[str, bytes | None]] = [dict(each.headers) for each in found]
        assert all(each["staydown-reason"] and each["staydown-topic"] == b"uploads.submitted.v1" for each in said)
        assert said[0]["ce_id"] == b"7"
        assert said[0]["mine"] is None

    asyncio.run(scenario())


def _lay_out(media: Path) -> dict[str, Failure]:
    """Make files that cannot be read; return what is to be said of each."""
    os.mkfifo(media / "fifo")
    (media / "empty").touch()
    (media / "zero").symlink_to("/dev/zero")
    (media / "passwd").symlink_to("/etc/passwd")
    (media / "huge").touch()
    os.truncate(media / "huge", 1 << 30)
    return {
        f"file://{media}": Failure.NOT_A_FILE,
        f"file://{media}/fifo": Failure.NOT_A_FILE,
        f"file://{media}/empty": Failure.EMPTY,
        f"file://{media}/zero": Failure.NOT_ALLOWED,
        f"file://{media}/passwd": Failure.NOT_ALLOWED,
        f"file://{media}/missing": Failure.NOT_FOUND,
        f"file://{media}/huge": Failure.SLOW,
        f"file://{media}/%00": Failure.NOT_FOUND,
        "file:///etc/passwd": Failure.NOT_ALLOWED,
        "file:///dev/zero": Failure.NOT_ALLOWED,
        "ftp://host/file": Failure.UNSUPPORTED_SCHEME,
        "s3://bucket/key": Failure.NOT_ALLOWED,
        "https://example.org/file": Failure.NOT_ALLOWED,
    }


def test_what_cannot_be_read_is_answered_with_the_reason(kafka: str, tmp_path: Path) -> None:
    """No upload waits for an answer, whatever its URI."""
    (tmp_path / "media").mkdir()
    expected = _lay_out(tmp_path / "media")

    async def scenario() -> dict[str, Failure | None]:
        await create_topics(kafka, PARTITIONS)
        uris = {f"{tmp_path.name}-{number}": uri for number, uri in enumerate(expected)}
        async with (
            producing(kafka) as producer,
            reading(kafka, UPLOADS_READ.name) as answers,
            running_hasher(kafka, tmp_path / "media", tmp_path / "log"),
        ):
            for upload_id, uri in uris.items():
                fact = encode(UploadSubmitted(upload_id, "a", uri))
                await producer.send(UPLOADS_SUBMITTED.name, fact, upload_id.encode())
            records = await answers.until_keys(set(uris))
        reads = [decode(UploadRead, each.value) for each in records]
        return {uris[read.upload_id]: read.failure for read in reads if read.upload_id in uris}

    assert asyncio.run(scenario()) == expected

"""On a real Kafka: uploads and references that lie on a web server and in an object store are read."""

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path

import obstore
import pytest

from services.contracts.codec import decode, encode
from services.contracts.inside import ReadRequested, UploadRead
from services.contracts.reading import Failure
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import READS_REQUESTED, UPLOADS_READ, UPLOADS_SUBMITTED
from services.runtime.provisioning import create_topics
from tests.kafka.hasher.process import running_hasher
from tests.kafka.hasher.topics import PARTITIONS, producing, reading
from tests.runtime.remote.asking import some_bytes
from tests.runtime.remote.bucket import BUCKET, running_store
from tests.runtime.remote.relay import running_relay
from tests.runtime.remote.site import Request, running_site

pytestmark = pytest.mark.kafka

FILE = some_bytes(300_000)


async def _answer(request: Request) -> None:
    await request.whole(FILE, 'ETag: "one"')


async def _stall(_request: Request) -> None:
    await asyncio.Event().wait()


async def _page(request: Request) -> None:
    await request.whole(b"<html>come back later</html>", "Content-Type: text/html")


async def _asked(kafka: str, media: Path, uris: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Submit an upload for each URI; return by upload what was found, the check value or the failure."""
    async with (
        producing(kafka) as producer,
        reading(kafka, UPLOADS_READ.name) as answers,
        running_hasher(kafka, media, media / "log", more=more),
    ):
        for upload_id, uri in uris.items():
            fact = UploadSubmitted(upload_id, "a", uri, media_type="audio/mpeg")
            await producer.send(UPLOADS_SUBMITTED.name, encode(fact), upload_id.encode())
            slow = ReadRequested(f"{upload_id}-again", 1, 1, uri, slow=True, media_type="audio/mpeg")
            await producer.send(READS_REQUESTED.name, encode(slow), slow.upload_id.encode())
        asked = {*uris, *(f"{upload_id}-again" for upload_id in uris)}
        reads = [decode(UploadRead, each.value) for each in await answers.until_keys(asked)]
    assert len([read for read in reads if read.upload_id in asked]) == len(asked)
    return {
        read.upload_id: read.content.blake3 if read.content else str(read.failure)
        for read in reads
        if read.upload_id in asked
    }


def _check(found: Mapping[str, str], name: str) -> None:
    """Check what was found of each upload, and of the same read on the slow lane."""
    content = found[f"{name}-file"]
    assert len(content) == 64
    for end, said in {
        "http": content,
        "s3": content,
        "absent": Failure.NOT_FOUND,
        "other": Failure.NOT_ALLOWED,
        "page": Failure.UNREACHABLE,
    }.items():
        assert (found[f"{name}-{end}"], found[f"{name}-{end}-again"]) == (said, said), end
    assert found[f"{name}-stall"] == Failure.SLOW
    assert found[f"{name}-stall-again"] == Failure.TIMED_OUT


def test_uploads_on_a_web_server_and_in_a_bucket_are_read(kafka: str, tmp_path: Path) -> None:
    """The same bytes have the same content wherever they lie, and each failure is answered with its reason."""
    (tmp_path / "file").write_bytes(FILE)

    async def scenario(environment: Mapping[str, str]) -> None:
        await create_topics(kafka, PARTITIONS)
        async with running_site({"/": _answer, "/stall": _stall, "/page": _page}) as site:
            name = tmp_path.name
            uris = {
                f"{name}-file": f"file://{tmp_path}/file",
                f"{name}-http": site.uri("/"),
                f"{name}-s3": f"s3://{BUCKET}/file",
                f"{name}-absent": f"s3://{BUCKET}/absent",
                f"{name}-other": "https://elsewhere.example/file",
                f"{name}-page": site.uri("/page"),
                f"{name}-stall": site.uri("/stall"),
            }
            more = {
                **environment,
                "STAYDOWN_HTTP_HOSTS": site.host,
                "STAYDOWN_HTTP_PRIVATE": "true",
                "STAYDOWN_STORE_BUCKETS": f"s3://{BUCKET}",
                "STAYDOWN_ORDINARY_READ_MS": "1000",
                "STAYDOWN_HTTP_READ_MS": "1500",
            }
            found = await _asked(kafka, tmp_path, uris, more)
        _check(found, name)

    with running_store(tmp_path) as (store, environment):
        obstore.put(store, "file", FILE)
        asyncio.run(scenario(environment))


def test_a_hasher_stops_at_once_while_sources_stall(kafka: str, tmp_path: Path) -> None:
    """A read that may take half an hour does not; it is done again by the next."""

    async def scenario(environment: Mapping[str, str]) -> None:
        await create_topics(kafka, PARTITIONS)
        async with (
            running_site({"/": _stall}) as site,
            running_relay(environment["AWS_ENDPOINT_URL"]) as relay,
            producing(kafka) as producer,
        ):
            relay.stalls = True
            more = {
                **environment,
                "AWS_ENDPOINT_URL": relay.url,
                "STAYDOWN_HTTP_HOSTS": site.host,
                "STAYDOWN_HTTP_PRIVATE": "true",
                "STAYDOWN_STORE_BUCKETS": f"s3://{BUCKET}",
            }
            async with running_hasher(kafka, tmp_path, tmp_path / "log", more=more) as hasher:
                for number, uri in enumerate((site.uri("/"), f"s3://{BUCKET}/file")):
                    upload_id = f"{tmp_path.name}-{number}"
                    asked = ReadRequested(upload_id, 1, 1, uri, slow=True)
                    await producer.send(READS_REQUESTED.name, encode(asked), upload_id.encode())
                async with asyncio.timeout(20):
                    await asyncio.gather(site.until_seen(), relay.until_connected())
                async with asyncio.timeout(10):
                    assert await hasher.end(signal.SIGTERM) == 0, (tmp_path / "log").read_text()

    with running_store(tmp_path) as (_, environment):
        asyncio.run(scenario(environment))

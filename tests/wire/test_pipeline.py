"""The whole pipeline on a secured Kafka, each service under its own principal, with exactly its permissions."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from loadtest.command import EXIT_VOID
from services.archive.engine import archive_url, open_archive
from services.client import ClientError, SigningKey, Staydown, registration
from services.client.keys import generate_keys
from services.console.serving import site_of
from services.contracts.decided import TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.objections import DisputeSubmitted, Withdraw
from services.contracts.submitted import Enroll, Register, UploadSubmitted, WorkSubmitted
from services.contracts.topics import DISPUTES_SUBMITTED, UPLOADS_SUBMITTED, WORKS_SUBMITTED
from services.pipeline import SERVICES
from services.runtime.settings import read_settings
from tests.console.site import LOCAL
from tests.kafka.process import Process
from tests.wire.broker import ADMIN, RIGHTSHOLDER, SecuredKafka, kafka_by

pytestmark = pytest.mark.kafka

SECONDS_MAX = 120.0
POLL_SECONDS = 0.05
RECEIVERS = """[[receivers]]
id = "platform"
verdicts = ["BLOCKED"]
webhook = { url = "http://127.0.0.1:9/", secret_files = ["secret"], loopback = true }
"""


@dataclass(frozen=True, slots=True)
class Song:
    """A file, and who holds the right to it."""

    file: Path
    holder: str
    key: SigningKey

    def upload(self) -> UploadSubmitted:
        """Return an upload of it."""
        return UploadSubmitted(uuid4().hex, "somebody", self.file.as_uri())

    def registered(self) -> WorkSubmitted:
        """Return the registration of it."""
        paper = self.file.with_suffix(".txt")
        paper.write_text("the right to it")
        work: Register = registration("A Song", [self.file.as_uri()], documents=[paper], signed_by="A. Person")
        return WorkSubmitted(self.holder, uuid4().hex, "song", datetime.now(UTC), register=work)

    @property
    def enrolment(self) -> Enroll:
        """Let the holder in, with the key."""
        public_key = base64.b64encode(self.key.public_key).decode()
        return Enroll("A Label", public_key=public_key, standing=Enroll.Standing.TRUSTED)


@asynccontextmanager
async def _pipeline(secured: SecuredKafka, folder: Path) -> AsyncIterator[None]:
    """Run every service that reads topics, each as its own principal; the canary is ready once it is registered."""
    (folder / "secret").write_text("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    (folder / "receivers").write_text(RECEIVERS)
    processes = [
        Process(name, secured.by_name, folder / f"{name}.log", "0", {**_own(folder), **secured.named(name)})
        for name in (*SERVICES, "notifier", "canary")
    ]
    async with AsyncExitStack() as ending:
        for process in processes:
            await process.start()
            ending.push_async_callback(process.end, signal.SIGKILL)
        for process in processes:
            await process.until_ready()
        yield


def _own(folder: Path) -> dict[str, str]:
    return {
        "STAYDOWN_MEDIA_ROOTS": str(folder),
        "STAYDOWN_ARCHIVE_URL": f"sqlite:///{folder}/archive.sqlite",
        "STAYDOWN_RECEIVERS": str(folder / "receivers"),
        "STAYDOWN_CANARY_SOURCE": (folder / "canary").as_uri(),
    }


def _song(folder: Path, holder: str) -> Song:
    file = folder / f"{holder}.bin"
    file.write_bytes(uuid4().bytes * 4096)
    return Song(file, holder, generate_keys(folder / f"{holder}.key", folder / f"{holder}.pub"))


def test_the_whole_pipeline_works_with_no_more_than_its_permissions(secured: SecuredKafka, tmp_path: Path) -> None:
    """An upload is clear, a registration takes it down, the next is refused; and the archive knows."""
    song, other = _song(tmp_path, "label"), _song(tmp_path, "other")
    principals = {name: kafka_by(secured.named(name)) for name in ("upload-pipeline", "legal-team", "auditor")}

    async def story() -> None:
        async with (
            asyncio.timeout(SECONDS_MAX),
            _pipeline(secured, tmp_path),
            Staydown(principals["legal-team"]) as legal,
            Staydown(principals["upload-pipeline"]) as platform,
            Staydown(kafka_by(secured.named(RIGHTSHOLDER)), key=song.key) as label,
            Staydown(principals["auditor"]) as auditor,
        ):
            await legal.admit(song.holder, song.enrolment)
            await legal.admit(other.holder, other.enrolment)
            first = song.upload()
            assert await _verdict(platform, first) is VerdictDecided.Verdict.CLEAR
            await label.send(WORKS_SUBMITTED, song.holder, song.registered())
            # The broker lets this principal write under any key; the registry knows whose signature it is.
            await label.send(WORKS_SUBMITTED, other.holder, other.registered())
            await _until_taken_down(auditor, first.upload_id)
            assert (await _receipt(auditor, other.holder)).reasons == ("BAD_SIGNATURE",)
            assert await _verdict(platform, song.upload()) is VerdictDecided.Verdict.BLOCKED
            await _until_archived(tmp_path, first.upload_id)
            await _load(secured, tmp_path)

    asyncio.run(story())


async def _load(secured: SecuredKafka, folder: Path) -> None:
    """Have a load test submit and register by the same settings; who runs one has all rights here."""
    where = ("--kafka", secured.by_name, "--media-root", str(folder), "--state", str(folder))
    few = ("--registrations", "0", "--timers", "0")
    command = ("-m", "loadtest", "steady", "--rate", "20", "--seconds", "2", "--warm-up-seconds", "1", *few, *where)
    environment = {**os.environ, **secured.named(ADMIN)}
    running = await asyncio.create_subprocess_exec(sys.executable, *command, env=environment)
    try:
        assert await running.wait() in (0, EXIT_VOID), "an upload was missed, or it could not go on"
    finally:
        if running.returncode is None:
            running.kill()


async def _verdict(platform: Staydown, upload: UploadSubmitted) -> VerdictDecided.Verdict:
    verdict = await platform.submit_and_wait(upload)
    assert verdict is not None
    return verdict.verdict


async def _until_taken_down(auditor: Staydown, upload_id: str) -> None:
    async for takedown in auditor.takedowns(from_beginning=True):
        if takedown.upload_id == upload_id:
            assert takedown.status is TakedownIssued.Status.ISSUED
            return


async def _receipt(auditor: Staydown, holder: str) -> WorkReceipt:
    async for receipt in auditor.receipts(from_beginning=True):
        if receipt.rightsholder_id == holder:
            return receipt
    raise AssertionError


async def _until_archived(folder: Path, upload_id: str) -> None:
    engine = open_archive(archive_url(_own(folder)["STAYDOWN_ARCHIVE_URL"]))
    async with engine.connect() as connection:
        asked = text("SELECT count(*) FROM takedowns WHERE upload_id = :upload_id")
        while not (await connection.execute(asked, {"upload_id": upload_id})).scalar():
            await connection.rollback()
            await asyncio.sleep(POLL_SECONDS)  # another process writes it
    await engine.dispose()


def test_the_console_says_what_people_decide_under_its_own_principal(secured: SecuredKafka, tmp_path: Path) -> None:
    """A step of a dispute is written; an upload is not the console's to delete."""

    async def scenario() -> None:
        archive = open_archive(archive_url("", str(tmp_path)))
        say = site_of(read_settings(secured.named("console")), LOCAL, archive).say
        upload_id = uuid4().hex
        await say(DISPUTES_SUBMITTED, upload_id, DisputeSubmitted(upload_id, "d-1", withdraw=Withdraw()), "ann")
        with pytest.raises(ClientError, match=UPLOADS_SUBMITTED.name):
            await say(UPLOADS_SUBMITTED, upload_id, None, "ann")
        await archive.dispose()

    asyncio.run(scenario())

"""Passwords and certificates change: a service that is started again has the new one, and the old one is refused."""

import asyncio
import datetime as dt
import shutil
import signal
from pathlib import Path

import pytest

from services.cluster.errors import ClusterError
from services.cluster.probe import check_reachable
from tests.kafka.process import Process, running
from tests.wire.broker import SecuredKafka, first_password, kafka_by

pytestmark = pytest.mark.kafka

ENDS_SECONDS_MAX = 60.0
SERVICE = "ledger"
NEW = "what-it-has-now"


async def _cannot_begin(secured: str, log: Path, more: dict[str, str]) -> None:
    """Start the service, and see it end by itself, without having taken a record."""
    process = Process(SERVICE, secured, log, "0", more)
    await process.start()
    try:
        async with asyncio.timeout(ENDS_SECONDS_MAX):
            assert await process.wait() == 75
    finally:
        await process.end(signal.SIGKILL)


def test_a_new_password_holds_after_a_restart_and_the_old_one_no_longer(secured: SecuredKafka, tmp_path: Path) -> None:
    """Kafka is told first; whoever is connected goes on; then the file is replaced, and the service started again."""
    settings = secured.named(SERVICE)
    file = Path(settings["STAYDOWN_KAFKA_SASL_PASSWORD_FILE"])

    async def rotation() -> None:
        async with running(SERVICE, secured.by_name, tmp_path / "log", more=settings):
            await asyncio.to_thread(secured.change_password, SERVICE, NEW)
        await _cannot_begin(secured.by_name, tmp_path / "refused", settings)
        await asyncio.to_thread(file.write_text, NEW)
        async with running(SERVICE, secured.by_name, tmp_path / "log", more=settings):
            pass

    asyncio.run(rotation())
    said = (tmp_path / "log").read_text() + (tmp_path / "refused").read_text()
    assert NEW not in said
    assert first_password(SERVICE) not in said


def test_a_new_certificate_holds_after_a_restart_and_one_that_is_over_no_longer(
    secured: SecuredKafka, tmp_path: Path
) -> None:
    """The files are replaced in place, as whatever mounts them does."""
    certificate, key = tmp_path / "own.pem", tmp_path / "own.key"
    settings = secured.certified(certificate, key)

    def put(lasts: dt.timedelta) -> None:
        for made, used in zip(secured.authority.certify(SERVICE, lasts), (certificate, key), strict=True):
            shutil.copyfile(made, used)

    async def rotation() -> None:
        put(dt.timedelta(days=-1))
        with pytest.raises(ClusterError):
            await check_reachable(kafka_by(settings), ENDS_SECONDS_MAX)
        await _cannot_begin(secured.by_certificate, tmp_path / "refused", settings)
        put(dt.timedelta(days=1))
        async with running(SERVICE, secured.by_certificate, tmp_path / "log", more=settings):
            pass

    asyncio.run(rotation())

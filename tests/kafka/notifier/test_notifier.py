"""On a real Kafka: what is said arrives by webhook and by mail, and nothing on a topic stops the notifier."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from services.contracts.topics import NOTICES_ISSUED, VERDICTS_DECIDED
from services.notifier.matching import NOTICE, VERDICT, identify
from services.runtime.provisioning import create_topics
from services.runtime.run import EXIT_SETTINGS
from tests.kafka.hasher.topics import PARTITIONS, lag, producing
from tests.kafka.notifier.hooks import Hook, receivers_file, say
from tests.kafka.process import running
from tests.notifier.facts import notice, verdict
from tests.notifier.post import running_post
from tests.runtime.remote.site import running_site

pytestmark = pytest.mark.kafka

MAIL = """[mail]
host = "127.0.0.1"
port = {port}
security = "NONE"
sender = "Staydown <staydown@example.org>"

[[receivers]]
id = "box"
notices = ["UPLOADER"]
ids = ["{who}"]
mail = {{ to = "person@example.org" }}

[[receivers]]
id = "platform"
verdicts = ["BLOCKED"]
webhook = {{ url = "{url}", secret_files = ["secret"], loopback = true }}
"""


def test_notices_and_verdicts_arrive_whatever_else_is_on_the_topics(kafka: str, tmp_path: Path) -> None:
    """Garbage and deletions are passed over; at a stop everything is committed; the page counts what was done."""
    who = tmp_path.name

    async def scenario() -> None:
        await create_topics(kafka, PARTITIONS)
        hook, platform = Hook(), Hook()
        async with running_site({"/hook": hook.serve, "/platform": platform.serve}) as site, running_post() as post:
            mail = MAIL.format(port=post.port, who=who, url=site.uri("/platform"))
            path = receivers_file(tmp_path, site.uri("/hook"), who, mail)
            more = {"STAYDOWN_RECEIVERS": str(path), "STAYDOWN_STATE_DIR": str(tmp_path / "stores")}
            async with running("notifier", kafka, tmp_path / "log", more=more) as notifier:
                async with producing(kafka) as producer:
                    await producer.send_and_wait(NOTICES_ISSUED.name, b"\xff{", b"\xff")
                    await producer.send_and_wait(
                        NOTICES_ISSUED.name, b'{"notice_id": 3}', b"x", headers=[("\xff", b"")]
                    )
                    await producer.send_and_wait(VERDICTS_DECIDED.name, None, b"up-1")
                submission = int.from_bytes(who.encode()[-6:])
                await say(kafka, [notice(who, who=who), notice(who, who="other"), verdict(submission=submission)])
                await hook.until_taken({identify("hook", NOTICE, who)})
                await platform.until_taken({identify("platform", VERDICT, "up-1", submission, 1)})
                await post.until_messages(1)
                assert post.messages[0]["Message-ID"] == f"<{identify('box', NOTICE, who)}@example.org>"
                async with aiohttp.ClientSession() as session, session.get(notifier.metrics) as page:
                    text = await page.text()
                assert 'staydown_delivery_tries_total{outcome="DELIVERED",receiver="hook"} 1.0' in text
                assert 'staydown_unreadable_total{topic="notices.issued.v1"}' in text
                assert await notifier.end(signal.SIGTERM) == 0, (tmp_path / "log").read_text()
        assert hook.taken.total() == 1
        for topic in (NOTICES_ISSUED, VERDICTS_DECIDED):
            assert await lag(kafka, "notifier", topic.name) == 0

    asyncio.run(scenario())


def test_without_receivers_it_is_ready_and_does_nothing(tmp_path: Path) -> None:
    """It needs neither Kafka nor a database."""

    async def scenario() -> None:
        async with running("notifier", "127.0.0.1:1", tmp_path / "log") as notifier:
            assert await notifier.end(signal.SIGTERM) == 0

    asyncio.run(scenario())
    assert list(tmp_path.iterdir()) == [tmp_path / "log"]


def test_a_file_that_means_nothing_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """Before anything else happens."""
    path = receivers_file(tmp_path, "http://elsewhere.example/", "u")
    path.write_text(path.read_text().replace(", loopback = true", ""))
    command = [sys.executable, "-m", "services.notifier"]
    ended = subprocess.run(
        command, env={"STAYDOWN_RECEIVERS": str(path)}, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == EXIT_SETTINGS
    assert ended.stderr == (
        f"notifier: STAYDOWN_RECEIVERS: {path}: receiver 'hook': a URL begins with https://, "
        "and is 'http://elsewhere.example/'.\n"
    )

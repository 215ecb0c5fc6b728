import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from services.archive.engine import archive_url, open_archive
from services.client.following import following
from services.console.serving import site_of
from services.contracts.objections import DisputeSubmitted, Withdraw
from services.contracts.topics import DISPUTES_SUBMITTED
from services.runtime.provisioning import create_topics
from services.runtime.settings import Settings
from tests.console.site import LOCAL

PARTITIONS = 4


@pytest.mark.kafka
def test_a_step_that_somebody_enters_bears_who_did(kafka: str, tmp_path: Path) -> None:
    """The fact has no place for it, so the record's source names the subject, whatever that holds."""

    async def scenario() -> None:
        await create_topics(kafka, PARTITIONS, adopt=True)
        archive = open_archive(archive_url("", str(tmp_path)))
        upload_id = uuid4().hex
        step = DisputeSubmitted(upload_id, "d-1", withdraw=Withdraw())
        await site_of(Settings(kafka=kafka), LOCAL, archive).say(DISPUTES_SUBMITTED, upload_id, step, "id|ann/1")
        async with following(kafka, [DISPUTES_SUBMITTED.name], from_beginning=True) as follower:
            found = [each async for each in follower.until_present_end() if each.key == upload_id.encode()]
        assert [dict(each.headers)["ce_source"] for each in found] == [b"/staydown/console/id%7Cann%2F1"]
        await archive.dispose()

    asyncio.run(scenario())

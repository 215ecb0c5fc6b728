"""All topics are saved, and restored onto another Kafka: the cluster goes on, nothing is missed, wrong or doubled.

With another number of partitions too, if it was at rest.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiokafka import TopicPartition

from services.cluster.errors import ClusterError
from services.cluster.running import running_kafka
from services.cluster.saved.restoring import restore
from services.cluster.saved.saving import save
from services.cluster.state import read_running
from services.contracts.codec import encode
from services.contracts.decided import TakedownIssued, VerdictDecided
from services.contracts.objections import Dispute, DisputeSubmitted
from services.contracts.submitted import Enroll, RightsholderSubmitted, WorkSubmitted
from services.contracts.topics import (
    DISPUTES_SUBMITTED,
    RIGHTSHOLDERS_SUBMITTED,
    TAKEDOWNS_ISSUED,
    VERDICTS_DECIDED,
    WORKS_SUBMITTED,
    Topic,
)
from services.enforcer.case import Objections
from services.pipeline import FOLLOWERS, PIPELINE, SERVICES
from services.runtime.checking import NONE_THERE, RESTORE_UNFINISHED, TopicsError, admin_client, differences
from services.runtime.partitioning import partition_of
from services.runtime.planning import plan
from services.runtime.provisioning import PLANNED, create_topics
from tests.kafka.histories.test_kill_rounds import MISSING, live, settle
from tests.kafka.histories.world import RealCluster, RealFiles, RealLog, real_cluster
from tests.simulator.law import LawHistory
from tests.simulator.log import facts
from tests.yesterday.kept import LABEL, SONG, registration, release, submit

LIVES_SECONDS = 3.0
SAID_SECONDS = 60.0
FEWER = 3
"""Partitions, where `staydown up` makes 4: fewer, so that partitions end too."""
PAGE = Path(__file__).parents[3] / ".github" / "OPERATING.md"
READS = {each.name: each.reads for each in PIPELINE} | {each.name: each.reads for each in FOLLOWERS}
UPLOADS = ("u-same", "u-alike", "u-new", "u-new-alike")
Verdict = VerdictDecided.Verdict
Status = TakedownIssued.Status

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]


def test_a_cluster_that_was_saved_in_the_middle_of_its_work_goes_on_elsewhere(tmp_path: Path) -> None:
    """G1 to G6 hold over a history of which the first part happened on a Kafka that is gone.

    The services are stopped with work on its way, and their copies of the state are gone too.
    """
    random = Random(seed := int(os.environ.get("STAYDOWN_SEED", time.time_ns() % 2**32)))
    print(f"seed {seed}")  # noqa: T201  # pytest shows it when the test fails
    asyncio.run(_saved_and_restored(tmp_path, random))


async def _saved_and_restored(directory: Path, random: Random) -> None:
    copy = directory / "copy"
    async with running_kafka(directory / "first", print) as first:
        async with real_cluster(directory, first.bootstrap) as (before, files):
            history = LawHistory(before, files, random, MISSING)
            await live(before, history, LIVES_SECONDS)
            with pytest.raises(ClusterError, match=r"There are still members of .*enforcer"):
                await save(first.bootstrap, directory / "too early", print, quiet_seconds=0.0)
        await save(first.bootstrap, copy, print)
    shutil.rmtree(directory / "state")
    async with running_kafka(directory / "second", print) as second:
        await _broken_off(second.bootstrap, copy, directory)
        await restore(second.bootstrap, copy, print)
        with pytest.raises(ClusterError, match="already"):
            await restore(second.bootstrap, copy, print)
        async with real_cluster(directory, second.bootstrap) as (after, _):
            after.steps |= before.steps
            history.cluster = after
            await live(after, history, LIVES_SECONDS)
            await settle(after, files, history)


async def _broken_off(kafka: str, copy: Path, directory: Path) -> None:
    """Have a restore end in its middle: it is told to everybody until the topics are deleted, as the page says."""

    def stop(line: str) -> None:
        if VERDICTS_DECIDED.name in line:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await restore(kafka, copy, stop)
    started = [plan([each]) for each in PIPELINE] + [plan((), (), [each]) for each in FOLLOWERS]
    for planned in (*started, PLANNED):
        assert await differences(kafka, planned) == [RESTORE_UNFINISHED]
    for again in (
        restore(kafka, copy, print),
        save(kafka, directory / "part", print),
        create_topics(kafka, 1, adopt=True),
    ):
        with pytest.raises(TopicsError, match="broken off"):
            await again
    async with admin_client(kafka) as admin:
        await admin.delete_topics([topic.name for topic in PLANNED])


def test_one_machine_is_saved_and_restored_by_its_commands_with_another_number_of_partitions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was listed is refused, a dispute's deadline stands, and a release brings back what was there, once.

    The workers' folders and the readable record are those of before. The index lies in parts from then on.
    """
    asyncio.run(_moved(tmp_path, monkeypatch))


async def _moved(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, copy = directory / "state", directory / "copy"
    async with real_cluster(directory) as (before, files):
        await _enforce_and_dispute(before, files)
        deadline = _deadlines(await until_at_rest(before))
        await _until_rest_is_told(state)
    assert [*deadline] == ["u-same"]
    async with _kafka_alone(state):
        await _staydown(state, "backup", copy)
    shutil.rmtree(state / "kafka-1")
    async with _kafka_alone(state):
        assert NONE_THERE in await _staydown(state, "topics", "check", code=1)
        await _staydown(state, "restore", copy, f"--partitions={FEWER}", f"--index-parts={FEWER}")
        await _staydown(state, "topics", "check", f"--partitions={FEWER}")
    monkeypatch.setenv("STAYDOWN_INDEX_PARTS", str(FEWER))
    async with real_cluster(directory) as (after, files):
        for upload, label in (("u-new", "song"), ("u-new-alike", "song without its begin")):
            submit(after, files, upload, label)
            await until_said(after, VERDICTS_DECIDED, upload, lambda one: one.verdict is Verdict.BLOCKED)
        assert _deadlines(await after.log()) == deadline
        release(after)
        for upload in UPLOADS:
            await until_said(after, TAKEDOWNS_ISSUED, upload, lambda one: one.status is Status.REINSTATED)
            await until_said(after, VERDICTS_DECIDED, upload, lambda one: one.verdict is Verdict.CLEAR)
        log = await until_at_rest(after)
    assert {one.partition for one in log.stored(VERDICTS_DECIDED)} == {
        partition_of(one.key or b"", FEWER) for one in log.stored(VERDICTS_DECIDED)
    }
    turns = Counter((one.upload_id, one.status) for _, one in facts(log, TAKEDOWNS_ISSUED, TakedownIssued))
    assert turns == {(upload, status): 1 for upload in UPLOADS for status in Status}


async def _until_rest_is_told(state: Path) -> None:
    """Wait until the command of the operators' page names nobody any more who is behind, while it hears everybody."""
    if shutil.which("curl") is None:
        return
    (command,) = re.findall(r"^ *(sed .*\n.*)$", PAGE.read_text(), re.MULTILINE)
    every, _, behind = command.replace("~/.local/state/staydown", str(state)).rpartition("|")
    assert "grep -v" in behind
    async with asyncio.timeout(SAID_SECONDS):
        while left := await _said("bash", "-c", f"{every} | {behind}"):
            assert left.startswith("staydown_lag_seconds")
    figures = {line.partition("{")[0] for line in (await _said("bash", "-c", every)).splitlines()}
    assert figures == {"staydown_lag_seconds", "staydown_quarantined_keys"}


@asynccontextmanager
async def _kafka_alone(state: Path) -> AsyncIterator[None]:
    """Run the Kafka of a state directory without services, as a person does."""
    command = (sys.executable, "-m", "services.cli", "up", "--kafka-only", "--state", state)
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), SAID_SECONDS)
        assert line.decode() == f"ready bootstrap={read_running(state).bootstrap}\n"
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), SAID_SECONDS) == 0


async def _staydown(state: Path, *arguments: object, code: int = 0) -> str:
    """Run a command of ours and return what it wrote."""
    return await _said(sys.executable, "-m", "services.cli", *map(str, arguments), f"--state={state}", code=code)


async def _said(*command: str, code: int | None = None) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said, _ = await asyncio.wait_for(process.communicate(), SAID_SECONDS)
    assert code in (None, process.returncode), said.decode()
    return said.decode()


async def _enforce_and_dispute(cluster: RealCluster, files: RealFiles) -> None:
    """Have a song in force and copies of it taken down, one of them disputed."""
    enroll = Enroll(LABEL, standing=Enroll.Standing.TRUSTED)
    cluster.publish(RIGHTSHOLDERS_SUBMITTED, LABEL, encode(RightsholderSubmitted(LABEL, "enroll", enroll=enroll)))
    files.put(files.uri("reference"), "song")
    registered = WorkSubmitted(LABEL, "register", SONG, register=registration(files.uri("reference")))
    cluster.publish(WORKS_SUBMITTED, LABEL, encode(registered))
    for upload, label in (("u-same", "song"), ("u-alike", "song with other tags"), ("u-other", "small")):
        submit(cluster, files, upload, label)
    for upload in ("u-same", "u-alike"):
        await until_said(cluster, TAKEDOWNS_ISSUED, upload, lambda one: one.status is Status.ISSUED)
    dispute = DisputeSubmitted("u-same", "d", dispute=Dispute(Dispute.Ground.MISIDENTIFIED, "It is mine."))
    cluster.publish(DISPUTES_SUBMITTED, "u-same", encode(dispute))


def _deadlines(log: RealLog) -> dict[str, list[int]]:
    """Return until when disputes wait, by upload."""
    return {
        key: [each.until for dispute in entry.disputes for each in dispute.contested]
        for key, _, entry in log.entries()
        if isinstance(entry, Objections) and entry.disputes
    }


async def until_said(cluster: RealCluster, topic: Topic, key: str, is_it: Callable[[Any], bool]) -> None:
    """Wait until the last that is said of a key is what it is to be."""
    async with asyncio.timeout(SAID_SECONDS):
        while not ((said := cluster.last(topic, key)) and is_it(said)):
            await cluster.flush()
            await cluster.receipts()


async def until_at_rest(cluster: RealCluster) -> RealLog:
    """Wait until every group was told of all that its inputs hold, and return the log."""
    await cluster.flush()
    async with asyncio.timeout(SAID_SECONDS), admin_client(cluster.running.bootstrap) as admin:
        while True:
            log = await cluster.log()
            told = {name: await admin.list_consumer_group_offsets(name) for name in SERVICES}
            if _deadlines(log) and all(_has_read(reads, told[name], log) for name, reads in READS.items()):
                return log


def _has_read(reads: Iterable[Topic], told: Mapping[TopicPartition, Any], log: RealLog) -> bool:
    ends = {(topic.name, one.partition): one.offset + 1 for topic in reads for one in log.stored(topic)}
    return all((at := TopicPartition(*place)) in told and told[at].offset >= end for place, end in ends.items())

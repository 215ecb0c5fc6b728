"""Every command against a running `staydown up`, as a person would type them."""

import asyncio
import json
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.contracts.topics import UPLOADS_SUBMITTED
from tests.cli.conftest import Cluster, Staydown
from tests.cli.people import LOOKS_MAX

pytestmark = pytest.mark.kafka
TURN = "\u202e"


@pytest.fixture
def song(cluster: Cluster, run_id: str) -> Path:
    """Return a file that no test before has posted."""
    file = cluster.media / f"{run_id}.wav"
    file.write_text(f"a song called {run_id}")
    return file


def enrolled(staydown: Staydown, cluster: Cluster, run_id: str) -> str:
    """Return the id of a rightsholder that was just let in."""
    label = f"label-{run_id}"
    outcome = staydown("rightsholders", "enroll", label, "--name", "A Label", "--state", cluster.state)
    assert (outcome.code, outcome.err) == (0, "")
    assert f"rightsholder_id {label}" in outcome.out
    return label


def register(staydown: Staydown, cluster: Cluster, song: Path, label: str, *more: object) -> tuple[int, str]:
    """Register the song and return the exit code and what was printed."""
    work = ("--rightsholder", label, "--work", "song", "--title", "A Song", "--attest", "A. Person")
    outcome = staydown("works", "register", song, *work, *more, "--state", cluster.state)
    assert outcome.err == ""
    return outcome.code, outcome.out


@pytest.mark.parametrize("by_digest", [(), ("--by-digest",)], ids=["by file", "by digest"])
def test_a_work_is_registered_enforced_and_released(
    staydown: Staydown, cluster: Cluster, song: Path, run_id: str, by_digest: tuple[str, ...]
) -> None:
    """What was posted before comes down, what comes after is refused, and the status says so until the release."""
    label = enrolled(staydown, cluster, run_id)
    here = ("--state", cluster.state)
    posted = staydown("uploads", "submit", song, "--uploader", "bob", "--upload", f"1-{run_id}", "--wait", *here)
    assert posted.out.splitlines()[1].startswith(f"CLEAR      1-{run_id} [NO_MATCH]")
    code, told = register(staydown, cluster, song, label, "--document", cluster.paper, *by_digest)
    assert code == 0
    assert "ACCEPTED" in told
    assert "1 copy found" in told
    title = f"x\x1b[31m{TURN}"
    again = ("--upload", f"2-{run_id}", "--title", title, "--wait")
    refused = staydown("uploads", "submit", song, "--uploader", "eve", *again, *here)
    assert f"BLOCKED    2-{run_id} [IDENTICAL] “x\\x1b[31m\\u202e”" in refused.out
    standing = json.loads(staydown("works", "status", label, "song", "--json", *here).out)
    assert (standing["in_force"], standing["copies_found"], standing["refused"]) == (True, 1, 1)
    counts = [line.split() for line in staydown("works", "status", label, "song", *here).out.splitlines()]
    for line in ("taken down 1", "refused re-uploads 1", "blocked now 2", "reinstated 0"):
        assert line.split() in counts
    released = staydown("works", "release", label, "song", *here)
    assert (released.code, "RELEASED" in released.out) == (0, True)
    assert "not in force since" in staydown("works", "status", label, "song", *here).out


def test_a_refusal_tells_the_cure_and_fails(staydown: Staydown, cluster: Cluster, song: Path, run_id: str) -> None:
    """A script sees the exit code, a person the reason, the field and what to do."""
    label = enrolled(staydown, cluster, run_id)
    code, told = register(staydown, cluster, song, label)
    assert code == 1
    assert "REJECTED" in told
    assert "MISSING_DOCUMENT at register.documents: " in told


def test_who_is_suspended_is_refused_until_restored(
    staydown: Staydown, cluster: Cluster, song: Path, run_id: str
) -> None:
    """Each step holds for what is submitted after it."""
    label = enrolled(staydown, cluster, run_id)
    assert staydown("rightsholders", "suspend", label, "--reason", "forged", "--state", cluster.state).code == 0
    assert "SUSPENDED" in register(staydown, cluster, song, label, "--document", cluster.paper)[1]
    assert staydown("rightsholders", "restore", label, "--state", cluster.state).code == 0
    assert register(staydown, cluster, song, label, "--document", cluster.paper)[0] == 0
    assert staydown("works", "release", label, "song", "--state", cluster.state).code == 0


def test_an_upload_is_submitted_watched_and_deleted(staydown: Staydown, cluster: Cluster, run_id: str) -> None:
    """An unreadable file is told with its reason; a deletion takes the verdict back."""
    here = ("--state", cluster.state)
    upload = f"lost-{run_id}"
    uri = (cluster.media / "missing.wav").as_uri()
    lost = staydown("uploads", "submit", uri, "--uploader", "bob", "--upload", upload, "--wait", *here)
    assert f"UNSCANNED  {upload} [NOT_FOUND]" in lost.out
    watch = ("verdicts", "watch", "--from-beginning", "--upload", upload)
    assert json.loads(staydown(*watch, "--json", "--limit", 1, *here).out)["verdict"] == "UNSCANNED"
    assert f"(deleted)  {upload}" in staydown("uploads", "delete", upload, "--wait", *here).out
    assert "(deleted)" in staydown(*watch, "--limit", 2, *here).out.splitlines()[1]


def test_a_changed_upload_is_waited_for_until_it_is_compared_anew(
    staydown: Staydown, cluster: Cluster, song: Path, run_id: str
) -> None:
    """UNSCANNED [CHANGED] comes first and is no answer; territories go along."""
    upload = ("--uploader", "bob", "--upload", f"again-{run_id}", "--wait", "--state", cluster.state)
    staydown("uploads", "submit", song, *upload)
    again = staydown("uploads", "submit", song, *upload, "--title", "New", "--territory", "de")
    assert again.out.splitlines()[1].startswith(f"CLEAR      again-{run_id} [NO_MATCH]")


def test_a_takedown_is_told_and_exported(staydown: Staydown, cluster: Cluster, song: Path, run_id: str) -> None:
    """With its statement of reasons, in words and in the terms of the transparency database."""
    here = ("--state", cluster.state)
    label = enrolled(staydown, cluster, run_id)
    staydown("uploads", "submit", song, "--uploader", "bob", "--upload", run_id, "--wait", *here)
    register(staydown, cluster, song, label, "--document", cluster.paper)
    watch = ("watch", "--from-beginning", "--limit", 1, "--upload", run_id, *here)
    assert f"{run_id} for song of {label}" in staydown("takedowns", *watch).out
    assert "to UPLOADER bob: " in staydown("notices", *watch).out
    found = map(json.loads, staydown("report", "statements", *here).out.splitlines())
    (statement,) = [each for each in found if run_id in each["decision_facts"]]
    assert (statement["content_type"], statement["automated_decision"]) == (
        ["CONTENT_TYPE_AUDIO"],
        "AUTOMATED_DECISION_FULLY",
    )


def test_an_answer_that_does_not_come_is_an_error(staydown: Staydown, cluster: Cluster, run_id: str) -> None:
    """Deleting what never was is answered by nobody; the wait ends all the same."""
    outcome = staydown("uploads", "delete", f"none-{run_id}", "--wait", "--timeout", 0.3, "--state", cluster.state)
    assert outcome.code == 1
    told = (
        f"staydown: No verdict on none-{run_id} came within 0.3 s; an unchanged submission keeps the one that it has.\n"
    )
    assert outcome.err == told


def test_garbage_is_found_among_the_dead_letters(staydown: Staydown, cluster: Cluster, run_id: str) -> None:
    """Counted, and shown harmlessly with why and where from."""
    asyncio.run(_send_garbage(cluster.bootstrap, run_id))
    topic = "uploads.submitted.v1.hasher.dead"
    here = ("--kafka", cluster.bootstrap)
    ours, shown = f"key: {run_id}\\x1b[31m", ""
    for _ in range(LOOKS_MAX):
        shown = staydown("dlq", "show", topic, *here).out
        if ours in shown:
            break
    assert ours in shown
    counts = {each["topic"]: each["count"] for each in json.loads(staydown("dlq", "list", "--json", *here).out)}
    assert counts[topic]
    assert "value: \\x1b[2J\\xff" in shown
    assert "staydown-reason: " in shown
    assert "staydown-reason" not in staydown("dlq", "list", *here).out
    assert staydown("dlq", "show", "rightsholders.submitted.v1.registry.dead", *here).out.endswith("is empty\n")


def test_topics_are_created_checked_and_never_altered(staydown: Staydown, cluster: Cluster) -> None:
    """Creating again changes nothing; another number of partitions is refused topic by topic."""
    here = ("--kafka", cluster.bootstrap)
    assert staydown("topics", "create", "--partitions", 4, *here).code == 0
    assert staydown("topics", "create", *here).code == 0, "what is there says how many"
    assert staydown("topics", "check", *here).code == 0
    for command in ("create", "check"):
        other = staydown("topics", command, "--partitions", 3, *here)
        assert (other.code, other.out) == (1, "")
        assert "staydown: verdicts.decided.v1 has 4 partitions and should have 3" in other.err


def test_what_is_sent_says_whose_it_is(staydown: Staydown, cluster: Cluster, run_id: str) -> None:
    """CloudEvents headers stand on each record, and a trace only if somebody records one; the key is the upload's."""
    sent = staydown(
        "uploads",
        "submit",
        "https://x.example/a",
        "--uploader",
        "bob",
        "--upload",
        run_id,
        "--kafka",
        cluster.bootstrap,
    )
    partition, offset = (int(part.split()[-1]) for part in sent.out.strip().split(", ")[-2:])
    key, headers = asyncio.run(_read(cluster.bootstrap, TopicPartition(UPLOADS_SUBMITTED.name, partition), offset))
    assert key == run_id.encode()
    assert set(headers) == {"ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"}
    assert headers["ce_type"] == b"staydown.uploads.submitted.v1"


async def _send_garbage(bootstrap: str, run_id: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(UPLOADS_SUBMITTED.name, b"\x1b[2J\xff", key=f"{run_id}\x1b[31m".encode())


async def _read(bootstrap: str, at: TopicPartition, offset: int) -> tuple[bytes, dict[str, bytes]]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False) as consumer:
        consumer.assign([at])
        consumer.seek(at, offset)
        record = await consumer.getone()
        return record.key, dict(record.headers)

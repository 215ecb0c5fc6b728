"""Every changelog that is kept: a later version goes on from it, without a decision lost, wrong or said twice."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from services.contracts.codec import decode, encode
from services.contracts.decided import TakedownIssued, VerdictDecided
from services.contracts.topics import TAKEDOWNS_ISSUED, VERDICTS_DECIDED, Topic
from services.pipeline import PIPELINE
from services.runtime.store import kind_of, pack, unpack
from services.runtime.upgrading import upgraded
from tests.simulator.cluster import HORIZON_MS, SimulatedCluster
from tests.simulator.files import Files
from tests.simulator.law import DAY_MS
from tests.yesterday.kept import FOLDER, entries, release, resumed, submit

STORIES = sorted(FOLDER.glob("story-*.jsonl"))
ENTRIES = sorted(FOLDER.glob("entries-*.jsonl"), key=lambda path: int(path.stem.rpartition("-")[2]))
SERVICES = {each.name: each for each in PIPELINE}
UPHOLD_DAYS = 31

Verdict = VerdictDecided.Verdict
Status = TakedownIssued.Status


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_disputed_copy_comes_back_by_a_timer_that_yesterday_set(path: Path) -> None:
    """Nobody upholds: after thirty days it is shown, once; the copies that nobody disputed stay down."""
    files = Files(flaky=0.0)
    cluster = resumed(path, files)
    cluster.drain(UPHOLD_DAYS * DAY_MS)
    assert _takedowns(cluster, "u-same") == [Status.REINSTATED]
    assert _verdicts(cluster, "u-same")[-1].verdict is Verdict.CLEAR
    assert _takedowns(cluster, "u-alike") == []


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_what_yesterday_listed_is_refused_until_it_is_released(path: Path) -> None:
    """A new copy is blocked by a listing from before; the release brings back the old ones, and those alike, once."""
    files = Files(flaky=0.0)
    cluster = resumed(path, files)
    submit(cluster, files, "u-new", "song")
    cluster.drain(0)
    assert [one.verdict for one in _verdicts(cluster, "u-new")] == [Verdict.BLOCKED]
    release(cluster)
    cluster.drain(HORIZON_MS)
    assert _takedowns(cluster, "u-same") == _takedowns(cluster, "u-alike") == [Status.REINSTATED]
    assert _takedowns(cluster, "u-new") == [Status.ISSUED, Status.REINSTATED]
    assert {_verdicts(cluster, upload)[-1].verdict for upload in ("u-same", "u-alike", "u-new")} == {Verdict.CLEAR}
    assert _verdicts(cluster, "u-other") == []


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_every_entry_of_yesterday_is_one_of_today_and_loses_nothing(path: Path) -> None:
    """A field that was renamed, removed or changed without an upgrade is noticed here."""
    for service, name, stored in entries(path):
        now = upgraded(SERVICES[service], name, stored)
        entry = decode(SERVICES[service].entries[kind_of(name)], unpack(now))
        again = pack(encode(entry), SERVICES[service].next_wake(entry), SERVICES[service].format)
        assert again == now, f"{service} {name}: {unpack(now)!r} is read as {unpack(again)!r}"


def test_entries_of_every_kind_are_kept() -> None:
    """In the latest file, so that a new kind is kept too."""
    kept = {(service, kind_of(name)) for service, name, _ in entries(ENTRIES[-1])}
    assert kept == {(each.name, kind) for each in PIPELINE for kind in each.entries}


def _verdicts(cluster: SimulatedCluster, upload: str) -> Sequence[VerdictDecided]:
    """Return the verdicts on an upload since the cluster goes on."""
    return [decode(VerdictDecided, value) for value in _values(cluster, VERDICTS_DECIDED, upload)]


def _takedowns(cluster: SimulatedCluster, upload: str) -> Sequence[Status]:
    """Return what was taken down, and came back, since the cluster goes on."""
    return [decode(TakedownIssued, value).status for value in _values(cluster, TAKEDOWNS_ISSUED, upload)]


def _values(cluster: SimulatedCluster, topic: Topic, key: str) -> Sequence[bytes]:
    log = cluster.log[topic.name, cluster.topics.partition_of(key)]
    return [record.value for record in log if record.key == key.encode() and record.value is not None]

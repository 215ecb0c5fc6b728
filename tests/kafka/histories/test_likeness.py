"""Files that share their bytes with a registered one, on a real cluster: from either side, and back again."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.contracts.codec import encode
from services.contracts.decided import VerdictDecided, WorkReceipt
from services.contracts.submitted import (
    Attestation,
    Document,
    Enroll,
    Reference,
    Register,
    Release,
    RightsholderSubmitted,
    UploadSubmitted,
    WorkSubmitted,
)
from services.contracts.topics import (
    RIGHTSHOLDERS_SUBMITTED,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
)
from tests.kafka.histories.world import RealCluster, RealFiles, real_cluster

WITHIN_SECONDS = 60
ALIKE = ("song with other tags", "song without its begin", "song inside a longer file", "both songs")
UNLIKE = ("another song", "another with the song's picture", "small")

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


def test_what_is_alike_comes_down_and_is_refused_and_comes_back(tmp_path: Path) -> None:
    """Uploads before and after the registration are BLOCKED [SIMILAR], others are CLEAR; all are after a release."""
    asyncio.run(_story(tmp_path))


async def _story(directory: Path) -> None:
    async with real_cluster(directory) as (cluster, files):
        for label in ("song", *ALIKE, *UNLIKE):
            files.put(files.uri(label), label)
        cluster.publish(
            RIGHTSHOLDERS_SUBMITTED, "label", encode(RightsholderSubmitted("label", "e", enroll=Enroll("L")))
        )
        _upload(cluster, files, "before")
        await _until(cluster, dict.fromkeys(_ids("before", *ALIKE, *UNLIKE), ("CLEAR", "NO_MATCH")))
        _register(cluster, files)
        await _until(cluster, dict.fromkeys(_ids("before", *ALIKE), ("BLOCKED", "SIMILAR")))
        _upload(cluster, files, "after")
        alike = dict.fromkeys((*_ids("before", *ALIKE), *_ids("after", *ALIKE)), ("BLOCKED", "SIMILAR"))
        unlike = dict.fromkeys((*_ids("before", *UNLIKE), *_ids("after", *UNLIKE)), ("CLEAR", "NO_MATCH"))
        await _until(cluster, {**alike, **unlike})
        release = WorkSubmitted("label", "s2", "hit", release=Release(Release.Reason.WITHDRAWN))
        cluster.publish(WORKS_SUBMITTED, "label", encode(release))
        await _until(cluster, {**dict.fromkeys(alike, ("CLEAR", "RELEASED")), **unlike})
        receipts = [one.fact for one in (await cluster.log()).written(WORKS_RECEIPTS)]
        assert any(isinstance(one, WorkReceipt) and one.status is WorkReceipt.Status.RELEASED for one in receipts)


def _ids(when: str, *labels: str) -> list[str]:
    return [f"{label} {when}" for label in labels]


def _upload(cluster: RealCluster, files: RealFiles, when: str) -> None:
    for label in (*ALIKE, *UNLIKE):
        upload = UploadSubmitted(f"{label} {when}", f"who posts {label} {when}", files.uri(label))
        cluster.publish(UPLOADS_SUBMITTED, upload.upload_id, encode(upload))


def _register(cluster: RealCluster, files: RealFiles) -> None:
    register = Register(
        "a song",
        references=(Reference("master", uri=files.uri("song")),),
        documents=(Document("contract"),),
        attestation=Attestation(exclusive=True, accurate=True, good_faith=True, signed_by="N. N."),
    )
    cluster.publish(WORKS_SUBMITTED, "label", encode(WorkSubmitted("label", "s1", "hit", register=register)))


async def _until(cluster: RealCluster, expected: Mapping[str, tuple[str, str]]) -> None:
    """Wait until the last verdict on each of these uploads, and its reason, is what is expected."""
    await cluster.flush()
    deadline = time.monotonic() + WITHIN_SECONDS
    while True:
        verdicts = [one.fact for one in (await cluster.log()).written(VERDICTS_DECIDED)]
        last = {one.upload_id: one for one in verdicts if isinstance(one, VerdictDecided)}
        said = {name: (one.verdict.value, one.reasons[0].value) for name, one in last.items() if name in expected}
        if said == expected:
            return
        assert time.monotonic() < deadline, f"{said}, expected {expected}"

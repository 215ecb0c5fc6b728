"""State that a version wrote, kept in the repository: `python -m tests.yesterday.kept FORMAT` writes it, once.

`story-FORMAT.jsonl`: the changelogs of a simulated cluster that played a story with known names, byte for byte, and
where each topic ended; `resumed` goes on from there. `entries-FORMAT.jsonl`: some entries of every kind, from random
histories.
"""

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from services.contracts.codec import encode
from services.contracts.objections import Dispute, DisputeSubmitted
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
    DISPUTES_SUBMITTED,
    RIGHTSHOLDERS_SUBMITTED,
    UPLOADS_SUBMITTED,
    WORKS_SUBMITTED,
)
from services.pipeline import PIPELINE
from services.runtime.changelog import apply
from services.runtime.store import entry_of, kind_of
from tests.simulator.cluster import SimulatedCluster
from tests.simulator.files import Files
from tests.simulator.history import World
from tests.simulator.law import LawHistory
from tests.simulator.playing import STRICT, small_steps
from tests.simulator.topics import NO_RECORD

FOLDER = Path(__file__).parent / "changelogs"
LABEL, SONG = "a-label", "a-song"
PARTITIONS = 2
SEED = 11
# Random histories until there are so many entries of every kind.
EACH_KIND = 3
HAPPENINGS = 40
STEPS = 20
HISTORIES_MAX = 4_000


def play_story() -> SimulatedCluster:
    """Return a cluster with a song in force and copies of it that are down, one of them disputed."""
    random, files = Random(SEED), Files(flaky=0.0)
    cluster = SimulatedCluster(random, files, PARTITIONS)
    enroll = Enroll(LABEL, standing=Enroll.Standing.TRUSTED)
    cluster.publish(RIGHTSHOLDERS_SUBMITTED, LABEL, encode(RightsholderSubmitted(LABEL, "enroll", enroll=enroll)))
    files.put(files.uri("reference"), "song")
    register = registration(files.uri("reference"))
    cluster.publish(WORKS_SUBMITTED, LABEL, encode(WorkSubmitted(LABEL, "register", SONG, register=register)))
    cluster.drain(0)
    for upload, label in (("u-same", "song"), ("u-alike", "song with other tags"), ("u-other", "small")):
        submit(cluster, files, upload, label)
    cluster.drain(0)
    dispute = DisputeSubmitted("u-same", "d", dispute=Dispute(Dispute.Ground.MISIDENTIFIED, "It is mine."))
    cluster.publish(DISPUTES_SUBMITTED, "u-same", encode(dispute))
    cluster.drain(0)
    return cluster


@small_steps()
def collect_entries() -> list[dict[str, str | int]]:
    """Return some entries of every kind that there is."""
    found: dict[tuple[str, str], dict[bytes, bytes]] = {
        (each.name, kind): {} for each in PIPELINE for kind in each.entries
    }
    for seed in range(HISTORIES_MAX):
        if all(len(kept) >= EACH_KIND for kept in found.values()):
            break
        _collect(seed, found)
    return [
        {"service": service, **_encoded(key, value)}
        for (service, _), kept in found.items()
        for key, value in kept.items()
    ]


def _collect(seed: int, found: dict[tuple[str, str], dict[bytes, bytes]]) -> None:
    random, files = Random(seed), Files()
    cluster = SimulatedCluster(random, files, PARTITIONS, STRICT, parts=1 + seed % PARTITIONS)
    history = LawHistory(cluster, files, random)
    for _ in range(HAPPENINGS):
        history.happen()
        for _ in range(STEPS):
            cluster.step()
            history.react(cluster.receipts())
        for unit in cluster.units:
            for key, value in unit.changelog.items():
                kept = found[unit.processor.name, kind_of(entry_of(key)[1])]
                if len(kept) < EACH_KIND:
                    kept.setdefault(key, value)


def submit(cluster: World, files: Files, upload: str, label: str) -> None:
    """Submit an upload of the bytes that a label stands for."""
    files.put(files.uri(upload), label)
    cluster.publish(UPLOADS_SUBMITTED, upload, encode(UploadSubmitted(upload, "somebody", files.uri(upload))))


def release(cluster: World) -> None:
    """Give the song free."""
    said = WorkSubmitted(LABEL, "release", SONG, release=Release(Release.Reason.WITHDRAWN))
    cluster.publish(WORKS_SUBMITTED, LABEL, encode(said))


def registration(uri: str) -> Register:
    """Return what is registered: a song, by one file."""
    signed = Attestation(exclusive=True, accurate=True, good_faith=True, signed_by="N. N.")
    return Register(
        "A Song", references=(Reference("r", uri=uri),), documents=(Document("contract"),), attestation=signed
    )


def written(cluster: SimulatedCluster) -> Iterator[dict[str, Any]]:
    """Give what is kept of a story: first where topics end and what time it is, then every record of the changelogs."""
    ends: dict[str, list[int]] = {}
    for (topic, number), log in cluster.log.items():
        ends.setdefault(topic, [0] * PARTITIONS)[number] = len(log)
    yield {"now": cluster.now, "ends": dict(sorted(ends.items()))}
    for unit in cluster.units:
        for key, value in sorted(unit.changelog.items()):
            yield {"service": unit.processor.name, "partition": unit.partition, **_encoded(key, value)}


def resumed(path: Path, files: Files) -> SimulatedCluster:
    """Return a cluster that goes on from what a version has left, by the very function that restores."""
    head, *records = map(json.loads, path.read_text().splitlines())
    cluster = SimulatedCluster(Random(SEED), files, PARTITIONS)
    cluster.topics.now = head["now"]
    for topic, ends in head["ends"].items():
        for number, end in enumerate(ends):
            cluster.log[topic, number].extend([NO_RECORD] * end)
    for unit in cluster.units:
        place = (unit.processor.name, unit.partition)
        own = [each for each in records if (each["service"], each["partition"]) == place]
        apply([SimpleNamespace(key=_key(each), value=_value(each)) for each in own], unit.processor, unit.store)
        unit.positions = tuple(cluster.topics.end(*one) for one in unit.inputs)
    for reader in cluster.readers:
        for each in reader.processor.reads:
            reader.fetched[each.name] = reader.committed[each.name] = cluster.topics.end(each, reader.partition)
    return cluster


def entries(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """Give service, name and stored form of every entry that is kept."""
    for line in path.read_text().splitlines():
        if "key" in (record := json.loads(line)):
            yield record["service"], entry_of(_key(record))[1], _value(record)


def _encoded(key: bytes, value: bytes) -> dict[str, str]:
    return {"key": base64.b64encode(key).decode(), "value": base64.b64encode(value).decode()}


def _key(record: dict[str, Any]) -> bytes:
    return base64.b64decode(record["key"])


def _value(record: dict[str, Any]) -> bytes:
    return base64.b64decode(record["value"])


if __name__ == "__main__":
    for name, records in (("story", written(play_story())), ("entries", collect_entries())):
        with (FOLDER / f"{name}-{sys.argv[1]}.jsonl").open("x") as file:
            file.writelines(f"{json.dumps(each)}\n" for each in records)

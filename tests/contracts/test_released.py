import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.contracts.codec import decode_record, encode
from services.contracts.topics import TOPICS
from tests.contracts import releasing, schema

PROTO = Path(__file__).parents[2] / "proto"
BUF = Path(sysconfig.get_path("scripts")) / "buf"
RELEASED = sorted((PROTO / "released").iterdir())
# What somebody could do in good faith: file, what stands there, what would.
BREAKS = {
    "a field is renamed": ("uploads.proto", "string uploader_id = 2", "string account_id = 2"),
    "a field has another number": ("uploads.proto", "string uploader_id = 2", "string uploader_id = 102"),
    "a field has another type": ("uploads.proto", "string uploader_id = 2", "int64 uploader_id = 2"),
    "a value is renamed": ("verdicts.proto", "BLOCKED = ", "REFUSED = "),
}
TOPICS_OF_THE_FIRST = 25
BY_NAME = {topic.name: topic for topic in TOPICS}


def _records() -> Iterator[tuple[str, Any]]:
    """Yield the records of every release, and what to call them."""
    for path in sorted(releasing.RELEASED.iterdir()):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            record = orjson.loads(line)
            yield f"{path.stem}-{number}-{record['topic']}", record


RECORDS = dict(_records())


def _breaks(proto: Path, released: Path) -> str:
    """Return what buf has to say against `proto`, measured by what was released."""
    command = [str(BUF), "breaking", str(proto), "--against", str(released)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert bool(done.returncode) == bool(done.stdout), done.stderr
    return done.stdout


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_nothing_that_was_released_breaks(released: Path) -> None:
    """Whoever was built for an earlier version reads and writes all of it in JSON and in binary protobuf."""
    assert not _breaks(PROTO, released)


@pytest.mark.parametrize("planted", BREAKS)
def test_a_break_is_found(planted: str, tmp_path: Path) -> None:
    """The check fails when it must."""
    file, there, instead = BREAKS[planted]
    broken = tmp_path / "proto"
    shutil.copytree(PROTO, broken)
    path = broken / "staydown" / "v1" / file
    text = path.read_text()
    assert there in text
    path.write_text(text.replace(there, instead))
    assert file in _breaks(broken, RELEASED[-1])


@pytest.mark.parametrize("name", RECORDS)
def test_what_was_written_then_is_read_now_and_nothing_of_it_is_lost(name: str) -> None:
    """A topic keeps what an earlier version wrote, its own inside records too, while services are replaced."""
    record = RECORDS[name]
    topic = BY_NAME[record["topic"]]
    value = None if record["value"] is None else orjson.dumps(record["value"])
    key, fact = decode_record(topic, record["key"].encode(), value)
    assert key == record["key"]
    if value is not None:
        assert schema.parse(topic.fact, encode(fact)) == schema.parse(topic.fact, value)


def test_every_release_has_its_contract_and_its_examples_of_every_topic() -> None:
    """The two are made together, by `make proto-release`."""
    assert {path.stem for path in RELEASED} == {path.stem for path in releasing.RELEASED.iterdir()}
    for path in RELEASED:
        topics = {record["topic"] for name, record in RECORDS.items() if name.startswith(f"{path.stem}-")}
        assert len(topics) >= TOPICS_OF_THE_FIRST

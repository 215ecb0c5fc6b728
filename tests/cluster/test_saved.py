"""What is saved is told whole or refused, and every offset of it gets the right new one."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.cli import run
from services.cluster.errors import ClusterError
from services.cluster.saved.manifest import Manifest, Part, path_of, read, write
from services.cluster.saved.places import Places, standing
from services.cluster.saved.records import Kept, digest, opened_for_writing, put, records
from services.cluster.saved.repartitioning import repartition
from services.cluster.saved.shapes import Wanted
from services.runtime.changelog import UnitRecord, follows
from services.runtime.provisioning import PLANNED
from tests.cluster.test_moving import AFTER, BEFORE, at_rest, written

UPLOADS, READ, STATE = "uploads.submitted.v1", "uploads.read.v1", "enforcer.state"
RECORDS = [Kept(7, b"k", b"v", (("name", b"value"),)), Kept(8, None, None, ())]


def manifest(**topics: Part) -> Manifest:
    """Return a copy of one partition."""
    return Manifest("now", "0", 1, {name: [part] for name, part in topics.items()}, {"enforcer": {READ: [25]}})


def copy(folder: Path) -> Path:
    """Write a copy of one partition, and return the partition's file."""
    path = path_of(folder, UPLOADS, 0)
    with opened_for_writing(path) as file:
        for record in RECORDS:
            put(file, record)
    write(folder, manifest(**{UPLOADS: Part(0, 2, 2, digest(path), {})}))
    return path


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    """Keys, values, headers and times, nothing among them."""
    assert [*records(copy(tmp_path))] == RECORDS
    assert read(tmp_path).topics[UPLOADS][0].count == 2


def test_a_copy_that_is_not_as_it_was_written_is_refused(tmp_path: Path) -> None:
    """A file that was cut off, one that is gone, and a copy that was never finished."""
    path = copy(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ClusterError, match="checksum differs"):
        read(tmp_path)
    path.unlink()
    with pytest.raises(ClusterError, match="cannot be read"):
        read(tmp_path)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(ClusterError, match="no finished copy"):
        read(tmp_path)


def test_what_comes_from_the_world_keeps_its_offsets_and_all_else_begins_above_what_it_had() -> None:
    """Retention had removed 90 uploads; of 30 offsets of an inside topic ten were markers, and one record is unread."""
    uploads = Part(90, 100, 10, "", {95: 5, 100: 10})
    found = Part(0, 30, 20, "", {25: 19})
    state = Part(0, 50, 9, "", {})
    places = Places(manifest(**{UPLOADS: uploads, READ: found, STATE: state}), "anew")
    places.check()
    assert places.new(UPLOADS, 0, 95) == 95
    assert places.group("enforcer") == {(READ, 0): 30 + 19}
    own = UnitRecord({UPLOADS: 100, READ: 25, "gone": 3}, 5, 6, group={UPLOADS: 95}, broadcasts={READ: (25,)})
    moved = places.unit(0, own)
    assert (moved.offsets, moved.group, moved.broadcasts) == (
        {UPLOADS: 100, READ: 49},
        {UPLOADS: 95},
        {READ: (49,)},
    )
    assert (moved.now, moved.written) == (5, 6)
    assert follows(replace(moved, now=7, written=8), moved)


def test_what_is_on_a_disk_from_before_a_restore_is_not_believed() -> None:
    """Though times and counts go on from there, and whatever stands at its offset on the same Kafka."""
    before = UnitRecord({READ: 25}, 5, 6)
    copy = manifest(**{READ: Part(0, 30, 20, "", {25: 19})})
    once, again = (Places(copy, each).unit(0, before) for each in ("one", "another"))
    assert not follows(replace(once, now=7), before)
    assert not follows(replace(again, now=7), once)


def test_uploads_with_gaps_that_somebody_has_not_read_are_refused() -> None:
    """Their offsets would change, and verdicts name them; once all have read them they may."""
    with pytest.raises(ClusterError, match="has gaps and was not read to its end"):
        Places(manifest(**{UPLOADS: Part(0, 10, 8, "", {5: 4, 10: 8})}), "anew").check()
    Places(manifest(**{UPLOADS: Part(0, 10, 8, "", {9: 8, 10: 8})}), "anew").check()


def test_a_unit_stands_in_its_inputs_and_in_every_partition_of_a_broadcast() -> None:
    """Where it stands itself, and what the group was told."""
    own = UnitRecord({"left": 7}, group={"left": 5}, broadcasts={"all": (1, 2)})
    assert standing([(3, own)]) == {("left", 3): {5, 7}, ("all", 0): {1}, ("all", 1): {2}}


def test_a_copy_is_checked_without_a_kafka(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it is, whether each file is as it was written, and whether it can have another number of partitions."""
    repartition(tmp_path / "one", written(tmp_path / "one", at_rest()), Wanted(AFTER), tmp_path / "two")
    checked = ["restore", "--check", str(tmp_path / "two")]
    assert run(checked) == run([*checked, "--partitions", str(BEFORE)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("taken at now by version 0, can be restored: ")
    assert f" records of {len(PLANNED)} topics with {AFTER} partitions\n" in said
    made = read(tmp_path / "two")
    write(tmp_path / "two", replace(made, groups={**made.groups, "hasher": {}}))
    assert run(checked) == 0
    assert run([*checked, "--partitions", str(BEFORE)]) == 1
    assert "not of a cluster at rest: hasher has 8 records" in capsys.readouterr().err
    path_of(tmp_path / "two", UPLOADS, 1).write_bytes(b"")
    assert run(checked) == 1
    assert f"{UPLOADS}/1.gz is not as it was written" in capsys.readouterr().err

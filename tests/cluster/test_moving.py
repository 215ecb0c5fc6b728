"""A copy gets another number of partitions: what is not at rest is refused, and what is moved is whole."""

import asyncio
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cluster.errors import ClusterError
from services.cluster.saved.at_rest import STATEFUL, check
from services.cluster.saved.manifest import Manifest, Part, path_of, read, write
from services.cluster.saved.moving_entries import Entries
from services.cluster.saved.moving_records import records as moved_records
from services.cluster.saved.places import Places
from services.cluster.saved.records import Kept, digest, opened_for_writing, put, records
from services.cluster.saved.repartitioning import repartition
from services.cluster.saved.restoring import restore
from services.cluster.saved.shapes import Shape, Wanted
from services.contracts.codec import encode
from services.contracts.decided import VerdictDecided
from services.contracts.inside import CopyChanged
from services.contracts.measured import Tally
from services.contracts.topics import changelog
from services.enforcer import PROCESSOR as ENFORCER
from services.enforcer.case import Case, Standing, Stood
from services.matcher.state import Digest, Round
from services.runtime.changelog import OWN_KEY, UnitRecord, own_of
from services.runtime.partitioning import partition_of
from services.runtime.provisioning import PLANNED
from services.runtime.quarantine import KIND, NOBODY
from services.runtime.store import Mark, changelog_key, pack
from services.runtime.tallying import count

BEFORE, AFTER = 2, 3
NOBODY_LISTENS = "127.0.0.1:1"
END, COUNT = 10, 4
"""Six of ten offsets are markers of transactions."""
UPLOADS, READ, REQUESTED = "uploads.submitted.v1", "uploads.read.v1", "reads.requested.v1"
FINGERPRINTED = "references.fingerprinted.v1"
REMEDY = "stop who writes, let the services run until `staydown_lag_seconds` is 0"
KEYS = ("u-1", "u-2", "u-3", "somebody")


class Copy(NamedTuple):
    """What is saved of a cluster at rest."""

    manifest: Manifest
    changelogs: Mapping[tuple[str, int], list[Kept]]

    def check(self) -> None:
        """Look whether it is at rest."""
        check(self.manifest, lambda topic, number: self.changelogs[topic, number])


def at_rest() -> Copy:
    """Return a copy in which everybody stands where there is nothing behind."""
    part = Part(0, END, COUNT, "", {2: 1, 8: COUNT, END: COUNT})
    topics = {topic.name: [part] * BEFORE for topic in PLANNED}
    hasher = {name: [8, END] for name in (UPLOADS, REQUESTED, "references.requested.v1")}
    units = {
        (changelog(each.name), number): [
            _own(
                offsets={topic.name: 8 for topic in each.reads},
                broadcasts={topic.name: (END,) * BEFORE for topic in each.broadcasts},
            )
        ]
        for each in STATEFUL
        for number in range(BEFORE)
    }
    return Copy(Manifest("now", "0", BEFORE, topics, {"hasher": hasher, "enforcer": {UPLOADS: [2, 2]}}), units)


def _own(**fields: object) -> Kept:
    return Kept(0, OWN_KEY, UnitRecord(**fields).packed(), ())  # type: ignore[arg-type]  # as its fields are


def test_a_copy_is_at_rest_though_markers_follow_and_a_group_was_told_late() -> None:
    """What units' groups were told is older than the units; and timers of later may wait."""
    copy = at_rest()
    waits = Kept(0, changelog_key("u-1", ""), pack(encode(Case(deadline=7)), 7), ())
    copy.changelogs[changelog("enforcer"), 0].insert(0, waits)
    copy.check()


def test_a_group_that_has_not_read_all_is_named() -> None:
    """The hasher, which must be there, and whoever else has a group."""
    copy = at_rest()
    copy.manifest.groups["hasher"][UPLOADS] = [8, 2]  # type: ignore[index]
    with pytest.raises(ClusterError, match=f"hasher has 3 records of {UPLOADS}, partition 1, still to read.*{REMEDY}"):
        copy.check()
    del copy.manifest.groups["hasher"]  # type: ignore[attr-defined]
    with pytest.raises(ClusterError, match=r"hasher has 4 records of .*, partition 0, still to read"):
        copy.check()
    copy = at_rest()
    copy.manifest.groups["somebody else"] = {UPLOADS: [None, END]}  # type: ignore[index]
    with pytest.raises(ClusterError, match="somebody else has 4 records"):
        copy.check()


def test_a_unit_that_has_not_read_all_is_named() -> None:
    """Neither an input, nor a broadcast that it has read in part, nor one that it has never heard of."""
    for own in (
        UnitRecord(dict.fromkeys((topic.name for topic in ENFORCER.reads), 8) | {READ: 2}),
        UnitRecord(dict.fromkeys((topic.name for topic in ENFORCER.reads), 8)),
        UnitRecord(
            dict.fromkeys((topic.name for topic in ENFORCER.reads), 8), broadcasts={"strikes.changed.v1": (END, 2)}
        ),
    ):
        copy = at_rest()
        copy.changelogs[changelog("enforcer"), 1][:] = [Kept(0, OWN_KEY, own.packed(), ())]
        with pytest.raises(ClusterError, match=r"enforcer has \d records of .* still to read"):
            copy.check()


def test_what_is_set_aside_or_wants_a_turn_is_no_rest_and_what_was_so_is() -> None:
    """Both are entries of a state, of which the last word counts."""
    going = pack(encode(Digest(1, 1, round=Round())), 0)
    for service, at, value, told in (
        ("matcher", changelog_key("d", ""), going, f"in the middle of 1 long rounds.*{REMEDY}"),
        ("enforcer", changelog_key(NOBODY, f"{KIND}/000000000001"), pack(b"", None), "1 records are set aside"),
    ):
        copy = at_rest()
        log = copy.changelogs[changelog(service), 1]
        log.insert(0, Kept(0, at, value, ()))
        with pytest.raises(ClusterError, match=told):
            copy.check()
        log.insert(1, Kept(0, at, None, ()))
        copy.check()


def test_state_where_its_key_is_not_is_refused() -> None:
    """It was led to by a producer that partitions otherwise, and could be there twice."""
    key = next(key for key in KEYS if partition_of(key.encode(), BEFORE) == 1)
    case = Kept(0, changelog_key(key, ""), pack(encode(Case(seen=1)), None), ())
    with pytest.raises(ClusterError, match=f"enforcer has state of '{key}' in partition 0"):
        list(Entries(ENFORCER, Shape(BEFORE), Shape(3)).moved([[case], []]))


def test_records_that_merge_are_in_the_order_of_their_times_and_dead_letters_stay_as_they_are() -> None:
    """Whatever their keys are, or if they have none; a time that went back within a partition moves nothing in it."""
    first = [Kept(1, b"a", b"1", ()), Kept(5, None, b"\xff", (("h", b""),)), Kept(3, b"a", b"2", ())]
    found = list(moved_records(f"{UPLOADS}.hasher.dead", [first, [Kept(2, b"\xff", None, ())]], 1))
    assert found == [(0, first[0]), (0, Kept(2, b"\xff", None, ())), (0, first[1]), (0, first[2])]


@given(
    st.lists(st.tuples(st.sampled_from(KEYS), st.booleans(), st.integers(-1, 3))),
    st.integers(1, 4),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_every_new_unit_has_what_is_its_own_and_what_all_have(
    changes: list[tuple[str, bool, int]], before: int, after: int, random: Random
) -> None:
    """Whatever was changed and forgotten before, and however much of that is compacted away in each changelog."""
    logs: list[list[Kept]] = [[] for _ in range(before)]
    last: dict[bytes, tuple[str, bool, int]] = {}
    for time, (key, is_standing, number) in enumerate(changes):
        at = changelog_key(key, "standing/UPLOADER" if is_standing else "")
        kept = Kept(time, at, None if number < 0 else pack(encode(_entry(number, is_standing=is_standing)), None), ())
        last[at] = (key, is_standing, number)
        for log in logs if is_standing else [logs[partition_of(key.encode(), before)]]:
            log.append(kept)
    entries = Entries(ENFORCER, Shape(before), Shape(after))
    found: list[dict[bytes, bytes | None]] = [{} for _ in range(after)]
    for number, one in entries.moved([_compacted(log, random) for log in logs]):
        found[number][one.key or b""] = one.value
    for number, (there, tallies) in enumerate(zip(found, entries.tallies(), strict=True)):
        own = {
            at: of for at, of in last.items() if of[2] >= 0 and (of[1] or partition_of(of[0].encode(), after) == number)
        }
        assert {at for at, value in there.items() if value is not None} == own.keys()
        assert all(there[at] == pack(encode(_entry(n, is_standing=s)), None) for at, (_, s, n) in own.items())
        assert count(tallies, Tally.HELD) == sum(n % 2 for _, s, n in own.values() if not s)


def _entry(number: int, *, is_standing: bool) -> Case | Stood:
    if is_standing:
        return Stood((Standing.WATCHED, Standing.RESTRICTED)[number % 2])
    return Case(revision=number, verdict=VerdictDecided.Verdict.HELD if number % 2 else None)


def _compacted(log: list[Kept], random: Random) -> list[Kept]:
    """Return a changelog without some of what something later supersedes, and some ends of what nothing is left of."""
    left = [
        one
        for place, one in enumerate(log)
        if one.key not in {later.key for later in log[place + 1 :]} or random.random() < 0.5
    ]
    return [
        one
        for place, one in enumerate(left)
        if one.value is not None or any(each.key == one.key for each in left[:place]) or random.random() < 0.5
    ]


def test_state_of_a_later_version_is_refused() -> None:
    """As it is when a service starts."""
    later = Kept(0, changelog_key("u-1", ""), pack(b"{}", None, 99), ())
    with pytest.raises(ClusterError, match="enforcer has state of format 99"):
        list(Entries(ENFORCER, Shape(1), Shape(2)).moved([[later]]))


@pytest.mark.parametrize("missing", [UPLOADS, changelog("enforcer"), "strikes.changed.v1"])
def test_a_copy_that_lacks_a_topic_is_not_moved(tmp_path: Path, missing: str) -> None:
    """As it is not restored; Kafka is not asked for it."""
    whole = written(tmp_path, at_rest())
    write(tmp_path, replace(whole, topics={name: parts for name, parts in whole.topics.items() if name != missing}))
    with pytest.raises(ClusterError, match=f"has no {missing}: restore it with the version that saved it"):
        asyncio.run(restore(NOBODY_LISTENS, tmp_path, lambda _: None, Wanted(AFTER)))


def written(folder: Path, copy: Copy) -> Manifest:
    """Write a copy, in which all is about one upload, but for the facts of a digest and of a reference."""
    fact = CopyChanged("d", "u-1", 7, present=True, upload_partition=0)
    facts = {"copies.changed.v1": Kept(0, b"d", encode(fact), ()), FINGERPRINTED: Kept(0, b"f", None, ())}
    topics: dict[str, list[Part]] = {}
    for topic, parts in copy.manifest.topics.items():
        topics[topic] = []
        for number, part in enumerate(parts):
            path = path_of(folder, topic, number)
            record = facts.get(topic, Kept(0, b"u-1", b"{}", ()))
            kept = copy.changelogs.get((topic, number), [record] * COUNT)
            with opened_for_writing(path) as file:
                for each in kept:
                    put(file, each)
            topics[topic].append(replace(part, count=len(kept), sha256=digest(path)))
    manifest = replace(copy.manifest, topics=topics)
    write(folder, manifest)
    return manifest


def test_a_copy_that_was_moved_is_restored_above_all_that_anybody_remembers(tmp_path: Path) -> None:
    """It is a copy like any other: records, units and groups; the one that it was made of is as it was."""
    manifest = written(tmp_path / "one", at_rest())
    repartition(tmp_path / "one", manifest, Wanted(AFTER), tmp_path / "two")
    made, home = read(tmp_path / "two"), partition_of(b"u-1", AFTER)
    places = Places(made, "anew")
    places.check()
    assert made.partitions == AFTER
    assert [part.count for part in made.topics[UPLOADS]] == [
        BEFORE * COUNT * (number == home) for number in range(AFTER)
    ]
    assert min(places.group("hasher").values()) >= END
    own = [own_record(tmp_path / "two", number) for number in range(AFTER)]
    assert [places.unit(number, one).offsets for number, one in enumerate(own)] == [
        {topic: offset for (topic, at), offset in places.group("enforcer").items() if at == number}
        for number in range(AFTER)
    ]
    moved = Kept(0, b"d", encode(CopyChanged("d", "u-1", 7, present=True, upload_partition=home)), ())
    there = records(path_of(tmp_path / "two", "copies.changed.v1", partition_of(b"d", AFTER)))
    assert [*there] == [moved] * (BEFORE * COUNT)
    assert read(tmp_path / "one") == manifest


def own_record(folder: Path, number: int) -> UnitRecord:
    """Return what a unit of the enforcer keeps of itself, by the last record of its changelog."""
    *_, last = records(path_of(folder, changelog("enforcer"), number))
    assert last.key == OWN_KEY
    return own_of(Mark(0, last.value or b""))


def test_what_cannot_be_moved_is_refused_before_kafka_is_asked_anything(tmp_path: Path) -> None:
    """A copy that is not of a cluster at rest, and a second one for which there is no room; nobody listens here."""
    copy = at_rest()
    written(tmp_path / "rests", copy)
    copy.manifest.groups["hasher"][UPLOADS] = [2, 2]  # type: ignore[index]
    written(tmp_path / "works", copy)
    with pytest.raises(ClusterError, match="not of a cluster at rest: hasher has 3 records"):
        asyncio.run(restore(NOBODY_LISTENS, tmp_path / "works", lambda _: None, Wanted(AFTER)))
    with files_of_at_most(1), pytest.raises(ClusterError, match="below TMPDIR, could not be made: File too large"):
        asyncio.run(restore(NOBODY_LISTENS, tmp_path / "rests", lambda _: None, Wanted(AFTER)))


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """Let no file be larger, as if there were no room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)

"""What comparing uploads costs a platform, and in how many parts its index of references lies."""

from dataclasses import replace

import pytest

from loadtest.capacity.coefficients import Comparing, PerEvent
from loadtest.capacity.fitting import Sized, besides, besides_first, by_name, fitted, shared
from loadtest.capacity.flows import Kept
from loadtest.capacity.load import kept_chunks
from loadtest.capacity.measuring import in_each_part
from loadtest.capacity.model import Answer, answer
from loadtest.capacity.question import Question
from tests.loadtest.capacity.test_model import FLOWS, KNOWN, QUESTION, flow, found, line

# Of 200 uploads/s each has a sample of 128 chunks.
COMPARING = Comparing(
    compared=PerEvent(cpu_us={"recogniser": 500}, kept_bytes={"recogniser.state": 100}, memory_bytes={"matcher": 50}),
    chunk=PerEvent(
        cpu_us={"recogniser": 10},
        kept_bytes={"recogniser.state": 20},
        memory_bytes={"recogniser": 100},
        found_by_bytes={"recogniser": 50},
    ),
    part=PerEvent(cpu_us={"recogniser": 250}, kept_bytes={"recogniser.state": 200}),
    moved=PerEvent(cpu_us={"recogniser": 5}),
)
COMPARED = replace(KNOWN, comparing=COMPARING)
IN_FOUR = replace(QUESTION, index_parts=4)


def indexed(bytes_per_reference: float, question: Question = QUESTION) -> Answer:
    """Return the answer for references that take so much in memory: 1 GB are 1,000 bytes each."""
    return found(question, replace(KNOWN, index_bytes_per_reference=bytes_per_reference))


def test_what_is_compared_costs_besides_and_by_its_chunks() -> None:
    """200 * 500 µs, and 200 * 128 chunks * 10 µs."""
    answered = found(known=COMPARED)
    assert line(answered, "chunks compared") == ("200 uploads/s * 128 in a sample", "25,600/s")
    assert line(answered, "recogniser, busy") == ("200 compared * 500 µs + 25,600 chunks * 10 µs", "0.356 cores")


def test_each_further_part_of_the_index_costs_and_each_chunk_in_it() -> None:
    """Three of four parts, and of the chunks, are at other units."""
    busy = line(found(IN_FOUR, COMPARED), "recogniser, busy")[0]
    assert busy.endswith(" + 600 further parts * 250 µs + 19,200 chunks elsewhere * 5 µs")


@pytest.mark.parametrize(("megabytes", "is_compared"), [(0.131072, False), (0.131073, True)])
def test_what_has_at_most_128_kib_is_not_compared(megabytes: float, is_compared: bool) -> None:
    """It has no sample, so the recogniser never hears of it."""
    answered = found(replace(QUESTION, megabytes=megabytes), COMPARED)
    assert ("compared" in line(answered, "recogniser, busy")[0]) is is_compared


@pytest.mark.parametrize(
    ("size_bytes", "chunks"),
    [(131_073, 5), (3_000_000, 114), (10_000_000, 128), (129_600_000, 1_236), (1e9, 4_096)],
)
def test_a_sample_keeps_as_many_chunks_as_the_services_do(size_bytes: float, chunks: float) -> None:
    """All of what is short, 128 of a song, a quarter from 13 MB on, 4,096 at the most."""
    assert kept_chunks(size_bytes) == pytest.approx(chunks, abs=0.5)


def test_samples_are_kept_with_what_they_are_found_by() -> None:
    """On a worker's disk a chunk takes 50 bytes besides the 20 that a broker has; in memory 100."""
    on_disk = found(replace(QUESTION, in_memory=False), COMPARED)
    assert line(on_disk, "recogniser, disk") == ("3,153,600,000 * 100 B + 403,660,800,000 * 70 B", "28.6 TB")
    assert " + 403,660,800,000 * 20 B + " in line(on_disk, "the latest of each key")[0]
    assert line(found(known=COMPARED), "recogniser, memory") == ("403,660,800,000 * 100 B", "40.4 TB")
    assert line(found(known=COMPARED), "matcher, memory")[0].startswith("3,153,600,000 * 50 B + 3,153,600,000 * 50 B +")


def test_a_tally_is_kept_of_each_content_for_its_further_parts() -> None:
    """Three of them."""
    answered = found(replace(IN_FOUR, in_memory=False), COMPARED)
    assert line(answered, "recogniser, disk")[0].endswith(" + 9,460,800,000 * 200 B")


def test_samples_are_appended_and_kept_for_days() -> None:
    """25,600 chunks/s of 21 bytes at the peak, half of it on average for 7 days."""
    copies = flow("copies.changed.v1", {"chunks": 21}, readers=1, kept=Kept.DAYS, days=7)
    answered = answer(QUESTION, COMPARED, (*FLOWS, copies))
    assert line(answered, "appended")[1] == "788 kB/s"
    assert line(answered, "kept for days")[0] == "31.9 GB a day * 7 days"


def test_a_part_of_the_index_has_its_share_of_each_reference() -> None:
    """And what each part has, however many there are."""
    known = replace(KNOWN, index_bytes_per_reference=10_000.0)
    assert line(found(IN_FOUR, known), "index, memory, each partition") == ("1,000,000 * 10 kB ÷ 4", "2.5 GB")
    known = replace(known, index_bytes_in_each_part=2_000.0)
    assert line(found(IN_FOUR, known), "index, memory, each partition") == ("1,000,000 * (2 kB + 8 kB ÷ 4)", "4 GB")


def test_the_index_lies_in_as_many_parts_as_need_the_fewest_machines() -> None:
    """24 partitions of 60 GB need 24 machines, 12 of 30 GB 8, and of 15 GB 5; of 7.5 GB there must be 24 again."""
    answered = indexed(60_000)
    assert (answered.index_parts, answered.service_machines) == (4, 5)


def test_of_numbers_that_need_as_many_machines_the_smallest_is_taken() -> None:
    """A small index fits in one part beside everything."""
    assert indexed(1_000).index_parts == 1


def test_an_index_that_does_not_fit_whole_is_divided_though_as_many_machines_are_needed() -> None:
    """One of 70 GB, on machines of 64 GiB of which the network needs 320."""
    answered = indexed(70_000, replace(QUESTION, machine_gbit=0.1))
    assert (answered.index_parts, answered.service_machines) == (2, 320)
    assert not answered.unfit


def test_as_many_parts_as_are_asked_for_are_taken() -> None:
    """Whatever fewer would need."""
    assert indexed(1_000, replace(QUESTION, index_parts=3)).index_parts == 3
    assert not indexed(1_000, replace(QUESTION, index_parts=3)).partitions % 3


def test_an_index_that_fits_in_no_number_of_parts_is_said_with_the_most() -> None:
    """1.6 TB ÷ 16 are 100 GB, on machines of 64 GiB."""
    answered = indexed(1_600_000)
    assert answered.unfit == (
        "The index of references, in 16 parts, takes 100 GB of memory in each recogniser, more than a machine has.",
    )


@pytest.mark.parametrize(("parts", "partitions"), [(1, 12), (4, 12), (5, 60), (8, 24), (16, 48)])
def test_partitions_are_a_multiple_of_the_parts(parts: int, partitions: int) -> None:
    """Or the last units would have no whole index together."""
    assert found(replace(QUESTION, index_parts=parts)).partitions == partitions


def test_what_goes_by_the_chunks_is_told_from_what_each_costs() -> None:
    """10 chunks cost 70 and 80 chunks 210: 2 for each of them, and 50 besides."""
    each, chunk = fitted(Sized(10, PerEvent({"matcher": 70})), Sized(80, PerEvent({"matcher": 210})))
    assert (each.cpu_us, chunk.cpu_us) == ({"matcher": 50}, {"matcher": 2})


def test_nothing_costs_less_than_nothing() -> None:
    """A cost that falls is noise."""
    each, chunk = fitted(Sized(10, PerEvent({"a": 70, "b": -5})), Sized(80, PerEvent({"a": 35, "b": 65})))
    assert (each.cpu_us, chunk.cpu_us) == ({"a": 70}, {"b": 1})


def test_a_cost_besides_another_is_their_difference() -> None:
    """Of every name that either has; it keeps its chunks."""
    none, some = Sized(0, PerEvent({"a": 1.0, "b": 2.0})), Sized(10, PerEvent({"a": 5.0}, {"topic": 7.0}))
    assert besides(some, none) == Sized(10, PerEvent({"a": 4.0, "b": -2.0}, {"topic": 7.0}))
    assert besides_first([none, some]) == [besides(some, none)]
    assert shared(some.cost, 2) == PerEvent({"a": 2.5}, {"topic": 3.5})
    assert by_name(max, none.cost, some.cost).cpu_us == {"a": 5.0, "b": 2.0}


def test_what_each_part_has_of_a_reference_follows_from_one_of_sixteen() -> None:
    """1,100 bytes in one of 16 are 300 in each, and a sixteenth of 12,800; noise is no less than nothing."""
    assert in_each_part(13_100, 1_100) == pytest.approx(300)
    assert in_each_part(16_000, 900) == 0

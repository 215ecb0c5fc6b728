from dataclasses import fields, replace
from typing import Any

import pytest

from loadtest.capacity.coefficients import BROKER, Coefficients, Comparing, PerEvent
from loadtest.capacity.flows import Flow, Kept, flows, service_of
from loadtest.capacity.load import UNITS
from loadtest.capacity.model import Answer, answer
from loadtest.capacity.question import BOUNDS, PRESETS, SAYS, Question
from services.contracts.topics import TOPICS
from services.pipeline import PIPELINE

# 100 uploads/s on average, 200 at the peak; 2 GB/s; 10 registrations/s and 5 takedowns/s at the peak.
QUESTION = Question(
    uploads_per_day=8_640_000,
    megabytes=10,
    references=1_000_000,
    registrations_per_day=432_000,
    takedowns_per_day=216_000,
    reinstatements_per_day=0,
    kept_years=1,
    peak=2,
    utilisation=0.5,
    replication=3,
    machine_cores=4,
    machine_memory_gib=64,
    machine_disk_tb=10,
    machine_gbit=10,
    in_memory=True,
)
KNOWN = Coefficients(
    machine="a machine",
    how="by hand",
    upload=PerEvent(
        cpu_us={"hasher": 100, "matcher": 2_000, BROKER: 500},
        topic_bytes={"uploads.read.v1": 1_000, "matcher.state": 200},
        kept_bytes={"matcher.state": 100, "verdicts.decided.v1": 400},
        memory_bytes={"matcher": 50},
    ),
    comparing=Comparing(PerEvent(), PerEvent(), PerEvent(), PerEvent()),
    registration=PerEvent(
        cpu_us={"matcher": 10_000}, kept_bytes={"matcher.state": 300}, memory_bytes={"matcher": 1_000}
    ),
    takedown=PerEvent(cpu_us={"matcher": 20_000}, topic_bytes={"takedowns.issued.v1": 2_000}),
    reinstatement=PerEvent(cpu_us={"ledger": 8_000}, topic_bytes={"takedowns.issued.v1": 2_000}),
    gigabyte_cpu_us={"hasher": 500_000},
)


def flow(topic: str, each: dict[str, float], **read_and_kept: Any) -> Flow:
    """Return a topic to which so many bytes are appended by what is named."""
    return Flow(topic, tuple(each.get(unit, 0.0) for unit in UNITS), **read_and_kept)


FLOWS = (
    flow("uploads.read.v1", {"uploads": 1_000}, readers=1, kept=Kept.DAYS, days=7),
    flow("matcher.state", {"uploads": 200}, readers=0, kept=Kept.LATEST),
    flow("takedowns.issued.v1", {"takedowns": 2_000, "reinstatements": 2_000}, readers=1, kept=Kept.EVER),
)


def found(question: Question = QUESTION, known: Coefficients = KNOWN) -> Answer:
    """Return the answer by these flows."""
    return answer(question, known, FLOWS)


def line(answered: Answer, what: str) -> tuple[str, str]:
    """Return the arithmetic and the result of one line."""
    (one,) = (one for one in answered.lines if one.what == what)
    return one.arithmetic, one.result


def test_cores_are_what_each_event_costs_at_the_peak() -> None:
    """Hasher 200 * 100 µs + 2 GB * 0.5 s = 1.02; matcher 200 * 2 ms + 10 * 10 ms + 5 * 20 ms = 0.6; (1.02+0.6)/0.5."""
    answered = found()
    assert line(answered, "hasher, busy") == ("200 uploads * 100 µs + 2 GB * 500 ms", "1.02 cores")
    assert line(answered, "matcher, busy") == (
        "200 uploads * 2 ms + 10 registrations * 10 ms + 5 takedowns * 20 ms",
        "0.6 cores",
    )
    assert answered.cores == pytest.approx(3.24)
    assert line(answered, "services, by cores") == ("3.24 ÷ 4, up", "1")


def test_what_comes_back_costs_too() -> None:
    """10 a second at the peak: 10 * 8 ms of the ledger, and as much in takedowns.issued as 10 takedowns more."""
    answered = found(replace(QUESTION, reinstatements_per_day=432_000))
    assert line(answered, "reinstatements") == ("432,000 a day ÷ 86,400 s * 2", "10/s")
    assert line(answered, "ledger, busy") == ("10 reinstatements * 8 ms", "0.08 cores")
    assert line(answered, "appended")[1] == "270 kB/s"
    assert line(answered, "kept for years") == ("1.3 GB a day * 365 * 1 years", "473 GB")


def test_a_strike_is_kept_as_long_as_it_counts() -> None:
    """216,000 a day for 90 days of 365; what the enforcer keeps of a takedown stays as long as the upload."""
    kept = {"ledger.state": 100, "enforcer.state": 100}
    takedown = replace(KNOWN.takedown, memory_bytes={"ledger": 50}, kept_bytes=kept)
    answered = found(known=replace(KNOWN, takedown=takedown))
    assert line(answered, "ledger, memory") == ("19,440,000 * 50 B", "972 MB")
    on_disk = found(replace(QUESTION, in_memory=False), replace(KNOWN, takedown=takedown))
    assert line(on_disk, "ledger, disk") == ("19,440,000 * 100 B", "1.94 GB")
    assert line(on_disk, "enforcer, disk") == ("78,840,000 * 100 B", "7.88 GB")
    latest = line(answered, "the latest of each key")[0]
    assert latest == "3,153,600,000 * 500 B + 1,000,000 * 300 B + 19,440,000 * 100 B + 78,840,000 * 100 B"


def test_a_machines_network_may_need_more_of_them_than_its_cores() -> None:
    """2 GB/s at 10 Gbit/s of which half may be used, 0.625 GB/s: 3.2, so four."""
    assert line(found(), "services, by network")[1] == "4"
    assert found().service_machines == 4


def test_state_is_what_is_kept_of_uploads_and_references() -> None:
    """8,640,000 * 365 uploads of 50 B and a million references of 1,000 B: 158.68 GB, and 0.3 GiB of processes."""
    answered = found()
    assert line(answered, "uploads kept")[1] == "3,153,600,000"
    assert line(answered, "matcher, memory") == ("3,153,600,000 * 50 B + 1,000,000 * 1 kB", "159 GB")
    assert line(answered, "services, by memory") == ("159 GB ÷ 64 GiB, up", "3")
    assert line(answered, "services, by disk")[1] == "1"


def test_state_on_disks_takes_what_changelogs_keep_of_it() -> None:
    """315.7 GB on disks of 7 TB, and half a GiB of memory for each of three processes and threads."""
    answered = found(replace(QUESTION, in_memory=False))
    assert line(answered, "matcher, disk") == ("3,153,600,000 * 100 B + 1,000,000 * 300 B", "316 GB")
    assert line(answered, "services, by disk") == ("316 GB ÷ (10 TB * 0.7 full), up", "1")
    assert line(answered, "services, by memory") == ("3.22 GB ÷ 64 GiB, up", "1")


def test_the_index_of_references_counts_once_for_each_partition() -> None:
    """10 GB in each of 12; as much on disk of 100 kB each, and a kilobyte of each in memory."""
    indexed = replace(KNOWN, index_bytes_per_reference=10_000.0, index_disk_bytes_per_reference=100_000.0)
    in_memory = found(replace(QUESTION, index_parts=1), indexed)
    on_disk = found(replace(QUESTION, in_memory=False, index_parts=1), indexed)
    assert line(in_memory, "index, memory, each partition") == ("1,000,000 * 10 kB", "10 GB")
    assert line(in_memory, "services, by memory") == ("(159 GB + 12 * 10 GB) ÷ 64 GiB, up", "5")
    assert line(on_disk, "index, memory, each partition") == ("1,000,000 * 1.02 kB", "1.02 GB")
    assert line(on_disk, "index, disk, each partition") == ("1,000,000 * 100 kB", "100 GB")
    assert line(on_disk, "services, by disk") == ("(316 GB + 12 * 100 GB) ÷ (10 TB * 0.7 full), up", "1")


def test_an_index_that_fits_on_no_machine_is_said() -> None:
    """70 GB in each partition: more partitions would not help. Just below, there are as many as hold the rest."""
    whole = replace(QUESTION, index_parts=1)
    too_much = found(whole, replace(KNOWN, index_bytes_per_reference=70_000.0))
    assert too_much.unfit == (
        "The index of references, in 1 part, takes 70 GB of memory in each recogniser, more than a machine has.",
    )
    assert not found().unfit
    tight = found(whole, replace(KNOWN, index_bytes_per_reference=60_000.0))
    assert tight.partitions == 24  # (159 GB ÷ (68.7 - 60) GB each), 19, up to a multiple of 12
    assert tight.service_machines == 24


def test_partitions_leave_room_to_grow_and_hold_the_state() -> None:
    """Two processes, four times that, is below 12; ten times the load needs 12 of them and so 48."""
    assert line(found(), "matcher, processes")[1] == "2"
    assert found().partitions == 12
    busier = replace(QUESTION, uploads_per_day=86_400_000, registrations_per_day=4_320_000, takedowns_per_day=2_160_000)
    assert line(found(busier), "matcher, processes")[1] == "12"
    assert found(busier).partitions == 48
    assert found(replace(QUESTION, machine_memory_gib=1, kept_years=10)).partitions == 1_476


def test_brokers_are_as_many_as_the_scarcest_thing_needs() -> None:
    """Appended 200 * 1.2 kB + 5 * 2 kB = 250 kB/s: in 750, out 200 + 10 to readers and two copies of 250."""
    answered = found()
    assert line(answered, "appended")[1] == "250 kB/s"
    assert line(answered, "network in, all")[1] == "750 kB/s"
    assert line(answered, "network out, all") == ("210 kB/s to readers + 250 kB/s * 2 further copies", "710 kB/s")
    assert line(answered, "CPU of all") == ("0.1 * replication 3 ÷ 0.5 busy", "0.6 cores")
    assert answered.brokers == 3
    busy = replace(QUESTION, uploads_per_day=8.64e8, machine_disk_tb=10_000)
    assert found(replace(busy, machine_cores=64, machine_gbit=0.1)).brokers == 12
    assert found(replace(busy, machine_cores=1)).brokers == 60
    assert found(replace(QUESTION, machine_disk_tb=1)).brokers == 8


def test_disk_is_days_years_and_the_latest_of_each_key() -> None:
    """8.64 GB * 7 + 0.432 GB * 365 + 3,153.6 million * 500 B + 0.3 GB, all of it three times."""
    answered = found()
    assert line(answered, "kept for days") == ("8.64 GB a day * 7 days", "60.5 GB")
    assert line(answered, "kept for years") == ("432 MB a day * 365 * 1 years", "158 GB")
    assert answered.disk_bytes == pytest.approx(3 * (60.48e9 + 157.68e9 + 1576.8e9 + 0.3e9))


def test_a_service_that_is_measured_later_is_counted_without_a_change_here() -> None:
    """Stages are data: one more name adds its cores, its processes and its memory."""
    upload = replace(KNOWN.upload, cpu_us={**KNOWN.upload.cpu_us, "recogniser": 5_000})
    answered = found(known=replace(KNOWN, upload=upload))
    assert line(answered, "recogniser, busy") == ("200 uploads * 5 ms", "1 cores")
    assert answered.cores == pytest.approx(3.24 + 2)


def test_almost_nothing_still_needs_one_of_each() -> None:
    """And as many brokers as there are copies."""
    least = Question(uploads_per_day=1, megabytes=1e-6, references=0, registrations_per_day=0, takedowns_per_day=0)
    answered = found(least)
    assert (answered.service_machines, answered.partitions, answered.brokers) == (1, 12, 3)


@pytest.mark.parametrize("name", list(BOUNDS))
@pytest.mark.parametrize("absurd", [float("nan"), float("inf"), -1.0, 1e300])
def test_what_means_nothing_is_refused_by_name(name: str, absurd: float) -> None:
    """With one sentence that says the bounds."""
    with pytest.raises(ValueError, match=f"^{name} must be from "):
        replace(QUESTION, **{name: absurd})  # type: ignore[arg-type]  # a number's name


def test_half_a_copy_is_refused() -> None:
    """A broker keeps a record or does not."""
    with pytest.raises(ValueError, match=r"^replication must be a whole number, and is 2\.5\.$"):
        replace(QUESTION, replication=2.5)


@pytest.mark.parametrize("name", list(PRESETS))
def test_the_presets_can_be_answered_and_say_where_they_come_from(name: str) -> None:
    """Each number of theirs that is no assumption has a source."""
    assert answer(PRESETS[name].question, KNOWN, FLOWS).cores > 0
    assert len(PRESETS[name].sources) >= 3


def test_an_upload_of_the_youtube_preset_follows_from_its_hours() -> None:
    """500 h a minute are 720,000 h a day; at 1 MB/s 2.592 PB, over 20 million uploads 129.6 MB."""
    question = PRESETS["youtube"].question
    assert question.megabytes == pytest.approx(129.6)
    assert question.uploads_per_day * question.megabytes * 1e6 == pytest.approx(2.592e15)


def test_every_number_has_bounds_and_a_meaning() -> None:
    """Or it could not be asked."""
    names = {each.name for each in fields(Question)}
    assert names == set(SAYS) == {*BOUNDS, "in_memory"}


def test_who_reads_a_topic_and_what_stays_follows_from_the_pipeline() -> None:
    """uploads.read by the enforcer for a week; verdicts by the platform, the latest; changelogs by nobody."""
    measured = {
        "uploads.submitted.v1",
        "uploads.read.v1",
        "verdicts.decided.v1",
        "matcher.state",
        "takedowns.issued.v1",
    }
    upload = PerEvent(topic_bytes=dict.fromkeys(measured, 1.0))
    by_name = {flow.topic: flow for flow in flows(replace(KNOWN, upload=upload), PIPELINE, TOPICS)}
    assert set(by_name) == measured
    assert {name: (flow.readers, flow.kept, flow.days) for name, flow in by_name.items() if flow.kept is Kept.DAYS} == {
        "uploads.submitted.v1": (2, Kept.DAYS, 7),
        "uploads.read.v1": (1, Kept.DAYS, 7),
    }
    assert (by_name["verdicts.decided.v1"].readers, by_name["verdicts.decided.v1"].kept) == (1, Kept.LATEST)
    assert (by_name["takedowns.issued.v1"].readers, by_name["takedowns.issued.v1"].kept) == (1, Kept.EVER)
    assert (by_name["matcher.state"].readers, by_name["matcher.state"].kept) == (0, Kept.LATEST)
    assert (service_of("matcher.state"), service_of("verdicts.decided.v1")) == ("matcher", "")

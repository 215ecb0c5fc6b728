"""How many brokers: by CPU, network and disk, whichever needs most. Pure."""

import math
from collections import defaultdict
from collections.abc import Sequence

from loadtest.capacity.book import Book
from loadtest.capacity.coefficients import Coefficients
from loadtest.capacity.flows import Flow, Kept, service_of
from loadtest.capacity.load import DAYS_PER_YEAR, Load, of_a_day
from loadtest.capacity.question import Question
from loadtest.capacity.showing import amount, size
from loadtest.capacity.state import kept_of

# A disk that is fuller than this is somebody's night.
DISK_FULL = 0.7
SECTION = "Brokers"


def brokers_for(
    book: Book, question: Question, load: Load, known: Coefficients, flows: Sequence[Flow], *, cpu: float
) -> tuple[int, float]:
    """Return the number of brokers, and the bytes on all their disks."""
    disk = _disk(book, question, known, flows)
    counts = (_by_cpu(book, question, cpu), _by_network(book, question, load, flows), _by_disk(book, question, disk))
    brokers = max(int(question.replication), *counts)
    by_cpu, by_network, by_disk = (f"{count:,}" for count in counts)
    arithmetic = f"most of CPU {by_cpu}, network {by_network}, disk {by_disk}, replication {question.replication:g}"
    book.add(SECTION, "brokers", arithmetic, f"{brokers:,}")
    return brokers, disk


def _by_cpu(book: Book, question: Question, cpu: float) -> int:
    """Count each copy as dear as the first: a follower appends what its leader does, so that is the upper bound."""
    cores = cpu * question.replication / question.utilisation
    arithmetic = f"{amount(cpu)} * replication {question.replication:g} ÷ {question.utilisation:g} busy"
    book.add(SECTION, "CPU of all", arithmetic, f"{amount(cores)} cores")
    return math.ceil(cores / question.machine_cores)


def _by_network(book: Book, question: Question, load: Load, flows: Sequence[Flow]) -> int:
    """Count what comes in, and what goes out to each reader and each further copy."""
    appended = {flow.topic: flow.appended(load) for flow in flows}
    total = sum(appended.values())
    read = sum(appended[flow.topic] * flow.readers for flow in flows)
    per_upload = total / load.uploads
    arithmetic = f"{amount(load.uploads)} uploads/s * {size(per_upload)}, all topics"
    book.add(SECTION, "appended", arithmetic, f"{size(total)}/s")
    come_in = total * question.replication
    arithmetic = f"{size(total)}/s * replication {question.replication:g}"
    book.add(SECTION, "network in, all", arithmetic, f"{size(come_in)}/s")
    go_out = read + total * (question.replication - 1)
    arithmetic = f"{size(read)}/s to readers + {size(total)}/s * {question.replication - 1:g} further copies"
    book.add(SECTION, "network out, all", arithmetic, f"{size(go_out)}/s")
    usable = question.machine_gbit * 1e9 / 8 * question.utilisation
    return math.ceil(max(come_in, go_out) / usable)


def _by_disk(book: Book, question: Question, disk: float) -> int:
    usable = question.machine_disk_tb * 1e12 * DISK_FULL
    arithmetic = f"{size(disk)} ÷ ({question.machine_disk_tb:g} TB * {DISK_FULL:g} full)"
    brokers = math.ceil(disk / usable)
    book.add(SECTION, "by disk", arithmetic, f"{brokers:,}")
    return brokers


def _disk(book: Book, question: Question, known: Coefficients, flows: Sequence[Flow]) -> float:
    """Return the bytes on all disks once the platform is as old as its uploads get."""
    daily = {flow.topic: flow.appended(of_a_day(question)) for flow in flows}
    days: dict[float, float] = defaultdict(float)
    for flow in flows:
        days[flow.days] += daily[flow.topic] if flow.kept is Kept.DAYS else 0.0
    some_days = sum(each * number for number, each in days.items())
    arithmetic = " + ".join(f"{size(each)} a day * {number:g} days" for number, each in sorted(days.items()) if each)
    book.add(SECTION, "kept for days", arithmetic or "nothing", size(some_days))
    each_day = sum(daily[flow.topic] for flow in flows if flow.kept is Kept.EVER)
    for_ever = each_day * DAYS_PER_YEAR * question.kept_years
    arithmetic = f"{size(each_day)} a day * {DAYS_PER_YEAR} * {question.kept_years:g} years"
    book.add(SECTION, "kept for years", arithmetic, size(for_ever))
    latest = _latest(book, question, known)
    arithmetic = f"({size(some_days)} + {size(for_ever)} + {size(latest)}) * replication {question.replication:g}"
    total = (some_days + for_ever + latest) * question.replication
    book.add(SECTION, "disk of all", arithmetic, size(total))
    return total


def _latest(book: Book, question: Question, known: Coefficients) -> float:
    """Return what compacted topics hold: state and verdicts."""
    each: dict[float, float] = defaultdict(float)
    for number, event in enumerate(known.events):
        for topic, kept in event.kept_bytes.items():
            each[kept_of(question, service_of(topic))[number]] += kept
    total = sum(count * one for count, one in each.items())
    arithmetic = " + ".join(f"{amount(count)} * {size(one)}" for count, one in each.items() if count and one)
    book.add(SECTION, "the latest of each key", arithmetic or "nothing", size(total))
    return total

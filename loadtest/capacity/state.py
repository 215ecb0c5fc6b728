"""What services hold once the platform is as old as its uploads get: on disks, or in memory as measured. Pure.

On disk it takes what the changelogs keep, and what it is found by. The recogniser's index of references is in every
unit, so it counts once for each partition; where it is divided, a part of it.
"""

from dataclasses import dataclass, replace

from loadtest.capacity.book import Book
from loadtest.capacity.coefficients import Coefficients
from loadtest.capacity.flows import service_of
from loadtest.capacity.load import DAYS_PER_YEAR, of_a_day
from loadtest.capacity.question import Question
from loadtest.capacity.showing import amount, size
from services.contracts.rules import RULES

GIB = 1024**3
# Packages, the interpreter and buffers of a service's process; what it keeps comes on top.
PROCESS_GIB = 0.1
# With the caches of what is on disk: the enforcer's greatest RSS was 361 MiB with four units (`settlement`).
PROCESS_WITH_DISK_GIB = 0.5
# What tells from memory that nobody has a chunk: up to 8 bytes for each of the 128 of a sample (`runtime/sieve.py`).
SIEVE_BYTES_PER_REFERENCE = 1024.0
LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class State:
    """In bytes: what all machines hold together, and what is there once for each partition besides."""

    memory: float
    disk: float
    memory_of_partition: float
    disk_of_partition: float


def state_of(book: Book, question: Question, known: Coefficients, processes: int) -> State:
    """Return what services hold once the platform is as old as its uploads get."""
    kept = kept_of(question)[0]
    arithmetic = f"{amount(question.uploads_per_day)} * {DAYS_PER_YEAR} * {question.kept_years:g} years"
    book.add("State", "uploads kept", arithmetic, amount(kept))
    gib = PROCESS_GIB if question.in_memory else PROCESS_WITH_DISK_GIB
    memory = processes * gib * GIB
    book.add("State", "memory without it", f"{processes:,} processes or threads * {gib:g} GiB", size(memory))
    if question.in_memory:
        memory += _in_memory(book, question, known)
        each = _index(book, question, "memory", known.index_bytes_per_reference, known.index_bytes_in_each_part)
        return State(memory, 0.0, each, 0.0)
    encoded = _encoded(book, question, known)
    sieve = None if known.index_disk_bytes_per_reference is None else SIEVE_BYTES_PER_REFERENCE
    each = _index(book, question, "memory", sieve, 0.0)
    on_disk = known.index_disk_bytes_per_reference, known.index_disk_bytes_in_each_part
    return State(memory, encoded, each, _index(book, question, "disk", *on_disk))


def _in_memory(book: Book, question: Question, known: Coefficients) -> float:
    total = 0.0
    for name in sorted({name for event in known.events for name in event.memory_bytes}):
        each = tuple(event.memory_bytes.get(name, 0.0) for event in known.events)
        total += _sum(book, f"{name}, memory", kept_of(question, name), each)
    return total


def _encoded(book: Book, question: Question, known: Coefficients) -> float:
    total = 0.0
    for name in sorted({name for event in known.events for name in event.kept_bytes}):
        if service := service_of(name):
            each = tuple(
                event.kept_bytes.get(name, 0.0) + event.found_by_bytes.get(service, 0.0) for event in known.events
            )
            total += _sum(book, f"{service}, disk", kept_of(question, service), each)
    return total


def _index(book: Book, question: Question, where: str, each: float | None, in_each_part: float) -> float:
    """Return the bytes of all references in one unit of the recogniser; 0 if nobody has measured them."""
    if each is None:
        return 0.0
    parts = max(1.0, question.index_parts)
    if parts == 1:
        shown = size(each)
    elif in_each_part:
        shown = f"({size(in_each_part)} + {size(each - in_each_part)} ÷ {parts:g})"
    else:
        shown = f"{size(each)} ÷ {parts:g}"
    total = question.references * (in_each_part + (each - in_each_part) / parts)
    arithmetic = f"{amount(question.references)} * {shown}"
    book.add("State", f"index, {where}, each partition", arithmetic, size(total))
    return total


def kept_of(question: Question, service: str = "") -> tuple[float, ...]:
    """Return of how many of each event a service keeps something at the end, of registrations all references.

    A strike is kept as long as it counts; everything else as long as its upload.
    """
    days = DAYS_PER_YEAR * question.kept_years
    struck_days = min(days, RULES.strike_days) if service == LEDGER else days
    daily = of_a_day(question)
    kept = replace(
        daily * days,
        registrations=question.references,
        takedowns=daily.takedowns * struck_days,
        reinstatements=daily.reinstatements * struck_days,
    )
    return kept.events


def _sum(book: Book, what: str, counts: tuple[float, ...], each: tuple[float, ...]) -> float:
    """Return the bytes of so many of each kind."""
    total = sum(count * one for count, one in zip(counts, each, strict=True))
    parts = [f"{amount(count)} * {size(one)}" for count, one in zip(counts, each, strict=True) if one and count]
    book.add("State", what, " + ".join(parts) or "nothing", size(total))
    return total

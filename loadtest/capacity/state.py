"""What services hold once the platform is as old as its uploads get: on disks, or in memory as measured. Pure.

On disk it takes what the changelogs keep. The recogniser's index of references is in every unit, so it counts once for
each partition.
"""

from dataclasses import dataclass

from loadtest.capacity.book import Book
from loadtest.capacity.coefficients import Coefficients
from loadtest.capacity.flows import service_of
from loadtest.capacity.load import DAYS_PER_YEAR
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
        each = _index(book, question, "memory", known.index_bytes_per_reference)
        return State(memory, 0.0, each, 0.0)
    encoded = _encoded(book, question, known)
    sieve = None if known.index_disk_bytes_per_reference is None else SIEVE_BYTES_PER_REFERENCE
    each = _index(book, question, "memory", sieve)
    return State(memory, encoded, each, _index(book, question, "disk", known.index_disk_bytes_per_reference))


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
            each = tuple(event.kept_bytes.get(name, 0.0) for event in known.events)
            total += _sum(book, f"{service}, disk", kept_of(question, service), each)
    return total


def _index(book: Book, question: Question, where: str, each: float | None) -> float:
    """Return the bytes of all references in one unit of the recogniser; 0 if nobody has measured them."""
    return 0.0 if each is None else _sum(book, f"index, {where}, each partition", (question.references,), (each,))


def kept_of(question: Question, service: str = "") -> tuple[float, ...]:
    """Return of how many uploads, references, takedowns and reinstatements a service keeps something at the end.

    A strike is kept as long as it counts; everything else as long as its upload.
    """
    days = DAYS_PER_YEAR * question.kept_years
    struck_days = min(days, RULES.strike_days) if service == LEDGER else days
    return (
        question.uploads_per_day * days,
        question.references,
        question.takedowns_per_day * struck_days,
        question.reinstatements_per_day * struck_days,
    )


def _sum(book: Book, what: str, counts: tuple[float, ...], each: tuple[float, ...]) -> float:
    """Return the bytes of so many of each kind."""
    total = sum(count * one for count, one in zip(counts, each, strict=True))
    parts = [f"{amount(count)} * {size(one)}" for count, one in zip(counts, each, strict=True) if one]
    book.add("State", what, " + ".join(parts) or "nothing", size(total))
    return total

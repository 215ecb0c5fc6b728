"""What services hold once the platform is as old as its uploads get: in memory as measured, and encoded. Pure.

Encoded is what the changelogs keep, which is also what a copy of the state on a service's own disk takes.
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
LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class State:
    """In bytes."""

    memory: float
    encoded: float


def state_of(book: Book, question: Question, known: Coefficients, processes: int) -> State:
    """Return what services hold once the platform is as old as its uploads get."""
    kept = kept_of(question)[0]
    arithmetic = f"{amount(question.uploads_per_day)} * {DAYS_PER_YEAR} * {question.kept_years:g} years"
    book.add("State", "uploads kept", arithmetic, amount(kept))
    events = known.events
    memory = processes * PROCESS_GIB * GIB
    arithmetic = f"{processes:,} processes or threads * {PROCESS_GIB:g} GiB"
    book.add("State", "memory without it", arithmetic, size(memory))
    for name in sorted({name for event in events for name in event.memory_bytes}):
        each = tuple(event.memory_bytes.get(name, 0.0) for event in events)
        memory += _sum(book, f"{name}, memory", kept_of(question, name), each)
    if known.index_bytes_per_reference is not None:
        memory += _sum(book, "index, memory", (question.references,), (known.index_bytes_per_reference,))
    encoded = 0.0
    for name in sorted({name for event in events for name in event.kept_bytes}):
        if service := service_of(name):
            each = tuple(event.kept_bytes.get(name, 0.0) for event in events)
            encoded += _sum(book, f"{service}, encoded", kept_of(question, service), each)
    return State(memory, encoded)


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

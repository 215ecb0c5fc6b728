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

GIB = 1024**3
# Packages, the interpreter and buffers of a service's process; what it keeps comes on top.
PROCESS_GIB = 0.1


@dataclass(frozen=True, slots=True)
class State:
    """In bytes."""

    memory: float
    encoded: float


def state_of(book: Book, question: Question, known: Coefficients, processes: int) -> State:
    """Return what services hold once the platform is as old as its uploads get."""
    kept = question.uploads_per_day * DAYS_PER_YEAR * question.kept_years
    arithmetic = f"{amount(question.uploads_per_day)} * {DAYS_PER_YEAR} * {question.kept_years:g} years"
    book.add("State", "uploads kept", arithmetic, amount(kept))
    taken_down = question.takedowns_per_day * DAYS_PER_YEAR * question.kept_years
    items = (kept, question.references, taken_down)
    events = (known.upload, known.registration, known.takedown)
    memory = processes * PROCESS_GIB * GIB
    arithmetic = f"{processes:,} processes or threads * {PROCESS_GIB:g} GiB"
    book.add("State", "memory without it", arithmetic, size(memory))
    for name in sorted({name for event in events for name in event.memory_bytes}):
        each = tuple(event.memory_bytes.get(name, 0.0) for event in events)
        memory += _sum(book, f"{name}, memory", items, each)
    if known.index_bytes_per_reference is not None:
        memory += _sum(book, "index, memory", items, (0.0, known.index_bytes_per_reference, 0.0))
    encoded = 0.0
    for name in sorted({name for event in events for name in event.kept_bytes}):
        if service := service_of(name):
            each = tuple(event.kept_bytes.get(name, 0.0) for event in events)
            encoded += _sum(book, f"{service}, encoded", items, each)
    return State(memory, encoded)


def _sum(book: Book, what: str, counts: tuple[float, ...], each: tuple[float, ...]) -> float:
    """Return the bytes of uploads, references and takedowns."""
    total = sum(count * one for count, one in zip(counts, each, strict=True))
    parts = [f"{amount(count)} * {size(one)}" for count, one in zip(counts, each, strict=True) if one]
    book.add("State", what, " + ".join(parts) or "nothing", size(total))
    return total

"""The model: from a question and what was measured to cores, partitions and brokers, line by line. Pure.

Every line carries its own arithmetic in the numbers that it was computed from, rounded only for showing. What is a
choice and no measurement is a named constant here.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from loadtest.capacity.book import Book, Line
from loadtest.capacity.brokers import DISK_FULL, brokers_for
from loadtest.capacity.coefficients import BROKER, Coefficients
from loadtest.capacity.flows import Flow
from loadtest.capacity.load import UNITS, Load, of_a_day
from loadtest.capacity.question import SECONDS_PER_DAY, Question
from loadtest.capacity.showing import amount, cost, size
from loadtest.capacity.state import GIB, State, state_of

# The number never changes in place, so there is room for growth; DESIGN wants 12 or more in a cluster.
GROWTH = 4
PARTITIONS_MULTIPLE = 12
PARTS = (1, 2, 4, 8, 16)
"""What the number of an index's parts is chosen from: it grows by whole factors alone."""
# The hasher keeps nothing and uses all cores by threads; a process of every other service uses one.
THREADED = "hasher"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is needed, and how it was found. `index_parts`: in how many parts the index of references lies.

    `unfit`: what no number of such machines can hold, a sentence each.
    """

    cores: float
    service_machines: int
    service_machines_by: str
    partitions: int
    index_parts: int
    brokers: int
    disk_bytes: float
    lines: tuple[Line, ...]
    unfit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Room:
    """What must be held, of all and besides once for each partition, in bytes, and what of it one machine can."""

    what: str
    of_all: float
    of_partition: float
    machine: float
    said: str
    parts: int

    @property
    def fits(self) -> bool:
        """Whether what is in each partition fits onto a machine."""
        return self.of_partition < self.machine

    @property
    def least_partitions(self) -> int:
        """The least number with which a machine for each would hold it all."""
        return math.ceil(self.of_all / (self.machine - self.of_partition * self.fits))

    @property
    def unfit(self) -> str:
        """What to tell if it does not fit."""
        return (
            f"The index of references, in {self.parts} part{'s' * (self.parts > 1)}, takes {size(self.of_partition)} "
            f"of {self.what} in each recogniser, more than a machine has."
        )


def answer(question: Question, known: Coefficients, flows: Iterable[Flow]) -> Answer:
    """Return what a platform needs, with the index in as many parts as it asks for.

    If it asks for no number: in as few as need no more machines for the services than any other; in most, if it fits
    in none.
    """
    every = tuple(flows)
    asked = (int(question.index_parts),) if question.index_parts else PARTS
    found = [_answer(replace(question, index_parts=parts), known, every) for parts in asked]
    fitting = [one for one in found if not one.unfit] or found[-1:]
    return min(fitting, key=lambda one: one.service_machines)


def _answer(question: Question, known: Coefficients, flows: tuple[Flow, ...]) -> Answer:
    """Return what a platform needs whose index lies in so many parts."""
    book = Book()
    load = _load(book, question)
    cpu = _cpu(book, load, known)
    services = {name: cores for name, cores in cpu.items() if name != BROKER}
    cores = sum(services.values()) / question.utilisation
    busy = f"{amount(sum(services.values()))} ÷ {question.utilisation:g} busy"
    book.add("CPU", "services, to have", busy, f"{amount(cores)} cores")
    processes = _processes(book, question, services)
    state = state_of(book, question, known, sum(processes.values()))
    rooms = _rooms(question, state)
    parts = int(question.index_parts)
    partitions = _partitions(book, processes, max(room.least_partitions for room in rooms), parts)
    needs = {**_machines(book, question, load, cores), **_holders(book, rooms, partitions)}
    scarcest = max(needs, key=lambda what: needs[what])
    brokers, disk = brokers_for(book, question, load, known, flows, cpu=cpu.get(BROKER, 0.0))
    unfit = tuple(room.unfit for room in rooms if not room.fits)
    return Answer(cores, needs[scarcest], scarcest, partitions, parts, brokers, disk, tuple(book.lines), unfit)


def _load(book: Book, question: Question) -> Load:
    """Return what comes in a second at the peak."""
    daily = of_a_day(question)
    load = daily * (question.peak / SECONDS_PER_DAY)
    for what, each_day, rate in (
        ("uploads", daily.uploads, load.uploads),
        ("registrations", daily.registrations, load.registrations),
        ("takedowns", daily.takedowns, load.takedowns),
        ("reinstatements", daily.reinstatements, load.reinstatements),
    ):
        arithmetic = f"{amount(each_day)} a day ÷ 86,400 s * {question.peak:g}"
        book.add("At the peak", what, arithmetic, f"{amount(rate)}/s")
    if load.compared:
        arithmetic = f"{amount(load.compared)} uploads/s * {amount(load.chunks / load.compared)} in a sample"
        book.add("At the peak", "chunks compared", arithmetic, f"{amount(load.chunks)}/s")
    arithmetic = f"{amount(load.uploads)}/s * {amount(question.megabytes)} MB"
    book.add("At the peak", "bytes hashed", arithmetic, f"{size(load.gigabytes * 1e9)}/s")
    return load


def _cpu(book: Book, load: Load, known: Coefficients) -> Mapping[str, float]:
    """Return the cores that each service and the broker keep busy."""
    events = zip(load.events, UNITS, (event.cpu_us for event in known.events), strict=True)
    terms = (*events, (load.gigabytes, "GB", known.gigabyte_cpu_us))
    names = sorted({name for _, _, costs in terms for name in costs}, key=lambda name: (name == BROKER, name))
    found = {}
    for name in names:
        parts = [(rate, unit, costs[name]) for rate, unit, costs in terms if rate and costs.get(name)]
        found[name] = sum(rate * cost_us for rate, _, cost_us in parts) / 1e6
        arithmetic = " + ".join(f"{amount(rate)} {unit} * {cost(cost_us)}" for rate, unit, cost_us in parts)
        book.add("CPU", f"{name}, busy", arithmetic or "nothing", f"{amount(found[name])} cores")
    return found


def _processes(book: Book, question: Question, services: Mapping[str, float]) -> Mapping[str, int]:
    """Return the number of processes by service: one is a core's worth of Python."""
    processes = {name: max(1, math.ceil(cores / question.utilisation)) for name, cores in services.items()}
    for name, count in processes.items():
        arithmetic = f"{amount(services[name])} ÷ {question.utilisation:g} busy, at least 1"
        what = f"{name}, threads" if name == THREADED else f"{name}, processes"
        book.add("Processes", what, arithmetic, f"{count:,}")
    return processes


def _partitions(book: Book, processes: Mapping[str, int], holders: int, parts: int) -> int:
    """Return the number of partitions: a process needs one, each one's state must fit on a machine, so many an index.

    Units that have a whole index together are as many as it has parts.
    """
    busiest = max((count for name, count in processes.items() if name != THREADED), default=1)
    least = max(busiest * GROWTH, holders)
    multiple = math.lcm(PARTITIONS_MULTIPLE, parts)
    partitions = math.ceil(least / multiple) * multiple
    arithmetic = (
        f"most of {busiest:,} * {GROWTH} to grow and {holders:,} that hold state, up to a multiple of {multiple}"
    )
    book.add("Machines", "partitions", arithmetic, f"{partitions:,}")
    return partitions


def _rooms(question: Question, state: State) -> tuple[_Room, ...]:
    memory, disk, parts = question.machine_memory_gib, question.machine_disk_tb, int(question.index_parts)
    return (
        _Room("memory", state.memory, state.memory_of_partition, memory * GIB, f"{memory:g} GiB", parts),
        _Room(
            "disk",
            state.disk,
            state.disk_of_partition,
            disk * 1e12 * DISK_FULL,
            f"({disk:g} TB * {DISK_FULL:g} full)",
            parts,
        ),
    )


def _holders(book: Book, rooms: Iterable[_Room], partitions: int) -> Mapping[str, int]:
    """Return how many machines hold the state of so many partitions."""
    counts = {}
    for room in rooms:
        each = room.of_partition if room.fits else 0.0
        counts[room.what] = max(1, math.ceil((room.of_all + partitions * each) / room.machine))
        held = f"({size(room.of_all)} + {partitions:,} * {size(each)})" if each else size(room.of_all)
        book.add("Machines", f"services, by {room.what}", f"{held} ÷ {room.said}, up", f"{counts[room.what]:,}")
    return counts


def _machines(book: Book, question: Question, load: Load, cores: float) -> Mapping[str, int]:
    """Return how many machines the services need for what they do."""
    network_max = question.machine_gbit * 1e9 / 8 * question.utilisation
    content = load.gigabytes * 1e9
    counts = {}
    for what, arithmetic, need in (
        ("cores", f"{amount(cores)} ÷ {question.machine_cores:g}", cores / question.machine_cores),
        (
            "network",
            f"{size(content)}/s ÷ ({question.machine_gbit:g} Gbit/s * {question.utilisation:g} busy)",
            content / network_max,
        ),
    ):
        counts[what] = max(1, math.ceil(need))
        book.add("Machines", f"services, by {what}", f"{arithmetic}, up", f"{counts[what]:,}")
    return counts

"""The answer for a person: what was asked, the arithmetic line by line, the sum of it, and what is not in it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from loadtest.capacity.coefficients import Coefficients
from loadtest.capacity.model import Answer
from loadtest.capacity.question import SAYS, Question
from loadtest.capacity.showing import amount, size

# DESIGN's services; what has no coefficient yet is said to be missing.
SERVICES = ("hasher", "registry", "enforcer", "matcher", "fingerprinter", "recogniser", "ledger", "archivist")
ASSUMED = (
    "CPU is from full batches at replication 1 and files on a local disk; TLS and files from afar cost more.",
    "Every upload has bytes of its own here; copies of the same are compared once, and share a sample in the index.",
    "What brokers keep of references' samples, once for each partition, is not in these figures.",
    "A cluster must outlive its largest machine: add one of each kind.",
)


@dataclass(frozen=True, slots=True)
class CostReport:
    """Everything that was asked, known and answered."""

    question: Question
    coefficients: Coefficients
    answer: Answer
    sources: tuple[str, ...]
    not_covered: tuple[str, ...]


def not_covered(known: Coefficients) -> tuple[str, ...]:
    """Return the sentences that say what no measurement stands behind."""
    there = {name for event in known.events for name in event.cpu_us}
    found = []
    if missing := [name for name in SERVICES if name not in there]:
        found.append(f"No measurement yet, so not in these figures: {', '.join(missing)}.")
    if known.index_bytes_per_reference is None:
        found.append("No measurement yet of the recogniser's index: its bytes per reference are not in these figures.")
    return (*found, *ASSUMED)


def show(report: CostReport, console: Console) -> None:
    """Print the report."""
    asked, known = report.question, report.coefficients
    console.print("What was asked", style="bold")
    console.print(_pairs([(SAYS[each.name].rstrip("."), _shown(getattr(asked, each.name))) for each in fields(asked)]))
    for source in report.sources:
        console.print(f"• {source}", highlight=False)
    console.print(f"\nMeasured on {known.machine}\nby {known.how}", highlight=False)
    console.print(_arithmetic(report.answer))
    console.print("What is needed", style="bold")
    console.print(_pairs(_needed(report)))
    for sentence in (*report.answer.unfit, *report.not_covered):
        console.print(f"• {sentence}", highlight=False)


def save(report: CostReport, path: Path) -> None:
    """Write the report as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def _needed(report: CostReport) -> list[tuple[str, str]]:
    asked, answer = report.question, report.answer
    machine = f"{asked.machine_cores:g} cores and {asked.machine_memory_gib:g} GiB"
    return [
        ("cores for the services", amount(answer.cores)),
        ("machines for them", f"{answer.service_machines:,} of {machine}, for their {answer.service_machines_by}"),
        ("partitions", f"{answer.partitions:,}"),
        ("parts of the index of references", f"{answer.index_parts:,}"),
        ("brokers", f"{answer.brokers:,} of {asked.machine_cores:g} cores and {asked.machine_disk_tb:g} TB"),
        ("disk of the brokers", size(answer.disk_bytes)),
    ]


def _shown(value: float | bool) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else f"{value:,.10g}"


def _arithmetic(answer: Answer) -> Table:
    table = Table("", "arithmetic", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("result", justify="right", no_wrap=True)
    section = ""
    for line in answer.lines:
        if line.section != section:
            section = line.section
            table.add_row(section, "", "", style="bold")
        table.add_row(f" {line.what}", line.arithmetic, line.result)
    return table


def _pairs(pairs: Sequence[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in pairs:
        table.add_row(f"  {name}", value)
    return table

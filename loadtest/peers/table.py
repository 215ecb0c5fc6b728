"""The report of a run with peers: as data, as JSON, and as tables for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from loadtest.machine import Machine
from loadtest.peers.figures import PLAIN, SHORTEST, Figures, RatioGoal, Row, Spread
from loadtest.peers.plan import Plan
from loadtest.truth import Tally

# What a fifth of a core that somebody else took does to two cores is what these figures are usually apart.
OTHERS_CORES_MAX = 0.2


@dataclass(frozen=True, slots=True)
class PeersReport:
    """One run. `void`: why its figures mean nothing, empty if they do."""

    plan: Plan
    seed: int
    machine: Machine
    void: tuple[str, ...]
    truth: Tally
    figures: tuple[Figures, ...]
    goals: tuple[RatioGoal, ...]
    rows: tuple[Row, ...]
    others_cores: float


def show(report: PeersReport, console: Console) -> None:
    """Print the report."""
    machine, plan = report.machine, report.plan
    console.print(
        f"peers: {plan.uploads:,} uploads waiting, {plan.listed:.0%} of listed content, {plan.rounds} rounds after "
        f"{plan.warm_ups} to warm up, seed {report.seed}\n"
        f"{machine.cores} cores of {machine.cpu}, {machine.memory_mib:,} MiB, {machine.system}, {machine.python}\n"
        f"{machine.broker}; load average {machine.load_before:.1f} before, "
        f"others used {report.others_cores:.2f} cores meanwhile",
        highlight=False,
    )
    for stage, size in dict.fromkeys((one.stage, one.size) for one in report.figures):
        found = [one for one in report.figures if (one.stage, one.size) == (stage, size)]
        console.print(f"\n{stage}, files of {size:,} bytes", style="bold", highlight=False)
        console.print(_rates(found), _ratios(found), _processes(found))
    console.print(EXPLANATION, highlight=False)
    console.print(_goals(report.goals))
    truth = report.truth
    console.print(
        f"{truth.uploads:,} uploads: {truth.missed} missed, {truth.wrong} wrong, {truth.duplicate} duplicate",
        highlight=False,
    )
    for example in truth.examples:
        console.print(f"  {example}", highlight=False)
    if report.others_cores > OTHERS_CORES_MAX:
        console.print("The machine was shared: rates and their ratios are noisy, CPU less so.", style="bold yellow")
    for why in report.void:
        console.print(f"VOID: {why}. The figures above mean nothing.", style="bold red", highlight=False)


EXPLANATION = (
    f"\nThe {PLAIN} does the same work as Staydown, by the same functions and without any of its guarantees. What is "
    f"called {SHORTEST} is a consumer that does the least that gives the right verdicts, as Faust and the loop do: it "
    "knows the listings beforehand and remembers nothing.\n"
    "Each figure is the middle of the rounds ± half of what lies between the least and the most. Ratios (÷) are to the "
    "same round, above 1 when better. By rate: uploads/s with everything on this machine, where several processes may "
    "use a core that a single one leaves idle; it is what the goal is about. By CPU: what an upload costs, own "
    "processes and broker, which is what a larger cluster pays. The reader stands for the platform and is not counted. "
    "MiB: own processes. Errors: missed, wrong and doubled answers.\n"
)


def save(report: PeersReport, path: Path) -> None:
    """Write the report as JSON, every pass in it."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def _rates(found: Sequence[Figures]) -> Table:
    table = _table("", "uploads/s", "MiB", "errors")
    for one in found:
        errors = one.missed + one.wrong + one.duplicate
        table.add_row(one.who, _spread(one.rate, ",.0f"), f"{one.memory_mib:,.0f}", f"{errors:,}")
    return table


def _ratios(found: Sequence[Figures]) -> Table:
    table = _table("", f"÷ {PLAIN}", "by CPU", f"÷ {SHORTEST}", "by CPU")
    for one in found:
        ratios = (one.rate_ratio, one.cpu_ratio, one.rate_ratio_to_shortest, one.cpu_ratio_to_shortest)
        table.add_row(one.who, *(_spread(ratio, ".2f") for ratio in ratios))
    return table


def _spread(spread: Spread, form: str) -> str:
    return f"{spread.median:{form}} ± {(spread.most - spread.least) / 2:{form}}"


def _processes(found: Sequence[Figures]) -> Table:
    """Return CPU by process: own ones in the order of what they cost, then the broker's and the reader's."""
    table = _table("CPU s per 1,000", *(one.who for one in found))
    cost: dict[str, float] = {}
    for one in found:
        for name, used in one.cpu_ms_by_process.items():
            cost[name] = max(cost.get(name, 0.0), used)
    for name in sorted(cost, key=lambda name: (name == "reader", name.startswith("kafka"), -cost[name])):
        cells = (one.cpu_ms_by_process.get(name) for one in found)
        table.add_row(name, *("" if cell is None else f"{cell:.3f}" for cell in cells))
    table.add_row("own and broker", *(f"{one.cpu_ms.median:.3f}" for one in found), style="bold")
    return table


def _goals(goals: Sequence[RatioGoal]) -> Table:
    table = _table("goal", "at least", "reached", "", "÷ shortest")
    for goal in goals:
        reached, to_shortest = f"{goal.reached:.2f}", f"{goal.to_shortest:.2f}"
        table.add_row(goal.figure, f"{goal.least:.2f}", reached, "yes" if goal.is_reached else "NO", to_shortest)
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(first, box=SIMPLE_HEAD, pad_edge=False)
    for name in others:
        table.add_column(name, justify="right")
    return table

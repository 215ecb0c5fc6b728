"""A report of a run that never was."""

import math

from loadtest.latency import Percentiles
from loadtest.machine import Machine
from loadtest.options import Load
from loadtest.report import Cost, Goal, Number, Report
from loadtest.truth import Tally

MACHINE = Machine(2, "a CPU", 1024, "Linux", "CPython", "Kafka", 0.0)
RIGHT = Tally(10, 0, 0, 0, ())
WRONG = Tally(10, 0, 1, 0, ("wrong: …",))


def report(truth: Tally = RIGHT, void: tuple[str, ...] = ()) -> Report:
    """Return it."""
    figures = {"submitted → verdict": Percentiles(0, math.nan, math.nan, math.nan, math.nan, math.nan)}
    cost = (Cost("matcher", 0.4, 0.1, 0.01),)
    numbers = (Number("copies down", 5000.0, "per second"),)
    goals = (Goal("p50", 150, 80.0), Goal("copies down", 10_000, 5000.0, "per second", at_least=True))
    return Report("steady", 1, Load(), MACHINE, void, truth, figures, goals, cost, 0.0, "a load", numbers)

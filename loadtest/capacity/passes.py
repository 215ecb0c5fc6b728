"""What is taken from a pass: whether it went right, whose CPU it was, how much was added."""

from collections.abc import Mapping

from loadtest.capacity.coefficients import BROKER
from loadtest.peers.draining import Pass
from loadtest.target import LoadTestError


def label(process: str) -> str:
    """Return the name under which a process's CPU is put down."""
    return BROKER if process.startswith("kafka") else process


def grown(before: Mapping[str, float], after: Mapping[str, float]) -> Mapping[str, float]:
    """Return by how much each topic grew, if it did."""
    return {name: size - before.get(name, 0.0) for name, size in after.items() if size > before.get(name, 0.0)}


def check(done: Pass) -> None:
    """Refuse to take coefficients from a pass that went wrong."""
    if not done.tally.is_right or done.used.restarted:
        raise LoadTestError(f"A pass went wrong: {'; '.join((*done.tally.examples, *done.used.restarted))}.")

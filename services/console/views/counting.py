"""A figure with its name, as pages show it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counter:
    """`name` is what a live page calls it, `colour` what it means."""

    name: str
    label: str
    text: str
    colour: str = ""

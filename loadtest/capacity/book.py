"""The lines of the arithmetic, in the order in which they were written. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """One step: what it is, the arithmetic in numbers, the result with its unit."""

    section: str
    what: str
    arithmetic: str
    result: str


@dataclass(slots=True)
class Book:
    """Takes down each step."""

    lines: list[Line] = field(default_factory=list)

    def add(self, section: str, what: str, arithmetic: str, result: str) -> None:
        """Take down a step."""
        self.lines.append(Line(section, what, arithmetic, result))

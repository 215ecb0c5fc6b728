"""What the demo shows: a line for each thing as it happens, and in the end a table of expected and happened."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the story expects, what happened instead or as well, and how long after its cause."""

    what: str
    expected: str
    happened: str
    seconds: float | None = None

    @property
    def is_right(self) -> bool:
        """Whether it happened as expected."""
        return self.expected == self.happened


class Report:
    """Tells the story on a console and keeps what was checked."""

    def __init__(self, screen: Console) -> None:
        """Write to `screen`."""
        self._screen = screen
        self.checks: list[Check] = []

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        self._screen.print()
        self._screen.print(Text(title, style="bold"))

    def line(self, text: str, seconds: float | None = None, style: str = "") -> None:
        """Tell one thing, and how long after its cause it was."""
        after = "" if seconds is None else f"  after {_duration(seconds)}"
        self._screen.print(Text("  ").append(text, style=style).append(after, style="dim"))

    def check(self, what: str, expected: str, happened: str, seconds: float | None = None) -> None:
        """Keep one comparison; tell it at once only if it went wrong."""
        self.checks.append(Check(what, expected, happened, seconds))
        if expected != happened:
            self.line(f"expected {expected}, but: {happened}", style="bold red")

    def tell_check(self, what: str, expected: str, happened: str, seconds: float | None = None) -> None:
        """Tell one thing as it happens, and compare it."""
        self.line(f"{what}: {happened}", seconds)
        self.check(what, expected, happened, seconds)

    def is_right(self) -> bool:
        """Tell whether everything was as expected, and something was."""
        return bool(self.checks) and all(check.is_right for check in self.checks)

    def show_table(self) -> None:
        """Show all comparisons."""
        table = Table(title_justify="left", header_style="bold")
        for column in ("", "what", "expected", "happened"):
            table.add_column(column)
        table.add_column("after", justify="right")
        for check in self.checks:
            mark = Text("ok", style="green") if check.is_right else Text("WRONG", style="bold red")
            after = "" if check.seconds is None else _duration(check.seconds)
            table.add_row(mark, Text(check.what), Text(check.expected), Text(check.happened), after)
        self._screen.print()
        self._screen.print(table, soft_wrap=False)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"

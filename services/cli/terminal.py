"""What a person sees: lines, tables and progress, with everything that others wrote made harmless."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Where nobody sees it as it comes (a file, a log of CI), lines may be as wide as they need to be.
UNSEEN_COLUMNS = 140


def shown(text: str) -> str:
    """Return `text` with everything that is not printable escaped: control characters, and marks that reorder text."""
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def shown_json(text: str) -> str:
    """Return JSON that means the same, with everything in its strings that is not printable escaped as JSON has it."""
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)


def shown_bytes(value: bytes | None, limit: int) -> str:
    """Return bytes as harmless text, at most `limit` of them."""
    if value is None:
        return "(null)"
    text = shown(value[:limit].decode(errors="backslashreplace"))
    return text if len(value) <= limit else f"{text} … ({len(value):,} bytes in all)"


def times(at: datetime) -> str:
    """Return a time as a person reads it."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def console(*, to_stderr: bool = False) -> Console:
    """Return a console for what is to be said now; colours only on a terminal."""
    stream = sys.stderr if to_stderr else sys.stdout
    width = None if stream.isatty() else UNSEEN_COLUMNS
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=True)


def say(line: str) -> None:
    """Print a line to stdout."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(sentence: str) -> None:
    """Print what is wrong, as one line, to stderr."""
    line = " ".join(sentence.split())
    sys.stderr.write(f"staydown: {shown(line)}\n")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str | Sequence[str]]]) -> None:
    """Print a table; a cell is a text or several lines, shown as they are, never as markup."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(cell) for cell in row))
    console().print(table, soft_wrap=False)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on a terminal that something is being waited for."""
    screen = console(to_stderr=True)
    if not screen.is_terminal:
        yield
        return
    with screen.status(Text(shown(what))):
        yield


def _cell(cell: str | Sequence[str]) -> Text:
    return Text(shown(cell) if isinstance(cell, str) else "\n".join(shown(line) for line in cell))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", errors="surrogatepass").decode()

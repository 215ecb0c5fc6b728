"""From one page of a long list to the next: by where the last row stands, never by counting."""

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlencode


class Placed(Protocol):
    """A row that knows where it stands in its list."""

    @property
    def place(self) -> str:
        """What the next page begins after."""


def older(path: str, rows: Sequence[Placed], rows_max: int, name: str = "before", **kept: str) -> str:
    """Return the address of what follows, if there is more than a page holds; `name`: of which list on the page."""
    if len(rows) <= rows_max:
        return ""
    asked = {key: value for key, value in kept.items() if value} | {name: rows[rows_max - 1].place}
    return f"{path}?{urlencode(asked)}"

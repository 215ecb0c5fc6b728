"""Asking for many ids at once."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Asked = TypeVar("Asked")

# SQLite takes 32,766 parameters, and a statement with so many ids is made anew for each number of them.
ASKED_MAX = 500


def pieces(ids: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    """Give the ids, as many at once as one statement asks for."""
    for begin in range(0, len(ids), ASKED_MAX):
        yield ids[begin : begin + ASKED_MAX]

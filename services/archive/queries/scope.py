"""Who asks, and where a list goes on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, tuple_

from services.contracts.types import Count, timestamp

ROWS_MAX = 200
"""What one list gives at the most."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything, or what concerns the works of one rightsholder."""

    rightsholder_id: str | None = None

    @property
    def is_everything(self) -> bool:
        """Tell whether nothing is hidden."""
        return self.rightsholder_id is None

    def may_see(self, rightsholder_id: str) -> bool:
        """Tell whether what concerns a rightsholder's works is shown."""
        return self.rightsholder_id in (None, rightsholder_id)


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Mark:
    """The row after which a list goes on: its time, and the ids that order what is of one time."""

    ms: Count
    ids: tuple[str, ...]


def later(mark: Mark | None, ms: ColumnElement[int], *ids: ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a row comes after the mark in a list with the oldest first."""
    return () if mark is None else (tuple_(ms, *ids) > tuple_(mark.ms, *mark.ids),)


def earlier(mark: Mark | None, ms: ColumnElement[int], *ids: ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a row comes after the mark in a list with the newest first."""
    return () if mark is None else (tuple_(ms, *ids) < tuple_(mark.ms, *mark.ids),)


def time_of(ms: int | None) -> datetime | None:
    """Return a time that may be absent."""
    return None if ms is None else timestamp(ms)

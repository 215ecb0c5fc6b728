"""What a record comes to in the archive, as data: the row of the fact, what is so since, and what is counted. Pure."""

from typing import Any, NamedTuple

from sqlalchemy import Table

from services.contracts.topics import Topic

Values = dict[str, Any]


class Recorded(NamedTuple):
    """A record that could be read: where it stands, when Kafka took it, its key and the fact."""

    topic: Topic
    partition: int
    offset: int
    at_ms: int
    key: str
    fact: Any


class Row(NamedTuple):
    """A row of a table."""

    table: Table
    values: Values


class Count(NamedTuple):
    """One more of a kind, at a time."""

    measure: str
    value: str
    at_ms: int


class WorkCount(NamedTuple):
    """One more of a kind for a work, at a time."""

    rightsholder_id: str
    work_id: str
    value: str
    at_ms: int


class Entry(NamedTuple):
    """All of it. What is counted counts once, with the row of the fact; a verdict that was taken back has none."""

    fact: Row | None
    present: tuple[Row, ...] = ()
    counts: tuple[Count, ...] = ()
    work_counts: tuple[WorkCount, ...] = ()

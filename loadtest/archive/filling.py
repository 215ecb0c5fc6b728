"""Filling a record in SQLite with millions of uploads: straight into the tables, by SQL, in pieces that can be resumed.

Promises: every row is what the archivist enters of a fact as the services write it, but for ids, numbers and times;
the counters count these rows. Ids come in the order of time, as those of most platforms do.
"""

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loadtest.archive.examples import IS_DOWN, Example, examples
from services.archive.measures import DAY_MS, HOUR_MS, Measure, Span
from services.archive.tables import POSITIONS, UPLOADS
from services.archivist.entries import Count, Entry, Row, WorkCount
from services.contracts.topics import UPLOADS_SUBMITTED

PIECE = 100_000
BEGIN_MS = 1_735_689_600_000
"""The first of January 2025."""
APART_MS = 365 * DAY_MS // 10_000_000
"""Ten million uploads are a year's."""
WORKS, UPLOADERS, COMMUNITIES, RIGHTSHOLDERS = 100_000, 1_000_000, 1_000, 1_000
AGAIN, AGAIN_FROM = 500, 10**12
"""So often the first upload of all comes again, and is decided again; with numbers that no other has."""
BOUNDS = 500
"""So many different times lie between submissions and the verdicts that block them."""
CACHE_KIB = 1_000_000

# One upload in twenty is listed content, and one of ten of these is of the first work; one work in ten is of the first
# rightsholder. The multiplier and the prime scatter neighbours.
_EACH = f"""
CREATE TEMP TABLE each AS
WITH RECURSIVE up(number) AS (SELECT :begin UNION ALL SELECT number + 1 FROM up WHERE number + 1 < :end),
drawn AS (SELECT number, (number * 2654435761) % 4294967291 AS chance FROM up),
chosen AS (
    SELECT *, CASE WHEN :works THEN number WHEN number % 200 = 0 THEN 0 ELSE chance % :count END AS song FROM drawn
)
SELECT number,
    {BEGIN_MS} + number % {AGAIN_FROM} * {APART_MS} AS at_ms,
    CASE WHEN number % 20 = 0 THEN 'BLOCKED' WHEN number % 1000 = 1 THEN 'HELD' ELSE 'CLEAR' END AS verdict,
    CASE WHEN :again THEN 'u-{0:09}' ELSE printf('u-%09d', number) END AS upload,
    'uploader-' || (chance % {UPLOADERS}) AS uploader,
    'community-' || (chance % {COMMUNITIES}) AS community,
    'rightsholder-' || (CASE WHEN song % 10 = 0 THEN 0 ELSE song % {RIGHTSHOLDERS} END) AS rightsholder,
    'song-' || song AS work
FROM chosen
"""  # noqa: S608  # of constants alone
_COUNT = (
    "INSERT INTO {table} SELECT {keys}, count(*) FROM each WHERE {where} GROUP BY {by} "
    "ON CONFLICT DO UPDATE SET count = count + excluded.count"
)


def fill(path: Path, uploads: int, seconds: float, works: int = WORKS) -> int:
    """Fill a database that has its tables until it has so many uploads, or time is over; return how many it has."""
    deadline = time.monotonic() + seconds
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # What a crash of the machine spoils is filled again.
        for pragma in ("journal_mode=WAL", "synchronous=OFF", f"cache_size=-{CACHE_KIB}", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        made = examples()
        there = filled(connection)
        if there == 0:
            _piece(connection, made.works, 0, works, count=works, works=True)
            _piece(connection, made.rightsholders, 0, min(works, RIGHTSHOLDERS), count=works, works=True)
            _piece(connection, made.again, AGAIN_FROM, AGAIN_FROM + AGAIN, count=works, again=True)
        while there < uploads and time.monotonic() < deadline:
            begin, there = there, min(uploads, there + PIECE)
            _piece(connection, made.uploads, begin, there, count=works, place=there)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return there
    finally:
        connection.close()


def filled(connection: sqlite3.Connection) -> int:
    """Return how many uploads a database was filled with."""
    asked = f"SELECT next_offset FROM {POSITIONS.name} WHERE topic = ? AND partition = 0"  # noqa: S608  # a constant
    row = connection.execute(asked, (UPLOADS_SUBMITTED.name,)).fetchone()
    return 0 if row is None else int(row[0])


def _piece(
    connection: sqlite3.Connection,
    made: Iterable[Example],
    begin: int,
    end: int,
    *,
    count: int,
    works: bool = False,
    again: bool = False,
    place: int = 0,
) -> None:
    """Write what is said of these numbers, in one transaction."""
    connection.execute("BEGIN")
    connection.execute(_EACH, {"begin": begin, "end": end, "count": count, "works": works, "again": again})
    for each in made:
        _write(connection, each.entry, each.where)
    if place:
        row = (UPLOADS_SUBMITTED.name, 0, place, BEGIN_MS + place * APART_MS)
        connection.execute(f"INSERT OR REPLACE INTO {POSITIONS.name} VALUES (?, ?, ?, ?)", row)  # noqa: S608  # a constant
    connection.execute("DROP TABLE each")
    connection.execute("COMMIT")


def _write(connection: sqlite3.Connection, entry: Entry, where: str) -> None:
    """Write all that an entry comes to, for each number that it is for."""
    for row in (*filter(None, (entry.fact,)), *entry.present):
        _insert(connection, row, where)
        if row.table is UPLOADS:
            _count(connection, Count(Measure.PRESENT, row.values["verdict"], 0), ((Span.EVER, "0"),), where)
    for counted in entry.counts:
        _count(connection, counted, SPANS, where)
    for of_work in entry.work_counts:
        _count_work(connection, of_work, where)


SPANS = ((Span.HOUR, f"at_ms - at_ms % {HOUR_MS}"), (Span.DAY, f"at_ms - at_ms % {DAY_MS}"), (Span.EVER, "0"))


def _insert(connection: sqlite3.Connection, row: Row, where: str) -> None:
    values = {name: _value(name, value) for name, value in row.values.items()}
    given = {name: value for name, value in row.values.items() if values[name].startswith(("replace", ":"))}
    statement = (
        f"INSERT OR REPLACE INTO {row.table.name} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM each"  # noqa: S608  # names of columns
    )
    connection.execute(f"{statement} WHERE {where}", given)


def _value(name: str, value: Any) -> str:
    """Return the SQL of a column's value: the number for offsets, the time for times, text with ids for names."""
    if name == "took_bound":
        return f"CASE WHEN {IS_DOWN} THEN 1 + number % {BOUNDS} END"
    if value is None or name in ("erased", "is_open"):
        return f":{name}"
    if name.endswith("_ms"):
        return "at_ms"
    if name.endswith("_offset") or name == "submission":
        return "number"
    found = f":{name}"
    for known in ("upload", "uploader", "community", "rightsholder", "work", "number"):
        if isinstance(value, str) and f"{{{known}}}" in value:
            found = f"replace({found}, '{{{known}}}', {known})"
    return found


def _count(connection: sqlite3.Connection, counted: Count, spans: Iterable[tuple[Span, str]], where: str) -> None:
    for span, begin in spans:
        keys = f"'{span}', '{counted.measure}', {begin}, '{counted.value}'"
        connection.execute(_COUNT.format(table="counters", keys=keys, where=where, by="3"))


def _count_work(connection: sqlite3.Connection, counted: WorkCount, where: str) -> None:
    keys = f"rightsholder, work, at_ms - at_ms % {DAY_MS}, '{counted.value}'"
    connection.execute(_COUNT.format(table="work_counters", keys=keys, where=where, by="1, 2, 3"))

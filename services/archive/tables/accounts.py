"""What the archivist keeps for itself and for figures: counters, positions, erasures."""

from sqlalchemy import Table

from services.archive.columns import number, words
from services.archive.tables.record import RECORD

# How many facts of a kind there were in a span of time, so that no page counts millions. `span`: hour, day, or ever,
# which begins at 0. `value`: by what they are told apart.
COUNTERS = Table(
    "counters",
    RECORD,
    words("span", key=True),
    words("measure", key=True),
    number("begin_ms", key=True),
    words("value", key=True),
    number("count"),
    sqlite_with_rowid=False,
)

# The same for each work: takedowns by status and basis, a day.
WORK_COUNTERS = Table(
    "work_counters",
    RECORD,
    words("rightsholder_id", key=True),
    words("work_id", key=True),
    number("day_ms", key=True),
    words("value", key=True),
    number("count"),
    sqlite_with_rowid=False,
)

# Up to where each partition has been written, and the time of the last record.
POSITIONS = Table(
    "positions",
    RECORD,
    words("topic", key=True),
    number("partition", key=True),
    number("next_offset"),
    number("at_ms"),
)

# Whose data was erased: by a digest of their id, so that what is read again is erased again; and who had it done.
ERASURES = Table(
    "erasures",
    RECORD,
    words("digest", key=True),
    words("pseudonym"),
    number("erased_ms"),
    words("author"),
)

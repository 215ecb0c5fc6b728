"""The tables. A history has a row for each fact, beside it stands what is so at present, and counters count.

`record_offset`: where the fact stands in its partition. All facts of one key are in one partition, so it orders them,
and an older one never takes the place of a newer. `record`: the fact as JSON without what is personal, which has
columns of its own. `at_ms`: the time that Kafka gave a record of outsiders, since theirs decide nothing.
"""

from services.archive.tables.accounts import COUNTERS, ERASURES, POSITIONS, WORK_COUNTERS
from services.archive.tables.deliveries import DELIVERIES, RECEIVERS
from services.archive.tables.people import (
    DISPUTE_STEPS,
    DISPUTED_TAKEDOWNS,
    DISPUTES,
    NOTICES,
    REVIEWS,
    STANDING_CHANGES,
    STANDINGS,
)
from services.archive.tables.record import RECORD
from services.archive.tables.uploads import RESTRICTIONS, SUBMISSIONS, TAKEDOWN_EVENTS, TAKEDOWNS, UPLOADS, VERDICTS
from services.archive.tables.works import ANSWERS, RECEIPTS, RIGHTSHOLDER_STEPS, RIGHTSHOLDERS, WORK_SUBMISSIONS, WORKS

__all__ = [
    "ANSWERS",
    "COUNTERS",
    "DELIVERIES",
    "DISPUTED_TAKEDOWNS",
    "DISPUTES",
    "DISPUTE_STEPS",
    "ERASURES",
    "NOTICES",
    "POSITIONS",
    "RECEIPTS",
    "RECEIVERS",
    "RECORD",
    "RESTRICTIONS",
    "REVIEWS",
    "RIGHTSHOLDERS",
    "RIGHTSHOLDER_STEPS",
    "STANDINGS",
    "STANDING_CHANGES",
    "SUBMISSIONS",
    "TAKEDOWNS",
    "TAKEDOWN_EVENTS",
    "UPLOADS",
    "VERDICTS",
    "WORKS",
    "WORK_COUNTERS",
    "WORK_SUBMISSIONS",
]

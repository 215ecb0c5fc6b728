"""Works and their rightsholders: what was submitted, what was answered, how each stands."""

from sqlalchemy import Index, Table

from services.archive.columns import maybe_number, maybe_words, number, words
from services.archive.tables.record import RECORD

# `action`: register, license, … or `unreadable`, which was answered all the same.
WORK_SUBMISSIONS = Table(
    "work_submissions",
    RECORD,
    words("rightsholder_id", key=True),
    number("record_offset", key=True),
    words("work_id"),
    words("submission_id"),
    words("action"),
    number("at_ms"),
    words("record"),
)
Index(
    "ix_work_submissions_work",
    WORK_SUBMISSIONS.c.rightsholder_id,
    WORK_SUBMISSIONS.c.work_id,
    WORK_SUBMISSIONS.c.record_offset,
)
Index(
    "ix_work_submissions_submission",
    WORK_SUBMISSIONS.c.rightsholder_id,
    WORK_SUBMISSIONS.c.submission_id,
    WORK_SUBMISSIONS.c.record_offset,
)

RECEIPTS = Table(
    "receipts",
    RECORD,
    words("rightsholder_id", key=True),
    number("record_offset", key=True),
    words("work_id"),
    words("submission_id"),
    words("status"),
    number("copies_found"),
    number("received_ms"),
    number("decided_ms"),
    words("record"),
)
Index("ix_receipts_work", RECEIPTS.c.rightsholder_id, RECEIPTS.c.work_id, RECEIPTS.c.record_offset)

# A work by its name: the title of its latest registration, and its latest receipt. Each has an order of its own.
WORKS = Table(
    "works",
    RECORD,
    words("rightsholder_id", key=True),
    words("work_id", key=True),
    maybe_number("registered_offset"),
    maybe_words("title"),
    maybe_number("receipt_offset"),
    maybe_words("status"),
    maybe_number("decided_ms"),
)

# The latest answer to a submission; the HELD among them wait for a person. `works` cannot hold it: while a replacement
# is held its work is in force as it was.
ANSWERS = Table(
    "answers",
    RECORD,
    words("rightsholder_id", key=True),
    words("submission_id", key=True),
    number("record_offset"),
    words("work_id"),
    words("status"),
    number("decided_ms"),
)
Index("ix_answers_status", ANSWERS.c.status, ANSWERS.c.decided_ms, ANSWERS.c.rightsholder_id)

RIGHTSHOLDER_STEPS = Table(
    "rightsholder_steps",
    RECORD,
    words("rightsholder_id", key=True),
    number("record_offset", key=True),
    words("submission_id"),
    words("step"),
    number("at_ms"),
    words("record"),
)

RIGHTSHOLDERS = Table(
    "rightsholders",
    RECORD,
    words("rightsholder_id", key=True),
    maybe_number("enrolled_offset"),
    maybe_words("name"),
    maybe_words("contact"),
    maybe_words("standing"),
    maybe_number("suspended_offset"),
    maybe_words("suspended_for"),
)

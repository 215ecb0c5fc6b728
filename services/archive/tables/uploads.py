"""Uploads: what was submitted, what was decided, what came down and back."""

from sqlalchemy import Index, Table

from services.archive.columns import maybe_number, maybe_words, number, truth, words
from services.archive.tables.record import RECORD

# An upload as it is at present. Its submission and its verdict come from two topics, each with an order of its own:
# NULL until there is one. `deleted`: the latest submission is a deletion. `verdict` is NULL after one, too.
UPLOADS = Table(
    "uploads",
    RECORD,
    words("upload_id", key=True),
    maybe_number("submission"),
    maybe_number("submitted_ms"),
    maybe_number("deleted_ms"),
    maybe_number("verdict_offset"),
    maybe_words("verdict"),
    maybe_words("decision_id"),
    maybe_number("revision"),
    maybe_number("decided_ms"),
)
Index("ix_uploads_verdict", UPLOADS.c.verdict, UPLOADS.c.decided_ms, UPLOADS.c.upload_id)

# `deletion`: the owner deleted it, and all below is empty. `territories` is a JSON list. `erased`: by request.
SUBMISSIONS = Table(
    "submissions",
    RECORD,
    words("upload_id", key=True),
    number("submission", key=True),
    number("at_ms"),
    truth("deletion"),
    words("uploader_id"),
    words("community_id"),
    words("uri"),
    words("media_type"),
    number("size_bytes"),
    words("title"),
    words("artist"),
    words("territories"),
    truth("erased"),
)
Index("ix_submissions_uploader_id", SUBMISSIONS.c.uploader_id)

# `explanation` may name the upload's title, so it is not in `record`.
VERDICTS = Table(
    "verdicts",
    RECORD,
    words("upload_id", key=True),
    number("record_offset", key=True),
    words("decision_id"),
    number("revision"),
    number("submission"),
    words("verdict"),
    number("decided_ms"),
    words("explanation"),
    words("record"),
)

# An upload's submission that was blocked: since when first, and within how long after it was submitted, to 5 %; and
# since when it is shown again because a claim was disputed and does not stand.
RESTRICTIONS = Table(
    "restrictions",
    RECORD,
    words("upload_id", key=True),
    number("submission", key=True),
    maybe_number("blocked_offset"),
    maybe_number("blocked_ms"),
    maybe_number("took_bound"),
    maybe_number("reversed_offset"),
    maybe_number("reversed_ms"),
)
Index("ix_restrictions_blocked_ms", RESTRICTIONS.c.blocked_ms, RESTRICTIONS.c.took_bound)
Index("ix_restrictions_reversed_ms", RESTRICTIONS.c.reversed_ms)

TAKEDOWN_EVENTS = Table(
    "takedown_events",
    RECORD,
    words("takedown_id", key=True),
    number("record_offset", key=True),
    words("upload_id"),
    words("status"),
    words("uploader_id"),
    words("community_id"),
    number("decided_ms"),
    words("record"),
)
Index("ix_takedown_events_upload_id", TAKEDOWN_EVENTS.c.upload_id)
Index("ix_takedown_events_uploader_id", TAKEDOWN_EVENTS.c.uploader_id)

# A takedown as it is at present: down, or back; `decided_ms`: since when.
TAKEDOWNS = Table(
    "takedowns",
    RECORD,
    words("takedown_id", key=True),
    number("record_offset"),
    words("upload_id"),
    words("rightsholder_id"),
    words("work_id"),
    words("basis"),
    words("status"),
    number("decided_ms"),
)
Index("ix_takedowns_upload_id", TAKEDOWNS.c.upload_id)
Index(
    "ix_takedowns_work",
    TAKEDOWNS.c.rightsholder_id,
    TAKEDOWNS.c.work_id,
    TAKEDOWNS.c.basis,
    TAKEDOWNS.c.decided_ms,
    TAKEDOWNS.c.takedown_id,
)
Index("ix_takedowns_latest", TAKEDOWNS.c.rightsholder_id, TAKEDOWNS.c.decided_ms, TAKEDOWNS.c.takedown_id)

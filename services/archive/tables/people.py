"""What people said and were told: disputes, reviews, notices, standing."""

from sqlalchemy import Index, Table, text

from services.archive.columns import maybe_number, number, truth, words
from services.archive.tables.record import RECORD

# `claimant`: who upholds, releases or goes to court. `record` is empty once it has been erased.
DISPUTE_STEPS = Table(
    "dispute_steps",
    RECORD,
    words("upload_id", key=True),
    number("record_offset", key=True),
    words("dispute_id"),
    words("takedown_id"),
    words("step"),
    words("claimant"),
    number("at_ms"),
    words("record"),
)

# A dispute by its first step of all and its latest.
DISPUTES = Table(
    "disputes",
    RECORD,
    words("upload_id", key=True),
    words("dispute_id", key=True),
    number("opened_offset"),
    number("opened_ms"),
    words("ground"),
    words("takedown_id"),
    number("record_offset"),
    words("step"),
    number("at_ms"),
)
Index("ix_disputes_at_ms", DISPUTES.c.at_ms, DISPUTES.c.upload_id)

# Which takedowns a dispute is about: the one that it names, or all on its upload. `is_open`: it stands, and nobody has
# ended the dispute of it. `at_ms`: the dispute's latest step.
DISPUTED_TAKEDOWNS = Table(
    "disputed_takedowns",
    RECORD,
    words("takedown_id", key=True),
    words("dispute_id", key=True),
    words("upload_id"),
    words("rightsholder_id"),
    words("work_id"),
    truth("is_open"),
    number("at_ms"),
)
Index(
    "ix_disputed_takedowns_work",
    DISPUTED_TAKEDOWNS.c.rightsholder_id,
    DISPUTED_TAKEDOWNS.c.work_id,
    DISPUTED_TAKEDOWNS.c.at_ms,
)
Index("ix_disputed_takedowns_rightsholder", DISPUTED_TAKEDOWNS.c.rightsholder_id, DISPUTED_TAKEDOWNS.c.at_ms)
Index(
    "ix_disputed_takedowns_open",
    DISPUTED_TAKEDOWNS.c.rightsholder_id,
    DISPUTED_TAKEDOWNS.c.takedown_id,
    sqlite_where=text("is_open = 1"),
    postgresql_where=text("is_open"),
)
Index("ix_disputed_takedowns_dispute", DISPUTED_TAKEDOWNS.c.upload_id, DISPUTED_TAKEDOWNS.c.dispute_id)

# `subject_id`: the upload, or the rightsholder of the work; the ids that do not apply are empty.
REVIEWS = Table(
    "reviews",
    RECORD,
    words("subject_id", key=True),
    number("record_offset", key=True),
    words("review_id"),
    words("reviewer_id"),
    words("decision"),
    words("upload_id"),
    words("decision_id"),
    words("rightsholder_id"),
    words("work_id"),
    words("submission_id"),
    words("note"),
    number("at_ms"),
)
Index("ix_reviews_at_ms", REVIEWS.c.at_ms, REVIEWS.c.subject_id)

NOTICES = Table(
    "notices",
    RECORD,
    words("notice_id", key=True),
    words("recipient_kind"),
    words("recipient_id"),
    words("upload_id"),
    words("rightsholder_id"),
    words("work_id"),
    words("takedown_id"),
    words("dispute_id"),
    words("subject"),
    words("text"),
    maybe_number("respond_until_ms"),
    number("issued_ms"),
)
Index(
    "ix_notices_recipient",
    NOTICES.c.recipient_kind,
    NOTICES.c.recipient_id,
    NOTICES.c.issued_ms,
    NOTICES.c.notice_id,
)
Index("ix_notices_upload_id", NOTICES.c.upload_id, NOTICES.c.issued_ms)

STANDING_CHANGES = Table(
    "standing_changes",
    RECORD,
    words("kind", key=True),
    words("subject_id", key=True),
    number("record_offset", key=True),
    words("standing"),
    number("strikes"),
    maybe_number("expires_ms"),
    number("changed_ms"),
)

STANDINGS = Table(
    "standings",
    RECORD,
    words("kind", key=True),
    words("subject_id", key=True),
    number("record_offset"),
    words("standing"),
    number("strikes"),
    maybe_number("expires_ms"),
    number("changed_ms"),
)
Index("ix_standings_standing", STANDINGS.c.standing, STANDINGS.c.changed_ms, STANDINGS.c.subject_id)

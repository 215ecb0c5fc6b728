"""What people say and are told, and the counts."""

from alembic import op

from services.archive.columns import maybe_number, number, words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Take the step."""
    _dispute_steps_and_disputes()
    _reviews_and_notices()
    _standing_changes_and_standings()
    _accounts()


def _dispute_steps_and_disputes() -> None:
    op.create_table(
        "dispute_steps",
        words("upload_id", key=True),
        number("record_offset", key=True),
        words("dispute_id"),
        words("takedown_id"),
        words("step"),
        words("claimant"),
        number("at_ms"),
        words("record"),
    )
    op.create_table(
        "disputes",
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
    op.create_index("ix_disputes_at_ms", "disputes", ["at_ms", "upload_id"])
    op.create_table(
        "disputed_takedowns",
        words("takedown_id", key=True),
        words("dispute_id", key=True),
        words("upload_id"),
        words("rightsholder_id"),
        words("work_id"),
    )
    op.create_index("ix_disputed_takedowns_dispute", "disputed_takedowns", ["upload_id", "dispute_id"])
    op.create_index("ix_disputed_takedowns_work", "disputed_takedowns", ["rightsholder_id", "work_id"])


def _reviews_and_notices() -> None:
    op.create_table(
        "reviews",
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
    op.create_index("ix_reviews_at_ms", "reviews", ["at_ms", "subject_id"])
    op.create_table(
        "notices",
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
    op.create_index("ix_notices_recipient", "notices", ["recipient_kind", "recipient_id", "issued_ms", "notice_id"])
    op.create_index("ix_notices_upload_id", "notices", ["upload_id", "issued_ms"])


def _standing_changes_and_standings() -> None:
    op.create_table(
        "standing_changes",
        words("kind", key=True),
        words("subject_id", key=True),
        number("record_offset", key=True),
        words("standing"),
        number("strikes"),
        maybe_number("expires_ms"),
        number("changed_ms"),
    )
    op.create_table(
        "standings",
        words("kind", key=True),
        words("subject_id", key=True),
        number("record_offset"),
        words("standing"),
        number("strikes"),
        maybe_number("expires_ms"),
        number("changed_ms"),
    )
    op.create_index("ix_standings_standing", "standings", ["standing", "changed_ms", "subject_id"])


def _accounts() -> None:
    op.create_table(
        "counters",
        words("span", key=True),
        words("measure", key=True),
        number("begin_ms", key=True),
        words("value", key=True),
        number("count"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_counters",
        words("rightsholder_id", key=True),
        words("work_id", key=True),
        number("day_ms", key=True),
        words("value", key=True),
        number("count"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "positions",
        words("topic", key=True),
        number("partition", key=True),
        number("next_offset"),
        number("at_ms"),
    )
    op.create_table(
        "erasures",
        words("digest", key=True),
        words("pseudonym"),
        number("erased_ms"),
    )

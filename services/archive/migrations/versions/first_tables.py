"""Uploads and works."""

from alembic import op

from services.archive.columns import maybe_number, maybe_words, number, truth, words

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Take the step."""
    _uploads_and_submissions()
    _verdicts_and_takedown_events()
    _takedowns()
    _work_submissions_and_receipts()
    _works_and_answers()
    _rightsholders()


def _uploads_and_submissions() -> None:
    op.create_table(
        "uploads",
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
    op.create_index("ix_uploads_verdict", "uploads", ["verdict", "decided_ms", "upload_id"])
    op.create_table(
        "submissions",
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
    op.create_index("ix_submissions_uploader_id", "submissions", ["uploader_id"])


def _verdicts_and_takedown_events() -> None:
    op.create_table(
        "verdicts",
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
    op.create_table(
        "takedown_events",
        words("takedown_id", key=True),
        number("record_offset", key=True),
        words("upload_id"),
        words("status"),
        words("uploader_id"),
        words("community_id"),
        number("decided_ms"),
        words("record"),
    )
    op.create_index("ix_takedown_events_upload_id", "takedown_events", ["upload_id"])
    op.create_index("ix_takedown_events_uploader_id", "takedown_events", ["uploader_id"])


def _takedowns() -> None:
    op.create_table(
        "takedowns",
        words("takedown_id", key=True),
        number("record_offset"),
        words("upload_id"),
        words("rightsholder_id"),
        words("work_id"),
        words("basis"),
        words("status"),
        number("decided_ms"),
    )
    op.create_index("ix_takedowns_upload_id", "takedowns", ["upload_id"])
    op.create_index(
        "ix_takedowns_work", "takedowns", ["rightsholder_id", "work_id", "basis", "decided_ms", "takedown_id"]
    )


def _work_submissions_and_receipts() -> None:
    op.create_table(
        "work_submissions",
        words("rightsholder_id", key=True),
        number("record_offset", key=True),
        words("work_id"),
        words("submission_id"),
        words("action"),
        number("at_ms"),
        words("record"),
    )
    op.create_index(
        "ix_work_submissions_submission", "work_submissions", ["rightsholder_id", "submission_id", "record_offset"]
    )
    op.create_index("ix_work_submissions_work", "work_submissions", ["rightsholder_id", "work_id", "record_offset"])
    op.create_table(
        "receipts",
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
    op.create_index("ix_receipts_work", "receipts", ["rightsholder_id", "work_id", "record_offset"])


def _works_and_answers() -> None:
    op.create_table(
        "works",
        words("rightsholder_id", key=True),
        words("work_id", key=True),
        maybe_number("registered_offset"),
        maybe_words("title"),
        maybe_number("receipt_offset"),
        maybe_words("status"),
        maybe_number("decided_ms"),
    )
    op.create_table(
        "answers",
        words("rightsholder_id", key=True),
        words("submission_id", key=True),
        number("record_offset"),
        words("work_id"),
        words("status"),
        number("decided_ms"),
    )
    op.create_index("ix_answers_status", "answers", ["status", "decided_ms", "rightsholder_id"])
    op.create_table(
        "rightsholder_steps",
        words("rightsholder_id", key=True),
        number("record_offset", key=True),
        words("submission_id"),
        words("step"),
        number("at_ms"),
        words("record"),
    )


def _rightsholders() -> None:
    op.create_table(
        "rightsholders",
        words("rightsholder_id", key=True),
        maybe_number("enrolled_offset"),
        maybe_words("name"),
        maybe_words("contact"),
        maybe_words("standing"),
        maybe_number("suspended_offset"),
        maybe_words("suspended_for"),
    )

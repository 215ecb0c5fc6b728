"""What pages ask of many millions: open disputes, a rightsholder's latest copies, how long it took to block uploads."""

from typing import Any

from alembic import op
from sqlalchemy import text

from services.archive.columns import maybe_number, number, truth, words
from services.archive.measures import bound_of

revision = "0004"
down_revision = "0003"

# Disputes and takedowns are there already, so that nothing has to be written anew.
_LINKS = """
INSERT INTO disputed_takedowns (takedown_id, dispute_id, upload_id, rightsholder_id, work_id, is_open, at_ms)
SELECT DISTINCT t.takedown_id, d.dispute_id, t.upload_id, t.rightsholder_id, t.work_id,
    t.status = 'ISSUED' AND NOT EXISTS (
        SELECT 1 FROM dispute_steps e WHERE e.upload_id = d.upload_id AND e.dispute_id = d.dispute_id
        AND e.takedown_id IN ('', t.takedown_id)
        AND (e.step = 'withdraw' OR e.step = 'release' AND e.claimant = t.rightsholder_id)
    ),
    d.at_ms
FROM dispute_steps s
JOIN disputes d ON d.upload_id = s.upload_id AND d.dispute_id = s.dispute_id
JOIN takedowns t ON t.upload_id = s.upload_id AND s.takedown_id IN ('', t.takedown_id)
WHERE s.step = 'dispute' OR s.step = 'counter_notice' AND NOT EXISTS (
    SELECT 1 FROM dispute_steps e WHERE e.upload_id = d.upload_id AND e.dispute_id = d.dispute_id AND e.step = 'dispute'
)
"""
_FIRST = """
INSERT INTO restrictions (upload_id, submission, {kind}_offset, {kind}_ms)
SELECT v.upload_id, v.submission, v.record_offset, v.decided_ms
FROM verdicts v JOIN (
    SELECT upload_id, submission, min(record_offset) AS record_offset FROM verdicts WHERE {where} GROUP BY 1, 2
) AS f ON f.upload_id = v.upload_id AND f.record_offset = v.record_offset
WHERE true
ON CONFLICT (upload_id, submission) DO UPDATE SET
    {kind}_offset = excluded.{kind}_offset, {kind}_ms = excluded.{kind}_ms
"""
_KINDS = {"blocked": "verdict = 'BLOCKED'", "reversed": "verdict <> 'BLOCKED' AND record LIKE '%\"DISPUTE_WON\"%'"}
_TOOK = """
SELECT r.upload_id, r.submission, r.blocked_ms - s.at_ms
FROM restrictions r JOIN submissions s ON s.upload_id = r.upload_id AND s.submission = r.submission
WHERE r.blocked_ms IS NOT NULL
"""
_NOTE = "UPDATE restrictions SET took_bound = :bound WHERE upload_id = :upload_id AND submission = :submission"
_PIECE = 10_000


def upgrade() -> None:
    """Take the step."""
    op.create_index("ix_takedowns_latest", "takedowns", ["rightsholder_id", "decided_ms", "takedown_id"])
    _disputed_takedowns()
    _restrictions()


def _disputed_takedowns() -> None:
    op.drop_table("disputed_takedowns")
    op.create_table(
        "disputed_takedowns",
        words("takedown_id", key=True),
        words("dispute_id", key=True),
        words("upload_id"),
        words("rightsholder_id"),
        words("work_id"),
        truth("is_open"),
        number("at_ms"),
    )
    while_open: dict[str, Any] = {"sqlite_where": text("is_open = 1"), "postgresql_where": text("is_open")}
    named = {
        "dispute": ["upload_id", "dispute_id"],
        "work": ["rightsholder_id", "work_id", "at_ms"],
        "rightsholder": ["rightsholder_id", "at_ms"],
    }
    for name, columns in named.items():
        op.create_index(f"ix_disputed_takedowns_{name}", "disputed_takedowns", columns)
    op.create_index(
        "ix_disputed_takedowns_open", "disputed_takedowns", ["rightsholder_id", "takedown_id"], **while_open
    )
    op.execute(_LINKS)


def _restrictions() -> None:
    op.create_table(
        "restrictions",
        words("upload_id", key=True),
        number("submission", key=True),
        maybe_number("blocked_offset"),
        maybe_number("blocked_ms"),
        maybe_number("took_bound"),
        maybe_number("reversed_offset"),
        maybe_number("reversed_ms"),
    )
    op.create_index("ix_restrictions_blocked_ms", "restrictions", ["blocked_ms", "took_bound"])
    op.create_index("ix_restrictions_reversed_ms", "restrictions", ["reversed_ms"])
    for kind, where in _KINDS.items():
        op.execute(text(_FIRST.format(kind=kind, where=where)))
    _time()


def _time() -> None:
    connection = op.get_bind()
    found = connection.execute(text(_TOOK)).all()
    for begin in range(0, len(found), _PIECE):
        rows = [
            {"upload_id": upload_id, "submission": submission, "bound": bound_of(max(0, took_ms))}
            for upload_id, submission, took_ms in found[begin : begin + _PIECE]
        ]
        connection.execute(text(_NOTE), rows)

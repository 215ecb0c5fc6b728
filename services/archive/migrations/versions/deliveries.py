"""What the notifier delivers."""

from typing import Any

from alembic import op
from sqlalchemy import text

from services.archive.columns import maybe_number, maybe_words, number, words

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Take the step."""
    op.create_table("receivers", words("receiver", key=True), words("address"), maybe_number("disabled_ms"))
    op.create_table(
        "deliveries",
        words("delivery_id", key=True),
        words("receiver"),
        words("about"),
        words("body"),
        number("said_ms"),
        number("created_ms"),
        words("state"),
        number("attempts"),
        number("next_ms"),
        maybe_words("holder"),
        maybe_words("letter"),
        words("detail"),
        maybe_number("finished_ms"),
    )
    while_waiting: dict[str, Any] = {
        "sqlite_where": text("state = 'WAITING'"),
        "postgresql_where": text("state = 'WAITING'"),
    }
    op.create_index("ix_deliveries_due", "deliveries", ["receiver", "next_ms"], **while_waiting)
    op.create_index("ix_deliveries_oldest", "deliveries", ["receiver", "created_ms"], **while_waiting)
    op.create_index("ix_deliveries_finished", "deliveries", ["state", "finished_ms"])

"""The trace to which a delivery belongs."""

from alembic import op
from sqlalchemy import Column

from services.archive.columns import Words

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Take the step."""
    op.add_column("deliveries", Column("traceparent", Words))

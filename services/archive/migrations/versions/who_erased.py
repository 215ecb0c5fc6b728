"""Who had somebody's data erased."""

from alembic import op
from sqlalchemy import Column

from services.archive.columns import Words

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Take the step."""
    op.add_column("erasures", Column("author", Words, nullable=False, server_default=""))

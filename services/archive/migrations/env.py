"""What Alembic runs: the steps, on the connection that it is given, within its transaction."""

from alembic import context

from services.archive.tables import RECORD

context.configure(connection=context.config.attributes["connection"], target_metadata=RECORD)
context.run_migrations()

"""Alembic's entry: runs on the connection that `leadline.state.migrate` hands over, inside its transaction."""

from alembic import context

from leadline.state.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

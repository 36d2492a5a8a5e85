"""Runs Alembic's migrations on the connection that `langdesign_database.migrate` hands over."""

from alembic import context

from langdesign_design.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()

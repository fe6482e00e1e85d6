"""Alembic's way in: migrates over the connection that `kodosumi.domain.migrate` hands over."""

from alembic import context

given = context.config.attributes

context.configure(
    connection=given["connection"],
    target_metadata=given["metadata"],
    render_as_batch=True,  # SQLite changes a table by making a new one
)
with context.begin_transaction():
    context.run_migrations()

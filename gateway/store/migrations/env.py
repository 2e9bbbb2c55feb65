"""Alembic's entry: runs the migrations on the engine it is given."""

from alembic import context

from gateway.store.tables import metadata

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()

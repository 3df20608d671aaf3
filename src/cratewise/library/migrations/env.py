"""Run by Alembic for each command: migrates over the connection it is handed."""

from alembic import context

from cratewise.library.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()

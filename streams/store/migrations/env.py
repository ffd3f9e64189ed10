"""Run migrations on the connection that streams.store.upgrade hands over."""

from alembic import context

from streams.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True,
    transaction_per_migration=False,
)  # fmt: skip
context.run_migrations()

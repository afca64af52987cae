"""What Alembic runs around the migrations: on the connection that `migrating` hands in."""

from alembic import context

from multiproduct.adapters.sql.migrating import VERSION_TABLE
from multiproduct.adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

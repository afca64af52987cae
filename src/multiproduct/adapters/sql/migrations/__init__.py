"""The Alembic migrations, shipped with the package and run by `multiproduct.adapters.sql.migrate`."""

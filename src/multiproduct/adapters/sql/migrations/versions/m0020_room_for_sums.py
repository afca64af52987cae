"""More room on the pages of ledger accounts, whose sums move all the time."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Says so to PostgreSQL, for pages that are filled from now on; nothing is rewritten. SQLite knows no
    such thing."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE ledger_accounts SET (fillfactor = 25)")

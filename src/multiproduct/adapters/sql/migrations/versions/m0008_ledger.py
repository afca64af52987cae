"""The ledger: accounts, journal, entries, holds, periods."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty until its context is there."""

"""Orders, invoices, numbers, credit notes, settlements."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty until its context is there."""

"""What people want to hear of, quiet hours, digests, suppressed addresses."""

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""

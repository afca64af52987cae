"""Payments: attempts, refunds, stored methods, the sandbox's own books."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty until its context is there."""

"""Subscriptions: periods, changes, usage."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty until its context is there."""

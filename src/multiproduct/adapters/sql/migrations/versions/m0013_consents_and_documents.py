"""Consents, and documents with their review."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty until its context is there."""

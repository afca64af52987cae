"""The catalog: products, plans, prices, coupons, meters."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty until its context is there."""

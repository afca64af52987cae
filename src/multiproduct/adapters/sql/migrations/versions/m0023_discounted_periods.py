"""The share of list prices that a subscription's present period asks, as coupons left it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_SOLD_FOR_LESS = (
    "UPDATE subscriptions SET accrual_share = "
    "CAST(accrual_price AS TEXT) || '/' || CAST(price_minor AS TEXT) "
    "WHERE accrual_price <> price_minor AND price_minor > 0"
)


def upgrade() -> None:
    """Adds the column. Until now a change within the period put it at the list price, so that the ratio of
    those that were sold for less can be told from the row."""
    op.add_column("subscriptions", sa.Column("accrual_share", sa.Text))
    op.execute(_SOLD_FOR_LESS)

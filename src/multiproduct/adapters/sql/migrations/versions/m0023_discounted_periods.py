"""What a subscription's present period was sold for, where coupons made that less than its list price."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_SOLD_FOR_LESS = (
    "UPDATE subscriptions SET accrual_reduction = "
    "CAST(accrual_price AS TEXT) || '/' || CAST(price_minor AS TEXT) "
    "WHERE accrual_price < price_minor"
)


def upgrade() -> None:
    """Adds the column. Until now a change within the period put it at the list price, so that what
    those were sold for can be told from the row."""
    op.add_column("subscriptions", sa.Column("accrual_reduction", sa.Text))
    op.execute(_SOLD_FOR_LESS)

"""What a charge of a subscription sold, so that late money buys just that."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Adds the column; nothing tells what the charges that are there sold."""
    op.add_column("subscription_charges", sa.Column("terms", _DOCUMENT))

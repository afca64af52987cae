"""The times in which a subscription's plans were held, by which what was used in them is priced."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Adds the column. Of what was before nothing is known: it belongs to the present plan."""
    op.add_column("subscriptions", sa.Column("usage_spans", _DOCUMENT))

"""An index of the audit entries that name nobody and still hold a network address."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_STRANGERS = sa.text(
    "actor_type = 'anonymous' AND coalesce(user_id, actor_id) IS NULL AND personal_digest IS NULL "
    "AND (substr(event, 1, 9) = 'identity.' OR substr(event, 1, 4) = 'otp.')"
)


def upgrade() -> None:
    """Makes the index."""
    op.create_index(
        "ix_audit_entries_strangers",
        "audit_entries",
        ["occurred_at", "id"],
        postgresql_where=_STRANGERS,
        sqlite_where=_STRANGERS,
    )

"""What people want to hear of, quiet hours, digests, suppressed addresses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from multiproduct.adapters.sql.migrations.granting import grant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_OPEN = sa.text("closed_at IS NULL")
_CLOSED = sa.text("closed_at IS NOT NULL")
_FOR_ADMINS = (
    "notifications.delivery.read",
    "notifications.suppression.read",
    "notifications.suppression.manage",
)


def upgrade() -> None:
    """Makes the tables."""
    _widen_deliveries()
    _add_preferences()
    _add_digests()
    _add_suppressions()
    grant("admin", _FOR_ADMINS)


def _widen_deliveries() -> None:
    op.add_column("deliveries", sa.Column("recipient_key", sa.Text(), nullable=False, server_default=""))
    op.add_column("deliveries", sa.Column("layer", sa.Text()))
    # One statement: nobody else has the table meanwhile.
    op.execute(f"UPDATE deliveries SET recipient_key = coalesce({_user_id_as_text()}, recipient)")  # noqa: S608 - names of ours
    op.drop_index("uq_deliveries_event_position_channel", table_name="deliveries")
    op.create_index(
        "uq_deliveries_owed",
        "deliveries",
        ["event_position", "recipient_key", "type_key", "channel"],
        unique=True,
    )


def _user_id_as_text() -> str:
    """As Python writes an id. SQLite has the digits alone."""
    if op.get_bind().dialect.name == "postgresql":
        return "CAST(user_id AS text)"
    parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return " || '-' || ".join(f"substr(user_id, {start}, {length})" for start, length in parts)


def _add_preferences() -> None:
    op.create_table(
        "notification_preferences",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("type_key", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(
            "user_id", "type_key", "category", "channel", name="pk_notification_preferences"
        ),
    )
    op.create_table(
        "notification_settings",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("quiet_from", sa.Integer()),
        sa.Column("quiet_until", sa.Integer()),
        sa.Column("digest_at", sa.Integer()),
        sa.Column("digest_categories", _DOCUMENT, nullable=False),
        sa.Column("unsubscribed_at", _MOMENT),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_notification_settings"),
    )


def _add_digests() -> None:
    table = "notification_digests"
    op.create_table(
        table,
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("type_key", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_notification_digests"),
    )
    op.create_index(
        "uq_notification_digests_open",
        table,
        ["user_id", "type_key", "key"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(
        "ix_notification_digests_due", table, ["due_at"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_index(
        "ix_notification_digests_closed",
        table,
        ["closed_at"],
        sqlite_where=_CLOSED,
        postgresql_where=_CLOSED,
    )
    op.create_index("ix_notification_digests_user_id", table, ["user_id"])
    op.create_table(
        "notification_digest_items",
        sa.Column("delivery_id", _ID, nullable=False),
        sa.Column("digest_id", _ID, nullable=False),
        sa.Column("type_key", sa.Text(), nullable=False),
        sa.Column("params", _DOCUMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_notification_digest_items"),
        sa.ForeignKeyConstraint(
            ["digest_id"],
            ["notification_digests.id"],
            name="fk_notification_digest_items_digest_id_notification_digests",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_notification_digest_items_digest_id", "notification_digest_items", ["digest_id"])


def _add_suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address_digest", sa.Text(), nullable=False),
        sa.Column("masked", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "address_digest", name="pk_suppressions"),
    )
    op.create_index("ix_suppressions_created_at", "suppressions", ["created_at", "address_digest"])

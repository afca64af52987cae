"""The inbox: entries, unread counters, and tickets for the live stream."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_UNREAD = sa.text("read_at IS NULL")


def upgrade() -> None:
    """Makes the tables."""
    _add_entries()
    op.create_table(
        "inbox_counters",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_inbox_counters"),
    )
    op.create_table(
        "stream_tickets",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("session_id", _ID, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_stream_tickets"),
    )
    op.create_index("ix_stream_tickets_user_id", "stream_tickets", ["user_id"])
    op.create_index("ix_stream_tickets_expires_at", "stream_tickets", ["expires_at"])


def _add_entries() -> None:
    table = "inbox_entries"
    op.create_table(
        table,
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("event_position", sa.BigInteger(), nullable=False),
        sa.Column("type_key", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("data", _DOCUMENT, nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("read_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_entries"),
    )
    op.create_index("uq_inbox_entries_owed", table, ["user_id", "event_position", "type_key"], unique=True)
    op.create_index("uq_inbox_entries_sequence", table, ["user_id", "sequence"], unique=True)
    op.create_index(
        "ix_inbox_entries_unread",
        table,
        ["user_id", "sequence"],
        sqlite_where=_UNREAD,
        postgresql_where=_UNREAD,
    )
    op.create_index("ix_inbox_entries_changed", table, ["user_id", "changed", "sequence"])
    op.create_index("ix_inbox_entries_created_at", table, ["created_at"])

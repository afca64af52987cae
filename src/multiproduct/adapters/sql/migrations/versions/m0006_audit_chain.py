"""The chain over the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_SEALED = sa.text("sequence IS NOT NULL")
_UNSEALED = sa.text("sequence IS NULL")


def upgrade() -> None:
    """Makes room for seals, which the entries that are there get by and by, and for the head of the chain."""
    for column in (
        sa.Column("sequence", sa.BigInteger()),
        sa.Column("seal_version", sa.Integer()),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("personal_digest", sa.LargeBinary()),
    ):
        op.add_column("audit_entries", column)
    op.create_index("ix_audit_entries_actor_id_id", "audit_entries", ["actor_id", "id"])
    op.create_index("ix_audit_entries_event_id", "audit_entries", ["event", "id"])
    op.create_index("ix_audit_entries_occurred_at_id", "audit_entries", ["occurred_at", "id"])
    op.create_index(
        "uq_audit_entries_sequence",
        "audit_entries",
        ["sequence"],
        unique=True,
        postgresql_where=_SEALED,
        sqlite_where=_SEALED,
    )
    op.create_index(
        "ix_audit_entries_unsealed",
        "audit_entries",
        ["id"],
        postgresql_where=_UNSEALED,
        sqlite_where=_UNSEALED,
    )
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", _MOMENT, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_chain"),
        sa.CheckConstraint("id = 1", name="ck_audit_chain_one_row"),
    )

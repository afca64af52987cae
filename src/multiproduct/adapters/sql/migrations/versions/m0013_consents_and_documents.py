"""Consents, documents with their review, texted codes as a second factor, and indexes of the delivery log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from multiproduct.adapters.sql.migrations.granting import grant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_FOR_ADMINS = ("identity.document.read", "identity.document.review")


def upgrade() -> None:
    """Adds three tables and what others need for them."""
    _add_documents()
    _add_consents()
    op.create_table(
        "sms_factors",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_sms_factors"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sms_factors_user_id_users", ondelete="CASCADE"
        ),
    )
    op.add_column("pending_sign_ins", sa.Column("to_be_linked", _DOCUMENT))
    op.add_column("pending_registrations", sa.Column("consents", _DOCUMENT))
    op.add_column("pending_registrations", sa.Column("ip", sa.Text()))
    # The log of a person is read by time, whatever the type; and what is old is removed.
    op.drop_index("ix_deliveries_user_id_type_key_created_at", "deliveries")
    op.create_index("ix_deliveries_user_id_created_at", "deliveries", ["user_id", "created_at"])
    op.create_index("ix_deliveries_created_at", "deliveries", ["created_at"])
    grant("admin", _FOR_ADMINS)


def _add_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("unused_since", _MOMENT),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("format", sa.Text()),
        sa.Column("size", sa.Integer()),
        sa.Column("scan", sa.Text(), nullable=False),
        sa.Column("submitted_at", _MOMENT),
        sa.Column("reviewed_at", _MOMENT),
        sa.Column("reviewed_by", _ID),
        sa.Column("reason", sa.Text()),
        sa.Column("valid_until", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.create_index("ix_documents_user_id_created_at", "documents", ["user_id", "created_at"])
    op.create_index("ix_documents_unused_since", "documents", ["unused_since"])


def _add_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text()),
        sa.Column("user_agent", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_user_id_at", "consents", ["user_id", "at"])

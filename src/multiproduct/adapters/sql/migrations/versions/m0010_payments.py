"""Payments: attempts, refunds, stored methods, the sandbox's own books."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from multiproduct.adapters.sql.migrations.granting import grant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_IN_REVIEW = sa.text("review IS NOT NULL")
_TO_BE_ASKED = sa.text("next_check_at IS NOT NULL")
_DEFAULT = sa.text("is_default")
_FOR_ADMINS = (
    "payments.payment.capture",
    "payments.payment.confirm",
    "payments.payment.read",
    "payments.payment.refund",
)


def upgrade() -> None:
    """Makes the tables of payments, and those of the sandbox."""
    _payments()
    _calls(
        "payment_attempts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("method_id", _ID),
        sa.Column("is_off_session", sa.Boolean(), nullable=False),
        sa.Column("instructions", _DOCUMENT, nullable=False),
        sa.Column("deadline", _MOMENT),
    )
    _calls(
        "payment_refunds",
        sa.Column("attempt_id", _ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("purpose_id", _ID, nullable=False),
        sa.Column("requested_by", _ID),
        sa.Column("hold_id", _ID),
    )
    _methods()
    _notices()
    _sandbox()
    grant("admin", _FOR_ADMINS)


def _payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("payer_id", _ID, nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("purpose_id", _ID, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt_id", _ID, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("authorised", sa.BigInteger(), nullable=False),
        sa.Column("capturing", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("refunding", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("decline_code", sa.Text()),
        sa.Column("review", sa.Text()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("settled_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        sa.CheckConstraint("minor > 0", name=op.f("ck_payments_amount")),
        sa.CheckConstraint(
            "refunding <= settled AND refunded <= refunding AND refunded >= 0",
            name=op.f("ck_payments_refunds"),
        ),
        sa.CheckConstraint(
            "capturing >= 0 AND (authorised = 0 OR settled + capturing <= authorised)",
            name=op.f("ck_payments_captures"),
        ),
    )
    op.create_index("ix_payments_payer_id", "payments", ["payer_id", "created_at", "id"])
    op.create_index("ix_payments_created_at", "payments", ["created_at", "id"])
    op.create_index("ix_payments_status", "payments", ["status", "created_at", "id"])
    op.create_index("ix_payments_purpose", "payments", ["purpose", "purpose_id"])
    op.create_index(
        "ix_payments_review",
        "payments",
        ["created_at", "id"],
        sqlite_where=_IN_REVIEW,
        postgresql_where=_IN_REVIEW,
    )


def _calls(table: str, *more: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("payment_id", _ID, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("decline_code", sa.Text()),
        sa.Column("leased_until", _MOMENT),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("next_check_at", _MOMENT),
        sa.Column("review", sa.Text()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        *more,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=f"fk_{table}_payment_id_payments"),
    )
    op.create_index(f"ix_{table}_payment_id", table, ["payment_id"])
    op.create_index(f"ix_{table}_reference", table, ["gateway", "reference"])
    op.create_index(
        f"ix_{table}_next_check_at",
        table,
        ["next_check_at"],
        sqlite_where=_TO_BE_ASKED,
        postgresql_where=_TO_BE_ASKED,
    )


def _methods() -> None:
    op.create_table(
        "payment_methods",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("last4", sa.Text(), nullable=False),
        sa.Column("expires_year", sa.Integer()),
        sa.Column("expires_month", sa.Integer()),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("removed_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_payment_methods"),
    )
    op.create_index("ix_payment_methods_user_id", "payment_methods", ["user_id"])
    op.create_index(
        "uq_payment_methods_default",
        "payment_methods",
        ["user_id"],
        unique=True,
        sqlite_where=_DEFAULT,
        postgresql_where=_DEFAULT,
    )


def _notices() -> None:
    op.create_table(
        "payment_notices",
        sa.Column("id", _ID, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", _ID),
        sa.Column("reference", sa.Text()),
        sa.Column("outcome", _DOCUMENT, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("taken_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_payment_notices"),
    )
    op.create_index("uq_payment_notices_notice_id", "payment_notices", ["gateway", "notice_id"], unique=True)
    op.create_index("ix_payment_notices_taken_at", "payment_notices", ["taken_at"])


def _sandbox() -> None:
    op.create_table(
        "sandbox_records",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("related", sa.Text()),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("document", _DOCUMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sandbox_records"),
    )
    op.create_index("ix_sandbox_records_related", "sandbox_records", ["related"])

"""Orders, invoices, numbers, credit notes, settlements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from multiproduct.adapters.sql.migrations.billing_0011 import grant_to_admins, keep_documents

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_WAITING = sa.text("status IN ('pending', 'failed') AND expires_at IS NOT NULL")
_COUNTS = sa.text("status <> 'void'")
_NUMBERED = sa.text("number IS NOT NULL")
_TO_REMIND = sa.text("next_reminder_at IS NOT NULL")
_COVERS = sa.text("covers_period AND NOT is_void")


def upgrade() -> None:
    """Makes the tables of billing, and the triggers that keep its documents as they are."""
    _orders()
    _invoice_series()
    _invoices()
    _invoice_lines()
    _credit_notes()
    _settlements()
    _settlement_allocations()
    _tax_rules()
    _billing_customers()
    _billing_movements()
    keep_documents()
    grant_to_admins()


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", _ID, nullable=False),
        sa.Column("lines", _DOCUMENT, nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("plan_id", _ID),
        sa.Column("subscription_id", _ID),
        sa.Column("payment_method", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("gateway_reference", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text()),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("paid_at", _MOMENT),
        sa.Column("leased_until", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.CheckConstraint(
            "minor >= 0",
            name="ck_orders_ck_orders_minor",
        ),
    )
    op.create_index("ix_orders_created_at_id", "orders", ["created_at", "id"])
    op.create_index("ix_orders_customer_id_created_at_id", "orders", ["customer_id", "created_at", "id"])
    op.create_index("ix_orders_status_created_at_id", "orders", ["status", "created_at", "id"])
    op.create_index(
        "ix_orders_waiting", "orders", ["expires_at"], postgresql_where=_WAITING, sqlite_where=_WAITING
    )
    op.create_index("uq_orders_number", "orders", ["number"], unique=True)


def _invoice_series() -> None:
    op.create_table(
        "invoice_series",
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_issued_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("seller", "name", "year", name="pk_invoice_series"),
        sa.CheckConstraint(
            "last_sequence >= 1",
            name="ck_invoice_series_ck_invoice_series_last_sequence",
        ),
    )


def _invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", _ID, nullable=False),
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("customer", _DOCUMENT, nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("metadata", _DOCUMENT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("series", sa.Text()),
        sa.Column("year", sa.Integer()),
        sa.Column("sequence", sa.BigInteger()),
        sa.Column("number", sa.Text()),
        sa.Column("issued_at", _MOMENT),
        sa.Column("due_at", _MOMENT),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("credited_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", _MOMENT),
        sa.Column("closed_at", _MOMENT),
        sa.Column("is_overdue", sa.Boolean(), nullable=False),
        sa.Column("next_reminder_at", _MOMENT),
        sa.Column("settlement_id", _ID),
        sa.Column("leased_until", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_invoices"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_invoices_order_id_orders"),
        sa.CheckConstraint(
            "status = 'draft' OR (number IS NOT NULL AND issued_at IS NOT NULL AND due_at IS NOT NULL)",
            name="ck_invoices_ck_invoices_numbered",
        ),
        sa.CheckConstraint(
            "status <> 'paid' OR paid_minor - returned_minor + credited_minor = total_minor",
            name="ck_invoices_ck_invoices_paid",
        ),
        sa.CheckConstraint(
            "paid_minor >= 0 AND credited_minor BETWEEN 0 AND total_minor"
            " AND returned_minor BETWEEN 0 AND credited_minor AND returned_minor <= paid_minor"
            " AND paid_minor - returned_minor + credited_minor <= total_minor",
            name="ck_invoices_ck_invoices_settled",
        ),
        sa.CheckConstraint(
            "net_minor + tax_minor = total_minor AND total_minor >= 0",
            name="ck_invoices_ck_invoices_sums",
        ),
    )
    op.create_index("ix_invoices_created_at_id", "invoices", ["created_at", "id"])
    op.create_index("ix_invoices_customer_id_created_at_id", "invoices", ["customer_id", "created_at", "id"])
    op.create_index("ix_invoices_order_id_created_at", "invoices", ["order_id", "created_at"])
    op.create_index("ix_invoices_status_created_at_id", "invoices", ["status", "created_at", "id"])
    op.create_index(
        "ix_invoices_to_remind",
        "invoices",
        ["next_reminder_at"],
        postgresql_where=_TO_REMIND,
        sqlite_where=_TO_REMIND,
    )
    op.create_index(
        "uq_invoices_order_id",
        "invoices",
        ["order_id"],
        unique=True,
        postgresql_where=_COUNTS,
        sqlite_where=_COUNTS,
    )
    op.create_index(
        "uq_invoices_seller_number",
        "invoices",
        ["seller", "number"],
        unique=True,
        postgresql_where=_NUMBERED,
        sqlite_where=_NUMBERED,
    )
    op.create_index(
        "uq_invoices_seller_series_year_sequence",
        "invoices",
        ["seller", "series", "year", "sequence"],
        unique=True,
        postgresql_where=_NUMBERED,
        sqlite_where=_NUMBERED,
    )


def _invoice_lines() -> None:
    op.create_table(
        "invoice_lines",
        sa.Column("id", _ID, nullable=False),
        sa.Column("invoice_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_class", sa.Text(), nullable=False),
        sa.Column("tax_name", sa.Text(), nullable=False),
        sa.Column("tax_rate_ppm", sa.Integer(), nullable=False),
        sa.Column("tax_country", sa.Text(), nullable=False),
        sa.Column("tax_is_inclusive", sa.Boolean(), nullable=False),
        sa.Column("is_reverse_charge", sa.Boolean(), nullable=False),
        sa.Column("period_start", _MOMENT),
        sa.Column("period_end", _MOMENT),
        sa.Column("subject_kind", sa.Text()),
        sa.Column("subject_id", _ID),
        sa.Column("covers_period", sa.Boolean(), nullable=False),
        sa.Column("is_void", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invoice_lines"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_invoice_lines_invoice_id_invoices"),
    )
    op.create_index(
        "uq_invoice_lines_invoice_id_position", "invoice_lines", ["invoice_id", "position"], unique=True
    )
    op.create_index(
        "uq_invoice_lines_period",
        "invoice_lines",
        ["subject_kind", "subject_id", "period_start"],
        unique=True,
        postgresql_where=_COVERS,
        sqlite_where=_COVERS,
    )


def _credit_notes() -> None:
    op.create_table(
        "credit_notes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("invoice_id", _ID, nullable=False),
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("customer_id", _ID, nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("lines", _DOCUMENT, nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("reduced_minor", sa.BigInteger(), nullable=False),
        sa.Column("back_minor", sa.BigInteger(), nullable=False),
        sa.Column("refund_to", sa.Text(), nullable=False),
        sa.Column("refund_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_credit_notes"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_credit_notes_invoice_id_invoices"),
        sa.CheckConstraint(
            "net_minor + tax_minor = total_minor AND total_minor > 0"
            " AND reduced_minor + back_minor = total_minor AND reduced_minor >= 0 AND back_minor >= 0",
            name="ck_credit_notes_ck_credit_notes_sums",
        ),
        sa.CheckConstraint(
            "refunded_minor BETWEEN 0 AND refund_minor AND refund_minor <= back_minor",
            name="ck_credit_notes_ck_credit_notes_refunded",
        ),
    )
    op.create_index(
        "ix_credit_notes_customer_id_issued_at_id", "credit_notes", ["customer_id", "issued_at", "id"]
    )
    op.create_index("ix_credit_notes_invoice_id_issued_at", "credit_notes", ["invoice_id", "issued_at"])
    op.create_index("ix_credit_notes_issued_at_id", "credit_notes", ["issued_at", "id"])
    op.create_index(
        "uq_credit_notes_seller_series_year_sequence",
        "credit_notes",
        ["seller", "series", "year", "sequence"],
        unique=True,
    )


def _settlements() -> None:
    op.create_table(
        "settlements",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("customer_id", _ID, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("payment_id", _ID),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("received_minor", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_settlements"),
        sa.CheckConstraint(
            "minor > 0 AND received_minor >= 0",
            name="ck_settlements_ck_settlements_minor",
        ),
    )
    op.create_index("ix_settlements_created_at_id", "settlements", ["created_at", "id"])
    op.create_index(
        "ix_settlements_customer_id_created_at_id", "settlements", ["customer_id", "created_at", "id"]
    )
    op.create_index("uq_settlements_reference", "settlements", ["reference"], unique=True)


def _settlement_allocations() -> None:
    op.create_table(
        "settlement_allocations",
        sa.Column("settlement_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("invoice_id", _ID, nullable=False),
        sa.Column("asked_minor", sa.BigInteger(), nullable=False),
        sa.Column("allocated_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("settlement_id", "position", name="pk_settlement_allocations"),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name="fk_settlement_allocations_invoice_id_invoices"
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlements.id"], name="fk_settlement_allocations_settlement_id_settlements"
        ),
        sa.CheckConstraint(
            "asked_minor >= 0 AND allocated_minor >= 0",
            name="ck_settlement_allocations_ck_settlement_allocations_minor",
        ),
    )
    op.create_index("ix_settlement_allocations_invoice_id", "settlement_allocations", ["invoice_id"])


def _tax_rules() -> None:
    op.create_table(
        "tax_rules",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("country", sa.CHAR(2), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("tax_class", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rate_ppm", sa.Integer(), nullable=False),
        sa.Column("is_inclusive", sa.Boolean(), nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_until", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tax_rules"),
        sa.CheckConstraint(
            "rate_ppm BETWEEN 0 AND 1000000",
            name="ck_tax_rules_ck_tax_rules_rate_ppm",
        ),
    )
    op.create_index(
        "ix_tax_rules_country_region_tax_class_valid_from",
        "tax_rules",
        ["country", "region", "tax_class", "valid_from"],
    )


def _billing_customers() -> None:
    op.create_table(
        "billing_customers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", _DOCUMENT, nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("tax_id", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("term_days", sa.Integer()),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_billing_customers"),
        sa.ForeignKeyConstraint(
            ["id"], ["users.id"], name="fk_billing_customers_id_users", ondelete="CASCADE"
        ),
    )


def _billing_movements() -> None:
    op.create_table(
        "billing_movements",
        sa.Column("id", _ID, nullable=False),
        sa.Column("customer_id", _ID, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_billing_movements"),
    )
    op.create_index(
        "ix_billing_movements_customer_id_currency_at_id",
        "billing_movements",
        ["customer_id", "currency", "at", "id"],
    )

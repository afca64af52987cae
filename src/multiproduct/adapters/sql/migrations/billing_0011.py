"""Triggers of m0011_billing, which keep finalised documents as they are, and what it permits to Admin."""

from alembic import op

from multiproduct.adapters.sql.migrations.granting import grant

_FOR_ADMINS = (
    "billing.credit_note.create",
    "billing.invoice.create",
    "billing.invoice.read",
    "billing.invoice.void",
    "billing.order.manage",
    "billing.order.read",
    "billing.statement.read",
    "billing.tax_rule.manage",
    "billing.tax_rule.read",
    "billing.transaction.read",
)
_FINAL = {
    "invoices": (
        "customer_id",
        "order_id",
        "seller",
        "currency",
        "customer",
        "net_minor",
        "tax_minor",
        "total_minor",
        "series",
        "year",
        "sequence",
        "number",
        "issued_at",
    ),
    "invoice_lines": (
        "invoice_id",
        "position",
        "description",
        "quantity",
        "unit_minor",
        "discount_minor",
        "net_minor",
        "tax_minor",
        "tax_name",
        "tax_rate_ppm",
        "tax_country",
        "period_start",
        "period_end",
        "subject_kind",
        "subject_id",
    ),
    "credit_notes": (
        "invoice_id",
        "customer_id",
        "seller",
        "series",
        "year",
        "sequence",
        "number",
        "currency",
        "lines",
        "net_minor",
        "tax_minor",
        "total_minor",
        "reduced_minor",
        "back_minor",
        "issued_at",
    ),
    "billing_movements": ("customer_id", "currency", "minor", "kind", "document_id", "at"),
}
# A draft may still change; lines come with their invoice and are final.
_IS_FINAL = {
    "invoices": "OLD.status <> 'draft'",
}


def keep_documents() -> None:
    """Makes the triggers."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute(
            "CREATE FUNCTION billing_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'a finalised document is corrected by a credit note, never changed' "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for table, columns in _FINAL.items():
        final = _IS_FINAL.get(table)
        if is_postgresql:
            _keep_on_postgresql(table, columns, final)
        else:
            _keep_on_sqlite(table, columns, final)


def _keep_on_postgresql(table: str, columns: tuple[str, ...], final: str | None) -> None:
    changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)
    kept = f"({changed})" if final is None else f"{final} AND ({changed})"
    op.execute(
        f"CREATE TRIGGER {table}_keep BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({kept}) "
        "EXECUTE FUNCTION billing_refuse()"
    )
    gone = "" if final is None else f"WHEN ({final}) "
    op.execute(
        f"CREATE TRIGGER {table}_stay BEFORE DELETE ON {table} FOR EACH ROW {gone}"
        "EXECUTE FUNCTION billing_refuse()"
    )


def _keep_on_sqlite(table: str, columns: tuple[str, ...], final: str | None) -> None:
    refuse = "SELECT RAISE(ABORT, 'a finalised document is corrected by a credit note, never changed');"
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in columns)
    kept = f"({changed})" if final is None else f"{final} AND ({changed})"
    op.execute(f"CREATE TRIGGER {table}_keep BEFORE UPDATE ON {table} WHEN {kept} BEGIN {refuse} END")
    gone = "" if final is None else f"WHEN {final} "
    op.execute(f"CREATE TRIGGER {table}_stay BEFORE DELETE ON {table} {gone}BEGIN {refuse} END")


def grant_to_admins() -> None:
    """Admin has every permission there is."""
    grant("admin", _FOR_ADMINS)

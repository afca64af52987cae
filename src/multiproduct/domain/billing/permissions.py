"""What may be permitted in billing. One's own orders, invoices and statements need no permission."""

from collections.abc import Mapping
from types import MappingProxyType

ORDERS_READ = "billing.order.read"
ORDERS_MANAGE = "billing.order.manage"
INVOICES_READ = "billing.invoice.read"
INVOICES_CREATE = "billing.invoice.create"
INVOICES_VOID = "billing.invoice.void"
CREDITS_CREATE = "billing.credit_note.create"
TRANSACTIONS_READ = "billing.transaction.read"
STATEMENTS_READ = "billing.statement.read"
TAX_RULES_READ = "billing.tax_rule.read"
TAX_RULES_MANAGE = "billing.tax_rule.manage"

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        ORDERS_READ: "Read everybody's orders.",
        ORDERS_MANAGE: "Place orders for others and cancel them.",
        INVOICES_READ: "Read everybody's invoices and credit notes.",
        INVOICES_CREATE: "Issue invoices.",
        INVOICES_VOID: "Void invoices and write them off.",
        CREDITS_CREATE: "Issue credit notes and refund.",
        TRANSACTIONS_READ: "Read everybody's transactions.",
        STATEMENTS_READ: "Read everybody's statements of account.",
        TAX_RULES_READ: "Read tax rules.",
        TAX_RULES_MANAGE: "Make and end tax rules.",
    }
)
"""What each permission of this context allows. Admin has all of them; the other built-in roles none."""

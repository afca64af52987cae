"""Billing: orders, invoices, credit notes and statements."""

from multiproduct.application.billing.crediting import Crediting
from multiproduct.application.billing.facade import Billing
from multiproduct.application.billing.invoicing import Invoicing
from multiproduct.application.billing.new_documents import HOUSE, NewCredit, NewInvoice, NewOrder
from multiproduct.application.billing.ordering import Ordering
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.seller import SellingPolicy
from multiproduct.application.billing.settling import Settling

__all__ = [
    "HOUSE",
    "Billing",
    "BillingUnit",
    "Crediting",
    "Invoicing",
    "NewCredit",
    "NewInvoice",
    "NewOrder",
    "Ordering",
    "SellingPolicy",
    "Settling",
]

"""What billing refuses, as the OpenAPI document shows it."""

from collections.abc import Sequence

from multiproduct.domain.billing import (
    CreditTooLarge,
    InvoiceBeingPaid,
    InvoiceHasPayments,
    InvoiceNotOpen,
    InvoicesDiffer,
    NothingToPay,
    OrderInvoiced,
    OrderNotCancellable,
    PeriodInvoiced,
    RefundNotPossible,
    UnknownCreditNote,
    UnknownCustomer,
    UnknownInvoice,
    UnknownOrder,
    UnknownTaxRule,
    UnknownTransaction,
)
from multiproduct.domain.shared import MultiproductError

NOT_FOUND: Sequence[MultiproductError] = (
    UnknownOrder(),
    UnknownInvoice(),
    UnknownCreditNote(),
    UnknownTransaction(),
    UnknownTaxRule(),
    UnknownCustomer(),
)
CONFLICTS: Sequence[MultiproductError] = (
    OrderNotCancellable(status="completed"),
    OrderInvoiced(),
    InvoiceNotOpen(status="paid"),
    InvoiceBeingPaid(),
    InvoiceHasPayments(),
    InvoicesDiffer(),
    NothingToPay(),
    PeriodInvoiced(),
    CreditTooLarge(left="4.99"),
    RefundNotPossible(),
)

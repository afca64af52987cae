"""What billing refuses."""

from multiproduct.domain.shared import Conflict, NotFound


class UnknownOrder(NotFound):
    """There is no such order, or it is somebody else's."""

    code = "unknown_order"


class UnknownInvoice(NotFound):
    """There is no such invoice, or it is somebody else's."""

    code = "unknown_invoice"


class UnknownCreditNote(NotFound):
    """There is no such credit note, or it is somebody else's."""

    code = "unknown_credit_note"


class UnknownTransaction(NotFound):
    """There is no such transaction, or it is somebody else's."""

    code = "unknown_transaction"


class UnknownTaxRule(NotFound):
    """There is no such tax rule."""

    code = "unknown_tax_rule"


class UnknownCustomer(NotFound):
    """There is nobody with that id to invoice."""

    code = "unknown_customer"


class OrderNotCancellable(Conflict):
    """The order is paid, or its payment is under way, or it is owed. `status` is the order's."""

    code = "order_not_cancellable"


class InvoiceNotOpen(Conflict):
    """What was asked for can be done with an open invoice only. `status` is the invoice's."""

    code = "invoice_not_open"


class InvoiceBeingPaid(Conflict):
    """A payment of the invoice is under way already."""

    code = "invoice_being_paid"


class InvoiceHasPayments(Conflict):
    """Something of the invoice was paid or credited, so that it is corrected by a credit note."""

    code = "invoice_has_payments"


class InvoicesDiffer(Conflict):
    """One payment settles invoices of one customer in one currency."""

    code = "invoices_differ"


class NothingToPay(Conflict):
    """Nothing is due."""

    code = "nothing_to_pay"


class PeriodInvoiced(Conflict):
    """There is an invoice for this period of the subject already."""

    code = "period_invoiced"


class OrderInvoiced(Conflict):
    """The order has an invoice already."""

    code = "order_invoiced"


class CreditTooLarge(Conflict):
    """More than what is left to credit. `left` is that, in the currency's digits."""

    code = "credit_too_large"


class RefundNotPossible(Conflict):
    """No payment of the invoice is left to refund: it can be credited to the customer's funds."""

    code = "refund_not_possible"

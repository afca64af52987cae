"""The endpoints of orders, invoices, credit notes and the payment of invoices."""

from collections.abc import Sequence

from multiproduct.application.billing.commands import (
    IssueCreditNote,
    IssueInvoice,
    ListBillingTransactions,
    ListCreditNotes,
    ListInvoices,
    ListOrders,
    ProcessPayment,
)
from multiproduct.application.billing.results import (
    BillingTransactionList,
    BillingTransactionView,
    CreditNoteList,
    CreditNoteView,
    InvoiceList,
    InvoiceView,
    OrderList,
    OrderView,
)
from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.bootstrap import Container
from multiproduct.domain.billing import (
    CreditTooLarge,
    InvoiceBeingPaid,
    InvoiceHasPayments,
    InvoiceNotOpen,
    InvoicesDiffer,
    NothingToPay,
    OrderNotCancellable,
    RefundNotPossible,
    UnknownCreditNote,
    UnknownCustomer,
    UnknownInvoice,
    UnknownOrder,
    UnknownTransaction,
)
from multiproduct.domain.billing.permissions import CREDITS_CREATE, INVOICES_CREATE, INVOICES_VOID
from multiproduct.domain.payments import UnknownGateway, UnknownPaymentMethod
from multiproduct.domain.shared import NotConfigured, StaleAggregate
from multiproduct.entrypoints.http.endpoints import Access, Call, Endpoint
from multiproduct.entrypoints.http.files import FileView

_BASE = "/api/v1/billing"
_ORDERS, _INVOICES, _CREDITS, _PAYING = "Orders", "Invoices", "Credit notes", "Billing transactions"
_PDF = "application/pdf"
_ONCE = (IdempotencyMismatch, IdempotencyUnfinished)
_OTHERS = "One's own; with `{permission}` everybody's. The latest first."


async def _invoice_pdf(container: Container, _command: object, call: Call) -> FileView:
    content = await container.billing.documents.invoice_pdf(call.ids["invoice_id"], call.caller)
    return FileView(content=content, content_type=_PDF)


async def _credit_note_pdf(container: Container, _command: object, call: Call) -> FileView:
    content = await container.billing.documents.credit_note_pdf(call.ids["credit_note_id"], call.caller)
    return FileView(content=content, content_type=_PDF)


_OF_ORDERS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/orders",
        name="order.list",
        tag=_ORDERS,
        summary="List orders",
        description=_OTHERS.format(permission="billing.order.read"),
        handler=lambda container, command, call: container.billing.reading.orders(command, call.caller),
        command=ListOrders,
        result=OrderList,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/orders/{{order_id}}",
        name="order.read",
        tag=_ORDERS,
        summary="Read an order",
        handler=lambda container, _command, call: container.billing.reading.order(
            call.ids["order_id"], call.caller
        ),
        result=OrderView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownOrder,),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/orders/{{order_id}}",
        name="order.cancel",
        tag=_ORDERS,
        summary="Cancel an order",
        description="One that is not paid. It is kept, as cancelled, and its invoice is void.",
        handler=lambda container, _command, call: container.billing.orders.cancel(
            call.ids["order_id"], call.caller
        ),
        result=OrderView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownOrder, OrderNotCancellable, InvoiceHasPayments, StaleAggregate),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/orders/{{order_id}}/invoice",
        name="order.invoice",
        tag=_ORDERS,
        summary="Read the invoice of an order",
        handler=lambda container, _command, call: container.billing.reading.invoice_of_order(
            call.ids["order_id"], call.caller
        ),
        result=InvoiceView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownInvoice,),
    ),
)

_OF_INVOICES: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/invoices",
        name="invoice.list",
        tag=_INVOICES,
        summary="List invoices",
        description=_OTHERS.format(permission="billing.invoice.read"),
        handler=lambda container, command, call: container.billing.reading.invoices(command, call.caller),
        command=ListInvoices,
        result=InvoiceList,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/invoices",
        name="invoice.issue",
        tag=_INVOICES,
        summary="Issue an invoice",
        description="With the next number, and the tax of the customer's country. From then on it stands: "
        "credit notes correct it. Money that the customer has with us is taken for it at once.",
        handler=lambda container, command, call: container.billing.invoices.issue(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=IssueInvoice,
        result=InvoiceView,
        status=201,
        access=Access.SIGNED_IN,
        permission=INVOICES_CREATE,
        scope="default",
        errors=(UnknownCustomer, *_ONCE),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/invoices/{{invoice_id}}",
        name="invoice.read",
        tag=_INVOICES,
        summary="Read an invoice",
        handler=lambda container, _command, call: container.billing.reading.invoice(
            call.ids["invoice_id"], call.caller
        ),
        result=InvoiceView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownInvoice,),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/invoices/{{invoice_id}}/pdf",
        name="invoice.pdf",
        tag=_INVOICES,
        summary="Print an invoice",
        description="In the customer's language.",
        handler=_invoice_pdf,
        result=FileView,
        file_types=(_PDF,),
        cache_control="private, no-store",
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownInvoice, NotConfigured),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/invoices/{{invoice_id}}/void",
        name="invoice.void",
        tag=_INVOICES,
        summary="Void an invoice",
        description="An open one of which nothing was paid or credited. It keeps its number.",
        handler=lambda container, _command, call: container.billing.invoices.void(
            call.ids["invoice_id"], call.caller
        ),
        result=InvoiceView,
        access=Access.SIGNED_IN,
        permission=INVOICES_VOID,
        scope="default",
        errors=(UnknownInvoice, InvoiceNotOpen, InvoiceBeingPaid, InvoiceHasPayments, StaleAggregate),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/invoices/{{invoice_id}}/write-off",
        name="invoice.write_off",
        tag=_INVOICES,
        summary="Write an invoice off",
        description="What is due of it is not expected any more. Money may still come for it.",
        handler=lambda container, _command, call: container.billing.invoices.write_off(
            call.ids["invoice_id"], call.caller
        ),
        result=InvoiceView,
        access=Access.SIGNED_IN,
        permission=INVOICES_VOID,
        scope="default",
        errors=(UnknownInvoice, InvoiceNotOpen, InvoiceBeingPaid, StaleAggregate),
    ),
)

_OF_CREDIT_NOTES: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/credit-notes",
        name="credit_note.list",
        tag=_CREDITS,
        summary="List credit notes",
        description=_OTHERS.format(permission="billing.invoice.read"),
        handler=lambda container, command, call: container.billing.reading.credit_notes(command, call.caller),
        command=ListCreditNotes,
        result=CreditNoteList,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/credit-notes",
        name="credit_note.issue",
        tag=_CREDITS,
        summary="Issue a credit note",
        description="For an amount, for parts of lines, or for all that is left of an invoice. What is owed "
        "is reduced first; what had been paid goes where `refund_to` says.",
        handler=lambda container, command, call: container.billing.invoices.credit(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=IssueCreditNote,
        result=CreditNoteView,
        status=201,
        access=Access.SIGNED_IN,
        permission=CREDITS_CREATE,
        scope="default",
        errors=(UnknownInvoice, InvoiceNotOpen, CreditTooLarge, RefundNotPossible, StaleAggregate, *_ONCE),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/credit-notes/{{credit_note_id}}",
        name="credit_note.read",
        tag=_CREDITS,
        summary="Read a credit note",
        handler=lambda container, _command, call: container.billing.reading.credit_note(
            call.ids["credit_note_id"], call.caller
        ),
        result=CreditNoteView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownCreditNote,),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/credit-notes/{{credit_note_id}}/pdf",
        name="credit_note.pdf",
        tag=_CREDITS,
        summary="Print a credit note",
        description="In the customer's language.",
        handler=_credit_note_pdf,
        result=FileView,
        file_types=(_PDF,),
        cache_control="private, no-store",
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownCreditNote, NotConfigured),
    ),
)

_OF_TRANSACTIONS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/transactions",
        name="billing_transaction.list",
        tag=_PAYING,
        summary="List transactions",
        description=_OTHERS.format(permission="billing.transaction.read"),
        handler=lambda container, command, call: container.billing.reading.transactions(command, call.caller),
        command=ListBillingTransactions,
        result=BillingTransactionList,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/transactions",
        name="payment.process",
        tag=_PAYING,
        summary="Pay invoices",
        description="What is due of one or several invoices of one customer and currency, in one payment. "
        "While it is under way no other one is begun for any of them.",
        handler=lambda container, command, call: container.billing.paying.process(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=ProcessPayment,
        result=BillingTransactionView,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(
            UnknownInvoice,
            InvoicesDiffer,
            InvoiceNotOpen,
            InvoiceBeingPaid,
            NothingToPay,
            UnknownGateway,
            UnknownPaymentMethod,
            *_ONCE,
        ),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/transactions/{{transaction_id}}",
        name="billing_transaction.read",
        tag=_PAYING,
        summary="Read a transaction",
        handler=lambda container, _command, call: container.billing.reading.transaction(
            call.ids["transaction_id"], call.caller
        ),
        result=BillingTransactionView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownTransaction,),
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_OF_ORDERS, *_OF_INVOICES, *_OF_CREDIT_NOTES, *_OF_TRANSACTIONS)

"""Reading orders, invoices, credit notes and transactions: one's own, or with permission everybody's."""

from uuid import UUID

from multiproduct.application.billing.commands import (
    ListBillingTransactions,
    ListCreditNotes,
    ListInvoices,
    ListOrders,
)
from multiproduct.application.billing.listing import cursor_of, is_visible, place_of, wanted_by
from multiproduct.application.billing.ports import BillingUnit
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
from multiproduct.application.caller import Caller
from multiproduct.application.paging import page_of
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.billing import (
    Invoice,
    InvoiceStatus,
    UnknownCreditNote,
    UnknownInvoice,
    UnknownOrder,
    UnknownTransaction,
)
from multiproduct.domain.billing.permissions import INVOICES_READ, ORDERS_READ, TRANSACTIONS_READ


class BillingReading:
    """What is somebody else's is answered as if it were not there."""

    def __init__(self, *, units: Units[BillingUnit]) -> None:
        self._units = units

    async def orders(self, command: ListOrders, caller: Caller) -> OrderList:
        """A page of orders, the latest first. Others' need `billing.order.read`. Raises InvalidInput."""
        wanted, after = wanted_by(command, caller, ORDERS_READ), place_of(command.cursor)
        async with self._units.view(caller) as view:
            found = await view.orders.page(wanted, after=after, limit=command.limit + 1)
        page = page_of(
            list(found), limit=command.limit, cursor_of=lambda row: cursor_of(row.created_at, row.id)
        )
        return OrderList(items=[OrderView.of(row) for row in page.items], next_cursor=page.next_cursor)

    async def order(self, order_id: UUID, caller: Caller) -> OrderView:
        """One order. Raises UnknownOrder."""
        caller.require_user()
        async with self._units.view(caller) as view:
            order = await view.orders.find(order_id)
            if order is None or not is_visible(order.customer_id, caller, ORDERS_READ):
                raise UnknownOrder
            invoice = await view.invoices.of_order(order_id)
        counts = invoice is not None and invoice.status is not InvoiceStatus.VOID
        return OrderView.of(order, invoice_id=invoice.id if invoice is not None and counts else None)

    async def invoices(self, command: ListInvoices, caller: Caller) -> InvoiceList:
        """A page of invoices, the latest first. Others' need `billing.invoice.read`. Raises InvalidInput."""
        wanted, after = wanted_by(command, caller, INVOICES_READ), place_of(command.cursor)
        async with self._units.view(caller) as view:
            found = await view.invoices.page(wanted, after=after, limit=command.limit + 1)
        page = page_of(
            list(found), limit=command.limit, cursor_of=lambda row: cursor_of(row.created_at, row.id)
        )
        return InvoiceList(items=[InvoiceView.of(row) for row in page.items], next_cursor=page.next_cursor)

    async def invoice(self, invoice_id: UUID, caller: Caller) -> InvoiceView:
        """One invoice. Raises UnknownInvoice."""
        caller.require_user()
        async with self._units.view(caller) as view:
            return InvoiceView.of(_visible(await view.invoices.find(invoice_id), caller))

    async def invoice_of_order(self, order_id: UUID, caller: Caller) -> InvoiceView:
        """The invoice of an order. Raises UnknownInvoice."""
        caller.require_user()
        async with self._units.view(caller) as view:
            return InvoiceView.of(_visible(await view.invoices.of_order(order_id), caller))

    async def credit_notes(self, command: ListCreditNotes, caller: Caller) -> CreditNoteList:
        """A page of credit notes, the latest first. Others' need `billing.invoice.read`."""
        wanted, after = wanted_by(command, caller, INVOICES_READ), place_of(command.cursor)
        async with self._units.view(caller) as view:
            found = await view.credit_notes.page(wanted, after=after, limit=command.limit + 1)
        page = page_of(
            list(found), limit=command.limit, cursor_of=lambda row: cursor_of(row.issued_at, row.id)
        )
        return CreditNoteList(
            items=[CreditNoteView.of(row) for row in page.items], next_cursor=page.next_cursor
        )

    async def credit_note(self, credit_note_id: UUID, caller: Caller) -> CreditNoteView:
        """One credit note. Raises UnknownCreditNote."""
        caller.require_user()
        async with self._units.view(caller) as view:
            note = await view.credit_notes.find(credit_note_id)
        if note is None or not is_visible(note.customer_id, caller, INVOICES_READ):
            raise UnknownCreditNote
        return CreditNoteView.of(note)

    async def transactions(self, command: ListBillingTransactions, caller: Caller) -> BillingTransactionList:
        """A page of transactions, the latest first. Others' need `billing.transaction.read`."""
        wanted, after = wanted_by(command, caller, TRANSACTIONS_READ), place_of(command.cursor)
        async with self._units.view(caller) as view:
            found = await view.settlements.page(wanted, after=after, limit=command.limit + 1)
        page = page_of(
            list(found), limit=command.limit, cursor_of=lambda row: cursor_of(row.created_at, row.id)
        )
        return BillingTransactionList(
            items=[BillingTransactionView.of(row) for row in page.items], next_cursor=page.next_cursor
        )

    async def transaction(self, transaction_id: UUID, caller: Caller) -> BillingTransactionView:
        """One transaction. Raises UnknownTransaction."""
        caller.require_user()
        async with self._units.view(caller) as view:
            settlement = await view.settlements.find(transaction_id)
        if settlement is None or not is_visible(settlement.customer_id, caller, TRANSACTIONS_READ):
            raise UnknownTransaction
        return BillingTransactionView.of(settlement)


def _visible(invoice: Invoice | None, caller: Caller) -> Invoice:
    if invoice is None or not is_visible(invoice.customer_id, caller, INVOICES_READ):
        raise UnknownInvoice
    return invoice

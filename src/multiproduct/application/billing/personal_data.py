"""What billing has about a person who asks for their data."""

from typing import Any
from uuid import UUID

from multiproduct.application.billing.account_results import BillingCustomerView
from multiproduct.application.billing.ports import BillingUnit, Wanted
from multiproduct.application.billing.results import (
    BillingTransactionView,
    CreditNoteView,
    InvoiceView,
    OrderView,
)
from multiproduct.application.identity.personal_data import MOST_RECORDS


class BillingSource:
    """What they want on invoices, their orders, invoices, credit notes and transactions, as they are shown
    them."""

    name = "billing"

    async def export(self, view: BillingUnit, user_id: UUID) -> Any:
        """The newest first."""
        wanted = Wanted(customer_id=user_id)
        customer = await view.billing_customers.find(user_id)
        orders = await view.orders.page(wanted, after=None, limit=MOST_RECORDS)
        invoices = await view.invoices.page(wanted, after=None, limit=MOST_RECORDS)
        notes = await view.credit_notes.page(wanted, after=None, limit=MOST_RECORDS)
        settlements = await view.settlements.page(wanted, after=None, limit=MOST_RECORDS)
        return {
            "customer": None if customer is None else _told(BillingCustomerView.of(customer)),
            "orders": [_told(OrderView.of(each)) for each in orders],
            "invoices": [_told(InvoiceView.of(each)) for each in invoices],
            "credit_notes": [_told(CreditNoteView.of(each)) for each in notes],
            "transactions": [_told(BillingTransactionView.of(each)) for each in settlements],
        }


def _told(
    result: BillingCustomerView | OrderView | InvoiceView | CreditNoteView | BillingTransactionView,
) -> dict[str, Any]:
    return result.model_dump(mode="json")

"""What customers are told of their invoices, payments and credit notes."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.billing.printing_ports import Figures
from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.security_notices import recipient
from multiproduct.application.notifications.sending import Sending
from multiproduct.application.notifications.subscription_notices import SubscriptionListenerUnit
from multiproduct.application.notifications.types import (
    BILLING_CREDIT_NOTE,
    BILLING_INVOICE_ISSUED,
    BILLING_INVOICE_OVERDUE,
    BILLING_INVOICE_REMINDER,
    BILLING_PAYMENT_FAILED,
    BILLING_PAYMENT_RECEIVED,
    NotificationType,
)
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.billing import (
    CreditNoteIssued,
    InvoiceIssued,
    InvoiceOverdue,
    InvoicePaid,
    InvoicePaymentFailed,
    InvoiceReminderDue,
    InvoiceStatus,
)
from multiproduct.domain.identity import User
from multiproduct.domain.shared import Currency, Money
from multiproduct.domain.subscriptions import LIVE, Subscription


class BillingNotices:
    """Deferred reactions. Each completes its todo whatever it decides."""

    def __init__(
        self, *, units: Units[SubscriptionListenerUnit], sending: Sending, figures: Figures, links: Links
    ) -> None:
        self._units = units
        self._sending = sending
        self._figures = figures
        self._links = links

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(InvoiceIssued, "notifications.tell_of_invoice", self.tell_of_invoice)
        table.defer(InvoicePaid, "notifications.tell_of_payment", self.tell_of_payment)
        table.defer(InvoicePaymentFailed, "notifications.tell_of_failed_payment", self.tell_of_failed_payment)
        table.defer(InvoiceReminderDue, "notifications.remind_of_invoice", self.remind_of_invoice)
        table.defer(InvoiceOverdue, "notifications.tell_of_overdue_invoice", self.tell_of_overdue_invoice)
        table.defer(CreditNoteIssued, "notifications.tell_of_credit_note", self.tell_of_credit_note)

    async def tell_of_invoice(self, event: InvoiceIssued, heard: Heard) -> None:
        """With what it comes to and until when; nothing for one of zero."""
        await self._tell(heard, BILLING_INVOICE_ISSUED, event, due_at=event.due_at)

    async def tell_of_payment(self, event: InvoicePaid, heard: Heard) -> None:
        """That it is paid in full; nothing for one of zero."""
        await self._tell(heard, BILLING_PAYMENT_RECEIVED, event)

    async def tell_of_failed_payment(self, event: InvoicePaymentFailed, heard: Heard) -> None:
        """So that they can pay otherwise; unless it is paid meanwhile, or was a renewal, of which the notices
        about the subscription tell, or of what is over by now."""
        if await self._is_told_otherwise(event):
            await self._sending.nothing_to_do(heard)
            return
        await self._tell(heard, BILLING_PAYMENT_FAILED, event)

    async def remind_of_invoice(self, event: InvoiceReminderDue, heard: Heard) -> None:
        """Before the due date that it comes, after it that it passed."""
        type_ = BILLING_INVOICE_REMINDER if event.days < 0 else BILLING_INVOICE_OVERDUE
        await self._tell(heard, type_, event, due_at=event.due_at)

    async def tell_of_overdue_invoice(self, event: InvoiceOverdue, heard: Heard) -> None:
        """On the due date."""
        await self._tell(heard, BILLING_INVOICE_OVERDUE, event, due_at=event.due_at)

    async def tell_of_credit_note(self, event: CreditNoteIssued, heard: Heard) -> None:
        """With what was given back."""
        await self._tell(heard, BILLING_CREDIT_NOTE, event)

    async def _tell(
        self,
        heard: Heard,
        type_: NotificationType,
        event: InvoiceIssued
        | InvoicePaid
        | InvoicePaymentFailed
        | InvoiceReminderDue
        | InvoiceOverdue
        | CreditNoteIssued,
        *,
        due_at: datetime | None = None,
    ) -> None:
        user = await self._user(event.customer_id)
        if user is None or user.email is None or event.minor == 0:
            await self._sending.nothing_to_do(heard)
            return
        amount = Money(event.minor, Currency(event.currency))
        params: dict[str, str | int] = {
            "number": event.number,
            "amount": self._figures.money(amount, locale=user.locale),
            "link": self._links.sign_in,
        }
        if due_at is not None:
            params["due"] = self._figures.date(due_at.date(), locale=user.locale)
        await self._sending.send(heard, type_.key, recipient(user), params, reason=type_.key)

    async def _is_told_otherwise(self, event: InvoicePaymentFailed) -> bool:
        async with self._units.view(SYSTEM) as view:
            invoice = await view.invoices.find(event.invoice_id)
            if invoice is not None and invoice.status is InvoiceStatus.PAID:
                return True
            for subject in event.subjects:
                found = await view.subscriptions.find(subject.subject_id)
                if found is not None and (found.status not in LIVE or _is_overdue(found, event.order_id)):
                    return True
        return False

    async def _user(self, user_id: UUID) -> User | None:
        async with self._units.view(SYSTEM) as view:
            return await view.users.find(user_id)


def _is_overdue(subscription: Subscription, order_id: UUID | None) -> bool:
    waiting = subscription.awaiting
    return subscription.failed_at is not None and waiting is not None and waiting.order_id == order_id

"""What customers are told of their invoices, payments, credit notes and refunds."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from multiproduct.application.billing.crediting import PURPOSE as OF_CREDIT_NOTE
from multiproduct.application.billing.printing_ports import Figures
from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.commerce_types import (
    BILLING_CREDIT_NOTE,
    BILLING_INVOICE_ISSUED,
    BILLING_INVOICE_OVERDUE,
    BILLING_INVOICE_REMINDER,
    BILLING_INVOICE_VOIDED,
    BILLING_PAYMENT_FAILED,
    BILLING_PAYMENT_RECEIVED,
    BILLING_REFUNDED,
)
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.notification_type import NotificationType
from multiproduct.application.notifications.notifying import Notifying
from multiproduct.application.notifications.subscription_notices import SubscriptionListenerUnit
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.domain.billing import (
    CreditNoteIssued,
    InvoiceIssued,
    InvoiceOverdue,
    InvoicePaid,
    InvoicePaymentFailed,
    InvoiceReminderDue,
    InvoiceStatus,
    InvoiceVoided,
    SettlementStatus,
)
from multiproduct.domain.identity import User
from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.payments import RefundSettled
from multiproduct.domain.shared import Currency, Money
from multiproduct.domain.subscriptions import LIVE, Charge, ChargeKind, Subscription, SubscriptionStatus

DISTURBING = (Channel.EMAIL, Channel.SMS, Channel.PUSH)
"""The channels over which one thing is told once: the inbox alone has all of it."""

_InvoiceEvent = (
    InvoiceIssued
    | InvoicePaid
    | InvoicePaymentFailed
    | InvoiceReminderDue
    | InvoiceOverdue
    | InvoiceVoided
    | CreditNoteIssued
)


class BillingNotices:
    """Deferred reactions. Each completes its todo whatever it decides.

    Who pays at once gets one mail: not that of the invoice, and where a subscription begins or goes on with
    it, the one that tells of that, with the invoice's number and amount.
    """

    def __init__(
        self, *, units: Units[SubscriptionListenerUnit], notifying: Notifying, figures: Figures, links: Links
    ) -> None:
        self._units = units
        self._notifying = notifying
        self._figures = figures
        self._links = links

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(InvoiceIssued, "notifications.tell_of_invoice", self.tell_of_invoice)
        table.defer(InvoicePaid, "notifications.tell_of_payment", self.tell_of_payment)
        table.defer(InvoicePaymentFailed, "notifications.tell_of_failed_payment", self.tell_of_failed_payment)
        table.defer(InvoiceReminderDue, "notifications.remind_of_invoice", self.remind_of_invoice)
        table.defer(InvoiceOverdue, "notifications.tell_of_overdue_invoice", self.tell_of_overdue_invoice)
        table.defer(InvoiceVoided, "notifications.tell_of_voided_invoice", self.tell_of_voided_invoice)
        table.defer(CreditNoteIssued, "notifications.tell_of_credit_note", self.tell_of_credit_note)
        table.defer(RefundSettled, "notifications.tell_of_refund", self.tell_of_refund)

    async def tell_of_invoice(self, event: InvoiceIssued, heard: Heard) -> None:
        """With what it comes to and until when; nothing for one of zero. While a payment of it is under way
        there is no mail: what comes of the payment is told."""
        async with self._units.view(SYSTEM) as view:
            invoice = await view.invoices.find(event.invoice_id)
            settlements = await view.settlements.of_invoice(event.invoice_id)
        told_by = None
        if invoice is not None and invoice.status is InvoiceStatus.PAID:
            told_by = "paid_at_once"
        elif any(each.status is SettlementStatus.PENDING for each in settlements):
            told_by = "payment_under_way"
        await self._tell(heard, BILLING_INVOICE_ISSUED, event, due_at=event.due_at, told_by=told_by)

    async def tell_of_payment(self, event: InvoicePaid, heard: Heard) -> None:
        """That it is paid in full; nothing for one of zero."""
        told_by = "told_with_the_subscription" if await self._is_told_with_subscription(event) else None
        await self._tell(heard, BILLING_PAYMENT_RECEIVED, event, told_by=told_by)

    async def tell_of_failed_payment(self, event: InvoicePaymentFailed, heard: Heard) -> None:
        """So that they can pay otherwise; unless it is paid meanwhile, or was a renewal, of which the notices
        about the subscription tell, or of what is over by now."""
        if await self._is_told_otherwise(event):
            await self._notifying.nothing_to_do(heard)
            return
        await self._tell(heard, BILLING_PAYMENT_FAILED, event)

    async def remind_of_invoice(self, event: InvoiceReminderDue, heard: Heard) -> None:
        """Before the due date that it comes, after it that it passed."""
        type_ = BILLING_INVOICE_REMINDER if event.days < 0 else BILLING_INVOICE_OVERDUE
        await self._tell(heard, type_, event, due_at=event.due_at)

    async def tell_of_overdue_invoice(self, event: InvoiceOverdue, heard: Heard) -> None:
        """On the due date."""
        await self._tell(heard, BILLING_INVOICE_OVERDUE, event, due_at=event.due_at)

    async def tell_of_voided_invoice(self, event: InvoiceVoided, heard: Heard) -> None:
        """So that nobody pays it any more. Who was not written to about the invoice finds it in the inbox."""
        async with self._units.view(SYSTEM) as view:
            settlements = await view.settlements.of_invoice(event.invoice_id)
        told_by = "the_invoice_was_no_mail" if settlements else None
        await self._tell(heard, BILLING_INVOICE_VOIDED, event, told_by=told_by)

    async def tell_of_credit_note(self, event: CreditNoteIssued, heard: Heard) -> None:
        """With what was given back."""
        await self._tell(heard, BILLING_CREDIT_NOTE, event)

    async def tell_of_refund(self, event: RefundSettled, heard: Heard) -> None:
        """That money is on its way back; one that a credit note told of is in the inbox only."""
        user = await self._user(event.payer_id)
        if user is None:
            await self._notifying.nothing_to_do(heard)
            return
        params = {
            "amount": self._figures.money(Money(event.minor, Currency(event.currency)), locale=user.locale),
            "link": self._links.sign_in,
        }
        told_by = "told_with_the_credit_note" if event.purpose == OF_CREDIT_NOTE else None
        await self._notifying.tell(heard, BILLING_REFUNDED, user, params, left_out=left_out(told_by))

    async def _tell(
        self,
        heard: Heard,
        type_: NotificationType,
        event: _InvoiceEvent,
        *,
        due_at: datetime | None = None,
        told_by: str | None = None,
    ) -> None:
        user = await self._user(event.customer_id)
        if user is None or event.minor == 0:
            await self._notifying.nothing_to_do(heard)
            return
        amount = Money(event.minor, Currency(event.currency))
        params: dict[str, str | int] = {
            "number": event.number,
            "amount": self._figures.money(amount, locale=user.locale),
            "link": self._links.sign_in,
        }
        if due_at is not None:
            params["due"] = self._figures.date(due_at.date(), locale=user.locale)
        await self._notifying.tell(heard, type_, user, params, left_out=left_out(told_by))

    async def _is_told_with_subscription(self, event: InvoicePaid) -> bool:
        """Whether everything that it was for is told of by the notices about the subscriptions."""
        if event.order_id is None:
            return False
        async with self._units.view(SYSTEM) as view:
            charges = await view.subscription_charges.of_order(event.order_id)
            told = [await _is_told(view, charge) for charge in charges]
        return bool(told) and all(told)

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


def left_out(told_by: str | None) -> Mapping[Channel, str]:
    """The channels that something else tells it over."""
    return {} if told_by is None else dict.fromkeys(DISTURBING, told_by)


async def _is_told(view: SubscriptionsUnit, charge: Charge) -> bool:
    """A period that was paid ahead is told of when it begins, and one that is over by then not at all: for
    these there is the mail about the payment."""
    found = await view.subscriptions.find(charge.subscription_id)
    if found is None or found.status is not SubscriptionStatus.ACTIVE:
        return False
    return charge.kind is ChargeKind.CHANGE or charge.number == found.number


def _is_overdue(subscription: Subscription, order_id: UUID | None) -> bool:
    waiting = subscription.awaiting
    return subscription.failed_at is not None and waiting is not None and waiting.order_id == order_id

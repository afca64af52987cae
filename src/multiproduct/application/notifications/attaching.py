"""Files that go with mails: the invoice with what is told of it."""

from typing import Protocol

from multiproduct.application.billing.attaching import invoice_attachment
from multiproduct.application.billing.documents import Documents
from multiproduct.application.notifications.commerce_types import (
    BILLING_INVOICE_ISSUED,
    BILLING_INVOICE_OVERDUE,
    BILLING_INVOICE_REMINDER,
    BILLING_PAYMENT_RECEIVED,
    SUBSCRIPTIONS_ACTIVATED,
    SUBSCRIPTIONS_PLAN_CHANGED,
    SUBSCRIPTIONS_RENEWED,
)
from multiproduct.application.notifications.notices import Notice
from multiproduct.application.ports.mailer import Attachment

_TELL_OF_AN_INVOICE = frozenset(
    {
        BILLING_INVOICE_ISSUED.key,
        BILLING_INVOICE_OVERDUE.key,
        BILLING_INVOICE_REMINDER.key,
        BILLING_PAYMENT_RECEIVED.key,
        SUBSCRIPTIONS_ACTIVATED.key,
        SUBSCRIPTIONS_PLAN_CHANGED.key,
        SUBSCRIPTIONS_RENEWED.key,
    }
)


class Attaching(Protocol):
    """Finds what goes with a mail. Promises to raise nothing but Unavailable."""

    async def of(self, notice: Notice) -> tuple[Attachment, ...]:
        """The files, of at most 5 MiB together. Raises Unavailable where they are to be had later."""
        ...


class NothingAttached:
    """The `Attaching` port for installations that send no files."""

    async def of(self, notice: Notice) -> tuple[Attachment, ...]:
        """None."""
        del notice
        return ()


class InvoicesAttached:
    """The `Attaching` port: the PDF of the invoice of which a notice has the number. Held notices have it
    still, and get the invoice as it stands when they go out."""

    def __init__(self, *, documents: Documents) -> None:
        self._documents = documents

    async def of(self, notice: Notice) -> tuple[Attachment, ...]:
        """See the port."""
        number = notice.params.get("number")
        if notice.type_.key not in _TELL_OF_AN_INVOICE or not isinstance(number, str):
            return ()
        found = await invoice_attachment(self._documents, customer_id=notice.user.id, number=number)
        return () if found is None else (found,)

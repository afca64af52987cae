"""What happens in billing. Whoever is above hears of it: the subjects say what was paid for."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypedDict
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRef:
    """What a line pays for, as events tell it, with its period where it has one. `covers_period`: the line is
    the one that pays for the period."""

    subject_kind: str
    subject_id: UUID
    period_start: datetime | None = None
    period_end: datetime | None = None
    covers_period: bool = False


class InvoiceFacts(TypedDict):
    """What every event of an invoice tells."""

    customer_id: UUID
    subjects: tuple[SubjectRef, ...]
    invoice_id: UUID
    order_id: UUID | None
    number: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfCustomer(Event):
    CONCERNS_SECURITY = False

    customer_id: UUID
    subjects: tuple[SubjectRef, ...] = ()

    @property
    def subject_user_id(self) -> str | None:
        return str(self.customer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OrderEvent(_OfCustomer):
    RESOURCE = "order"
    STATUS: ClassVar[str] = ""

    order_id: UUID
    number: str
    minor: int
    currency: str

    @property
    def resource_id(self) -> str:
        return str(self.order_id)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return _became(self.STATUS) if self.STATUS else {}


def _became(status: str) -> dict[str, tuple[str | None, str | None]]:
    return {"status": (None, status)}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(_OrderEvent):
    """Somebody ordered, and has not paid yet."""

    NAME = "billing.order_placed"
    ACTION = Action.CREATE

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"amount": (None, f"{self.minor} {self.currency}"), **_became("pending")}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(_OrderEvent):
    """An order that was not paid is off."""

    NAME = "billing.order_cancelled"
    ACTION = Action.DELETE
    STATUS = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpired(_OrderEvent):
    """An order was not paid in time."""

    NAME = "billing.order_expired"
    ACTION = Action.UPDATE
    STATUS = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRevived(_OrderEvent):
    """Money came after the order had expired: it counts again, and is invoiced anew."""

    NAME = "billing.order_revived"
    ACTION = Action.UPDATE
    STATUS = "processing"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCompleted(_OrderEvent):
    """An order is paid in full."""

    NAME = "billing.order_completed"
    ACTION = Action.UPDATE
    STATUS = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFailed(_OrderEvent):
    """The payment of an order was declined for good. It may be paid otherwise until it expires."""

    NAME = "billing.order_failed"
    ACTION = Action.UPDATE
    STATUS = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefunded(_OrderEvent):
    """All that an order cost was credited."""

    NAME = "billing.order_refunded"
    ACTION = Action.UPDATE
    STATUS = "refunded"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateMoneyReturned(_OrderEvent):
    """Money came for an order that was cancelled, and goes back to where it came from."""

    NAME = "billing.late_money_returned"
    ACTION = Action.PAYMENT

    payment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class _InvoiceEvent(_OfCustomer):
    RESOURCE = "invoice"

    invoice_id: UUID
    order_id: UUID | None
    number: str
    minor: int
    currency: str

    @property
    def resource_id(self) -> str:
        return str(self.invoice_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(_InvoiceEvent):
    """An invoice has its number; `minor` is its total."""

    NAME = "billing.invoice_issued"
    ACTION = Action.CREATE

    due_at: datetime

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {
            "number": (None, self.number),
            "total": (None, f"{self.minor} {self.currency}"),
            **_became("open"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaid(_InvoiceEvent):
    """Nothing of an invoice is due any more. `settlement_id` is the transaction that brought it about, None
    where money that was there already, or a total of zero, did."""

    NAME = "billing.invoice_paid"
    ACTION = Action.PAYMENT

    settlement_id: UUID | None = None
    payment_id: UUID | None = None

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return _became("paid")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaymentFailed(_InvoiceEvent):
    """A payment of an invoice was declined for good; `reason` is the gateway's code of it."""

    NAME = "billing.invoice_payment_failed"
    ACTION = Action.PAYMENT

    settlement_id: UUID
    payment_id: UUID
    reason: str

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"declined": (None, self.reason)}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceVoided(_InvoiceEvent):
    """An invoice that nobody paid anything of does not count any more. It keeps its number."""

    NAME = "billing.invoice_voided"
    ACTION = Action.UPDATE

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return _became("void")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceWrittenOff(_InvoiceEvent):
    """What is due of an invoice is not expected any more; `minor` is that amount."""

    NAME = "billing.invoice_written_off"
    ACTION = Action.UPDATE

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return _became("uncollectible")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReminderDue(_InvoiceEvent):
    """It is time to remind the customer. `days` are those after the due date, negative ones before it;
    `minor` is what is due."""

    NAME = "billing.invoice_reminder_due"
    ACTION = Action.UPDATE

    days: int
    due_at: datetime

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"reminded": (None, f"{self.days} days")}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceOverdue(_InvoiceEvent):
    """The due date passed; `minor` is what is due."""

    NAME = "billing.invoice_overdue"
    ACTION = Action.UPDATE

    due_at: datetime

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"overdue": (None, "true")}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteIssued(_OfCustomer):
    """Some of an invoice, or all of it, was given back; `minor` is how much."""

    NAME = "billing.credit_note_issued"
    ACTION = Action.CREATE
    RESOURCE = "credit_note"

    credit_note_id: UUID
    invoice_id: UUID
    order_id: UUID | None
    number: str
    minor: int
    currency: str

    @property
    def resource_id(self) -> str:
        return str(self.credit_note_id)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"number": (None, self.number), "total": (None, f"{self.minor} {self.currency}")}


@dataclass(frozen=True, slots=True, kw_only=True)
class _SettlementEvent(_OfCustomer):
    RESOURCE = "transaction"

    settlement_id: UUID
    minor: int
    currency: str

    @property
    def resource_id(self) -> str:
        return str(self.settlement_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementBegun(_SettlementEvent):
    """One payment is to settle these invoices."""

    NAME = "billing.transaction_begun"
    ACTION = Action.PAYMENT

    invoice_ids: tuple[UUID, ...]

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"amount": (None, f"{self.minor} {self.currency}"), **_became("pending")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementEnded(_SettlementEvent):
    """The payment came, or did not. `invoice_ids` are those that it was for."""

    NAME = "billing.transaction_ended"
    ACTION = Action.PAYMENT

    status: str
    invoice_ids: tuple[UUID, ...] = ()

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return _became(self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged(_OfCustomer):
    """What stands on somebody's invoices from now on was changed. Names of fields only."""

    NAME = "billing.customer_changed"
    ACTION = Action.UPDATE
    RESOURCE = "billing_customer"

    fields: tuple[str, ...]

    @property
    def resource_id(self) -> str:
        return str(self.customer_id)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"fields": (None, ", ".join(self.fields))}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRuleChanged(Event):
    """A tax rule was made, or ended."""

    NAME = "billing.tax_rule_changed"
    ACTION = Action.UPDATE
    RESOURCE = "tax_rule"
    CONCERNS_SECURITY = False

    tax_rule_id: UUID
    country: str
    rate_ppm: int
    valid_until: datetime | None

    @property
    def resource_id(self) -> str:
        return str(self.tax_rule_id)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        until = self.valid_until.isoformat() if self.valid_until else None
        return {"rate_ppm": (None, str(self.rate_ppm)), "valid_until": (None, until)}


EVENTS: tuple[type[Event], ...] = (
    OrderPlaced,
    OrderCancelled,
    OrderExpired,
    OrderRevived,
    OrderCompleted,
    OrderFailed,
    OrderRefunded,
    LateMoneyReturned,
    InvoiceIssued,
    InvoicePaid,
    InvoicePaymentFailed,
    InvoiceVoided,
    InvoiceWrittenOff,
    InvoiceReminderDue,
    InvoiceOverdue,
    CreditNoteIssued,
    SettlementBegun,
    SettlementEnded,
    CustomerChanged,
    TaxRuleChanged,
)

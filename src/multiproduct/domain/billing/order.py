"""An order: what somebody wants to buy, from placing it to its being paid, cancelled or too late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.billing import events
from multiproduct.domain.billing.errors import OrderNotCancellable
from multiproduct.domain.billing.events import SubjectRef
from multiproduct.domain.billing.lines import MAX_LINES, NewLine
from multiproduct.domain.billing.numbering import order_number
from multiproduct.domain.shared import (
    Aggregate,
    Currency,
    FieldProblem,
    InvalidInput,
    Money,
    currency_mismatch,
)

ORDER_LIFETIME = timedelta(hours=24)
"""Where the gateway has no deadline of its own."""


class OrderStatus(StrEnum):
    """How an order stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


UNPAID = frozenset({OrderStatus.PENDING, OrderStatus.FAILED})
"""Those that may be cancelled and expire. What is processing waits for the gateway's answer."""


@dataclass(slots=True, kw_only=True)
class Order(Aggregate):
    """Never erased. `currency` is that of all lines; `minor` is their sum as asked, before tax that is added.
    `expires_at` is None for those that wait as long as it takes (renewals)."""

    id: UUID
    number: str
    customer_id: UUID
    lines: tuple[NewLine, ...]
    minor: int
    currency: Currency
    status: OrderStatus = OrderStatus.PENDING
    plan_id: UUID | None = None
    subscription_id: UUID | None = None
    payment_method: str = ""
    gateway: str = ""
    gateway_reference: str = ""
    ip: str | None = None
    notes: str = ""
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None
    paid_at: datetime | None = None

    @classmethod
    def place(
        cls,
        *,
        id: UUID,
        customer_id: UUID,
        lines: tuple[NewLine, ...],
        now: datetime,
        expires_at: datetime | None,
        plan_id: UUID | None = None,
        subscription_id: UUID | None = None,
        payment_method: str = "",
        ip: str | None = None,
        notes: str = "",
    ) -> "Order":
        """A new order. Raises InvalidInput without lines, for too many, for mixed currencies and for an order
        of less than nothing."""
        amount = sum_of(lines)
        order = cls(
            id=id,
            number=order_number(id, now),
            customer_id=customer_id,
            lines=lines,
            minor=amount.minor,
            currency=amount.currency,
            plan_id=plan_id,
            subscription_id=subscription_id,
            payment_method=payment_method,
            ip=ip,
            notes=notes,
            created_at=now,
            updated_at=now,
            expires_at=expires_at,
        )
        order._tell(events.OrderPlaced, now)
        return order

    @property
    def amount(self) -> Money:
        """The sum of the lines as asked."""
        return Money(self.minor, self.currency)

    @property
    def is_owed(self) -> bool:
        """Whether it was invoiced for what was had already, such as usage: it waits as long as it takes, and
        begins nothing."""
        return self.expires_at is None and self.subscription_id is None

    @property
    def subjects(self) -> tuple[SubjectRef, ...]:
        """What is paid for, for events."""
        return refs_of(self.lines)

    def annotate(self, *, notes: str, payment_method: str, now: datetime) -> None:
        """Notes what the customer said of it; what is empty says nothing."""
        self.notes, self.payment_method = notes or self.notes, payment_method or self.payment_method
        self.updated_at = now

    def begin_payment(self, *, gateway: str, reference: str, now: datetime) -> None:
        """Notes that a payment is under way."""
        if self.status in UNPAID:
            self.status, self.updated_at = OrderStatus.PROCESSING, now
        self.gateway, self.gateway_reference = gateway, reference

    def complete(self, *, now: datetime) -> None:
        """Notes that it is paid. Nothing for one that is."""
        if self.status in {OrderStatus.COMPLETED, OrderStatus.REFUNDED}:
            return
        self.status, self.paid_at, self.updated_at = OrderStatus.COMPLETED, now, now
        self._tell(events.OrderCompleted, now)

    def fail_payment(self, *, now: datetime) -> None:
        """Notes that its payment was declined."""
        if self.status is OrderStatus.PROCESSING:
            self.status, self.updated_at = OrderStatus.FAILED, now
            self._tell(events.OrderFailed, now)

    def release(self, *, now: datetime) -> None:
        """Notes that its payment was given up: it waits to be paid again."""
        if self.status is OrderStatus.PROCESSING:
            self.status, self.updated_at = OrderStatus.PENDING, now

    def cancel(self, *, now: datetime) -> bool:
        """Calls it off; false where it was off already. Raises OrderNotCancellable."""
        if self.status in {OrderStatus.CANCELLED, OrderStatus.EXPIRED}:
            return False
        if self.status not in UNPAID:
            raise OrderNotCancellable(status=self.status.value)
        self.status, self.updated_at = OrderStatus.CANCELLED, now
        self._tell(events.OrderCancelled, now)
        return True

    def abandon(self, *, now: datetime) -> bool:
        """Calls off one whose invoice was voided while a payment of it was under way; false for any other
        than one that is processing."""
        if self.status is not OrderStatus.PROCESSING:
            return False
        self.status, self.updated_at = OrderStatus.CANCELLED, now
        self._tell(events.OrderCancelled, now)
        return True

    def expire(self, *, now: datetime) -> bool:
        """Ends it when its time is over; false where it is not, or where it does not wait any more."""
        if self.status not in UNPAID or self.expires_at is None or now < self.expires_at:
            return False
        self.status, self.updated_at = OrderStatus.EXPIRED, now
        self._tell(events.OrderExpired, now)
        return True

    def revive(self, *, now: datetime) -> None:
        """Has it count again, as money came late."""
        self.status, self.updated_at = OrderStatus.PROCESSING, now
        self._tell(events.OrderRevived, now)

    def refund(self, *, now: datetime) -> None:
        """Notes that all it cost was credited."""
        if self.status is OrderStatus.COMPLETED:
            self.status, self.updated_at = OrderStatus.REFUNDED, now
            self._tell(events.OrderRefunded, now)

    def return_late_money(self, *, payment_id: UUID, amount: Money, now: datetime) -> None:
        """Notes that money which came for it goes back."""
        self._record(
            events.LateMoneyReturned(
                occurred_at=now,
                customer_id=self.customer_id,
                order_id=self.id,
                number=self.number,
                minor=amount.minor,
                currency=amount.currency.code,
                subjects=self.subjects,
                payment_id=payment_id,
            )
        )

    def _tell(self, event: type[events._OrderEvent], now: datetime) -> None:
        self._record(
            event(
                occurred_at=now,
                customer_id=self.customer_id,
                order_id=self.id,
                number=self.number,
                minor=self.minor,
                currency=self.currency.code,
                subjects=self.subjects,
            )
        )


def sum_of(lines: tuple[NewLine, ...]) -> Money:
    """What the lines ask. Raises InvalidInput without lines, for too many, for mixed currencies and for less
    than nothing."""
    if not 1 <= len(lines) <= MAX_LINES:
        raise InvalidInput(FieldProblem("lines", "out_of_range", (("min", 1), ("max", MAX_LINES))))
    currencies = {line.asked.currency for line in lines} | {line.unit_price.currency for line in lines}
    if len(currencies) > 1:
        expected, given = lines[0].asked.currency, min(currencies - {lines[0].asked.currency}, key=str)
        raise InvalidInput(currency_mismatch("lines", given=given.code, expected=expected.code))
    total = sum((line.asked for line in lines), Money.zero(currencies.pop()))
    if total.minor < 0:
        raise InvalidInput(FieldProblem("lines", "negative"))
    return total


def refs_of(lines: "tuple[NewLine, ...]") -> tuple[SubjectRef, ...]:
    """What the lines pay for, as events tell it."""
    return tuple(
        dict.fromkeys(
            SubjectRef(
                subject_kind=line.subject.kind,
                subject_id=line.subject.id,
                period_start=line.period_start,
                period_end=line.period_end,
                covers_period=line.covers_period,
            )
            for line in lines
            if line.subject is not None
        )
    )

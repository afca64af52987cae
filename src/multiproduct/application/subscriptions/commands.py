"""What people ask of subscriptions."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from multiproduct.application.money import CurrencyCode
from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT
from multiproduct.domain.subscriptions import RefundPolicy, SubscriptionStatus, Timing
from multiproduct.domain.subscriptions.terms import MAX_QUANTITY
from multiproduct.domain.subscriptions.usage import MAX_BATCH, MAX_DECIMALS, MAX_EVENT_ID, MAX_VALUE

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""An id, a slug or a code."""
# Written out: a command's schema stands by itself, without definitions beside it.
TimingText = Annotated[Timing, WithJsonSchema({"type": "string", "enum": [each.value for each in Timing]})]
RefundText = Annotated[
    RefundPolicy, WithJsonSchema({"type": "string", "enum": [each.value for each in RefundPolicy]})
]
StatusText = Annotated[
    SubscriptionStatus,
    WithJsonSchema({"type": "string", "enum": [each.value for each in SubscriptionStatus]}),
]
Quantity = Annotated[int, Field(ge=1, le=MAX_QUANTITY)]


class _Command(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class PurchaseItem(_Command):
    """One plan of a checkout. The product is needed only where a plan's code is used by several."""

    plan: Name = Field(examples=["MONTHLY_GOLD"])
    product: Name | None = Field(default=None, examples=["STARK-MK85"])
    quantity: Quantity = 1
    configuration: dict[str, Any] = Field(default_factory=dict)


class Purchase(_Command):
    """Plans to buy together, paid at once. A stored method names its gateway, and a gateway the default
    method that is stored there; without either the invoice waits to be paid."""

    items: list[PurchaseItem] = Field(min_length=1, max_length=20)
    currency: CurrencyCode | None = None
    payment_method: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = Field(
        default=None, examples=["STARK_PAY"]
    )
    method_id: UUID | None = None
    use_default_method: bool = Field(
        default=True,
        description="Where a gateway is named and no stored method: whether the default one is charged.",
    )
    coupons: list[Name] = Field(default_factory=list, max_length=10)
    auto_renew: bool = True


class PurchasePlan(PurchaseItem):
    """One plan to buy. Without `payment_method` the invoice waits to be paid."""

    currency: CurrencyCode | None = Field(default=None, examples=["USD"])
    payment_method: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = Field(
        default=None, examples=["STARK_PAY"]
    )
    method_id: UUID | None = None
    use_default_method: bool = Field(
        default=True,
        description="Where a gateway is named and no stored method: whether the default one is charged.",
    )
    coupons: list[Name] = Field(default_factory=list, max_length=10)
    auto_renew: bool = True

    def as_checkout(self) -> Purchase:
        """The checkout that has this plan alone."""
        item = PurchaseItem(
            plan=self.plan, product=self.product, quantity=self.quantity, configuration=self.configuration
        )
        return Purchase(items=[item], **self.model_dump(exclude=set(PurchaseItem.model_fields)))


class ListSubscriptions(_Command):
    """Asks for subscriptions, the newest first."""

    status: StatusText | None = Field(default=None, description="Only those in this state.")
    user_id: UUID | None = Field(default=None, description="Somebody else's, with the permission.")
    cursor: str | None = Field(default=None, max_length=512)
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)


class StartTrial(_Command):
    """A trial of a plan: no card, one for each person and product."""

    plan: Name | None = None
    product: Name | None = None
    quantity: Quantity = 1
    configuration: dict[str, Any] = Field(default_factory=dict)
    currency: CurrencyCode | None = None


class UpdateSubscription(_Command):
    """What costs nothing."""

    auto_renew: bool | None = None
    configuration: dict[str, Any] | None = None
    payment_method: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = None
    method_id: UUID | None = None


class ChangeTerms(_Command):
    """Another plan, another number of seats, or both. Without `timing` what costs more holds at once and what
    costs less from the next period on."""

    plan: Name | None = None
    quantity: Quantity | None = None
    timing: TimingText | None = None
    payment_method: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = None
    method_id: UUID | None = None


class ChangeQuantity(_Command):
    """Another number of seats."""

    quantity: Quantity
    timing: TimingText | None = None
    payment_method: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = None
    method_id: UUID | None = None


class Cancel(_Command):
    """At the end of what is paid for, or at once; then `refund` says what is given back of the period."""

    timing: TimingText = Timing.PERIOD_END
    refund: RefundText = RefundPolicy.NONE


class Pause(_Command):
    """Until a moment, or until somebody resumes."""

    resumes_at: datetime | None = None


class Renew(_Command):
    """The next period now, by hand; or again what has ended."""

    payment_method: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = None
    method_id: UUID | None = None


class UpdateStatus(_Command):
    """The state that somebody wants their own subscription in: `active`, `paused` or `cancelled`."""

    status: StatusText


class UsageItem(_Command):
    """One thing used. `event_id` is the product's own, and makes it count once. What is used more of at once
    than `value` can say is measured in a larger unit."""

    event_id: Annotated[str, StringConstraints(min_length=1, max_length=MAX_EVENT_ID)]
    subscription_id: UUID
    meter: Name
    value: Decimal = Field(default=Decimal(1), ge=0, le=MAX_VALUE, decimal_places=MAX_DECIMALS)
    unique: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    happened_at: datetime | None = None


class RecordUsage(_Command):
    """Usage in a batch: each item is answered by itself."""

    events: list[UsageItem] = Field(min_length=1, max_length=MAX_BATCH)

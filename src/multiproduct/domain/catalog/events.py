"""What happens to products, plans, prices, coupons and meters."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from multiproduct.domain.shared import Action, Event

Changes = dict[str, tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ProductEvent(Event):
    RESOURCE = "product"
    CONCERNS_SECURITY = False

    product_id: UUID
    code: str

    @property
    def resource_id(self) -> str:
        return str(self.product_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated(_ProductEvent):
    """There is a new product, which nobody can buy yet."""

    NAME = "catalog.product_created"
    ACTION = Action.CREATE

    provider_id: UUID | None = None

    @property
    def changes(self) -> Changes:
        return {
            "code": (None, self.code),
            "provider_id": (None, str(self.provider_id) if self.provider_id else None),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanged(_ProductEvent):
    """A product changed; `fields` holds each before and after."""

    NAME = "catalog.product_changed"
    ACTION = Action.UPDATE

    fields: Changes = field(default_factory=dict)

    @property
    def changes(self) -> Changes:
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductMoved(_ProductEvent):
    """A product was published, taken from sale or archived."""

    NAME = "catalog.product_moved"
    ACTION = Action.UPDATE

    before: str
    after: str

    @property
    def changes(self) -> Changes:
        return {"status": (self.before, self.after)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlanEvent(Event):
    RESOURCE = "plan"
    CONCERNS_SECURITY = False

    plan_id: UUID
    product_id: UUID
    code: str

    @property
    def resource_id(self) -> str:
        return str(self.plan_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCreated(_PlanEvent):
    """A product has a new plan."""

    NAME = "catalog.plan_created"
    ACTION = Action.CREATE

    @property
    def changes(self) -> Changes:
        return {"code": (None, self.code), "product_id": (None, str(self.product_id))}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanged(_PlanEvent):
    """A plan changed, but for its prices; `fields` holds each before and after."""

    NAME = "catalog.plan_changed"
    ACTION = Action.UPDATE

    fields: Changes = field(default_factory=dict)

    @property
    def changes(self) -> Changes:
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPriced(_PlanEvent):
    """A plan has another price in a currency, from an instant on."""

    NAME = "catalog.plan_priced"
    ACTION = Action.UPDATE

    price_id: UUID
    minor: int
    currency: str
    valid_from: datetime

    @property
    def changes(self) -> Changes:
        return {
            "price_id": (None, str(self.price_id)),
            "minor": (None, str(self.minor)),
            "currency": (None, self.currency),
            "valid_from": (None, self.valid_from.isoformat()),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMetered(_PlanEvent):
    """Usage is charged for by a new metered price, from an instant on."""

    NAME = "catalog.plan_metered"
    ACTION = Action.UPDATE

    metered_price_id: UUID
    meter_id: UUID
    currency: str
    valid_from: datetime

    @property
    def changes(self) -> Changes:
        return {
            "metered_price_id": (None, str(self.metered_price_id)),
            "meter_id": (None, str(self.meter_id)),
            "currency": (None, self.currency),
            "valid_from": (None, self.valid_from.isoformat()),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWasArchived(_PlanEvent):
    """A plan is not offered any more, and never will be again."""

    NAME = "catalog.plan_archived"
    ACTION = Action.DELETE


@dataclass(frozen=True, slots=True, kw_only=True)
class _CouponEvent(Event):
    RESOURCE = "coupon"
    CONCERNS_SECURITY = False

    coupon_id: UUID
    code: str

    @property
    def resource_id(self) -> str:
        return str(self.coupon_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponCreated(_CouponEvent):
    """There is a new coupon. `takes_off` is a percentage, or an amount in each currency."""

    NAME = "catalog.coupon_created"
    ACTION = Action.CREATE

    takes_off: str

    @property
    def changes(self) -> Changes:
        return {"code": (None, self.code), "takes_off": (None, self.takes_off)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponChanged(_CouponEvent):
    """A coupon changed; `fields` holds each before and after."""

    NAME = "catalog.coupon_changed"
    ACTION = Action.UPDATE

    fields: Changes = field(default_factory=dict)

    @property
    def changes(self) -> Changes:
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponArchived(_CouponEvent):
    """A coupon counts no more."""

    NAME = "catalog.coupon_archived"
    ACTION = Action.DELETE


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponRedeemed(_CouponEvent):
    """Somebody used a coupon, for what `subject_id` names (an order)."""

    NAME = "catalog.coupon_redeemed"
    ACTION = Action.UPDATE

    person_id: UUID
    subject_id: UUID

    @property
    def subject_user_id(self) -> str | None:
        return str(self.person_id)

    @property
    def changes(self) -> Changes:
        return {"redeemed_for": (None, str(self.subject_id))}


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponGivenBack(_CouponEvent):
    """What a coupon was used for came to nothing: it can be redeemed once more."""

    NAME = "catalog.coupon_given_back"
    ACTION = Action.UPDATE

    person_id: UUID
    subject_id: UUID

    @property
    def subject_user_id(self) -> str | None:
        return str(self.person_id)

    @property
    def changes(self) -> Changes:
        return {"redeemed_for": (str(self.subject_id), None)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _MeterEvent(Event):
    RESOURCE = "meter"
    CONCERNS_SECURITY = False

    meter_id: UUID
    code: str

    @property
    def resource_id(self) -> str:
        return str(self.meter_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterCreated(_MeterEvent):
    """A product's usage is measured by a new meter."""

    NAME = "catalog.meter_created"
    ACTION = Action.CREATE

    product_id: UUID
    aggregation: str

    @property
    def changes(self) -> Changes:
        return {
            "code": (None, self.code),
            "product_id": (None, str(self.product_id)),
            "aggregation": (None, self.aggregation),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterChanged(_MeterEvent):
    """A meter's words changed; `fields` holds each before and after."""

    NAME = "catalog.meter_changed"
    ACTION = Action.UPDATE

    fields: Changes = field(default_factory=dict)

    @property
    def changes(self) -> Changes:
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterArchived(_MeterEvent):
    """A meter takes no new prices."""

    NAME = "catalog.meter_archived"
    ACTION = Action.DELETE


EVENTS: tuple[type[Event], ...] = (
    ProductCreated,
    ProductChanged,
    ProductMoved,
    PlanCreated,
    PlanChanged,
    PlanPriced,
    PlanMetered,
    PlanWasArchived,
    CouponCreated,
    CouponChanged,
    CouponArchived,
    CouponRedeemed,
    CouponGivenBack,
    MeterCreated,
    MeterChanged,
    MeterArchived,
)

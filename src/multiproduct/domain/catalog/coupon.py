"""A coupon: a percentage or an amount off, for some plans, for a while, so many times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.domain.catalog.changing import set_differing
from multiproduct.domain.catalog.errors import CouponNotApplicable, CouponUsedUp, UnknownCoupon
from multiproduct.domain.catalog.events import (
    CouponArchived,
    CouponChanged,
    CouponCreated,
    CouponGivenBack,
    CouponRedeemed,
)
from multiproduct.domain.catalog.plan import Plan
from multiproduct.domain.catalog.rates import Percent
from multiproduct.domain.shared import Aggregate
from multiproduct.domain.shared.money import Currency, Money


@dataclass(slots=True, kw_only=True)
class Coupon(Aggregate):
    """Takes either `percent` off, or of `amounts` (minor units by currency) the one in the currency of what
    is bought. Without `product_ids` and `plan_ids` it is for every plan, else for those it names. `redeemed`
    is how often it is in use, which only its store counts."""

    id: UUID
    code: str
    name: str
    percent: Percent | None = None
    amounts: dict[str, int] = field(default_factory=dict)
    product_ids: frozenset[UUID] = frozenset()
    plan_ids: frozenset[UUID] = frozenset()
    max_redemptions: int | None = None
    max_per_person: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_stackable: bool = False
    is_active: bool = True
    redeemed: int = 0
    archived_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def takes_off(self) -> str:
        """What it takes off, for the log."""
        if self.percent is not None:
            return f"{self.percent} %"
        amounts = sorted(self.amounts.items())
        return ", ".join(f"{Money(minor, Currency(code))} {code}" for code, minor in amounts)

    def covers(self, plan: Plan) -> bool:
        """Whether it is for this plan."""
        if not self.product_ids and not self.plan_ids:
            return True
        return plan.id in self.plan_ids or plan.product_id in self.product_ids

    def require_open(self, at: datetime) -> None:
        """Raises UnknownCoupon for one that is archived or switched off, CouponNotApplicable outside its
        window, CouponUsedUp where nobody can redeem it any more."""
        if self.archived_at is not None or not self.is_active:
            raise UnknownCoupon(coupon=self.code)
        if self.starts_at is not None and at < self.starts_at:
            raise CouponNotApplicable(coupon=self.code, reason="not_yet")
        if self.ends_at is not None and at >= self.ends_at:
            raise CouponNotApplicable(coupon=self.code, reason="over")
        if self.max_redemptions is not None and self.redeemed >= self.max_redemptions:
            raise CouponUsedUp(coupon=self.code)

    def created(self) -> None:
        """Notes that it is new."""
        self._record(
            CouponCreated(
                occurred_at=self.created_at, coupon_id=self.id, code=self.code, takes_off=self.takes_off
            )
        )

    def change(self, wanted: Mapping[str, Any], *, now: datetime) -> None:
        """Sets the given attributes where they differ. Raises UnknownCoupon for an archived one."""
        if self.archived_at is not None:
            raise UnknownCoupon
        fields = set_differing(self, wanted)
        if not fields:
            return
        self.updated_at = now
        self._record(CouponChanged(occurred_at=now, coupon_id=self.id, code=self.code, fields=fields))

    def archive(self, *, now: datetime) -> None:
        """Ends it for good; nothing happens where it has ended."""
        if self.archived_at is not None:
            return
        self.archived_at = self.updated_at = now
        self._record(CouponArchived(occurred_at=now, coupon_id=self.id, code=self.code))


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """That a person used a coupon for something: an order, once."""

    coupon_id: UUID
    code: str
    person_id: UUID
    subject_id: UUID
    redeemed_at: datetime

    def redeemed(self) -> CouponRedeemed:
        """The fact."""
        return CouponRedeemed(
            occurred_at=self.redeemed_at,
            coupon_id=self.coupon_id,
            code=self.code,
            person_id=self.person_id,
            subject_id=self.subject_id,
        )

    def given_back(self, *, now: datetime) -> CouponGivenBack:
        """The fact that it is undone."""
        return CouponGivenBack(
            occurred_at=now,
            coupon_id=self.coupon_id,
            code=self.code,
            person_id=self.person_id,
            subject_id=self.subject_id,
        )

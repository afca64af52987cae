"""What plans cost: the price, the plan's discount and coupons, line by line, exact to the smallest coin.

Amounts are worked out in this order, and each step is rounded half up on the line's minor units:
1. the unit price in the currency, times the quantity: the subtotal, which needs no rounding;
2. the plan's own discount, off the subtotal;
3. coupons of a percentage, the greatest first (of equal ones by code), each off what is then left;
4. coupons of an amount, by code, each once off all lines that it covers together, shared out among them by
   what is left of each (largest remainder), and never more than is left.
So the order in which coupons are given makes no difference, no line falls below zero, and what the steps take
off adds up to the difference between subtotal and total.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.domain.catalog.coupon import Coupon
from multiproduct.domain.catalog.errors import CouponNotApplicable
from multiproduct.domain.catalog.plan import Plan
from multiproduct.domain.catalog.price import Price
from multiproduct.domain.shared.money import Currency, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponShare:
    """What one coupon takes off one line."""

    coupon_id: UUID
    code: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a line costs. `price` is the price it is sold at: its id and amount are to be kept with the
    sale."""

    plan_id: UUID
    price: Price
    quantity: int
    subtotal: Money
    plan_discount: Money
    coupons: tuple[CouponShare, ...]
    total: Money

    @property
    def coupon_discount(self) -> Money:
        """What all coupons take off together."""
        return sum((share.amount for share in self.coupons), Money.zero(self.total.currency))


@dataclass(slots=True)
class _Line:
    plan: Plan
    price: Price
    quantity: int
    subtotal: Money
    plan_discount: Money
    shares: list[CouponShare]
    left: Money

    def take(self, coupon: Coupon, amount: Money) -> None:
        self.left -= amount
        self.shares.append(CouponShare(coupon_id=coupon.id, code=coupon.code, amount=amount))


class Pricing:
    """Works prices out. It knows nothing of how often a coupon was redeemed."""

    @classmethod
    def quote(
        cls,
        plan: Plan,
        currency: Currency,
        quantity: int,
        at: datetime,
        coupons: Sequence[Coupon] = (),
    ) -> Quote:
        """What so many of a plan cost for one period, bought at the instant. Raises NoPriceInCurrency,
        CouponNotApplicable, UnknownCoupon, CouponUsedUp."""
        return cls.quote_lines([(plan, quantity)], currency, at, coupons)[0]

    @classmethod
    def quote_lines(
        cls,
        wanted: Sequence[tuple[Plan, int]],
        currency: Currency,
        at: datetime,
        coupons: Sequence[Coupon] = (),
    ) -> list[Quote]:
        """What several plans cost together, bought at the instant in one currency, in the order in which
        they are wanted. Raises the same."""
        lines = [_line(plan, currency, quantity, at) for plan, quantity in wanted]
        _require_applicable(coupons, currency, at, lines)
        for coupon in sorted(coupons, key=_turn):
            covered = [line for line in lines if coupon.covers(line.plan)]
            if coupon.percent is not None:
                for line in covered:
                    line.take(coupon, line.left - coupon.percent.off(line.left))
            else:
                _share_out(coupon, Money(coupon.amounts[currency.code], currency), covered)
        return [
            Quote(
                plan_id=line.plan.id,
                price=line.price,
                quantity=line.quantity,
                subtotal=line.subtotal,
                plan_discount=line.plan_discount,
                coupons=tuple(line.shares),
                total=line.left,
            )
            for line in lines
        ]


def _line(plan: Plan, currency: Currency, quantity: int, at: datetime) -> _Line:
    if quantity < 1:
        raise ValueError("nobody buys less than one")
    price = plan.required_price(currency, at)
    subtotal = price.amount * quantity
    left = plan.discounted(subtotal, at)
    return _Line(
        plan=plan,
        price=price,
        quantity=quantity,
        subtotal=subtotal,
        plan_discount=subtotal - left,
        shares=[],
        left=left,
    )


def _turn(coupon: Coupon) -> tuple[bool, int, str]:
    """Percentages before amounts, the greatest first."""
    percent = coupon.percent
    return (percent is None, 0 if percent is None else -percent.hundredths, coupon.code)


def _require_applicable(
    coupons: Sequence[Coupon], currency: Currency, at: datetime, lines: Sequence[_Line]
) -> None:
    for coupon in coupons:
        coupon.require_open(at)
        if not any(coupon.covers(line.plan) for line in lines):
            raise CouponNotApplicable(coupon=coupon.code, reason="scope")
        if coupon.percent is None and currency.code not in coupon.amounts:
            raise CouponNotApplicable(coupon=coupon.code, reason="currency")
        is_repeated = sum(other.id == coupon.id for other in coupons) > 1
        if is_repeated or (len(coupons) > 1 and not coupon.is_stackable):
            raise CouponNotApplicable(coupon=coupon.code, reason="not_stackable")


def _share_out(coupon: Coupon, amount: Money, lines: Sequence[_Line]) -> None:
    left = sum(line.left.minor for line in lines)
    taken = Money(min(amount.minor, left), amount.currency)
    if left == 0:
        for line in lines:
            line.take(coupon, taken)
        return
    for line, share in zip(lines, taken.split([line.left.minor for line in lines]), strict=True):
        line.take(coupon, share)

"""A plan: what a product costs and comes with, period by period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from multiproduct.domain.catalog.changing import set_differing
from multiproduct.domain.catalog.cycle import Cycle
from multiproduct.domain.catalog.errors import (
    NoPriceInCurrency,
    NotForSale,
    PlanArchived,
    TooManyInCatalog,
)
from multiproduct.domain.catalog.events import PlanChanged, PlanCreated, PlanPriced, PlanWasArchived
from multiproduct.domain.catalog.price import Discount, Price, in_place
from multiproduct.domain.catalog.product import Product
from multiproduct.domain.shared import Aggregate
from multiproduct.domain.shared.money import Currency, Money

DEFAULT_MAX_USERS = 1
DEFAULT_STORAGE_GB = 10
MAX_CURRENCIES = 50
"""In which one plan has prices that are not over."""


@dataclass(slots=True, kw_only=True)
class Plan(Aggregate):
    """`prices` are those that are not over: at most one holds in a currency at any instant, and others may be
    due to follow. `trial_days` None means the product's. A slug is a plan's own everywhere, a code within its
    product."""

    id: UUID
    product_id: UUID
    name: str
    slug: str
    code: str
    description: str = ""
    cycle: Cycle
    prices: tuple[Price, ...] = ()
    discount: Discount | None = None
    features: tuple[str, ...] = ()
    max_users: int = DEFAULT_MAX_USERS
    storage_gb: int = DEFAULT_STORAGE_GB
    is_popular: bool = False
    sort_order: int = 0
    has_trial: bool = False
    trial_days: int | None = None
    is_active: bool = True
    archived_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def is_offered(self) -> bool:
        """Whether it can be bought, if its product can."""
        return self.is_active and self.archived_at is None

    def price(self, currency: Currency, at: datetime) -> Price | None:
        """The price in a currency at an instant from now on."""
        return next((price for price in self.prices if price.currency == currency and price.holds(at)), None)

    def prices_at(self, at: datetime) -> tuple[Price, ...]:
        """One price for each currency that has one at the instant, by currency."""
        return tuple(sorted((p for p in self.prices if p.holds(at)), key=lambda p: p.currency.code))

    def currency_at(self, at: datetime, *, wanted: str | None, default: str) -> Currency | None:
        """In which currency it is shown and sold at the instant: the one asked for, whether it has a price in
        that or not; else the installation's, where it has one in that; else the first by code. None where
        none is asked for and it has no price."""
        if wanted is not None:
            return Currency(wanted)
        offered = [price.currency for price in self.prices_at(at)]
        ours = Currency(default)
        return ours if ours in offered else next(iter(offered), None)

    def discounted(self, amount: Money, at: datetime) -> Money:
        """An amount of this plan less the discount that counts at the instant, half up on its minor units."""
        return amount if self.discount is None or not self.discount.holds(at) else self.off(amount)

    def off(self, amount: Money) -> Money:
        """An amount less the discount, whether that counts or not."""
        return amount if self.discount is None else self.discount.percent.off(amount)

    def final_price(self, currency: Currency, at: datetime) -> Money:
        """What one costs for a period bought at the instant, without a coupon. Raises NoPriceInCurrency."""
        return self.discounted(self.required_price(currency, at).amount, at)

    def exact_price(self, currency: Currency, at: datetime) -> Fraction:
        """The same in minor units, before it is rounded: what each of several comes to. Raises
        NoPriceInCurrency."""
        amount = self.required_price(currency, at).amount
        if self.discount is None or not self.discount.holds(at):
            return Fraction(amount.minor)
        return self.discount.percent.exactly_off(amount)

    def required_price(self, currency: Currency, at: datetime) -> Price:
        """Like `price`. Raises NoPriceInCurrency."""
        price = self.price(currency, at)
        if price is None:
            offered = ", ".join(each.currency.code for each in self.prices_at(at))
            raise NoPriceInCurrency(plan=self.name, currency=currency.code, offered=offered or "-")
        return price

    def created(self) -> None:
        """Notes that it is new, with its first prices."""
        self._record(
            PlanCreated(
                occurred_at=self.created_at, plan_id=self.id, product_id=self.product_id, code=self.code
            )
        )
        for price in self.prices:
            self._record_price(price, self.created_at)

    def change(self, wanted: Mapping[str, Any], *, now: datetime) -> None:
        """Sets the given attributes where they differ. Raises PlanArchived."""
        self._require_kept()
        fields = set_differing(self, wanted)
        if not fields:
            return
        self.updated_at = now
        self._record(
            PlanChanged(
                occurred_at=now,
                plan_id=self.id,
                product_id=self.product_id,
                code=self.code,
                fields=fields,
            )
        )

    def set_price(self, new: Price, *, now: datetime) -> None:
        """Has another price hold from its instant on, in the place of those in its currency. What was sold
        keeps the price it was sold at. Raises PlanArchived, TooManyInCatalog; ValueError for an instant that
        is past."""
        self._require_kept()
        if new.valid_from < now:
            raise ValueError("what was sold before is sold")
        self.prices = in_place((p for p in self.prices if not _is_over(p, now)), new)
        if len({price.currency for price in self.prices}) > MAX_CURRENCIES:
            raise TooManyInCatalog(max=MAX_CURRENCIES)
        self.updated_at = now
        self._record_price(new, now)

    def archive(self, *, now: datetime) -> None:
        """Ends the offer for good; nothing happens where it has ended."""
        if self.archived_at is not None:
            return
        self.archived_at = self.updated_at = now
        self._record(
            PlanWasArchived(occurred_at=now, plan_id=self.id, product_id=self.product_id, code=self.code)
        )

    def touch(self, *, now: datetime) -> None:
        """Counts as changed, as what it charges for usage changes. Raises PlanArchived."""
        self._require_kept()
        self.updated_at = now

    def _require_kept(self) -> None:
        if self.archived_at is not None:
            raise PlanArchived

    def _record_price(self, price: Price, now: datetime) -> None:
        self._record(
            PlanPriced(
                occurred_at=now,
                plan_id=self.id,
                product_id=self.product_id,
                code=self.code,
                price_id=price.id,
                minor=price.amount.minor,
                currency=price.currency.code,
                valid_from=price.valid_from,
            )
        )


def _is_over(price: Price, now: datetime) -> bool:
    return price.valid_until is not None and price.valid_until <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """A plan with its product."""

    plan: Plan
    product: Product

    @property
    def is_on_sale(self) -> bool:
        """Whether it can be bought now."""
        return self.plan.is_offered and self.product.is_on_sale

    @property
    def trial_days(self) -> int:
        """How long a trial of it is; 0 where there is none."""
        if not self.plan.has_trial:
            return 0
        return self.product.trial_days if self.plan.trial_days is None else self.plan.trial_days

    def require_on_sale(self) -> None:
        """Raises NotForSale."""
        if not self.is_on_sale:
            raise NotForSale

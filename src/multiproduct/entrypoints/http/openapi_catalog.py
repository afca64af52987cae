"""The catalog's part of the OpenAPI document: the problems that are shown, and what examples hold."""

from collections.abc import Mapping, Sequence

from multiproduct.domain.catalog import (
    AmbiguousPlan,
    ChangedMeanwhile,
    CodeTaken,
    CouponNotApplicable,
    CouponUsedUp,
    NoPriceInCurrency,
    NotForSale,
    PlanArchived,
    ProductMoveRefused,
    SlugTaken,
    TooManyInCatalog,
    UnknownCoupon,
    UnknownMeter,
    UnknownPlan,
    UnknownProduct,
)
from multiproduct.domain.shared import MultiproductError

NOT_FOUND: Sequence[MultiproductError] = (UnknownProduct(), UnknownPlan(), UnknownCoupon(), UnknownMeter())
CONFLICTS: Sequence[MultiproductError] = (
    SlugTaken(slug="stark-crm"),
    CodeTaken(taken="STARK-MK85"),
    AmbiguousPlan(plan="MONTHLY_GOLD"),
    NotForSale(),
    NoPriceInCurrency(plan="Gold", currency="JPY", offered="EUR, USD"),
    ProductMoveRefused(status="archived"),
    PlanArchived(),
    ChangedMeanwhile(),
    TooManyInCatalog(max=500),
    CouponNotApplicable(coupon="WELCOME10", reason="over"),
    CouponUsedUp(coupon="WELCOME10"),
)
EXAMPLE_FIELDS: Mapping[str, Sequence[str]] = {
    "CreateCoupon": ("code", "name", "percent", "max_per_person"),
    "CreatePlan": ("product", "name", "code", "cycle", "prices", "features"),
    "SetMeteredPrice": ("meter", "currency", "model", "tiers"),
    "TierInput": ("up_to", "unit_price"),
}
"""Of commands whose fields exclude one another."""

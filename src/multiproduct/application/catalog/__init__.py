"""The catalog: what is for sale, and what it costs."""

from dataclasses import dataclass

from multiproduct.application.catalog.browsing import Browsing
from multiproduct.application.catalog.commands import (
    AskForQuote,
    BrowsePlans,
    BrowseProducts,
    ChangePlan,
    ChangeProduct,
    CreatePlan,
    CreateProduct,
    ListPlans,
    ListProducts,
    SetPrice,
)
from multiproduct.application.catalog.configuring import Configuring
from multiproduct.application.catalog.coupon_commands import ChangeCoupon, CreateCoupon, ListCoupons
from multiproduct.application.catalog.coupon_keeping import CouponKeeping
from multiproduct.application.catalog.coupon_redeeming import CouponRedeeming
from multiproduct.application.catalog.coupon_results import CouponPage, CouponView
from multiproduct.application.catalog.default_product import DefaultProduct
from multiproduct.application.catalog.demo import DemoCatalog
from multiproduct.application.catalog.meter_commands import (
    ChangeMeter,
    CreateMeter,
    ListMeters,
    SetMeteredPrice,
)
from multiproduct.application.catalog.meter_keeping import MeterKeeping
from multiproduct.application.catalog.meter_results import MeteredPriceView, MeterList, MeterView
from multiproduct.application.catalog.plan_keeping import PlanKeeping
from multiproduct.application.catalog.plan_reading import Named, PlanReading
from multiproduct.application.catalog.ports import (
    CatalogUnit,
    ConfigurationSchemas,
    PlanFilter,
    ProductFilter,
    SchemaProblem,
)
from multiproduct.application.catalog.product_keeping import ProductKeeping
from multiproduct.application.catalog.results import (
    ManagedPlan,
    ManagedPlanPage,
    ManagedProduct,
    ManagedProductPage,
    PlanDetail,
    PlanPage,
    PlanView,
    PriceHistory,
    ProductDetail,
    ProductPage,
    ProductView,
    QuoteView,
)
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.catalog import Pricing

__all__ = [
    "AskForQuote",
    "BrowsePlans",
    "BrowseProducts",
    "Browsing",
    "Catalog",
    "CatalogParts",
    "CatalogUnit",
    "ChangeCoupon",
    "ChangeMeter",
    "ChangePlan",
    "ChangeProduct",
    "ConfigurationSchemas",
    "Configuring",
    "CouponKeeping",
    "CouponPage",
    "CouponRedeeming",
    "CouponView",
    "CreateCoupon",
    "CreateMeter",
    "CreatePlan",
    "CreateProduct",
    "DefaultProduct",
    "DemoCatalog",
    "ListCoupons",
    "ListMeters",
    "ListPlans",
    "ListProducts",
    "ManagedPlan",
    "ManagedPlanPage",
    "ManagedProduct",
    "ManagedProductPage",
    "MeterKeeping",
    "MeterList",
    "MeterView",
    "MeteredPriceView",
    "Named",
    "PlanDetail",
    "PlanFilter",
    "PlanKeeping",
    "PlanPage",
    "PlanReading",
    "PlanView",
    "PriceHistory",
    "Pricing",
    "ProductDetail",
    "ProductFilter",
    "ProductKeeping",
    "ProductPage",
    "ProductView",
    "QuoteView",
    "SchemaProblem",
    "SetMeteredPrice",
    "SetPrice",
    "wire_catalog",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Use cases: `browsing`, `products`, `plans`, `coupons`, `meters`. Steps: `plan_reading`,
    `coupon_redeeming`, `configuring`."""

    browsing: Browsing
    products: ProductKeeping
    plans: PlanKeeping
    coupons: CouponKeeping
    meters: MeterKeeping
    plan_reading: PlanReading
    coupon_redeeming: CouponRedeeming
    configuring: Configuring

    @property
    def demo(self) -> DemoCatalog:
        """A catalog to try the service with."""
        return DemoCatalog(products=self.products, plans=self.plans, coupons=self.coupons, meters=self.meters)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogParts:
    """What the context is made from. `brand_name` is what the installation's own product is called;
    `default_currency` holds where none is named."""

    units: Units[CatalogUnit]
    clock: Clock
    ids: Ids
    schemas: ConfigurationSchemas
    idempotency: Idempotency
    brand_name: str
    default_currency: str = "USD"


def wire_catalog(parts: CatalogParts) -> Catalog:
    """Puts the context's use cases and steps together."""
    plan_reading = PlanReading(clock=parts.clock)
    coupon_redeeming = CouponRedeeming()
    configuring = Configuring(schemas=parts.schemas)
    return Catalog(
        browsing=Browsing(
            units=parts.units,
            clock=parts.clock,
            plan_reading=plan_reading,
            coupon_redeeming=coupon_redeeming,
            default_currency=parts.default_currency,
        ),
        products=ProductKeeping(
            units=parts.units,
            clock=parts.clock,
            ids=parts.ids,
            configuring=configuring,
            idempotency=parts.idempotency,
        ),
        plans=PlanKeeping(
            units=parts.units,
            clock=parts.clock,
            ids=parts.ids,
            plan_reading=plan_reading,
            default_product=DefaultProduct(name=parts.brand_name),
            idempotency=parts.idempotency,
            default_currency=parts.default_currency,
        ),
        coupons=CouponKeeping(
            units=parts.units, clock=parts.clock, ids=parts.ids, idempotency=parts.idempotency
        ),
        meters=MeterKeeping(
            units=parts.units,
            clock=parts.clock,
            ids=parts.ids,
            plan_reading=plan_reading,
            idempotency=parts.idempotency,
        ),
        plan_reading=plan_reading,
        coupon_redeeming=coupon_redeeming,
        configuring=configuring,
    )

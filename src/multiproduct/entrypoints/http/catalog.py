"""The endpoints of what is for sale, which everybody may read, and of what it costs."""

from collections.abc import Sequence

from multiproduct.application.catalog import (
    AskForQuote,
    BrowsePlans,
    BrowseProducts,
    PlanDetail,
    PlanPage,
    ProductDetail,
    ProductPage,
    QuoteView,
)
from multiproduct.domain.catalog import (
    AmbiguousPlan,
    CouponNotApplicable,
    CouponUsedUp,
    NoPriceInCurrency,
    NotForSale,
    UnknownCoupon,
    UnknownPlan,
    UnknownProduct,
)
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

BASE = "/api/v1/catalog"
_TAG = "Catalog"
_SCOPE = "catalog_reads"
_KEPT = "public, max-age=60"
"""Also between people, as everybody is answered alike. The answer has an ETag to ask again with."""

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{BASE}/products",
        name="product.list",
        tag=_TAG,
        summary="List the products on sale",
        description="Those that are published and active, in the order in which they were made.",
        handler=lambda container, command, call: container.catalog.browsing.products(command, call.caller),
        command=BrowseProducts,
        result=ProductPage,
        scope=_SCOPE,
        cache_control=_KEPT,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/products/{{product_id}}",
        name="product.read",
        tag=_TAG,
        summary="Read a product with its plans",
        handler=lambda container, _command, call: container.catalog.browsing.product(
            call.ids["product_id"], call.caller
        ),
        result=ProductDetail,
        scope=_SCOPE,
        errors=(UnknownProduct,),
        cache_control=_KEPT,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/plans",
        name="plan.list",
        tag=_TAG,
        summary="List the plans on sale",
        description="Active plans of products on sale, by their sort order.",
        handler=lambda container, command, call: container.catalog.browsing.plans(command, call.caller),
        command=BrowsePlans,
        result=PlanPage,
        scope=_SCOPE,
        errors=(UnknownProduct,),
        cache_control=_KEPT,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/plans/{{plan_id}}",
        name="plan.read",
        tag=_TAG,
        summary="Read a plan with what usage costs",
        handler=lambda container, _command, call: container.catalog.browsing.plan(
            call.ids["plan_id"], call.caller
        ),
        result=PlanDetail,
        scope=_SCOPE,
        errors=(UnknownPlan,),
        cache_control=_KEPT,
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/quotes",
        name="catalog.quote",
        tag=_TAG,
        summary="Work out what plans cost together",
        description="Before tax, with coupons, now. Redeems nothing. The plan's discount comes off first, "
        "then percentages, the greatest first, then amounts; each step is rounded half up line by line.",
        handler=lambda container, command, call: container.catalog.browsing.quote(command, call.caller),
        command=AskForQuote,
        result=QuoteView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(
            UnknownPlan,
            UnknownProduct,
            AmbiguousPlan,
            NotForSale,
            NoPriceInCurrency,
            UnknownCoupon,
            CouponNotApplicable,
            CouponUsedUp,
        ),
    ),
)

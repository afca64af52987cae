"""The endpoints of coupons, meters and what usage costs."""

from collections.abc import Sequence

from multiproduct.application.catalog import (
    ChangeCoupon,
    ChangeMeter,
    CouponPage,
    CouponView,
    CreateCoupon,
    CreateMeter,
    ListCoupons,
    ListMeters,
    MeteredPriceView,
    MeterList,
    MeterView,
    SetMeteredPrice,
)
from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.domain.catalog import (
    ChangedMeanwhile,
    CodeTaken,
    PlanArchived,
    TooManyInCatalog,
    UnknownCoupon,
    UnknownMeter,
    UnknownPlan,
    UnknownProduct,
)
from multiproduct.domain.catalog.permissions import (
    COUPONS_MANAGE,
    COUPONS_READ,
    PRODUCTS_DELETE,
    PRODUCTS_READ,
    PRODUCTS_UPDATE,
)
from multiproduct.domain.shared import StepUpRequired
from multiproduct.entrypoints.http.catalog import BASE
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_COUPON_TAG, _METER_TAG = "Coupons", "Metered prices"
_OWN = "Providers do so with their own; another's is answered as one that there is not."
_IDEMPOTENT = (IdempotencyMismatch, IdempotencyUnfinished)

_COUPONS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{BASE}/coupons",
        name="coupon.list",
        tag=_COUPON_TAG,
        summary="List coupons",
        handler=lambda container, command, call: container.catalog.coupons.find(command, call.caller),
        command=ListCoupons,
        result=CouponPage,
        access=Access.SIGNED_IN,
        permission=COUPONS_READ,
        scope="default",
        errors=(StepUpRequired,),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/coupons",
        name="coupon.create",
        tag=_COUPON_TAG,
        summary="Make a coupon",
        description="A percentage, or an amount for each currency. What it takes off never changes.",
        handler=lambda container, command, call: container.catalog.coupons.create(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=CreateCoupon,
        check=lambda container, command, found: container.catalog.coupons.check_create(command, found),
        result=CouponView,
        status=201,
        access=Access.SIGNED_IN,
        permission=COUPONS_MANAGE,
        scope="default",
        errors=(CodeTaken, StepUpRequired, *_IDEMPOTENT),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/coupons/{{coupon_id}}",
        name="coupon.read",
        tag=_COUPON_TAG,
        summary="Read a coupon",
        handler=lambda container, _command, call: container.catalog.coupons.read(
            call.ids["coupon_id"], call.caller
        ),
        result=CouponView,
        access=Access.SIGNED_IN,
        permission=COUPONS_READ,
        scope="default",
        errors=(UnknownCoupon, StepUpRequired),
    ),
    Endpoint(
        method="PATCH",
        path=f"{BASE}/coupons/{{coupon_id}}",
        name="coupon.update",
        tag=_COUPON_TAG,
        summary="Change a coupon",
        handler=lambda container, command, call: container.catalog.coupons.change(
            call.ids["coupon_id"], command, call.caller
        ),
        command=ChangeCoupon,
        result=CouponView,
        access=Access.SIGNED_IN,
        permission=COUPONS_MANAGE,
        scope="default",
        errors=(UnknownCoupon, ChangedMeanwhile, StepUpRequired),
    ),
    Endpoint(
        method="DELETE",
        path=f"{BASE}/coupons/{{coupon_id}}",
        name="coupon.archive",
        tag=_COUPON_TAG,
        summary="Archive a coupon",
        description="For good: it counts no more. What it was redeemed for stays.",
        handler=lambda container, _command, call: container.catalog.coupons.archive(
            call.ids["coupon_id"], call.caller
        ),
        result=CouponView,
        access=Access.SIGNED_IN,
        permission=COUPONS_MANAGE,
        scope="default",
        errors=(UnknownCoupon, StepUpRequired),
    ),
)

_METERS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{BASE}/meters",
        name="meter.list",
        tag=_METER_TAG,
        summary="List a product's meters",
        description=_OWN,
        handler=lambda container, command, call: container.catalog.meters.find(command, call.caller),
        command=ListMeters,
        result=MeterList,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_READ,
        scope="default",
        errors=(UnknownProduct, StepUpRequired),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/meters",
        name="meter.create",
        tag=_METER_TAG,
        summary="Make a meter",
        description=_OWN,
        handler=lambda container, command, call: container.catalog.meters.create(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=CreateMeter,
        check=lambda container, command, found: container.catalog.meters.check_create(command, found),
        result=MeterView,
        status=201,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_UPDATE,
        scope="default",
        errors=(UnknownProduct, CodeTaken, TooManyInCatalog, StepUpRequired, *_IDEMPOTENT),
        idempotent=True,
    ),
    Endpoint(
        method="PATCH",
        path=f"{BASE}/meters/{{meter_id}}",
        name="meter.update",
        tag=_METER_TAG,
        summary="Change a meter's words",
        description=_OWN,
        handler=lambda container, command, call: container.catalog.meters.change(
            call.ids["meter_id"], command, call.caller
        ),
        command=ChangeMeter,
        result=MeterView,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_UPDATE,
        scope="default",
        errors=(UnknownMeter, ChangedMeanwhile, StepUpRequired),
    ),
    Endpoint(
        method="DELETE",
        path=f"{BASE}/meters/{{meter_id}}",
        name="meter.archive",
        tag=_METER_TAG,
        summary="Archive a meter",
        description="It takes no new prices; those that there are go on. " + _OWN,
        handler=lambda container, _command, call: container.catalog.meters.archive(
            call.ids["meter_id"], call.caller
        ),
        result=MeterView,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_DELETE,
        scope="default",
        errors=(UnknownMeter, StepUpRequired),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/plans/{{plan_id}}/metered-prices",
        name="metered_price.set",
        tag=_METER_TAG,
        summary="Set what a plan charges for usage",
        description="From now or a later instant on, in one currency. Exact arithmetic, rounded half up once "
        "at the end of the line. " + _OWN,
        handler=lambda container, command, call: container.catalog.meters.set_price(
            call.ids["plan_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=SetMeteredPrice,
        result=MeteredPriceView,
        status=201,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_UPDATE,
        scope="default",
        errors=(
            UnknownPlan,
            UnknownMeter,
            PlanArchived,
            ChangedMeanwhile,
            StepUpRequired,
            *_IDEMPOTENT,
        ),
        idempotent=True,
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_COUPONS, *_METERS)

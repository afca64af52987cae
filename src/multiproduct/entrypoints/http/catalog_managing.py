"""The endpoints by which staff and providers keep products and plans."""

from collections.abc import Sequence

from multiproduct.application.catalog import (
    ChangePlan,
    ChangeProduct,
    CreatePlan,
    CreateProduct,
    ListPlans,
    ListProducts,
    ManagedPlan,
    ManagedPlanPage,
    ManagedProduct,
    ManagedProductPage,
    PriceHistory,
    SetPrice,
)
from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.domain.catalog import (
    ChangedMeanwhile,
    CodeTaken,
    PlanArchived,
    ProductMoveRefused,
    ProductStatus,
    SlugTaken,
    TooManyInCatalog,
    UnknownPlan,
    UnknownProduct,
)
from multiproduct.domain.catalog.permissions import (
    PRODUCTS_CREATE,
    PRODUCTS_DELETE,
    PRODUCTS_PUBLISH,
    PRODUCTS_READ,
    PRODUCTS_UPDATE,
)
from multiproduct.domain.shared import StepUpRequired
from multiproduct.entrypoints.http.catalog import BASE
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_TAG = "Catalog management"
_OWN = "Providers do so with their own; another's is answered as one that there is not."
_IDEMPOTENT = (IdempotencyMismatch, IdempotencyUnfinished)

_PRODUCTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{BASE}/manage/products",
        name="managed_product.list",
        tag=_TAG,
        summary="List products, whatever their status",
        description=_OWN,
        handler=lambda container, command, call: container.catalog.products.find(command, call.caller),
        command=ListProducts,
        result=ManagedProductPage,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_READ,
        scope="default",
        errors=(StepUpRequired,),
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/manage/products/{{product_id}}",
        name="managed_product.read",
        tag=_TAG,
        summary="Read a product, whatever its status",
        description=_OWN,
        handler=lambda container, _command, call: container.catalog.products.read(
            call.ids["product_id"], call.caller
        ),
        result=ManagedProduct,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_READ,
        scope="default",
        errors=(UnknownProduct, StepUpRequired),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/products",
        name="product.create",
        tag=_TAG,
        summary="Make a product",
        description="As a draft: it is on sale once it is published. " + _OWN,
        handler=lambda container, command, call: container.catalog.products.create(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=CreateProduct,
        check=lambda container, command, found: container.catalog.products.check_create(command, found),
        result=ManagedProduct,
        status=201,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_CREATE,
        scope="default",
        errors=(SlugTaken, CodeTaken, StepUpRequired, *_IDEMPOTENT),
        idempotent=True,
    ),
    Endpoint(
        method="PATCH",
        path=f"{BASE}/products/{{product_id}}",
        name="product.update",
        tag=_TAG,
        summary="Change a product",
        description=_OWN,
        handler=lambda container, command, call: container.catalog.products.change(
            call.ids["product_id"], command, call.caller
        ),
        command=ChangeProduct,
        check=lambda container, command, found: container.catalog.products.check_change(command, found),
        result=ManagedProduct,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_UPDATE,
        scope="default",
        errors=(UnknownProduct, ProductMoveRefused, ChangedMeanwhile, StepUpRequired),
    ),
    Endpoint(
        method="DELETE",
        path=f"{BASE}/products/{{product_id}}",
        name="product.archive",
        tag=_TAG,
        summary="Archive a product",
        description="For good: it is not sold any more, and what was sold goes on. " + _OWN,
        handler=lambda container, _command, call: container.catalog.products.move(
            call.ids["product_id"], ProductStatus.ARCHIVED, call.caller
        ),
        result=ManagedProduct,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_DELETE,
        scope="default",
        errors=(UnknownProduct, StepUpRequired),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/products/{{product_id}}/publish",
        name="product.publish",
        tag=_TAG,
        summary="Publish a product",
        description=_OWN,
        handler=lambda container, _command, call: container.catalog.products.move(
            call.ids["product_id"], ProductStatus.PUBLISHED, call.caller
        ),
        result=ManagedProduct,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_PUBLISH,
        scope="default",
        errors=(UnknownProduct, ProductMoveRefused, StepUpRequired),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/products/{{product_id}}/unpublish",
        name="product.unpublish",
        tag=_TAG,
        summary="Take a product from sale",
        description="What was sold goes on. " + _OWN,
        handler=lambda container, _command, call: container.catalog.products.move(
            call.ids["product_id"], ProductStatus.UNPUBLISHED, call.caller
        ),
        result=ManagedProduct,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_PUBLISH,
        scope="default",
        errors=(UnknownProduct, ProductMoveRefused, StepUpRequired),
    ),
)

_PLANS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{BASE}/manage/plans",
        name="managed_plan.list",
        tag=_TAG,
        summary="List a product's plans, also those not offered",
        description=_OWN,
        handler=lambda container, command, call: container.catalog.plans.find(command, call.caller),
        command=ListPlans,
        result=ManagedPlanPage,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_READ,
        scope="default",
        errors=(UnknownProduct, StepUpRequired),
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/manage/plans/{{plan_id}}",
        name="managed_plan.read",
        tag=_TAG,
        summary="Read a plan, also one that is not offered",
        description=_OWN,
        handler=lambda container, _command, call: container.catalog.plans.read(
            call.ids["plan_id"], call.caller
        ),
        result=ManagedPlan,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_READ,
        scope="default",
        errors=(UnknownPlan, StepUpRequired),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/plans",
        name="plan.create",
        tag=_TAG,
        summary="Make a plan",
        description="Without a product it is one of the installation's own. " + _OWN,
        handler=lambda container, command, call: container.catalog.plans.create(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=CreatePlan,
        check=lambda container, command, found: container.catalog.plans.check_create(command, found),
        result=ManagedPlan,
        status=201,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_UPDATE,
        scope="default",
        errors=(
            UnknownProduct,
            ProductMoveRefused,
            SlugTaken,
            CodeTaken,
            TooManyInCatalog,
            StepUpRequired,
            *_IDEMPOTENT,
        ),
        idempotent=True,
    ),
    Endpoint(
        method="PATCH",
        path=f"{BASE}/plans/{{plan_id}}",
        name="plan.update",
        tag=_TAG,
        summary="Change a plan",
        description="But for its prices, which are set by themselves. " + _OWN,
        handler=lambda container, command, call: container.catalog.plans.change(
            call.ids["plan_id"], command, call.caller
        ),
        command=ChangePlan,
        result=ManagedPlan,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_UPDATE,
        scope="default",
        errors=(UnknownPlan, PlanArchived, ChangedMeanwhile, StepUpRequired),
    ),
    Endpoint(
        method="DELETE",
        path=f"{BASE}/plans/{{plan_id}}",
        name="plan.archive",
        tag=_TAG,
        summary="Archive a plan",
        description="For good: it is not sold any more, and what was sold goes on. " + _OWN,
        handler=lambda container, _command, call: container.catalog.plans.archive(
            call.ids["plan_id"], call.caller
        ),
        result=ManagedPlan,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_DELETE,
        scope="default",
        errors=(UnknownPlan, StepUpRequired),
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/plans/{{plan_id}}/prices",
        name="plan_price.list",
        tag=_TAG,
        summary="List what a plan cost, costs and will cost",
        description=_OWN,
        handler=lambda container, _command, call: container.catalog.plans.prices(
            call.ids["plan_id"], call.caller
        ),
        result=PriceHistory,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_READ,
        scope="default",
        errors=(UnknownPlan, StepUpRequired),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/plans/{{plan_id}}/prices",
        name="plan_price.set",
        tag=_TAG,
        summary="Set a plan's price in one currency",
        description="From now or a later instant on. What was sold keeps the price it was sold at. " + _OWN,
        handler=lambda container, command, call: container.catalog.plans.set_price(
            call.ids["plan_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=SetPrice,
        result=ManagedPlan,
        access=Access.SIGNED_IN,
        permission=PRODUCTS_UPDATE,
        scope="default",
        errors=(
            UnknownPlan,
            PlanArchived,
            TooManyInCatalog,
            ChangedMeanwhile,
            StepUpRequired,
            *_IDEMPOTENT,
        ),
        idempotent=True,
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_PRODUCTS, *_PLANS)

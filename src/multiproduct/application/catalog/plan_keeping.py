"""Keeping plans: making and changing them, setting their prices, archiving them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.catalog.authority import require_anywhere, require_on
from multiproduct.application.catalog.browsing import plan_cursor
from multiproduct.application.catalog.commands import ChangePlan, CreatePlan, ListPlans, SetPrice
from multiproduct.application.catalog.default_product import DefaultProduct
from multiproduct.application.catalog.places import order_place
from multiproduct.application.catalog.plan_reading import PlanReading
from multiproduct.application.catalog.ports import CatalogUnit, PlanFilter
from multiproduct.application.catalog.product_keeping import add_under_free_names
from multiproduct.application.catalog.reading_input import (
    read_amount,
    read_amounts,
    read_cycle,
    read_discount,
)
from multiproduct.application.catalog.results import ManagedPlan, ManagedPlanPage, PriceHistory, PriceView
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.paging import page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.catalog import (
    ChangedMeanwhile,
    Offering,
    Plan,
    Price,
    Product,
    ProductMoveRefused,
    ProductStatus,
    TooManyInCatalog,
    UnknownPlan,
    UnknownProduct,
)
from multiproduct.domain.catalog.names import code_of, read_code, read_slug, slug_of
from multiproduct.domain.catalog.permissions import PRODUCTS_DELETE, PRODUCTS_READ, PRODUCTS_UPDATE
from multiproduct.domain.shared import FieldProblem, InvalidInput

MAX_PLANS = 500
"""Of one product, archived ones aside."""
MAX_HISTORY = 200
_CREATE = "catalog.plans.create"
_PRICE = "catalog.plans.set_price"


class PlanKeeping:
    """Whoever may change a product keeps its plans."""

    def __init__(
        self,
        *,
        units: Units[CatalogUnit],
        clock: Clock,
        ids: Ids,
        plan_reading: PlanReading,
        default_product: DefaultProduct,
        idempotency: Idempotency,
        default_currency: str,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._plan_reading = plan_reading
        self._default_product = default_product
        self._idempotency = idempotency
        self._default_currency = default_currency

    async def find(self, command: ListPlans, caller: Caller) -> ManagedPlanPage:
        """A page of a product's plans, archived ones among them. Needs `catalog.product.read`. Raises
        InvalidInput, UnknownProduct."""
        require_anywhere(caller, PRODUCTS_READ)
        now = self._clock.now()
        after = order_place(command.cursor)
        async with self._units.view(caller) as view:
            product = await self._plan_reading.product(view, command.product)
            require_on(caller, PRODUCTS_READ, product, otherwise=UnknownProduct)
            wanted = PlanFilter(product_id=product.id)
            found = await view.plans.page(wanted, at=now, limit=command.limit + 1, after=after)
        page = page_of(list(found), limit=command.limit, cursor_of=plan_cursor)
        return ManagedPlanPage(
            items=[self._shown(offering, now) for offering in page.items],
            next_cursor=page.next_cursor,
        )

    async def read(self, plan_id: UUID, caller: Caller) -> ManagedPlan:
        """One plan, also one that is not offered. Needs `catalog.product.read`. Raises UnknownPlan."""
        require_anywhere(caller, PRODUCTS_READ)
        now = self._clock.now()
        async with self._units.view(caller) as view:
            return self._shown(await _of(view, plan_id, PRODUCTS_READ, caller, now), now)

    async def prices(self, plan_id: UUID, caller: Caller) -> PriceHistory:
        """All prices of a plan. Needs `catalog.product.read`. Raises UnknownPlan."""
        require_anywhere(caller, PRODUCTS_READ)
        now = self._clock.now()
        async with self._units.view(caller) as view:
            offering = await _of(view, plan_id, PRODUCTS_READ, caller, now)
            prices = await view.plans.prices(plan_id, limit=MAX_HISTORY)
        return PriceHistory(items=[PriceView.of(price, offering, now) for price in prices])

    async def create(
        self, command: CreatePlan, caller: Caller, *, idempotency_key: str | None = None
    ) -> ManagedPlan:
        """Makes a plan with its first prices, of the installation's own product where none is named. Needs
        `catalog.product.update`.

        Raises InvalidInput, UnknownProduct, ProductMoveRefused for an archived product, SlugTaken, CodeTaken,
        TooManyInCatalog, IdempotencyMismatch.
        """
        require_anywhere(caller, PRODUCTS_UPDATE)
        findings = InputFindings()
        self.check_create(command, findings)
        findings.refuse()
        now = self._clock.now()

        async def body(unit: CatalogUnit) -> ManagedPlan:
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_CREATE,
                caller=caller,
                command=command,
                answer_type=ManagedPlan,
                now=now,
                body=lambda: self._create(unit, command, caller, now),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    def check_create(self, command: CreatePlan, findings: InputFindings) -> None:
        """Adds what `create` would refuse in the fields of a command, also of one that lacks some."""
        slug, code, prices, cycle = command.slug, command.code, command.prices, command.cycle
        if slug is not None:
            findings.read(lambda: read_slug(slug), "slug")
        if code is not None:
            findings.read(lambda: read_code(code), "code")
        if prices is not None:
            findings.read(lambda: read_amounts(prices, "prices"), "prices")
        if cycle is not None:
            findings.read(
                lambda: read_cycle(cycle, days=command.cycle_days, months=command.cycle_months),
                "cycle",
                "cycle_days",
                "cycle_months",
            )
        findings.read(
            lambda: read_discount(
                command.discount_percent, command.discount_starts_at, command.discount_ends_at
            ),
            "discount_percent",
            "discount_starts_at",
            "discount_ends_at",
        )

    async def change(self, plan_id: UUID, command: ChangePlan, caller: Caller) -> ManagedPlan:
        """Changes the given fields. Needs `catalog.product.update`. Raises InvalidInput, UnknownPlan,
        PlanArchived, ChangedMeanwhile where `version` is not the present one."""

        async def change(unit: CatalogUnit, plan: Plan, now: datetime) -> None:
            _require_version(plan, command.version)
            plan.change(_wanted(command, plan), now=now)
            await unit.plans.save(plan)

        return await self._with(plan_id, PRODUCTS_UPDATE, caller, change)

    async def set_price(
        self, plan_id: UUID, command: SetPrice, caller: Caller, *, idempotency_key: str | None = None
    ) -> ManagedPlan:
        """Has a plan cost something else in one currency from an instant on. What was sold keeps its price.
        Needs `catalog.product.update`. Raises InvalidInput, UnknownPlan, PlanArchived, TooManyInCatalog,
        ChangedMeanwhile, IdempotencyMismatch."""
        amount = read_amount(command.price, "price")

        async def change(unit: CatalogUnit, plan: Plan, now: datetime) -> None:
            _require_version(plan, command.version)
            valid_from = command.valid_from or now
            if valid_from < now:
                raise InvalidInput(FieldProblem("valid_from", "not_in_the_future"))
            plan.set_price(Price(id=self._ids.next(), amount=amount, valid_from=valid_from), now=now)
            await unit.plans.save_prices(plan)

        return await self._with(plan_id, PRODUCTS_UPDATE, caller, change, keyed=(command, idempotency_key))

    async def archive(self, plan_id: UUID, caller: Caller) -> ManagedPlan:
        """Ends the offer of a plan for good. What was sold goes on. Needs `catalog.product.delete`. Raises
        UnknownPlan."""

        async def change(unit: CatalogUnit, plan: Plan, now: datetime) -> None:
            plan.archive(now=now)
            await unit.plans.save(plan)

        return await self._with(plan_id, PRODUCTS_DELETE, caller, change)

    async def _with(
        self,
        plan_id: UUID,
        permission: str,
        caller: Caller,
        change: Callable[[CatalogUnit, Plan, datetime], Awaitable[None]],
        *,
        keyed: tuple[SetPrice, str | None] | None = None,
    ) -> ManagedPlan:
        require_anywhere(caller, permission)
        now = self._clock.now()

        async def effect(unit: CatalogUnit) -> ManagedPlan:
            offering = await _of(unit, plan_id, permission, caller, now)
            await change(unit, offering.plan, now)
            return self._shown(offering, now)

        async def body(unit: CatalogUnit) -> ManagedPlan:
            if keyed is None:
                answer = await effect(unit)
            else:
                answer = await self._idempotency.once(
                    unit,
                    key=keyed[1],
                    activity=f"{_PRICE}/{plan_id}",
                    caller=caller,
                    command=keyed[0],
                    answer_type=ManagedPlan,
                    now=now,
                    body=lambda: effect(unit),
                )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    async def _product(
        self, unit: CatalogUnit, command: CreatePlan, caller: Caller, now: datetime
    ) -> Product:
        if command.product is None:
            caller.require(PRODUCTS_UPDATE)
            return await self._default_product.ensure(unit, now=now)
        product = await self._plan_reading.product(unit, command.product)
        require_on(caller, PRODUCTS_UPDATE, product, otherwise=UnknownProduct)
        return product

    async def _create(
        self, unit: CatalogUnit, command: CreatePlan, caller: Caller, now: datetime
    ) -> ManagedPlan:
        product = await self._product(unit, command, caller, now)
        if product.status is ProductStatus.ARCHIVED:
            raise ProductMoveRefused(status=product.status.value)
        if await unit.plans.count(product.id) >= MAX_PLANS:
            raise TooManyInCatalog(max=MAX_PLANS)
        plan = self._plan(command, product, now)
        await add_under_free_names(
            plan,
            unit.plans.add,
            keeps_slug=command.slug is not None,
            keeps_code=command.code is not None,
        )
        plan.created()
        return self._shown(Offering(plan=plan, product=product), now)

    def _shown(self, offering: Offering, now: datetime) -> ManagedPlan:
        return ManagedPlan.managed(offering, at=now, default_currency=self._default_currency)

    def _plan(self, command: CreatePlan, product: Product, now: datetime) -> Plan:
        plan_id = self._ids.next()
        tail = plan_id.hex[-6:]
        return Plan(
            id=plan_id,
            product_id=product.id,
            name=command.name,
            slug=command.slug or slug_of(product.slug, command.name, fallback=f"plan-{tail}"),
            code=read_code(command.code)
            if command.code
            else code_of(command.name, fallback=f"PLAN_{tail.upper()}"),
            description=command.description,
            cycle=read_cycle(command.cycle, days=command.cycle_days, months=command.cycle_months),
            prices=tuple(
                Price(id=self._ids.next(), amount=amount, valid_from=now)
                for amount in read_amounts(command.prices, "prices")
            ),
            discount=read_discount(
                command.discount_percent, command.discount_starts_at, command.discount_ends_at
            ),
            features=tuple(command.features),
            max_users=command.max_users,
            storage_gb=command.storage_gb,
            is_popular=command.is_popular,
            sort_order=command.sort_order,
            has_trial=command.has_trial,
            trial_days=command.trial_days,
            is_active=command.is_active,
            created_at=now,
            updated_at=now,
        )


async def _of(unit: CatalogUnit, plan_id: UUID, permission: str, caller: Caller, now: datetime) -> Offering:
    offering = await unit.plans.find(plan_id, at=now)
    if offering is None:
        raise UnknownPlan
    require_on(caller, permission, offering.product, otherwise=UnknownPlan)
    return offering


def _require_version(plan: Plan, version: int | None) -> None:
    if version not in (None, plan.version):
        raise ChangedMeanwhile


_PLAIN = (
    "name",
    "description",
    "max_users",
    "storage_gb",
    "is_popular",
    "sort_order",
    "has_trial",
    "is_active",
)
_OF_DISCOUNT = ("discount_percent", "discount_starts_at", "discount_ends_at")


def _wanted(command: ChangePlan, plan: Plan) -> dict[str, Any]:
    """The attributes that a command would set. Raises InvalidInput."""
    given = command.model_fields_set
    wanted = {
        name: getattr(command, name)
        for name in _PLAIN
        if name in given and getattr(command, name) is not None
    }
    if "features" in given and command.features is not None:
        wanted["features"] = tuple(command.features)
    if "trial_days" in given:
        wanted["trial_days"] = command.trial_days
    if given.intersection(_OF_DISCOUNT):
        wanted["discount"] = _discount(command, plan)
    return wanted


def _discount(command: ChangePlan, plan: Plan) -> Any:
    """The discount with the given parts in the place of those that there are; none without a percentage."""
    given, present = command.model_fields_set, plan.discount
    if "discount_percent" in given and command.discount_percent is None:
        return None
    parts = {
        "discount_percent": None if present is None else str(present.percent),
        "discount_starts_at": None if present is None else present.starts_at,
        "discount_ends_at": None if present is None else present.ends_at,
    }
    chosen: dict[str, Any] = {
        name: getattr(command, name) if name in given else value for name, value in parts.items()
    }
    return read_discount(chosen["discount_percent"], chosen["discount_starts_at"], chosen["discount_ends_at"])

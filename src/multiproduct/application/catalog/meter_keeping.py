"""Keeping meters, and what plans charge for what they measure."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.catalog.authority import require_anywhere, require_on
from multiproduct.application.catalog.meter_commands import (
    ChangeMeter,
    CreateMeter,
    ListMeters,
    SetMeteredPrice,
)
from multiproduct.application.catalog.meter_results import MeteredPriceView, MeterList, MeterView
from multiproduct.application.catalog.plan_reading import PlanReading
from multiproduct.application.catalog.ports import CatalogUnit
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.catalog import (
    Aggregation,
    ChangedMeanwhile,
    Meter,
    MeteredPrice,
    Plan,
    PlanMetered,
    PriceModel,
    Tariff,
    Tier,
    TooManyInCatalog,
    UnitPrice,
    UnknownMeter,
    UnknownPlan,
    UnknownProduct,
)
from multiproduct.domain.catalog.names import read_code
from multiproduct.domain.catalog.permissions import PRODUCTS_DELETE, PRODUCTS_READ, PRODUCTS_UPDATE
from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.domain.shared.money import Currency, Money

MAX_METERS = 100
"""Of one product."""
_CREATE = "catalog.meters.create"
_PRICE = "catalog.plans.set_metered_price"


class MeterKeeping:
    """Whoever may change a product keeps its meters."""

    def __init__(
        self,
        *,
        units: Units[CatalogUnit],
        clock: Clock,
        ids: Ids,
        plan_reading: PlanReading,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._plan_reading = plan_reading
        self._idempotency = idempotency

    async def find(self, command: ListMeters, caller: Caller) -> MeterList:
        """A product's meters. Needs `catalog.product.read`. Raises UnknownProduct."""
        require_anywhere(caller, PRODUCTS_READ)
        async with self._units.view(caller) as view:
            product = await self._plan_reading.product(view, command.product)
            require_on(caller, PRODUCTS_READ, product, otherwise=UnknownProduct)
            meters = await view.meters.of_product(product.id, limit=MAX_METERS)
        return MeterList(items=[MeterView.of(meter) for meter in meters])

    async def create(
        self, command: CreateMeter, caller: Caller, *, idempotency_key: str | None = None
    ) -> MeterView:
        """Makes a meter. Needs `catalog.product.update`. Raises InvalidInput, UnknownProduct, CodeTaken,
        TooManyInCatalog, IdempotencyMismatch."""
        require_anywhere(caller, PRODUCTS_UPDATE)
        findings = InputFindings()
        self.check_create(command, findings)
        findings.refuse()
        now = self._clock.now()

        async def body(unit: CatalogUnit) -> MeterView:
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_CREATE,
                caller=caller,
                command=command,
                answer_type=MeterView,
                now=now,
                body=lambda: self._create(unit, command, caller, now),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    def check_create(self, command: CreateMeter, findings: InputFindings) -> None:
        """Adds what `create` would refuse in the fields of a command, also of one that lacks some."""
        code = command.code
        if code is not None:
            findings.read(lambda: read_code(code), "code")

    async def change(self, meter_id: UUID, command: ChangeMeter, caller: Caller) -> MeterView:
        """Changes a meter's words. Needs `catalog.product.update`. Raises UnknownMeter, StaleAggregate where
        `version` is not the present one."""

        def change(meter: Meter, now: datetime) -> None:
            if command.version not in (None, meter.version):
                raise ChangedMeanwhile
            given = {"name": command.name, "unit": command.unit}
            meter.change({name: value for name, value in given.items() if value is not None}, now=now)

        return await self._with(meter_id, PRODUCTS_UPDATE, caller, change)

    async def archive(self, meter_id: UUID, caller: Caller) -> MeterView:
        """Has a meter take no new prices. Those that there are go on. Needs `catalog.product.delete`. Raises
        UnknownMeter."""
        return await self._with(meter_id, PRODUCTS_DELETE, caller, lambda meter, now: meter.archive(now=now))

    async def set_price(
        self,
        plan_id: UUID,
        command: SetMeteredPrice,
        caller: Caller,
        *,
        idempotency_key: str | None = None,
    ) -> MeteredPriceView:
        """Has a plan charge for what a meter measures, from an instant on. Needs `catalog.product.update`.
        Raises InvalidInput, UnknownPlan, UnknownMeter, PlanArchived, ChangedMeanwhile,
        IdempotencyMismatch."""
        require_anywhere(caller, PRODUCTS_UPDATE)
        _tariff(command)  # refused before anything is looked up
        now = self._clock.now()

        async def body(unit: CatalogUnit) -> MeteredPriceView:
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=f"{_PRICE}/{plan_id}",
                caller=caller,
                command=command,
                answer_type=MeteredPriceView,
                now=now,
                body=lambda: self._set_price(unit, plan_id, command, caller),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    async def _set_price(
        self,
        unit: CatalogUnit,
        plan_id: UUID,
        command: SetMeteredPrice,
        caller: Caller,
    ) -> MeteredPriceView:
        now = self._clock.now()
        offering = await unit.plans.find(plan_id, at=now)
        if offering is None:
            raise UnknownPlan
        require_on(caller, PRODUCTS_UPDATE, offering.product, otherwise=UnknownPlan)
        if command.version not in (None, offering.plan.version):
            raise ChangedMeanwhile
        valid_from = command.valid_from or now
        if valid_from < now:
            raise InvalidInput(FieldProblem("valid_from", "not_in_the_future"))
        meter = await _meter_of(unit, offering.plan, command.meter)
        price = MeteredPrice(
            id=self._ids.next(),
            plan_id=plan_id,
            meter_id=meter.id,
            tariff=_tariff(command),
            valid_from=valid_from,
        )
        offering.plan.touch(now=now)
        await unit.plans.save(offering.plan)
        await unit.metered_prices.put(price)
        unit.record(_metered(offering.plan, price, now))
        return MeteredPriceView.of(price)

    async def _create(
        self, unit: CatalogUnit, command: CreateMeter, caller: Caller, now: datetime
    ) -> MeterView:
        product = await self._plan_reading.product(unit, command.product)
        require_on(caller, PRODUCTS_UPDATE, product, otherwise=UnknownProduct)
        if len(await unit.meters.of_product(product.id, limit=MAX_METERS)) >= MAX_METERS:
            raise TooManyInCatalog(max=MAX_METERS)
        meter = Meter(
            id=self._ids.next(),
            product_id=product.id,
            code=read_code(command.code),
            name=command.name,
            unit=command.unit,
            aggregation=Aggregation(command.aggregation),
            created_at=now,
            updated_at=now,
        )
        await unit.meters.add(meter)
        meter.created()
        return MeterView.of(meter)

    async def _with(
        self,
        meter_id: UUID,
        permission: str,
        caller: Caller,
        change: Callable[[Meter, datetime], None],
    ) -> MeterView:
        require_anywhere(caller, permission)
        now = self._clock.now()

        async def body(unit: CatalogUnit) -> MeterView:
            meter = await unit.meters.find(meter_id)
            if meter is None:
                raise UnknownMeter
            product = await self._plan_reading.product(unit, meter.product_id)
            require_on(caller, permission, product, otherwise=UnknownMeter)
            change(meter, now)
            await unit.meters.save(meter)
            await unit.commit()
            return MeterView.of(meter)

        return await in_unit(lambda: self._units.open(caller), body)


async def _meter_of(unit: CatalogUnit, plan: Plan, named: str) -> Meter:
    """A meter of the plan's product, by id or code. Raises UnknownMeter."""
    try:
        meter = await unit.meters.find(UUID(named))
    except ValueError:
        meter = await unit.meters.find_code(plan.product_id, named.upper())
    if meter is None or meter.product_id != plan.product_id or meter.archived_at is not None:
        raise UnknownMeter
    return meter


def _tariff(command: SetMeteredPrice) -> Tariff:
    """Raises InvalidInput."""
    currency = Currency(command.currency)
    tiers = []
    for index, tier in enumerate(command.tiers):
        try:
            flat = Money.parse(tier.flat, currency)
        except ValueError:
            raise InvalidInput(FieldProblem(f"tiers.{index}.flat", "amount_digits")) from None
        tiers.append(Tier(up_to=tier.up_to, unit_price=UnitPrice(tier.unit_price), flat_minor=flat.minor))
    try:
        return Tariff(
            model=PriceModel(command.model),
            currency=currency,
            tiers=tuple(tiers),
            package_size=command.package_size,
        )
    except ValueError:
        raise InvalidInput(FieldProblem("tiers", "bad_tiers")) from None


def _metered(plan: Plan, price: MeteredPrice, now: datetime) -> PlanMetered:
    return PlanMetered(
        occurred_at=now,
        plan_id=plan.id,
        product_id=plan.product_id,
        code=plan.code,
        metered_price_id=price.id,
        meter_id=price.meter_id,
        currency=price.tariff.currency.code,
        valid_from=price.valid_from,
    )

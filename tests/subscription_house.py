"""Subscriptions on top of the house of billing: products and plans to buy, cards to pay with, a watchdog."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.adapters.jsonschema import JsonschemaConfigurationSchemas
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.billing.ports import Wanted
from multiproduct.application.caller import Caller
from multiproduct.application.catalog import CatalogParts, wire_catalog
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.payments.commands import StoreMethod
from multiproduct.application.subscriptions.commands import Purchase, PurchaseItem
from multiproduct.application.subscriptions.results import PurchaseView
from multiproduct.application.subscriptions.wiring import (
    SubscriptionParts,
    SubscriptionUseCases,
    wire_subscriptions,
)
from multiproduct.domain.billing import InvoiceStatus
from multiproduct.domain.catalog import (
    Cycle,
    CycleName,
    Meter,
    MeteredPrice,
    Plan,
    Price,
    PriceModel,
    Product,
    ProductStatus,
    Tariff,
    Tier,
    UnitPrice,
)
from multiproduct.domain.shared import Currency, Money
from multiproduct.domain.subscriptions import Subscription
from tests.billing_house import STARK_PAY, USD, House, a_house, by, by_staff

DAY = timedelta(days=1)


@dataclass
class SubscriptionHouse:
    """Everything of one test."""

    house: House
    subscriptions: SubscriptionUseCases

    @property
    def units(self) -> Any:
        return self.house.units

    @property
    def now(self):
        return self.house.clock.now()

    async def a_product(
        self, *, name: str = "CRM", trial_days: int = 14, schema: dict[str, Any] | None = None
    ) -> Product:
        key = str(a_uuid())
        product = Product(
            id=a_uuid(),
            name=name,
            slug=f"crm-{key}",
            code=f"CRM-{key}".upper(),
            schema=schema or {},
            trial_days=trial_days,
            status=ProductStatus.PUBLISHED,
            created_at=self.now,
            updated_at=self.now,
        )
        await self.house.do(lambda unit: unit.products.add(product))
        return product

    async def a_plan(
        self,
        product: Product | None = None,
        minor: int = 1_000,
        *,
        cycle: Cycle | None = None,
        currency: str = "USD",
    ) -> Plan:
        product = product or await self.a_product()
        key = str(a_uuid())
        plan = Plan(
            id=a_uuid(),
            product_id=product.id,
            name=f"Plan for {minor}",
            slug=f"plan-{key}",
            code=f"PLAN-{key}".upper(),
            cycle=cycle or Cycle.named(CycleName.MONTHLY),
            prices=(Price(id=a_uuid(), amount=Money(minor, Currency(currency)), valid_from=self.now),),
            has_trial=True,
            created_at=self.now,
            updated_at=self.now,
        )
        await self.house.do(lambda unit: unit.plans.add(plan))
        return plan

    async def a_meter(self, product: Product, aggregation: Any) -> Meter:
        meter = Meter(
            id=a_uuid(),
            product_id=product.id,
            code="calls",
            name="Calls",
            unit="calls",
            aggregation=aggregation,
            created_at=self.now,
            updated_at=self.now,
        )
        await self.house.do(lambda unit: unit.meters.add(meter))
        return meter

    async def meters(self, plan: Plan, meter: Meter, each: str = "0.10") -> None:
        """Usage of the plan costs so much for each."""
        tariff = Tariff(
            model=PriceModel.PER_UNIT, currency=USD, tiers=(Tier(up_to=None, unit_price=UnitPrice(each)),)
        )
        price = MeteredPrice(
            id=a_uuid(), plan_id=plan.id, meter_id=meter.id, tariff=tariff, valid_from=self.now
        )
        await self.house.do(lambda unit: unit.metered_prices.put(price))

    async def a_card(self, user_id: UUID, script: str = "approve") -> UUID:
        command = StoreMethod(gateway=STARK_PAY, token=f"tok_{script}")
        return (await self.house.payments.methods.store(command, by(user_id))).id

    async def buy(
        self,
        user_id: UUID,
        plan: Plan,
        *,
        quantity: int = 1,
        method_id: UUID | None = None,
        pays: bool = True,
        by_default_card: bool = True,
        key: str | None = None,
    ) -> PurchaseView:
        command = Purchase(
            items=[PurchaseItem(plan=str(plan.id), quantity=quantity)],
            payment_method=STARK_PAY if pays else None,
            method_id=method_id if pays else None,
            use_default_method=by_default_card,
        )
        return await self.subscriptions.purchasing.purchase(command, by(user_id), idempotency_key=key)

    async def bought(self, plan: Plan | None = None, **asked: Any) -> tuple[UUID, Subscription]:
        """A customer with a stored card, and their active subscription."""
        plan = plan or await self.a_plan()
        user_id = await self.house.a_customer()
        card = await self.a_card(user_id)
        answer = await self.buy(user_id, plan, method_id=card, **asked)
        return user_id, await self.found(answer.subscriptions[0].id)

    async def found(self, subscription_id: UUID) -> Subscription:
        async with self.units.view(by_staff()) as view:
            found: Subscription = await view.subscriptions.find(subscription_id)
        return found

    async def charges(self, subscription_id: UUID) -> list[Any]:
        async with self.units.view(by_staff()) as view:
            return list(await view.subscription_charges.of_subscription(subscription_id, limit=200))

    async def pass_by(self, by: timedelta) -> None:
        """Time passes; then everything that is due is done."""
        self.house.clock.move(by)
        await self.tend()

    async def tend(self) -> None:
        """What the scheduler does."""
        await self.house.billing.tending.expire_orders()
        await self.house.payments.janitor.run()
        await self.subscriptions.looking_after.run()

    async def books_balance(self, user_id: UUID) -> bool:
        """Whether the customer's invoices and what the ledger says they owe are the same."""
        async with self.units.view(by_staff()) as view:
            invoices = await view.invoices.page(Wanted(customer_id=user_id), after=None, limit=1_000)
        receivable = await self.house.balance(f"receivable:{user_id}:USD")
        # What was written off is not expected any more, though money may still come for it.
        return receivable == sum(each.due_minor for each in invoices if each.status is InvoiceStatus.OPEN)


def a_subscription_house(store: Any | None = None) -> SubscriptionHouse:
    """Subscriptions on the store, in memory where none is given."""
    house = a_house(store)
    idempotency = Idempotency(secret=b"s" * 32)
    catalog = wire_catalog(
        CatalogParts(
            units=house.units,
            clock=house.clock,
            ids=house.ids,
            schemas=JsonschemaConfigurationSchemas(),
            idempotency=idempotency,
            brand_name="Stark",
        )
    )
    wired = wire_subscriptions(
        SubscriptionParts(
            units=house.units,
            clock=house.clock,
            real_time=SystemRealTime(),
            ids=house.ids,
            idempotency=idempotency,
            catalog=catalog,
            ordering=house.billing.ordering,
            invoicing=house.billing.invoicing,
            settling=house.billing.settling,
            crediting=house.billing.crediting,
            driving=house.payments.driving,
        )
    )
    wired.reactions.declare(house.units._surroundings.reactions)
    wired.erasing.declare(house.units._surroundings.reactions)
    return SubscriptionHouse(house=house, subscriptions=wired)


def by_user(user_id: UUID) -> Caller:
    return by(user_id)

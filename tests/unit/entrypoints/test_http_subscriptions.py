"""Subscriptions over HTTP: canonical paths, and those of the source systems with their own fields."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from tests.unit.application.identity.role_holders import Holder, a_holder
from tests.unit.entrypoints.http_service import Service, running_service

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.caller import SYSTEM
from multiproduct.application.catalog import CreatePlan, CreateProduct
from multiproduct.domain.catalog import Cycle, CycleName, Plan, Price, Product, ProductStatus
from multiproduct.domain.shared import Currency, Money

BASE = "/api/v1/subscriptions"
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


@pytest.fixture
async def plan(service) -> Plan:
    product = Product(
        id=a_uuid(),
        name="Armour",
        slug="armour",
        code="STARK-MK85",
        trial_days=14,
        status=ProductStatus.PUBLISHED,
        created_at=BEGINNING,
        updated_at=BEGINNING,
    )
    plan = Plan(
        id=a_uuid(),
        product_id=product.id,
        name="Gold",
        slug="monthly-gold",
        code="MONTHLY_GOLD",
        cycle=Cycle.named(CycleName.MONTHLY),
        prices=(Price(id=a_uuid(), amount=Money(1_999, Currency("USD")), valid_from=BEGINNING),),
        has_trial=True,
        created_at=BEGINNING,
        updated_at=BEGINNING,
    )
    async with service.container.units.open(SYSTEM) as unit:
        await unit.products.add(product)
        await unit.plans.add(plan)
        await unit.commit()
    return plan


@pytest.fixture
async def member(service) -> Holder:
    holder = await a_holder(service.container, "standard_user")
    service.client.headers["authorization"] = f"Bearer {holder.token}"
    return holder


PURCHASE = {"product_id": "STARK-MK85", "plan_id": "MONTHLY_GOLD", "payment_method": "STARK_PAY"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/services/purchase/",
        "/subscriptions/purchase/",
        "/api/v1/subscriptions/purchase/",
        "/api/v1/services/subscriptions/purchase",
    ],
)
async def test_the_purchase_of_the_source_system_is_active_at_once(service, plan, member, path) -> None:
    bought = await service.client.post(path, json={**PURCHASE, "unknown": 1})
    assert bought.status_code == 201, bought.text
    assert bought.json()["subscriptions"][0]["status"] == "active"
    mine = (await service.client.get("/api/services/my-subscriptions/")).json()
    assert [each["plan_id"] for each in mine["items"]] == [str(plan.id)]


async def test_a_subscription_is_bought_changed_paused_and_cancelled(service, plan, member) -> None:
    wish = {"plan": "monthly-gold", "payment_method": "STARK_PAY"}
    bought = await service.client.post(f"{BASE}/purchases", json=wish, headers={"idempotency-key": "k"})
    assert bought.status_code == 201, bought.text
    again = await service.client.post(f"{BASE}/purchases", json=wish, headers={"idempotency-key": "k"})
    assert again.json()["order_id"] == bought.json()["order_id"]
    place = f"{BASE}/{bought.json()['subscriptions'][0]['id']}"
    preview = await service.client.post(f"{place}/change/preview", json={"quantity": 3})
    changed = await service.client.post(f"{place}/quantity", json={"quantity": 3})
    assert changed.status_code == 200, changed.text
    assert changed.json()["amount"] == preview.json()["cost"]
    assert changed.json()["subscriptions"][0]["quantity"] == 3
    assert (await service.client.patch(place, json={"auto_renew": False})).json()["auto_renew"] is False
    assert (await service.client.post(f"{place}/pause", json={})).json()["status"] == "paused"
    assert (await service.client.post(f"{place}/resume")).json()["status"] == "active"
    assert (await service.client.post(f"{place}/cancel", json={})).json()["cancel_at_period_end"] is True
    assert (await service.client.post(f"{place}/undo")).json()["cancel_at_period_end"] is False
    nothing = await service.client.post(f"{place}/undo")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_undo")


async def test_fluxus_creates_a_pending_one_and_sets_its_status(service, plan, member) -> None:
    made = await service.client.post("/api/subscriptions/", json={"plan_id": str(plan.id)})
    assert (made.status_code, made.json()["status"]) == (201, "pending")
    place = f"/api/subscriptions/{made.json()['id']}"
    refused = await service.client.patch(f"{place}/update_status/", json={"status": "active"})
    assert (refused.status_code, refused.json()["code"]) == (409, "transition_not_allowed")
    over = await service.client.patch(f"{place}/update_status/", json={"status": "cancelled"})
    assert (over.status_code, over.json()["status"]) == (200, "cancelled")


async def test_a_trial_is_started_once(service, plan, member) -> None:
    begun = await service.client.post("/api/services/start-trial/", json={"product_id": "STARK-MK85"})
    assert (begun.status_code, begun.json()["status"]) == (201, "trial")
    again = await service.client.post("/subscriptions/trial/start/", json={"plan_id": "MONTHLY_GOLD"})
    assert (again.status_code, again.json()["code"]) == (409, "trial_already_used")


async def test_anothers_subscription_answers_404(service, plan, member) -> None:
    made = await service.client.post(BASE, json={"plan": "monthly-gold"})
    stranger = await a_holder(service.container, "standard_user")
    service.client.headers["authorization"] = f"Bearer {stranger.token}"
    read = await service.client.get(f"{BASE}/{made.json()['id']}")
    assert (read.status_code, read.json()["code"]) == (404, "unknown_subscription")


@pytest.mark.parametrize("path", ["/api/v1/billing/orders", "/api/orders/"])
async def test_an_order_of_a_plan_is_served_when_it_is_paid(service, plan, member, path) -> None:
    ordered = await service.client.post(
        path, json={"plan_id" if path == "/api/orders/" else "plan": str(plan.id)}
    )
    assert ordered.status_code == 201, ordered.text
    assert ordered.json()["status"] == "pending"
    assert "19.99" in str(ordered.json()["amount"])
    subscription_id = ordered.json()["subscription_id"]
    place = f"{BASE}/{subscription_id}"
    assert (await service.client.get(place)).json()["status"] == "pending"
    told = await service.client.post("/api/orders/", json={"subscription": subscription_id})
    assert told.json()["id"] == ordered.json()["id"]
    paying = {"invoice_ids": [ordered.json()["invoice_id"]], "payment_method": "STARK_PAY"}
    paid = await service.client.post("/payment/process/", json=paying)
    assert paid.status_code in (200, 201), paid.text
    assert (await service.client.get(place)).json()["status"] == "active"
    refused = await service.client.post("/api/v1/billing/orders", json={"plan": str(plan.id)})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_subscribed")


async def test_an_order_of_neither_a_plan_nor_a_subscription_is_refused(service, member) -> None:
    refused = await service.client.post("/api/v1/billing/orders", json={})
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["field"] == "plan"


@pytest.mark.parametrize(
    ("default", "expected"), [("USD", "12.00 USD"), ("EUR", "10.00 EUR"), ("TWD", "10.00 EUR")]
)
async def test_the_price_that_is_shown_is_the_price_that_is_charged(default, expected) -> None:
    async with running_service(rate_limit_profile="unlimited", default_currency=default) as running:
        catalog = running.container.catalog
        made = await catalog.products.create(
            # A base price in the other currency than the one of the plan's price says nothing of the plan.
            CreateProduct.model_validate(
                {"name": "Tea", "code": "TEA", "base_price": {"amount": "10", "currency": "EUR"}}
            ),
            SYSTEM,
        )
        await catalog.products.move(made.id, ProductStatus.PUBLISHED, SYSTEM)
        prices = [{"amount": "10", "currency": "EUR"}, {"amount": "12", "currency": "USD"}]
        managed = await catalog.plans.create(
            CreatePlan.model_validate(
                {"product": "TEA", "name": "Leaf", "slug": "leaf", "cycle": "monthly", "prices": prices}
            ),
            SYSTEM,
        )
        holder = await a_holder(running.container, "standard_user")
        running.client.headers["authorization"] = f"Bearer {holder.token}"
        get, post = running.client.get, running.client.post
        listed = (await get("/api/v1/catalog/plans")).json()["items"][0]
        read = (await get(f"/api/v1/catalog/plans/{managed.id}")).json()
        of_product = (await get(f"/api/v1/catalog/products/{made.id}")).json()["plans"][0]
        preview = (await post(f"{BASE}/purchases/preview", json={"plan": "leaf"})).json()
        ordered = (await post("/api/v1/billing/orders", json={"plan": "leaf"})).json()
        bought = (await post(f"{BASE}/purchases", json={"plan": "leaf"})).json()
    told = [
        *(each["final_price"] for each in (managed.model_dump(), listed, read, of_product)),
        preview,
        ordered["amount"],
        bought["amount"],
    ]
    assert [f"{each['amount']} {each['currency']}" for each in told] == [expected] * 7

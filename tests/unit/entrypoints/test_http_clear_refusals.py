"""A refusal says which field it is about and what is allowed there, in the language of who reads it."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.application.identity.role_holders import a_holder
from tests.unit.entrypoints.http_service import Service, running_service

from multiproduct.application.caller import SYSTEM
from multiproduct.application.catalog import CreatePlan, CreateProduct
from multiproduct.domain.catalog import ProductStatus

SCHEMA = {
    "type": "object",
    "properties": {"region": {"enum": ["eu", "us"]}, "seats": {"type": "integer", "minimum": 1}},
    "required": ["region"],
    "additionalProperties": False,
}
NO_ID = "0199b2a4-7c1e-7d3a-9f00-6a1b2c3d4e5f"
BUY = "/api/v1/subscriptions/purchases"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        catalog = running.container.catalog
        for code in ("TEA", "POT"):
            product = {"name": code.title(), "code": code, "product_schema": SCHEMA}
            made = await catalog.products.create(CreateProduct.model_validate(product), SYSTEM)
            await catalog.products.move(made.id, ProductStatus.PUBLISHED, SYSTEM)
            prices = [{"amount": "10", "currency": "EUR"}, {"amount": "12", "currency": "USD"}]
            plan = {"product": code, "name": "Leaf", "slug": f"leaf-{code.lower()}", "cycle": "monthly"}
            await catalog.plans.create(CreatePlan.model_validate({**plan, "prices": prices}), SYSTEM)
        holder = await a_holder(running.container, "admin")
        running.client.headers["authorization"] = f"Bearer {holder.token}"
        yield running


def told(answer, status: int = 422) -> list[tuple[str, str, str]]:
    assert answer.status_code == status, answer.text
    return [(each["field"], each["code"], each["message"]) for each in answer.json()["errors"]]


@pytest.mark.parametrize("moment", ["2026-11-01", "yesterday", "2026-11-01T00:00:00"])
async def test_where_a_moment_is_asked_the_form_with_a_zone_is_named(service, moment):
    answer = await service.client.get(f"/api/v1/billing/statements?currency=EUR&since={moment}")
    message = "Enter a moment with its time zone (RFC 3339), such as 2026-11-21T06:30:00Z."
    assert told(answer) == [("since", "invalid_date", message)]


async def test_a_span_that_ends_before_it_begins_is_told_in_words(service):
    path = "/api/v1/billing/statements?currency=EUR&since=2027-01-01T00:00:00Z&until=2026-01-01T00:00:00Z"
    answer = await service.client.get(path)
    message = "This has to come after 2027-01-01T00:00:00+00:00."
    assert told(answer) == [("until", "out_of_range", message)]
    spanish = await service.client.get(f"{path}&lang=es")
    assert told(spanish)[0][2] == "Esto tiene que ser posterior a 2027-01-01T00:00:00+00:00."


async def test_a_tax_rate_names_its_limits(service):
    rule = {"country": "DE", "name": "MwSt.", "rate": "190"}
    answer = await service.client.post("/api/v1/billing/tax-rules", json=rule)
    assert told(answer) == [("rate", "out_of_range", "Use a value from 0 to 100.")]


@pytest.mark.parametrize(
    ("amount", "currency", "code", "message"),
    [
        ("1e3", "TWD", "invalid", "Write the amount as a plain decimal number, such as 19.99."),
        ("1e3", "JPY", "invalid", "Write the amount as a plain decimal number, such as 1999."),
        ("١٠", "EUR", "invalid", "Write the amount as a plain decimal number, such as 19.99."),
        ("10.", "EUR", "invalid", "Write the amount as a plain decimal number, such as 19.99."),
        (
            "99999999999999999.99",
            "EUR",
            "value_too_large",
            "The most that is allowed here is 9999999999999999.99.",
        ),
        ("1.5", "JPY", "amount_digits", "This currency has fewer digits behind the point."),
    ],
)
async def test_an_amount_is_told_what_is_wrong_with_it(service, amount, currency, code, message):
    document = {"name": "Cup", "base_price": {"amount": amount, "currency": currency}}
    answer = await service.client.post("/api/v1/catalog/products", json=document)
    assert told(answer) == [("base_price.amount", code, message)]


async def test_a_configuration_is_named_by_its_item_and_told_what_it_may_be(service):
    items = [
        {"plan": "leaf-tea", "configuration": {"region": "eu"}},
        {"plan": "leaf-pot", "configuration": {"region": "mars", "seats": 0, "colour": "red", "lid": 1}},
    ]
    answer = await service.client.post(BUY, json={"items": items})
    assert sorted(told(answer)) == [
        ("items.1.configuration.colour", "breaks_schema", "There is no such field."),
        ("items.1.configuration.lid", "breaks_schema", "There is no such field."),
        ("items.1.configuration.region", "breaks_schema", 'What can stand here: "eu", "us".'),
        ("items.1.configuration.seats", "breaks_schema", "This breaks a rule of the product: minimum 1."),
    ]
    for path in (BUY, f"{BUY}/preview", "/api/v1/subscriptions"):
        alone = await service.client.post(path, json={"plan": "leaf-tea"})
        assert told(alone) == [("configuration.region", "breaks_schema", "This is required.")]


async def test_a_schema_of_a_product_is_told_what_can_stand_there(service):
    kinds = '"array", "boolean", "integer", "null", "number", "object", "string"'
    document = {"name": "Cup", "product_schema": {"type": "objekt"}}
    answer = await service.client.post("/api/v1/catalog/products", json=document)
    assert told(answer) == [("product_schema.type", "bad_schema", f"What can stand here: {kinds}.")]


async def test_a_value_beyond_a_limit_is_told_the_limit(service):
    answer = await service.client.get("/api/v1/catalog/plans?limit=1000")
    assert told(answer) == [("limit", "value_too_large", "The most that is allowed here is 200.")]


async def test_a_field_given_twice_is_told_so(service):
    body = b'{"plan": "leaf-tea", "plan": "leaf-pot"}'
    answer = await service.client.post(BUY, content=body, headers={"content-type": "application/json"})
    assert told(answer) == [("plan", "invalid", "This is given 2 times. Give it once.")]


@pytest.mark.parametrize(
    ("document", "field", "code"),
    [
        ({"plan": "none"}, "plan", "plan_not_found"),
        ({"items": [{"plan": "leaf-tea"}, {"plan": "none"}]}, "items.1.plan", "plan_not_found"),
        ({"items": [{"plan": "leaf-tea", "product": "CUP"}]}, "items.0.product", "product_not_found"),
        ({"plan": "leaf-tea", "coupons": ["none"]}, "coupons.0", "coupon_not_found"),
        ({"plan": "leaf-tea", "payment_method": "GOLD"}, "payment_method", "unknown_gateway"),
        (
            {"plan": "leaf-tea", "payment_method": "STARK_PAY", "method_id": NO_ID},
            "method_id",
            "unknown_payment_method",
        ),
    ],
)
async def test_what_there_is_none_of_is_named_by_its_field(service, document, field, code):
    region = {"configuration": {"region": "eu"}}
    if "items" in document:
        document = {"items": [{**item, **region} for item in document["items"]]}
    else:
        document = {**document, **region}
    answer = await service.client.post(BUY, json=document)
    [(named, said, message)] = told(answer, 404)
    assert (named, said, message) == (field, code, answer.json()["detail"])


async def test_an_alias_names_the_field_as_it_was_sent(service):
    answer = await service.client.post("/api/services/purchase/", json={"plan_id": "none"})
    assert [field for field, _, _ in told(answer, 404)] == ["plan_id"]


async def test_a_plan_without_a_price_in_the_currency_says_in_which_it_has_one(service):
    document = {"plan": "leaf-tea", "currency": "JPY", "configuration": {"region": "eu"}}
    answer = await service.client.post(BUY, json=document)
    assert answer.json()["detail"] == "Leaf has no price in JPY. Its prices are in: EUR, USD."
    assert told(answer, 409) == [("currency", "no_price_in_currency", answer.json()["detail"])]


async def test_a_country_that_there_is_none_of_is_on_no_invoice_and_has_no_tax(service):
    path, wording = "/api/v1/billing/customer", "Enter the two letters of a country, such as TW."
    answer = await service.client.put(path, json={"country": "ZZ", "tax_id": "DE123"})
    assert told(answer) == [("country", "invalid_country", wording)]
    assert (await service.client.get(path)).json()["country"] is None
    rule = {"country": "ZZ", "name": "VAT", "rate": "19"}
    refused = await service.client.post("/api/v1/billing/tax-rules", json=rule)
    assert told(refused) == [("country", "invalid_country", wording)]
    taken = await service.client.put(path, json={"country": "DE", "tax_id": "DE136695976"})
    assert (taken.status_code, taken.json()["tax_id"]) == (200, "DE136695976")

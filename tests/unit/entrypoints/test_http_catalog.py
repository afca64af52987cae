"""The catalog over HTTP: everybody reads it, clients keep it, and each source system's own understand it."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from tests.unit.entrypoints.http_service import Service, running_service

from multiproduct.application.caller import SYSTEM
from multiproduct.application.catalog import ChangePlan, CreatePlan, CreateProduct
from multiproduct.domain.catalog import ProductStatus


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="multiproduct") as running:
        catalog = running.container.catalog
        made = await catalog.products.create(
            CreateProduct.model_validate({"name": "STARK CRM", "code": "STARK-MK85"}), SYSTEM
        )
        await catalog.products.move(made.id, ProductStatus.PUBLISHED, SYSTEM)
        for name, amount in (("Gold", "600"), ("Silver", "300")):
            await catalog.plans.create(
                CreatePlan.model_validate(
                    {
                        "product": "STARK-MK85",
                        "name": name,
                        "cycle": "monthly",
                        "prices": [{"amount": amount, "currency": "TWD"}],
                        "discount_percent": "10",
                    }
                ),
                SYSTEM,
            )
        yield running


async def test_an_answer_that_a_client_has_is_not_sent_again(service):
    for path in ("/api/v1/catalog/products", "/api/v1/catalog/plans", "/api/plans/"):
        first = await service.client.get(path)
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "public, max-age=60"
        for header in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = await service.client.get(path, headers={"if-none-match": header})
            assert (again.status_code, again.content) == (304, b""), header
            assert again.headers["etag"] == tag
            assert "cache-control" in again.headers
        other = await service.client.get(path, headers={"if-none-match": '"other"'})
        assert other.status_code == 200


async def test_the_tag_changes_with_what_is_told(service):
    path = "/api/v1/catalog/plans"
    before = await service.client.get(path)
    plan = before.json()["items"][0]
    await service.container.catalog.plans.change(UUID(plan["id"]), ChangePlan(max_users=9), SYSTEM)
    after = await service.client.get(path, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]


async def test_reading_the_catalog_takes_nothing_of_a_days_quota(service):
    for _ in range(110):
        answer = await service.client.get("/api/v1/catalog/products")
        assert answer.status_code == 200
    assert "catalog_reads" in answer.headers["ratelimit"]


@pytest.mark.parametrize(
    "path",
    ["/products/", "/products", "/api/v1/products/", "/api/v1/services/products/", "/api/services/products/"],
)
async def test_multiproducts_clients_read_products(service, path):
    listed = (await service.client.get(path)).json()
    assert [(item["name"], item["code"]) for item in listed["items"]] == [("STARK CRM", "STARK-MK85")]
    if "services/products" not in path.replace("v1/services", ""):
        read = (await service.client.get(f"{path.rstrip('/')}/{listed['items'][0]['id']}/")).json()
        assert [plan["name"] for plan in read["plans"]] == ["Gold", "Silver"]


async def test_fluxus_clients_read_plans_under_their_names(service):
    listed = (await service.client.get("/api/plans/")).json()["items"]
    plan = (await service.client.get(f"/api/plans/{listed[0]['id']}/")).json()
    assert plan["name"] == "Gold"
    assert (plan["price"], plan["currency"], plan["final_price"]) == ("600.00", "TWD", "540.00")
    assert (plan["billing_cycle"], plan["max_users"], plan["max_storage_gb"]) == ("monthly", 1, 10)
    assert (plan["is_popular"], plan["sort_order"], plan["features"]) == (False, 0, [])
    assert plan["prices"][0]["price"] == "600.00"
    assert not {"cycle", "storage_gb"} & plan.keys()


async def test_pages_lead_to_one_another(service):
    first = (await service.client.get("/api/v1/catalog/plans", params={"limit": 1})).json()
    second = (
        await service.client.get("/api/v1/catalog/plans", params={"limit": 1, "cursor": first["next_cursor"]})
    ).json()
    assert [item["name"] for item in first["items"] + second["items"]] == ["Gold", "Silver"]
    assert second["next_cursor"] is None
    for cursor in ("x", "WyJhIl0", "W3RydWUsICJhIl0"):
        answer = await service.client.get("/api/v1/catalog/plans", params={"cursor": cursor})
        assert answer.status_code == 422, cursor


async def test_filters_and_what_is_not_there(service):
    for params, count in (({"q": "gold"}, 1), ({"currency": "USD"}, 0), ({"product": "stark-mk85"}, 2)):
        answer = await service.client.get("/api/v1/catalog/plans", params=params)
        assert len(answer.json()["items"]) == count, params
    missing = await service.client.get("/api/v1/catalog/plans", params={"product": "nothing"})
    assert (missing.status_code, missing.json()["code"]) == (404, "product_not_found")


async def test_whoever_may_not_manage_is_refused(service):
    answer = await service.client.post("/api/v1/catalog/products", json={"name": "x"})
    assert answer.status_code == 401

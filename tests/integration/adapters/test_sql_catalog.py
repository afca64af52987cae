"""The catalog's hot statements use their indexes on filled tables; none reads a table from end to end."""

import re
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.integration.adapters.explaining import plan_of

from multiproduct.adapters.contracts.builders import NOW, a_user_id, a_uuid
from multiproduct.adapters.sql import catalog as sql_catalog
from multiproduct.adapters.sql import catalog_coupons as sql_coupons
from multiproduct.adapters.sql import catalog_meters as sql_meters
from multiproduct.application.catalog.ports import PlanFilter, ProductFilter

_FILL = (
    (
        "INSERT INTO products (id, version, name, slug, code, description, searched, configuration_schema,"
        " trial_days, is_active, status, provider_id, created_at, updated_at)"
        " SELECT gen_random_uuid(), 0, 'P', 'p' || n, 'P' || n, '', 'p', '{}', 0, true,"
        " CASE WHEN n % 2 = 0 THEN 'published' ELSE 'draft' END, gen_random_uuid(), now(), now()"
        " FROM generate_series(1, 5000) n"
    ),
    (
        "INSERT INTO plans (id, version, product_id, name, slug, code, description, searched,"
        " cycle, cycle_unit,"
        " cycle_count, features, max_users, storage_gb, is_popular, sort_order, has_trial,"
        " is_active, created_at,"
        " updated_at) SELECT gen_random_uuid(), 0, p.id, 'G', p.slug || '-' || n, 'C' || n, '',"
        " 'g', 'monthly',"
        " 'month', 1, '[]', 1, 10, false, n, false, true, now(), now() FROM products p,"
        " generate_series(1, 4) n"
    ),
    (
        "INSERT INTO plan_prices (id, plan_id, currency, minor, valid_from)"
        " SELECT gen_random_uuid(), id, currency, 1999, '2026-01-01' FROM plans,"
        " unnest(ARRAY['USD', 'EUR']) AS currency"
    ),
    "UPDATE plans SET code = 'C' || substr(md5(id::text), 1, 8)",
    (
        "INSERT INTO coupons (id, version, code, name, percent_hundredths, amounts, product_ids, plan_ids,"
        " is_stackable, is_active, redeemed, created_at, updated_at) SELECT gen_random_uuid(), 0,"
        " 'K' || n, 'K',"
        " 1000, '{}', '[]', '[]', true, true, 0, now(), now() FROM generate_series(1, 5000) n"
    ),
    (
        "INSERT INTO coupon_redemptions (coupon_id, subject_id, person_id, redeemed_at)"
        " SELECT c.id, gen_random_uuid(), gen_random_uuid(), now() FROM coupons c, generate_series(1, 4) n"
    ),
    (
        "INSERT INTO meters (id, version, product_id, code, name, unit, aggregation, created_at,"
        " updated_at)"
        " SELECT gen_random_uuid(), 0, id, 'M', 'M', '', 'sum', now(), now() FROM products"
    ),
    (
        "INSERT INTO metered_prices (id, plan_id, meter_id, currency, model, tiers, package_size,"
        " valid_from)"
        " SELECT gen_random_uuid(), l.id, m.id, 'USD', 'per_unit', '[]', 1, '2026-01-01' FROM plans l"
        " JOIN meters m ON m.product_id = l.product_id"
    ),
    "ANALYZE",
)
_ROWS = re.compile(r"Seq Scan on (\w+)")


async def test_on_postgres_hot_statements_use_their_indexes(postgres_store_url: str) -> None:
    some, person = a_uuid(), a_user_id()
    of_id = {"of_id": some}
    page: dict[str, Any] = {"limit": 50, "after": None}
    every = PlanFilter(on_sale=True)
    cases: list[tuple[str, Any, dict[str, Any]]] = [
        ("pk_products", sql_catalog._FIND_PRODUCT, of_id),
        ("uq_products_slug", sql_catalog._FIND_PRODUCT_NAMED, {"of_slug": "p7", "of_code": "P7"}),
        ("uq_products_code", sql_catalog._FIND_PRODUCT_NAMED, {"of_slug": "p7", "of_code": "P7"}),
        ("pk_plans", sql_catalog._FIND_OFFERING, of_id),
        ("uq_plans_slug", sql_catalog._FIND_OFFERING_NAMED, {"of_slug": "p7-1", "of_code": "C7"}),
        ("ix_plans_code", sql_catalog._FIND_OFFERING_NAMED, {"of_slug": "p7-1", "of_code": "C7"}),
        (
            "ix_plan_prices_plan_id_valid_from",
            sql_catalog._PRESENT_PRICES,
            {"of_plans": [a_uuid() for _ in range(50)], "at": NOW},
        ),
        ("ix_plan_prices_plan_id_valid_from", sql_catalog._ALL_PRICES, {"of_plan": some, "most": 9}),
        (
            "plans_product_id_",  # either of the two that begin with the product
            sql_catalog.plans_statement(PlanFilter(on_sale=True, product_id=some), **page),
            {"at": NOW},
        ),
        ("ix_plans_sort_order_id", sql_catalog.plans_statement(every, **page), {"at": NOW}),
        (
            "ix_plan_prices_plan_id_valid_from",
            sql_catalog.plans_statement(PlanFilter(on_sale=True, currency="USD", product_id=some), **page),
            {"at": NOW},
        ),
        ("_id", sql_catalog.products_statement(ProductFilter(on_sale=True), **page), {}),
        (
            "ix_products_provider_id",
            sql_catalog.products_statement(ProductFilter(provider_id=person), **page),
            {},
        ),
        ("uq_coupons_code", sql_coupons._FIND_CODES, {"of_codes": ["K5", "K6"]}),
        ("ix_coupon_redemptions_subject_id", sql_coupons._REDEMPTIONS, {"of_subject": some}),
        (
            "ix_coupon_redemptions_coupon_id_person_id",
            sql_coupons._COUNT_UP,
            of_id | {"of_person": person, "of_subject": some, "at": NOW},
        ),
        ("uq_meters_product_id_code", sql_meters._FIND_CODE, {"of_product": some, "of_code": "M"}),
        ("ix_metered_prices_plan_id_valid_from", sql_meters._OF_PLAN, {"of_plan": some, "at": NOW}),
    ]
    engine = create_async_engine(postgres_store_url)
    async with engine.begin() as connection:
        for statement in _FILL:
            await connection.execute(text(statement))
        plans = [(index, await plan_of(connection, *rest)) for index, *rest in cases]
    await engine.dispose()
    for index, plan in plans:
        assert index in plan, (index, plan)
        assert _ROWS.findall(plan) == [], plan

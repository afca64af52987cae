"""Upgrade, renewal, cancellation, pause, refund and the gateway's callback at the same moment, at the
period's end, from several processes: nothing is charged twice, and the books agree with the gateway's."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.commerce import (
    STARK_PAY,
    Books,
    Shop,
    as_person,
    open_shop,
    opened_shop_house,
    settings_of,
)
from tests.integration.journeys.commerce_contenders import Acts
from tests.integration.journeys.migrated import migrated
from tests.integration.journeys.racing import race

from multiproduct.application.subscriptions.commands import UpdateSubscription

PROCESSES = 3
SUBSCRIPTIONS = proof_scale(4, 16)
ROUNDS = proof_scale(1, 20)
SCRIPTS = ("approve", "unknown_then_settled", "timeout_after_charge", "decline_1_then_approve")
FORESEEN = frozenset(
    {
        "ok",
        "unavailable",
        "already_renewed",
        "already_subscribed",
        "change_not_possible",
        "payment_under_way",
        "transition_not_allowed",
        "not_renewable",
        "credit_too_large",
        "refund_exceeds_funds",
        "refund_exceeds_payment",
        "stale_aggregate",
    }
)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/race.db"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
async def settings(url: str, tmp_path: Path) -> dict[str, Any]:
    return settings_of(await migrated(url), tmp_path, test_clock=True)


@pytest.fixture
async def shop(settings: dict[str, Any]) -> AsyncIterator[Shop]:
    async with opened_shop_house(settings) as library:
        yield await open_shop(library)


@pytest.fixture
async def books(url: str) -> AsyncIterator[Books]:
    opened = Books(url)
    yield opened
    await opened.close()


async def _subscribers(shop: Shop) -> list[dict[str, Any]]:
    """Customers whose next charges go well, are unknown for a while, or are declined once. Some of them never
    cancel or pause."""
    made = []
    for number in range(SUBSCRIPTIONS):
        user_id = (await shop.customer()).user.id
        bought = await shop.bought(user_id)
        subscription = bought.subscriptions[0]
        card = await shop.card(user_id, SCRIPTS[number % len(SCRIPTS)])
        await shop.house.subscriptions.tending.update(
            subscription.id, UpdateSubscription(payment_method=STARK_PAY, method_id=card), as_person(user_id)
        )
        made.append(
            {
                "id": str(subscription.id),
                "user_id": str(user_id),
                "invoice_id": str(bought.invoice_id),
                "may_end": number % 3 < 2,
                "may_pause": number % 5 < 2,
            }
        )
    return made


async def _move_to_end(shop: Shop, subscriber: dict[str, Any], seconds: int) -> None:
    container = shop.house.container
    found = await container.subscriptions.tending.read(
        UUID(subscriber["id"]), as_person(UUID(subscriber["user_id"]))
    )
    assert found.period_end is not None
    await container.clock_offset.advance(
        found.period_end - container.clock.now() + timedelta(seconds=seconds)
    )
    await container.refresh_clock()


async def _settle_down(shop: Shop, books: Books) -> None:
    """Everything that is owed or overdue is done, days later."""
    container = shop.house.container
    for _ in range(3):
        await books.end_leases()
        while (
            await shop.house.drain()
            + await container.payments.janitor.run()
            + await container.subscriptions.looking_after.run()
        ):
            pass
        await container.clock_offset.advance(timedelta(hours=2))
        await container.refresh_clock()


async def _require_nothing_twice(books: Books, subscriber: dict[str, Any]) -> None:
    charges = await books.subscription_charges(UUID(subscriber["id"]))
    periods = Counter(each.number for each in charges if each.kind == "period" and each.status != "void")
    upgrades = Counter(each.number for each in charges if each.kind == "change" and each.status == "paid")
    assert all(count == 1 for count in (*periods.values(), *upgrades.values())), charges
    await books.require_each_invoice_charged_once(UUID(subscriber["user_id"]))
    await books.require_money_accounted_for(UUID(subscriber["user_id"]))


@pytest.mark.parametrize("seconds", [-2, 1], ids=["as the period ends", "after the period"])
async def test_whatever_happens_to_subscriptions_at_once_nothing_is_charged_twice(
    shop: Shop, books: Books, settings: dict[str, Any], seconds: int
) -> None:
    for _ in range(ROUNDS):
        subscribers = await _subscribers(shop)
        await _move_to_end(shop, subscribers[0], seconds)
        outcomes = race(
            "changes_subscriptions",
            settings=settings,
            contenders=PROCESSES * SUBSCRIPTIONS * len(Acts(shop.house).all()),
            processes=PROCESSES,
            subscriptions=subscribers,
        )
        assert set(outcomes) <= FORESEEN, outcomes
        assert outcomes["ok"] > SUBSCRIPTIONS
        await _settle_down(shop, books)
        for each in subscribers:
            await _require_nothing_twice(books, each)
        await books.require_balance()

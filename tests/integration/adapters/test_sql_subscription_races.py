"""Buying, changing, renewing and cancelling at once on databases: one charge, and books that balance."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.billing_house import STARK_PAY, by
from tests.campaigns import proof_scale
from tests.subscription_house import a_subscription_house

from multiproduct.adapters.sql import SqlStore
from multiproduct.application.billing.ports import Wanted
from multiproduct.application.caller import Caller, Principal
from multiproduct.application.subscriptions.charging import Charging
from multiproduct.application.subscriptions.commands import (
    Cancel,
    ChangeQuantity,
    RecordUsage,
    Renew,
    UsageItem,
)
from multiproduct.domain.billing import InvoiceStatus
from multiproduct.domain.catalog import Aggregation
from multiproduct.domain.shared import Conflict, Unavailable
from multiproduct.domain.subscriptions import (
    CLOSING_MARGIN,
    LATE_USAGE,
    AlreadySubscribed,
    PaymentUnderWay,
    SubscriptionStatus,
    Timing,
)
from multiproduct.domain.subscriptions.permissions import PERMISSIONS

RIVALS = proof_scale(16, 64)


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request):
    return request.getfixturevalue(f"{request.param}_store_url")


@pytest.fixture
async def shop(store_url):
    store = SqlStore(store_url)
    yield a_subscription_house(store)
    await store.close()


async def _invoices(shop, user_id):
    async with shop.units.view(by(user_id)) as view:
        return list(await view.invoices.page(Wanted(customer_id=user_id), after=None, limit=200))


@pytest.mark.parametrize("key", [None, "the same"])
async def test_rivals_who_buy_at_once_have_one_order_one_invoice_one_charge(shop, key):
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    answers = await asyncio.gather(
        *(shop.buy(user_id, plan, key=key) for _ in range(RIVALS)), return_exceptions=True
    )
    refused = [each for each in answers if isinstance(each, BaseException)]
    # Who looks while the first one is being paid is told that; who looks later, that it is had.
    told = AlreadySubscribed | PaymentUnderWay | Unavailable
    assert all(isinstance(each, told) for each in refused), refused
    (invoice,) = await _invoices(shop, user_id)
    assert invoice.status is InvoiceStatus.PAID
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 1_000
    assert await shop.books_balance(user_id)


async def test_an_upgrade_a_renewal_and_a_cancellation_at_once_charge_nothing_twice(shop):
    user_id, bought = await shop.bought()
    shop.house.clock.move(bought.ends_at - shop.now - timedelta(seconds=1))
    use, caller = shop.subscriptions, by(user_id)
    acts = [
        lambda: use.changing.change_quantity(bought.id, ChangeQuantity(quantity=2), caller),
        lambda: use.renewing.renew(bought.id, Renew(), caller),
        lambda: use.ending.cancel(bought.id, Cancel(timing=Timing.NOW), caller),
        lambda: use.looking_after.run(),
    ]
    answers = await asyncio.gather(*(act() for act in acts * (RIVALS // 4)), return_exceptions=True)
    odd = [each for each in answers if isinstance(each, BaseException) and not isinstance(each, Conflict)]
    assert all(isinstance(each, Unavailable) for each in odd), odd
    # Who renews after the cancellation begins again.
    after = (await shop.found(bought.id)).status
    assert after in (SubscriptionStatus.CANCELLED, SubscriptionStatus.ACTIVE, SubscriptionStatus.PENDING)
    charges = await shop.charges(bought.id)
    periods = [each.number for each in charges if each.kind == "period" and each.status != "void"]
    assert len(periods) == len(set(periods))
    paid = sum(each.minor for each in charges if each.status == "paid")
    # A refund that was asked for is set aside, until somebody calls the gateway, which nobody does here.
    funds = f"customer_funds:{user_id}:USD"
    async with shop.units.view(caller) as view:
        set_aside = (await view.ledger_accounts.found([funds]))[funds].pending_debits
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == paid + set_aside
    assert await shop.books_balance(user_id)


async def test_renewals_of_many_are_done_once_by_however_many_watchdogs(shop):
    plan = await shop.a_plan()
    bought = [await shop.bought(plan) for _ in range(5)]
    shop.house.clock.move(bought[0][1].ends_at - shop.now)
    await asyncio.gather(*(shop.subscriptions.looking_after.run() for _ in range(4)))
    for user_id, subscription in bought:
        assert (await shop.found(subscription.id)).number == 2
        assert len(await _invoices(shop, user_id)) == 2
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 10_000


async def test_usage_that_is_told_while_somebody_leaves_is_in_one_last_invoice(shop):
    product = await shop.a_product()
    plan = await shop.a_plan(product)
    await shop.meters(plan, await shop.a_meter(product, Aggregation.SUM))
    user_id, bought = await shop.bought(plan)
    teller = Caller(principal=Principal(permissions=frozenset(PERMISSIONS)))
    use = shop.subscriptions

    async def tell(number):
        item = UsageItem(event_id=f"e{number}", subscription_id=bought.id, meter="calls", value=Decimal(1))
        (answer,) = (await use.usage.record(RecordUsage(events=[item]), teller)).items
        return answer.outcome

    cancelling = use.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))
    told, _ = await asyncio.gather(asyncio.gather(*(tell(number) for number in range(RIVALS))), cancelling)
    shop.house.clock.move(LATE_USAGE + CLOSING_MARGIN)
    await asyncio.gather(*(use.looking_after.run() for _ in range(4)))
    last, _first = await _invoices(shop, user_id)
    assert (last.total_minor, last.status) == (10 * told.count("recorded"), InvoiceStatus.PAID)
    assert told.count("recorded") == RIVALS
    assert (await shop.found(bought.id)).due_at is None
    assert await shop.books_balance(user_id)


async def _a_metered_one(shop):
    """For 10.00 a month and 0.10 a call; and what tells of calls a minute before the period's end."""
    product = await shop.a_product()
    plan = await shop.a_plan(product)
    await shop.meters(plan, await shop.a_meter(product, Aggregation.SUM))
    user_id, bought = await shop.bought(plan)
    teller = Caller(principal=Principal(permissions=frozenset(PERMISSIONS)))

    async def tell(event_id, calls):
        item = UsageItem(
            event_id=event_id,
            subscription_id=bought.id,
            meter="calls",
            value=Decimal(calls),
            happened_at=bought.ends_at - timedelta(minutes=1),
        )
        (answer,) = (await shop.subscriptions.usage.record(RecordUsage(events=[item]), teller)).items
        return answer.outcome

    return user_id, bought, tell


async def test_usage_that_is_committed_while_a_renewal_is_written_is_in_the_next_invoice(
    postgres_store_url, monkeypatch
):
    store = SqlStore(postgres_store_url)
    shop = a_subscription_house(store)
    user_id, bought, tell = await _a_metered_one(shop)
    shop.house.clock.move(bought.ends_at - shop.now)
    assert await tell("before", 10) == "recorded"
    place, told = Charging.place, []

    async def place_slowly(self, unit, **asked):
        if not told:
            # By another connection, when the lines are worked out and nothing is committed yet.
            told.append(await asyncio.create_task(tell("meanwhile", 5_000)))
        return await place(self, unit, **asked)

    monkeypatch.setattr(Charging, "place", place_slowly)
    await shop.subscriptions.looking_after.run()
    assert told == ["recorded"]
    assert [each.total_minor for each in await _invoices(shop, user_id)] == [1_000 + 100, 1_000]
    await shop.pass_by((await shop.found(bought.id)).ends_at - shop.now)
    assert [each.total_minor for each in await _invoices(shop, user_id)] == [1_000 + 50_000, 1_100, 1_000]
    await store.close()


async def test_usage_that_is_told_while_a_renewal_is_billed_is_charged_once_by_it_or_the_next(shop):
    user_id, bought, tell = await _a_metered_one(shop)
    shop.house.clock.move(bought.ends_at - shop.now)
    acts = [tell(f"e{number}", 1) for number in range(RIVALS)]
    acts[RIVALS // 2 : RIVALS // 2] = [shop.subscriptions.looking_after.run() for _ in range(2)]
    told = await asyncio.gather(*acts)
    assert told.count("recorded") == RIVALS
    assert (await shop.found(bought.id)).number == 2
    await shop.pass_by((await shop.found(bought.id)).ends_at - shop.now)
    assert sum(each.total_minor for each in await _invoices(shop, user_id)) == 3_000 + 10 * RIVALS
    assert await shop.books_balance(user_id)

"""What is used before a subscription ends is billed once, whatever ends it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.billing_house import STARK_PAY, USD, by, by_staff
from tests.subscription_house import DAY, a_subscription_house

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.billing.ports import Wanted
from multiproduct.application.caller import Caller, Principal
from multiproduct.application.subscriptions.commands import (
    Cancel,
    RecordUsage,
    Renew,
    UpdateSubscription,
    UsageItem,
)
from multiproduct.domain.billing import InvoiceStatus, OrderNotCancellable, OrderStatus
from multiproduct.domain.billing.permissions import ORDERS_MANAGE
from multiproduct.domain.catalog import Aggregation, MeteredPrice, PriceModel, Tariff, Tier, UnitPrice
from multiproduct.domain.identity import UserStatus
from multiproduct.domain.subscriptions import CLOSING_MARGIN, LATE_USAGE, SubscriptionStatus, Timing
from multiproduct.domain.subscriptions.permissions import PERMISSIONS

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PRODUCT = Caller(principal=Principal(user_id=a_uuid(), permissions=frozenset(PERMISSIONS)))
STAFF = Caller(principal=Principal(user_id=a_uuid(), permissions=frozenset({ORDERS_MANAGE})))
S = SubscriptionStatus


async def a_metered_shop():
    """A plan for 10.00 a month whose calls cost 0.10 each, and somebody who bought it."""
    shop = a_subscription_house()
    product = await shop.a_product()
    plan = await shop.a_plan(product)
    await shop.meters(plan, await shop.a_meter(product, Aggregation.SUM))
    user_id, bought = await shop.bought(plan)
    return shop, user_id, bought


async def use(shop, subscription_id, *values, happened_at=None):
    events = [
        UsageItem(
            event_id=str(a_uuid()),
            subscription_id=subscription_id,
            meter="calls",
            value=Decimal(each),
            happened_at=happened_at,
        )
        for each in values
    ]
    answers = await shop.subscriptions.usage.record(RecordUsage(events=events), PRODUCT)
    return [each.outcome for each in answers.items]


async def invoices(shop, user_id):
    """The newest first: what each comes to, in minor units, and its status."""
    async with shop.units.view(by_staff()) as view:
        found = await view.invoices.page(Wanted(customer_id=user_id), after=None, limit=50)
    return [(each.total_minor, each.status) for each in found]


PAID, OPEN, VOID = InvoiceStatus.PAID, InvoiceStatus.OPEN, InvoiceStatus.VOID


async def test_who_cancels_at_once_is_billed_for_what_was_used_and_charged_once():
    shop, user_id, bought = await a_metered_shop()
    await use(shop, bought.id, 20, 5)
    await shop.pass_by(3 * DAY)
    await shop.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))
    assert await invoices(shop, user_id) == [(1_000, PAID)]
    await shop.pass_by(LATE_USAGE + CLOSING_MARGIN)
    assert await invoices(shop, user_id) == [(250, PAID), (1_000, PAID)]
    await shop.pass_by(100 * DAY)
    assert await invoices(shop, user_id) == [(250, PAID), (1_000, PAID)]
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 1_250
    assert (await shop.found(bought.id)).due_at is None


async def test_usage_until_the_end_of_the_period_is_in_the_last_invoice():
    shop, user_id, bought = await a_metered_shop()
    await shop.subscriptions.ending.cancel(bought.id, Cancel(), by(user_id))
    await shop.pass_by(bought.ends_at - MINUTE - shop.now)
    await use(shop, bought.id, 7)
    await shop.pass_by(MINUTE)
    assert (await shop.found(bought.id)).status is S.CANCELLED
    assert await use(shop, bought.id, 3, happened_at=bought.ends_at - MINUTE) == ["recorded"]
    assert await use(shop, bought.id, 9, happened_at=bought.ends_at + MINUTE) == ["refused"]
    await shop.pass_by(LATE_USAGE)
    assert await use(shop, bought.id, 9, happened_at=bought.ends_at - MINUTE) == ["refused"]
    await shop.pass_by(CLOSING_MARGIN)
    assert await invoices(shop, user_id) == [(100, PAID), (1_000, PAID)]


async def test_usage_of_a_renewal_that_was_never_paid_is_in_the_last_invoice_and_not_in_two():
    shop, user_id, bought = await a_metered_shop()
    bad = await shop.a_card(user_id, "insufficient_funds")
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=bad), by(user_id))
    await use(shop, bought.id, 10)
    await shop.pass_by(bought.ends_at - shop.now)
    assert await invoices(shop, user_id) == [(1_100, OPEN), (1_000, PAID)]
    await use(shop, bought.id, 1)
    for _ in range(9):
        await shop.pass_by(DAY)
    assert (await shop.found(bought.id)).status is S.EXPIRED
    assert await invoices(shop, user_id) == [(110, OPEN), (1_100, VOID), (1_000, PAID)]
    assert await shop.books_balance(user_id)


async def test_without_a_card_the_last_invoice_waits_to_be_paid():
    shop, user_id, bought = await a_metered_shop()
    card = (await shop.found(bought.id)).method_id
    await shop.house.payments.methods.remove(card, by(user_id))
    await use(shop, bought.id, 4)
    await shop.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))
    await shop.pass_by(2 * HOUR)
    assert await invoices(shop, user_id) == [(40, OPEN), (1_000, PAID)]


async def test_who_comes_back_before_that_finds_the_usage_in_the_next_invoice():
    shop, user_id, bought = await a_metered_shop()
    await use(shop, bought.id, 4)
    await shop.pass_by(DAY)
    await shop.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))
    await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    assert await invoices(shop, user_id) == [(1_040, PAID), (1_000, PAID)]
    await shop.pass_by(2 * HOUR)
    assert len(await invoices(shop, user_id)) == 2


async def test_an_order_that_was_never_paid_has_no_last_invoice():
    shop, user_id, _ = await a_metered_shop()
    answer = await shop.buy(user_id, await shop.a_plan(), pays=False)
    await shop.subscriptions.ending.cancel(answer.subscriptions[0].id, Cancel(timing=Timing.NOW), by(user_id))
    assert (await shop.found(answer.subscriptions[0].id)).closes_at is None


async def test_nobody_is_sent_an_invoice_after_they_were_erased():
    shop, user_id, bought = await a_metered_shop()
    await use(shop, bought.id, 4)
    await shop.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))

    async def erase(unit):
        user = await unit.users.find(user_id)
        user.status = UserStatus.DELETED
        await unit.users.save(user)

    await shop.house.do(erase)
    await shop.pass_by(2 * HOUR)
    assert await invoices(shop, user_id) == [(1_000, PAID)]
    assert (await shop.found(bought.id)).closes_at is None


async def test_usage_that_is_free_in_one_period_does_not_use_up_what_is_free_in_the_next():
    shop = a_subscription_house()
    product = await shop.a_product()
    plan = await shop.a_plan(product)
    meter = await shop.a_meter(product, Aggregation.SUM)
    tiers = (Tier(up_to=Decimal(10), unit_price=UnitPrice("0")), Tier(up_to=None, unit_price=UnitPrice("1")))
    tariff = Tariff(model=PriceModel.GRADUATED, currency=USD, tiers=tiers)
    price = MeteredPrice(id=a_uuid(), plan_id=plan.id, meter_id=meter.id, tariff=tariff, valid_from=shop.now)
    await shop.house.do(lambda unit: unit.metered_prices.put(price))
    user_id, bought = await shop.bought(plan)
    for _ in range(3):
        await use(shop, bought.id, 8)
        await shop.pass_by((await shop.found(bought.id)).ends_at - shop.now)
    assert await invoices(shop, user_id) == [(1_000, PAID)] * 4


async def test_money_that_comes_for_an_invoice_that_was_called_off_pays_no_usage_twice():
    shop, user_id, bought = await a_metered_shop()
    slow = await shop.a_card(user_id, "timeout_after_charge")
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=slow), by(user_id))
    await use(shop, bought.id, 10)
    await shop.pass_by(bought.ends_at - shop.now)
    await shop.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))
    await shop.pass_by(10 * DAY)
    total = sum(minor for minor, status in await invoices(shop, user_id) if status is not VOID)
    assert await shop.books_balance(user_id)
    # The period that could not begin any more goes back; its usage, billed with it, stays paid once.
    going_back = await shop.house.balance(f"customer_funds:{user_id}:USD")
    assert (total, going_back) == (1_000 + 1_100, 1_000)
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") - going_back == 1_000 + 100


@pytest.mark.parametrize("script", ["unknown_then_declined", "pending"])
async def test_an_order_that_nobody_waits_for_is_called_off_when_its_payment_comes_to_nothing(script):
    shop, user_id, bought = await a_metered_shop()
    card = await shop.a_card(user_id, script)
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=card), by(user_id))
    await use(shop, bought.id, 10)
    await shop.pass_by(bought.ends_at - shop.now)
    order_id = (await shop.found(bought.id)).awaiting.order_id
    await shop.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))
    for _ in range(20):
        await shop.pass_by(DAY)
    assert (await shop.house.order(order_id)).status is OrderStatus.CANCELLED
    told = await invoices(shop, user_id)
    assert [minor for minor, status in told if status is not VOID] == [100, 1_000]
    assert await shop.books_balance(user_id)


async def test_what_was_used_is_called_off_by_staff_alone():
    shop, user_id, bought = await a_metered_shop()
    bad = await shop.a_card(user_id, "insufficient_funds")
    await use(shop, bought.id, 4)
    await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=bad), by(user_id))
    await shop.pass_by(bought.ends_at - shop.now)
    await shop.pass_by(LATE_USAGE + CLOSING_MARGIN)
    assert await invoices(shop, user_id) == [(40, OPEN), (1_000, PAID), (1_000, PAID)]
    async with shop.units.view(by_staff()) as view:
        (owed, *_) = await view.invoices.page(Wanted(customer_id=user_id), after=None, limit=1)
    with pytest.raises(OrderNotCancellable):
        await shop.house.billing.orders.cancel(owed.order_id, by(user_id))
    assert (await shop.house.order(owed.order_id)).status is OrderStatus.FAILED
    await shop.house.billing.orders.cancel(owed.order_id, STAFF)
    assert (await invoices(shop, user_id))[0] == (40, VOID)


async def test_usage_is_told_late_though_its_holder_has_ordered_again_and_not_paid():
    shop, user_id, bought = await a_metered_shop()
    await shop.pass_by(DAY)
    await shop.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))
    slow = await shop.a_card(user_id, "pending")
    await shop.subscriptions.renewing.renew(
        bought.id, Renew(payment_method=STARK_PAY, method_id=slow), by(user_id)
    )
    assert (await shop.found(bought.id)).status is S.PENDING
    assert await use(shop, bought.id, 4, happened_at=shop.now - MINUTE) == ["recorded"]
    assert await use(shop, bought.id, 4, happened_at=shop.now) == ["refused"]
    late = shop.now - MINUTE
    await shop.pass_by(LATE_USAGE)
    assert await use(shop, bought.id, 4, happened_at=late) == ["refused"]
    await shop.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))
    await shop.pass_by(LATE_USAGE + CLOSING_MARGIN)
    assert (await invoices(shop, user_id))[0] == (40, PAID)

"""Changes after the price of the plan changed, ahead of time, and payments that their payer leaves."""

import pytest
from tests.billing_house import STARK_PAY, USD, by, by_staff
from tests.subscription_house import DAY, a_subscription_house

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.subscriptions.commands import (
    Cancel,
    ChangeTerms,
    Renew,
    UpdateSubscription,
)
from multiproduct.domain.billing import InvoiceStatus
from multiproduct.domain.catalog import Cycle, CycleName, Discount, Percent, Price
from multiproduct.domain.shared import Money
from multiproduct.domain.subscriptions import ChangeNotPossible, RefundPolicy, SubscriptionStatus, Timing

S = SubscriptionStatus


async def dearer(shop, plan, minor):
    """The plan costs something else from now on, without a discount."""

    async def change(unit):
        found = (await unit.plans.find(plan.id, at=shop.now)).plan
        found.set_price(Price(id=a_uuid(), amount=Money(minor, USD), valid_from=shop.now), now=shop.now)
        found.discount = None
        await unit.plans.save_prices(found)
        await unit.plans.save(found)

    await shop.house.do(change)


async def a_discounted(shop, percent):
    plan = await shop.a_plan(minor=999)

    async def change(unit):
        found = (await unit.plans.find(plan.id, at=shop.now)).plan
        found.discount = Discount(percent=Percent.parse(percent))
        await unit.plans.save(found)

    await shop.house.do(change)
    return plan


async def test_seats_keep_the_price_at_which_one_was_sold_though_it_does_not_divide_evenly():
    shop = a_subscription_house()
    plan = await a_discounted(shop, "15")
    user_id, bought = await shop.bought(plan, quantity=3)
    assert bought.terms.price == 2_547
    await dearer(shop, plan, 5_000)
    changing = shop.subscriptions.changing
    await changing.change(bought.id, ChangeTerms(quantity=4), by(user_id))
    # 4 x 9.99 x 0.85 is 33.966: not four thirds of 25.47, and nothing of the plan's new price.
    assert (await shop.found(bought.id)).terms.price == 3_397
    await changing.change(bought.id, ChangeTerms(quantity=3, timing=Timing.NOW), by(user_id))
    assert (await shop.found(bought.id)).terms == bought.terms
    await shop.pass_by(bought.ends_at - shop.now)
    assert (await shop.found(bought.id)).accrual.price == 2_547


@pytest.fixture
async def ahead():
    """A shop with two plans, and somebody who has the next period paid already."""
    shop = a_subscription_house()
    product = await shop.a_product()
    plan, better = await shop.a_plan(product, 1_000), await shop.a_plan(product, 3_000)
    user_id, bought = await shop.bought(plan)
    await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    return shop, user_id, bought, better


async def test_an_upgrade_reprices_the_period_that_is_paid_ahead_as_the_preview_said(ahead):
    shop, user_id, bought, better = ahead
    await shop.pass_by((bought.ends_at - shop.now) / 2)
    command = ChangeTerms(plan=better.slug)
    quote = await shop.subscriptions.changing.preview(bought.id, command, by(user_id))
    assert quote.cost.amount == "30.00"
    await shop.subscriptions.changing.change(bought.id, command, by(user_id))
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 2_000 + 3_000
    await shop.pass_by(bought.ends_at - shop.now)
    upgraded = await shop.found(bought.id)
    assert (upgraded.number, upgraded.terms.price, upgraded.prepaid) == (2, 3_000, None)
    await shop.pass_by(upgraded.ends_at - shop.now)
    assert (await shop.found(bought.id)).number == 3
    assert await shop.books_balance(user_id)


async def test_nobody_who_upgraded_ahead_gets_back_more_than_they_paid(ahead):
    shop, user_id, bought, better = ahead
    await shop.pass_by((bought.ends_at - shop.now) / 2)
    await shop.subscriptions.changing.change(bought.id, ChangeTerms(plan=better.slug), by(user_id))
    command = Cancel(timing=Timing.NOW, refund=RefundPolicy.PRORATED)
    quote = await shop.subscriptions.ending.preview(bought.id, command, by(user_id))
    assert quote.refund.amount == "45.00"
    await shop.subscriptions.ending.cancel(bought.id, command, by(user_id))
    charges = await shop.charges(bought.id)
    assert sum(each.credited for each in charges) == 4_500
    assert all(each.credited <= each.minor for each in charges)


async def test_a_downgrade_waits_until_after_the_period_that_is_paid_ahead(ahead):
    shop, user_id, bought, _ = ahead
    cheap = await shop.a_plan(await shop.house.do(lambda unit: unit.products.find(bought.product_id)), 500)
    command = ChangeTerms(plan=cheap.slug)
    quote = await shop.subscriptions.changing.preview(bought.id, command, by(user_id))
    assert quote.takes_effect_at == (await shop.found(bought.id)).ends_at
    await shop.subscriptions.changing.change(bought.id, command, by(user_id))
    await shop.pass_by(bought.ends_at - shop.now)
    assert (await shop.found(bought.id)).terms.price == 1_000
    await shop.pass_by(quote.takes_effect_at - shop.now)
    assert (await shop.found(bought.id)).terms.price == 500


async def test_a_change_of_the_cycle_is_refused_while_the_next_period_is_paid(ahead):
    shop, user_id, bought, _ = ahead
    product = await shop.house.do(lambda unit: unit.products.find(bought.product_id))
    yearly = await shop.a_plan(product, 90_000, cycle=Cycle.named(CycleName.YEARLY))
    command = ChangeTerms(plan=yearly.slug, timing=Timing.NOW)
    with pytest.raises(ChangeNotPossible):
        await shop.subscriptions.changing.change(bought.id, command, by(user_id))


async def leave(shop, user_id, subscription_id):
    """The payer gives up the payment that is under way."""
    waiting = (await shop.found(subscription_id)).awaiting
    async with shop.units.view(by_staff()) as view:
        invoice = await view.invoices.find(waiting.invoice_id)
        settlement = await view.settlements.find(invoice.settlement_id)
    await shop.house.payments.calling_off.cancel(settlement.payment_id, by(user_id))


async def test_who_leaves_a_payment_can_begin_another_one_at_once():
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    slow = await shop.a_card(user_id, "pending")
    plan = await shop.a_plan()
    answer = await shop.buy(user_id, plan, method_id=slow)
    subscription_id = answer.subscriptions[0].id
    assert (await shop.found(subscription_id)).awaiting.is_charging
    await leave(shop, user_id, subscription_id)
    assert not (await shop.found(subscription_id)).awaiting.is_charging
    again = await shop.buy(user_id, plan, method_id=await shop.a_card(user_id))
    assert (again.order_id, again.subscriptions[0].status) == (answer.order_id, "active")


async def test_a_renewal_that_is_left_is_overdue_at_once_and_tried_again_the_day_after():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    slow = await shop.a_card(user_id, "pending")
    update = shop.subscriptions.tending.update
    await update(bought.id, UpdateSubscription(method_id=slow), by(user_id))
    await shop.pass_by(bought.ends_at - shop.now)
    await leave(shop, user_id, bought.id)
    left = await shop.found(bought.id)
    assert (left.status, left.failures, left.awaiting.is_charging) == (S.PAST_DUE, 1, False)
    await update(bought.id, UpdateSubscription(method_id=await shop.a_card(user_id)), by(user_id))
    await shop.pass_by(DAY)
    assert (await shop.found(bought.id)).status is S.ACTIVE


async def test_who_leaves_the_payment_of_something_else_changes_no_subscription():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    invoice = await shop.house.an_invoice(user_id, 500)
    slow = await shop.a_card(user_id, "pending")
    begun = await shop.house.do(
        lambda unit: shop.house.billing.settling.begin(
            unit, invoice_ids=[invoice.id], gateway=STARK_PAY, method_id=slow
        )
    )
    await shop.house.payments.driving.drive(begun.payment_id)
    before = await shop.found(bought.id)
    await shop.house.payments.calling_off.cancel(begun.payment_id, by(user_id))
    assert await shop.found(bought.id) == before
    assert (await shop.house.invoice(invoice.id)).status is InvoiceStatus.OPEN


async def test_who_goes_back_to_their_plan_after_the_cheaper_one_that_is_paid_ahead_has_it(ahead):
    shop, user_id, bought, better = ahead
    plan = (await shop.found(bought.id)).terms.plan_id
    await shop.pass_by(bought.ends_at - shop.now)
    change, later = shop.subscriptions.changing.change, Timing.PERIOD_END
    await change(bought.id, ChangeTerms(plan=better.slug, timing=later), by(user_id))
    await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    await change(bought.id, ChangeTerms(plan=str(plan), timing=later), by(user_id))
    prices = []
    for _ in range(3):
        found = await shop.found(bought.id)
        prices.append(found.terms.price)
        await shop.pass_by(found.accrual.end - shop.now)
    assert prices == [1_000, 3_000, 1_000]

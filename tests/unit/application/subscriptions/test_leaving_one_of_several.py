"""A checkout of several plans of which one is called off: the others stay, and can be paid."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.billing_house import STARK_PAY, by, by_staff
from tests.subscription_house import DAY, a_subscription_house

from multiproduct.adapters.contracts.catalog_builders import a_coupon
from multiproduct.application.billing.commands import ProcessPayment
from multiproduct.application.subscriptions.commands import (
    Cancel,
    Purchase,
    PurchaseItem,
    StartTrial,
    UpdateStatus,
)
from multiproduct.domain.billing import InvoiceStatus, OrderStatus
from multiproduct.domain.subscriptions import SubscriptionStatus

PENDING, ACTIVE = SubscriptionStatus.PENDING, SubscriptionStatus.ACTIVE


async def _two_ordered(shop):
    """Plans of 10.00 and 7.00 in one order. Answers the customer, the plans and the checkout."""
    plans = await shop.a_plan(minor=1_000), await shop.a_plan(minor=700)
    user_id = await shop.house.a_customer()
    items = [PurchaseItem(plan=str(plan.id)) for plan in plans]
    bought = await shop.subscriptions.purchasing.purchase(Purchase(items=items), by(user_id))
    assert bought.amount.amount == "17.00"
    return user_id, plans, bought


async def _cancel(shop, subscription_id, user_id):
    await shop.subscriptions.ending.cancel(subscription_id, Cancel(), by(user_id))


async def _set_cancelled(shop, subscription_id, user_id):
    status = UpdateStatus(status=SubscriptionStatus.CANCELLED)
    await shop.subscriptions.tending.update_status(subscription_id, status, by(user_id))


@pytest.mark.parametrize("leave", [_cancel, _set_cancelled])
async def test_what_else_was_ordered_is_ordered_anew_and_can_be_paid(leave):
    shop = a_subscription_house()
    user_id, _, bought = await _two_ordered(shop)
    first, second = (each.id for each in bought.subscriptions)
    shop.house.clock.move(timedelta(hours=1))
    await leave(shop, first, user_id)
    kept = await shop.found(second)
    assert kept.status is PENDING
    assert kept.awaiting is not None
    before, after = await shop.house.order(bought.order_id), await shop.house.order(kept.awaiting.order_id)
    assert (before.status, after.status, after.minor) == (OrderStatus.CANCELLED, OrderStatus.PENDING, 700)
    # Nobody gets more time by calling something off.
    assert after.expires_at == before.expires_at
    paying = ProcessPayment(invoice_ids=(kept.awaiting.invoice_id,), payment_method=STARK_PAY)
    await shop.house.billing.paying.process(paying, by(user_id))
    assert (await shop.found(second)).status is ACTIVE
    assert (await shop.found(first)).status is SubscriptionStatus.CANCELLED
    assert (await shop.house.invoice(bought.invoice_id)).status is InvoiceStatus.VOID
    charges = [(each.number, each.status.value, each.minor) for each in await shop.charges(second)]
    assert charges == [(1, "paid", 700), (1, "void", 700)]
    assert await shop.books_balance(user_id)


async def test_money_for_the_checkout_that_was_left_goes_back():
    shop = a_subscription_house()
    house = shop.house
    user_id, _, bought = await _two_ordered(shop)
    settlement = await house.do(
        lambda unit: house.billing.settling.begin(unit, invoice_ids=[bought.invoice_id], gateway=STARK_PAY)
    )

    async def leave(unit):
        await house.billing.settling.cancel(unit, await unit.settlements.find(settlement.id))

    await house.do(leave)
    first, second = (each.id for each in bought.subscriptions)
    await _cancel(shop, first, user_id)
    await house.payments.driving.drive(settlement.payment_id)
    async with shop.units.view(by_staff()) as view:
        (refund,) = await view.payment_refunds.of_payment(settlement.payment_id)
    assert refund.amount.minor == 1_700
    assert (await shop.found(second)).status is PENDING
    assert await shop.books_balance(user_id)


async def test_another_plan_in_the_place_of_one_leaves_the_others_ordered():
    shop = a_subscription_house()
    user_id, (first, _), bought = await _two_ordered(shop)
    async with shop.units.view(by_staff()) as view:
        product = await view.products.find(first.product_id)
    dearer = await shop.a_plan(product, 2_000)
    again = await shop.buy(user_id, dearer, pays=False)
    assert again.subscriptions[0].id == bought.subscriptions[0].id
    kept = await shop.found(bought.subscriptions[1].id)
    assert kept.status is PENDING
    assert (await shop.house.order(kept.awaiting.order_id)).minor == 700
    both = [PurchaseItem(plan=str(dearer.id)), PurchaseItem(plan=str(kept.terms.plan_id))]
    together = await shop.subscriptions.purchasing.purchase(Purchase(items=both), by(user_id))
    assert together.amount.amount == "27.00"
    assert {each.id for each in together.subscriptions} == {each.id for each in bought.subscriptions}
    assert await shop.books_balance(user_id)


async def test_a_trial_that_is_to_end_leaves_what_was_ordered_with_its_plan():
    shop = a_subscription_house()
    tried, other = await shop.a_plan(minor=1_000), await shop.a_plan(minor=700)
    user_id = await shop.house.a_customer()
    await shop.subscriptions.trying.start(StartTrial(plan=tried.slug), by(user_id))
    items = [PurchaseItem(plan=str(plan.id)) for plan in (tried, other)]
    bought = await shop.subscriptions.purchasing.purchase(Purchase(items=items), by(user_id))
    await _cancel(shop, bought.subscriptions[0].id, user_id)
    kept = await shop.found(bought.subscriptions[1].id)
    assert (kept.status, (await shop.house.order(kept.awaiting.order_id)).minor) == (PENDING, 700)
    await shop.pass_by(2 * DAY)
    assert (await shop.found(kept.id)).status is SubscriptionStatus.EXPIRED


async def test_what_a_coupon_took_off_stays_off_and_is_redeemed_once():
    shop = a_subscription_house()
    coupon = replace(a_coupon(percent="50"), max_redemptions=1)
    await shop.house.do(lambda unit: unit.coupons.add(coupon))
    plans = await shop.a_plan(minor=1_000), await shop.a_plan(minor=700)
    user_id = await shop.house.a_customer()
    command = Purchase(items=[PurchaseItem(plan=str(plan.id)) for plan in plans], coupons=[coupon.code])
    bought = await shop.subscriptions.purchasing.purchase(command, by(user_id))
    assert bought.amount.amount == "8.50"
    await _cancel(shop, bought.subscriptions[0].id, user_id)
    kept = await shop.found(bought.subscriptions[1].id)
    assert (await shop.house.order(kept.awaiting.order_id)).minor == 350
    assert kept.awaiting.first_price == 350
    async with shop.units.view(by_staff()) as view:
        assert (await view.coupons.find(coupon.id)).redeemed == 1
        assert [each.subject_id for each in await view.coupons.redemptions(kept.awaiting.order_id)] == [
            kept.awaiting.order_id
        ]


@pytest.mark.parametrize("script", ["unknown_then_declined", "pending"])
async def test_what_was_called_off_while_it_was_being_paid_is_not_asked_for_again(
    script,
):
    shop = a_subscription_house()
    plans = await shop.a_plan(minor=1_000), await shop.a_plan(minor=700)
    user_id = await shop.house.a_customer()
    command = Purchase(
        items=[PurchaseItem(plan=str(plan.id)) for plan in plans],
        payment_method=STARK_PAY,
        method_id=await shop.a_card(user_id, script),
    )
    bought = await shop.subscriptions.purchasing.purchase(command, by(user_id))
    first, second = (each.id for each in bought.subscriptions)
    await _cancel(shop, first, user_id)
    assert (await shop.found(second)).awaiting.order_id == bought.order_id
    if script == "pending":
        await shop.house.payments.calling_off.cancel(bought.payment.id, by(user_id))
    else:
        await shop.pass_by(timedelta(hours=1))
    kept = await shop.found(second)
    assert (await shop.house.order(bought.order_id)).status is OrderStatus.CANCELLED
    assert (await shop.house.order(kept.awaiting.order_id)).minor == 700
    again = await shop.buy(user_id, plans[1], method_id=await shop.a_card(user_id))
    assert (again.amount.amount, again.subscriptions[0].status) == ("7.00", "active")
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 700
    assert await shop.books_balance(user_id)

"""An invoice whose payment is under way is not ended; where an old database has such, nothing hangs on it."""

import pytest
from tests.billing_house import by, by_staff
from tests.subscription_house import DAY, a_subscription_house

from multiproduct.application.subscriptions.commands import UpdateSubscription
from multiproduct.domain.billing import InvoiceBeingPaid, InvoiceStatus, OrderStatus
from multiproduct.domain.subscriptions import SubscriptionStatus


async def _ordered(shop, script):
    """A first period that is being paid."""
    user_id = await shop.house.a_customer()
    plan = await shop.a_plan()
    bought = await shop.buy(user_id, plan, method_id=await shop.a_card(user_id, script))
    return user_id, plan, bought.subscriptions[0].id


async def _renewed(shop, script):
    """A second period that is being paid, from the first one's end on."""
    user_id, bought = await shop.bought()
    card = await shop.a_card(user_id, script)
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=card), by(user_id))
    shop.house.clock.move(bought.ends_at - shop.now)
    await shop.subscriptions.looking_after.run()
    return user_id, None, bought.id


async def _voided_as_it_once_was(shop, subscription_id):
    """Void, though a payment of it is under way. Answers the invoice and the payment."""
    house = shop.house
    invoice_id = (await shop.found(subscription_id)).awaiting.invoice_id
    settlement_id = (await house.invoice(invoice_id)).settlement_id

    async def void(unit):
        invoice = await unit.invoices.find(invoice_id)
        invoice.settlement_id = None
        await house.billing.invoices._voiding.void(unit, invoice)
        invoice.settlement_id = settlement_id
        await unit.invoices.save(invoice)

    await house.do(void)
    invoice = await house.invoice(invoice_id)
    assert (invoice.status, invoice.settlement_id) == (InvoiceStatus.VOID, settlement_id)
    return invoice, (await house.settlement(settlement_id)).payment_id


@pytest.mark.parametrize("begun", [_ordered, _renewed])
async def test_an_invoice_that_is_being_paid_is_neither_voided_nor_written_off(begun):
    shop = a_subscription_house()
    invoices = shop.house.billing.invoices
    _, _, subscription_id = await begun(shop, "pending")
    invoice_id = (await shop.found(subscription_id)).awaiting.invoice_id
    for end in (invoices.void, invoices.write_off):
        with pytest.raises(InvoiceBeingPaid):
            await end(invoice_id, by_staff())
    assert (await shop.house.invoice(invoice_id)).status is InvoiceStatus.OPEN


@pytest.mark.parametrize("begun", [_ordered, _renewed])
async def test_money_for_an_invoice_that_was_voided_meanwhile_goes_back_and_nothing_waits_for_it(begun):
    shop = a_subscription_house()
    user_id, _, subscription_id = await begun(shop, "pending")
    invoice, payment_id = await _voided_as_it_once_was(shop, subscription_id)
    await shop.house.approve(payment_id)
    assert (await shop.house.order(invoice.order_id)).status is OrderStatus.CANCELLED
    subscription = await shop.found(subscription_id)
    assert (subscription.status, subscription.awaiting) == (SubscriptionStatus.EXPIRED, None)
    async with shop.units.view(by_staff()) as view:
        (refund,) = await view.payment_refunds.of_payment(payment_id)
    assert refund.amount.minor == 1_000
    await shop.house.payments.driving.drive_refund(refund.id)
    await shop.pass_by(DAY)
    assert await shop.house.balance(f"customer_funds:{user_id}:USD") == 0
    assert await shop.books_balance(user_id)


@pytest.mark.parametrize("begun", [_ordered, _renewed])
async def test_a_payment_that_is_given_up_leaves_nothing_waiting_for_a_void_invoice(begun):
    shop = a_subscription_house()
    _, _, subscription_id = await begun(shop, "pending")
    invoice, _ = await _voided_as_it_once_was(shop, subscription_id)

    async def leave(unit):
        settlement = await unit.settlements.find(invoice.settlement_id)
        await shop.house.billing.settling.cancel(unit, settlement)
        await shop.house.billing.outcomes._leave_void(unit, settlement)

    await shop.house.do(leave)
    assert (await shop.house.order(invoice.order_id)).status is OrderStatus.CANCELLED
    assert (await shop.found(subscription_id)).status is SubscriptionStatus.EXPIRED


async def test_who_was_left_waiting_for_a_void_invoice_can_buy_again():
    shop = a_subscription_house()
    user_id, plan, subscription_id = await _ordered(shop, "pending")
    invoice, _ = await _voided_as_it_once_was(shop, subscription_id)

    async def left_behind(unit):
        found = await unit.invoices.find(invoice.id)
        found.settlement_id = None
        await unit.invoices.save(found)

    await shop.house.do(left_behind)
    again = await shop.buy(user_id, plan, method_id=await shop.a_card(user_id))
    assert again.subscriptions[0].id == subscription_id
    assert (await shop.found(subscription_id)).status is SubscriptionStatus.ACTIVE

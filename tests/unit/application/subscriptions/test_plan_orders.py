"""A plan that is ordered by itself is a subscription as soon as it is paid."""

import pytest
from tests.billing_house import STARK_PAY, by
from tests.subscription_house import DAY, a_subscription_house

from multiproduct.application.billing.commands import PlaceOrder, ProcessPayment
from multiproduct.domain.billing import OrderStatus
from multiproduct.domain.shared import InvalidInput
from multiproduct.domain.subscriptions import AlreadySubscribed, SubscriptionStatus


async def test_whoever_pays_the_order_of_a_plan_is_served():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    command = PlaceOrder(plan=str(plan.id), currency="USD", notes="For Pepper", payment_method="credit_card")
    order = await shop.subscriptions.orders.place(command, by(user_id))
    again = await shop.subscriptions.orders.place(command, by(user_id))
    assert (again.id, order.notes, order.payment_method) == (order.id, "For Pepper", "credit_card")
    assert order.subscription_id is not None
    assert (await shop.found(order.subscription_id)).status is SubscriptionStatus.PENDING
    paying = ProcessPayment(invoice_ids=(order.invoice_id,), payment_method=STARK_PAY)
    await shop.house.billing.paying.process(paying, by(user_id))
    assert (await shop.found(order.subscription_id)).status is SubscriptionStatus.ACTIVE
    assert (await shop.house.order(order.id)).status is OrderStatus.COMPLETED
    with pytest.raises(AlreadySubscribed):
        await shop.subscriptions.orders.place(command, by(user_id))


async def test_the_order_of_a_plan_that_nobody_pays_expires_with_its_subscription():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    order = await shop.subscriptions.orders.place(PlaceOrder(plan=str(plan.id)), by(user_id))
    await shop.pass_by(2 * DAY)
    assert (await shop.house.order(order.id)).status is OrderStatus.EXPIRED
    assert (await shop.found(order.subscription_id)).status is SubscriptionStatus.EXPIRED


async def test_more_seats_than_a_subscription_has_are_refused():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    with pytest.raises(InvalidInput):
        await shop.subscriptions.orders.place(PlaceOrder(plan=str(plan.id), quantity=100_001), by(user_id))


async def test_billing_by_itself_sells_no_plan():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    with pytest.raises(InvalidInput) as refusal:
        await shop.house.billing.orders.place(PlaceOrder(plan=str(plan.id)), by(user_id))
    assert [each.field for each in refusal.value.problems] == ["subscription_id"]

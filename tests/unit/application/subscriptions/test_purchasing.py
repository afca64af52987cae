"""Buying plans: one story, whoever asks how often."""

import asyncio

import pytest
from tests.billing_house import STARK_PAY, by
from tests.subscription_house import DAY, a_subscription_house

from multiproduct.application.billing.ports import Wanted
from multiproduct.application.subscriptions.commands import Purchase, PurchaseItem
from multiproduct.domain.billing import InvoiceStatus
from multiproduct.domain.shared import InvalidInput
from multiproduct.domain.subscriptions import AlreadySubscribed, SubscriptionStatus

S = SubscriptionStatus


async def _invoices(shop, user_id):
    async with shop.units.view(by(user_id)) as view:
        return list(await view.invoices.page(Wanted(customer_id=user_id), after=None, limit=100))


async def test_what_is_paid_at_once_is_active_in_the_answer():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    answer = await shop.buy(user_id, plan, quantity=3)
    (bought,) = answer.subscriptions
    assert (bought.status, bought.quantity, bought.price.amount) == ("active", 3, "30.00")
    assert answer.payment.status == "succeeded"
    assert answer.amount.amount == "30.00"
    (invoice,) = await _invoices(shop, user_id)
    assert invoice.status is InvoiceStatus.PAID
    assert await shop.house.owed(user_id) == 0


async def test_buying_twice_without_a_key_charges_once():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    waiting = await shop.buy(user_id, plan, pays=False)
    assert waiting.subscriptions[0].status == "pending"
    paid = await shop.buy(user_id, plan)
    assert paid.order_id == waiting.order_id
    assert paid.subscriptions[0].status == "active"
    with pytest.raises(AlreadySubscribed):
        await shop.buy(user_id, plan)
    assert len(await _invoices(shop, user_id)) == 1


@pytest.mark.parametrize("key", [None, "the same"])
async def test_however_many_buy_at_once_there_is_one_order_one_invoice_one_charge(key):
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    answers = await asyncio.gather(
        *(shop.buy(user_id, plan, key=key) for _ in range(64)), return_exceptions=True
    )
    refused = [each for each in answers if isinstance(each, BaseException)]
    assert all(isinstance(each, AlreadySubscribed) for each in refused), refused
    assert len({each.order_id for each in answers if not isinstance(each, BaseException)}) == 1
    (invoice,) = await _invoices(shop, user_id)
    assert invoice.status is InvoiceStatus.PAID
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 1_000


async def test_several_plans_are_one_order_and_one_charge():
    shop = a_subscription_house()
    first, second, user_id = await shop.a_plan(minor=500), await shop.a_plan(), await shop.house.a_customer()
    command = Purchase(
        items=[PurchaseItem(plan=first.slug), PurchaseItem(plan=second.code.lower())],
        payment_method=STARK_PAY,
    )
    answer = await shop.subscriptions.purchasing.purchase(command, by(user_id))
    assert [each.status for each in answer.subscriptions] == ["active", "active"]
    assert answer.amount.amount == "15.00"
    assert (await shop.subscriptions.purchasing.preview(command, by(user_id))).amount == "15.00"
    assert len(await _invoices(shop, user_id)) == 1


async def test_the_same_product_twice_in_one_checkout_is_refused():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    command = Purchase(items=[PurchaseItem(plan=plan.slug)] * 2)
    with pytest.raises(InvalidInput):
        await shop.subscriptions.purchasing.purchase(command, by(user_id))


async def test_another_plan_takes_the_place_of_an_order_that_is_not_paid():
    shop = a_subscription_house()
    product = await shop.a_product()
    cheap, dear = await shop.a_plan(product, 500), await shop.a_plan(product, 900)
    user_id = await shop.house.a_customer()
    first = await shop.buy(user_id, cheap, pays=False)
    second = await shop.buy(user_id, dear)
    assert second.subscriptions[0].id == first.subscriptions[0].id
    assert second.amount.amount == "9.00"
    assert (await shop.house.order(first.order_id)).status.value == "cancelled"
    assert {each.status for each in await _invoices(shop, user_id)} == {
        InvoiceStatus.PAID,
        InvoiceStatus.VOID,
    }
    assert await shop.books_balance(user_id)


async def test_an_order_that_is_not_paid_expires_with_its_subscription():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    answer = await shop.buy(user_id, plan, pays=False)
    await shop.pass_by(2 * DAY)
    assert (await shop.found(answer.subscriptions[0].id)).status is S.EXPIRED
    again = await shop.buy(user_id, plan)
    assert again.subscriptions[0].status == "active"


async def test_a_declined_purchase_waits_and_can_be_paid_otherwise():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    bad, good = await shop.a_card(user_id, "insufficient_funds"), await shop.a_card(user_id)
    declined = await shop.buy(user_id, plan, method_id=bad)
    assert (declined.payment.status, declined.subscriptions[0].status) == ("failed", "pending")
    paid = await shop.buy(user_id, plan, method_id=good)
    assert paid.order_id == declined.order_id
    assert paid.subscriptions[0].status == "active"
    assert await shop.books_balance(user_id)


async def test_a_configuration_that_the_product_refuses_is_told_with_its_path():
    shop = a_subscription_house()
    schema = {"type": "object", "required": ["seats"], "properties": {"seats": {"type": "integer"}}}
    plan = await shop.a_plan(await shop.a_product(schema=schema))
    user_id = await shop.house.a_customer()
    command = Purchase(items=[PurchaseItem(plan=plan.slug, configuration={"seats": "two"})])
    with pytest.raises(InvalidInput) as refused:
        await shop.subscriptions.purchasing.purchase(command, by(user_id))
    assert [each.field for each in refused.value.problems] == ["items.0.configuration.seats"]
    assert await _invoices(shop, user_id) == []


async def test_a_free_plan_is_active_without_a_payment():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(minor=0), await shop.house.a_customer()
    answer = await shop.buy(user_id, plan)
    assert (answer.payment, answer.subscriptions[0].status) == (None, "active")
    await shop.pass_by(100 * DAY)
    assert (await shop.found(answer.subscriptions[0].id)).number == 4

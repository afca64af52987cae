"""What staff does beside a subscription, what customers do while something is open, and rows that fail."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from tests.billing_house import STARK_PAY, by, by_staff
from tests.subscription_house import DAY, SubscriptionHouse, a_subscription_house

from multiproduct.adapters.contracts.catalog_builders import a_coupon
from multiproduct.application.billing import NewCredit
from multiproduct.application.subscriptions.commands import (
    Cancel,
    ChangeTerms,
    Purchase,
    PurchaseItem,
    Renew,
    UpdateSubscription,
)
from multiproduct.domain.billing import InvoiceStatus, OrderStatus, RefundTo
from multiproduct.domain.catalog import CouponUsedUp, Plan
from multiproduct.domain.payments import UnknownPaymentMethod
from multiproduct.domain.shared import Currency, InvalidInput, Money
from multiproduct.domain.subscriptions import (
    Awaited,
    RefundPolicy,
    Subscription,
    SubscriptionStatus,
    Timing,
)

S = SubscriptionStatus


async def _credit(shop: SubscriptionHouse, invoice_id: UUID, to: RefundTo = RefundTo.FUNDS) -> None:
    new = NewCredit(invoice_id=invoice_id, refund_to=to)
    await shop.house.do(lambda unit: shop.house.billing.crediting.credit(unit, new))


async def _has_funds(shop: SubscriptionHouse, user_id: UUID, minor: int) -> None:
    invoice = await shop.house.an_invoice(user_id, minor)
    await shop.house.pay(invoice)
    await _credit(shop, invoice.id)


async def _funds(shop: SubscriptionHouse, user_id: UUID) -> int:
    return await shop.house.balance(f"customer_funds:{user_id}:USD")


async def _overdue(shop: SubscriptionHouse) -> Subscription:
    user_id, bought = await shop.bought()
    poor = await shop.a_card(user_id, "insufficient_funds")
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=poor), by(user_id))
    await shop.pass_by(bought.ends_at - shop.now)
    return await shop.found(bought.id)


@pytest.mark.parametrize("end", ["void", "write_off"])
async def test_an_overdue_invoice_that_staff_ends_is_charged_no_more_and_the_service_ends(end):
    shop = a_subscription_house()
    overdue = await _overdue(shop)
    assert overdue.status is S.PAST_DUE
    await getattr(shop.house.billing.invoices, end)(overdue.awaiting.invoice_id, by_staff())
    for _ in range(3):
        await shop.pass_by(DAY)
    ended = await shop.found(overdue.id)
    assert (ended.status, ended.is_serving, ended.awaiting) == (S.EXPIRED, False, None)
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 1_000


async def test_a_method_of_somebody_else_is_not_kept_where_nothing_is_due_yet():
    shop = a_subscription_house()
    free = await shop.a_plan(minor=0)
    user_id, other_id = await shop.house.a_customer(), await shop.house.a_customer()
    anothers = await shop.a_card(other_id)
    with pytest.raises(UnknownPaymentMethod):
        await shop.buy(user_id, free, method_id=anothers)


async def test_a_method_that_its_holder_cannot_be_charged_by_does_not_keep_a_renewal_from_falling_due():
    shop = a_subscription_house()
    _, bought = await shop.bought()
    anothers = await shop.a_card(await shop.house.a_customer())
    stray = await shop.found(bought.id)
    stray.method_id = anothers
    await shop.house.do(lambda unit: unit.subscriptions.save(stray))
    await shop.pass_by(bought.ends_at - shop.now)
    overdue = await shop.found(bought.id)
    assert (overdue.status, overdue.method_id) == (S.PAST_DUE, None)


async def test_cancelling_at_the_end_while_an_upgrade_waits_keeps_what_is_paid_for():
    shop = a_subscription_house()
    product = await shop.a_product()
    plan, dearer = await shop.a_plan(product, 1_000), await shop.a_plan(product, 5_000)
    user_id, bought = await shop.bought(plan)
    slow = await shop.a_card(user_id, "requires_action")
    change = ChangeTerms(plan=str(dearer.id), payment_method=STARK_PAY, method_id=slow)
    await shop.subscriptions.changing.change(bought.id, change, by(user_id))
    quote = await shop.subscriptions.ending.preview(bought.id, Cancel(), by(user_id))
    left = await shop.subscriptions.ending.cancel(bought.id, Cancel(), by(user_id))
    assert (quote.timing, quote.ends_at, left.status) == ("period_end", bought.ends_at, S.ACTIVE)
    await shop.pass_by(bought.ends_at - shop.now)
    await shop.pass_by(4 * DAY)
    assert (await shop.found(bought.id)).status is S.CANCELLED


async def test_cancelling_at_the_end_calls_an_upgrade_off_that_is_not_paid():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    product = await shop.house.do(lambda unit: unit.products.find(bought.product_id))
    dearer = await shop.a_plan(product, 5_000)
    unpaid = await shop.found(bought.id)
    unpaid.gateway = unpaid.method_id = None
    await shop.house.do(lambda unit: unit.subscriptions.save(unpaid))
    answer = await shop.subscriptions.changing.change(
        bought.id, ChangeTerms(plan=str(dearer.id)), by(user_id)
    )
    assert (await shop.found(bought.id)).awaiting.awaited is Awaited.CHANGE
    left = await shop.subscriptions.ending.cancel(bought.id, Cancel(), by(user_id))
    assert left.status == S.ACTIVE
    assert (await shop.found(bought.id)).awaiting is None
    assert (await shop.house.order(answer.order_id)).status is OrderStatus.CANCELLED
    assert (await shop.house.invoice(answer.invoice_id)).status is InvoiceStatus.VOID
    assert await shop.books_balance(user_id)


async def test_what_staff_credited_already_keeps_nobody_from_leaving_and_is_not_given_back_twice():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    (charge,) = await shop.charges(bought.id)
    await _credit(shop, charge.invoice_id, RefundTo.PAYMENT_METHOD)
    now = Cancel(timing=Timing.NOW, refund=RefundPolicy.PRORATED)
    ended = await shop.subscriptions.ending.cancel(bought.id, now, by(user_id))
    assert ended.status == S.CANCELLED
    invoice = await shop.house.invoice(charge.invoice_id)
    assert (invoice.credited_minor, invoice.creditable_minor) == (1_000, 0)


async def test_a_credit_note_for_all_of_an_unpaid_invoice_ends_its_order():
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    answer = await shop.buy(user_id, await shop.a_plan(), pays=False)
    await _credit(shop, answer.invoice_id)
    assert (await shop.house.order(answer.order_id)).status is OrderStatus.REFUNDED
    assert await shop.books_balance(user_id)


async def test_a_credit_note_for_an_order_that_was_left_while_it_was_paid_is_issued():
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    slow = await shop.a_card(user_id, "requires_action")
    answer = await shop.buy(user_id, await shop.a_plan(), method_id=slow)
    await shop.subscriptions.ending.cancel(answer.subscriptions[0].id, Cancel(), by(user_id))
    await _credit(shop, answer.invoice_id)
    assert (await shop.house.invoice(answer.invoice_id)).due_minor == 0
    await shop.house.approve(answer.payment.id)
    assert await _funds(shop, user_id) == 1_000
    assert (await shop.found(answer.subscriptions[0].id)).status is S.CANCELLED


async def test_who_comes_again_with_a_coupon_pays_what_the_preview_said():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    first = await shop.buy(user_id, plan, pays=False)
    coupon = a_coupon(percent="50")
    await shop.house.do(lambda unit: unit.coupons.add(coupon))
    items = [PurchaseItem(plan=str(plan.id))]
    again = Purchase(items=items, payment_method=STARK_PAY, coupons=[coupon.code])
    assert (await shop.subscriptions.purchasing.preview(again, by(user_id))).amount == "5.00"
    bought = await shop.subscriptions.purchasing.purchase(again, by(user_id))
    assert (bought.amount.amount, bought.subscriptions[0].status) == ("5.00", S.ACTIVE)
    assert (await shop.house.order(first.order_id)).status is OrderStatus.CANCELLED
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 500


async def test_who_comes_again_without_the_coupon_pays_the_order_that_is_open():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    coupon = a_coupon(percent="50")
    await shop.house.do(lambda unit: unit.coupons.add(coupon))
    items = [PurchaseItem(plan=str(plan.id))]
    first = await shop.subscriptions.purchasing.purchase(
        Purchase(items=items, coupons=[coupon.code]), by(user_id)
    )
    bought = await shop.buy(user_id, plan)
    assert (bought.order_id, bought.amount.amount) == (first.order_id, "5.00")


async def test_who_comes_again_with_the_last_of_a_coupon_has_the_order_that_redeemed_it():
    shop = a_subscription_house()
    product, user_id = await shop.a_product(), await shop.house.a_customer()
    plan, other = await shop.a_plan(product, 1_000), await shop.a_plan(product, 3_000)
    coupon = replace(a_coupon(percent="50"), max_redemptions=1)
    await shop.house.do(lambda unit: unit.coupons.add(coupon))

    async def order(plan: Plan, by_whom: UUID) -> Any:
        command = Purchase(items=[PurchaseItem(plan=str(plan.id))], coupons=[coupon.code])
        return await shop.subscriptions.purchasing.purchase(command, by(by_whom))

    first, again = await order(plan, user_id), await order(plan, user_id)
    assert (again.order_id, again.amount.amount) == (first.order_id, "5.00")
    assert (await order(other, user_id)).amount.amount == "15.00"
    with pytest.raises(CouponUsedUp):
        await order(plan, await shop.house.a_customer())


async def test_who_comes_again_for_another_currency_is_told():
    shop = a_subscription_house()
    plan = await shop.a_plan()
    in_dollars, name = plan.prices[0], str(shop.house.ids.next())
    in_euros = replace(in_dollars, id=shop.house.ids.next(), amount=Money(900, Currency("EUR")))
    plan = replace(
        plan, id=shop.house.ids.next(), slug=name, code=name.upper(), prices=(in_dollars, in_euros)
    )
    await shop.house.do(lambda unit: unit.plans.add(plan))
    user_id, items = await shop.house.a_customer(), [PurchaseItem(plan=str(plan.id))]
    await shop.subscriptions.purchasing.purchase(Purchase(items=items, currency="USD"), by(user_id))
    again = Purchase(items=items, payment_method=STARK_PAY, currency="EUR")
    with pytest.raises(InvalidInput):
        await shop.subscriptions.purchasing.purchase(again, by(user_id))


async def test_who_comes_again_with_another_configuration_has_it():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    await shop.buy(user_id, plan, pays=False)
    items = [PurchaseItem(plan=str(plan.id), configuration={"seats": "red"})]
    again = Purchase(items=items, payment_method=STARK_PAY, auto_renew=False)
    bought = await shop.subscriptions.purchasing.purchase(again, by(user_id))
    kept = await shop.found(bought.subscriptions[0].id)
    assert (kept.configuration, kept.auto_renew) == ({"seats": "red"}, False)


async def test_funds_that_went_into_an_order_that_is_left_are_the_customers_again():
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    await _has_funds(shop, user_id, 400)
    answer = await shop.buy(user_id, await shop.a_plan(), pays=False)
    assert await _funds(shop, user_id) == 0
    await shop.subscriptions.ending.cancel(answer.subscriptions[0].id, Cancel(), by(user_id))
    assert await _funds(shop, user_id) == 400
    assert (await shop.found(answer.subscriptions[0].id)).status is S.CANCELLED
    assert await shop.house.owed(user_id) == -400


async def test_a_next_period_that_funds_paid_a_part_of_does_not_keep_it_from_being_billed_when_due():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await _has_funds(shop, user_id, 400)
    unpaid = await shop.found(bought.id)
    method, unpaid.gateway, unpaid.method_id = unpaid.method_id, None, None
    await shop.house.do(lambda unit: unit.subscriptions.save(unpaid))
    await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=method), by(user_id))
    await shop.pass_by(2 * DAY)
    assert await _funds(shop, user_id) == 400
    await shop.pass_by(bought.ends_at - shop.now)
    renewed = await shop.found(bought.id)
    assert (renewed.status, renewed.number, await _funds(shop, user_id)) == (S.ACTIVE, 2, 0)
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 1_000 + 400 + 600


async def test_one_that_cannot_be_looked_after_keeps_no_other_from_being_renewed():
    shop = a_subscription_house()
    bought = [(await shop.bought())[1] for _ in range(3)]
    # The time zone database of the machine lost it.
    lost = replace(await shop.found(bought[0].id), zone="Mars/Phobos")
    await shop.house.do(lambda unit: unit.subscriptions.save(lost))
    shop.house.clock.move(bought[0].ends_at - shop.now)
    with pytest.raises(ExceptionGroup, match="looking after subscriptions: 1 failed"):
        await shop.subscriptions.looking_after.run()
    assert [(await shop.found(each.id)).number for each in bought] == [1, 2, 2]


async def _expired_with_a_payment_under_way(
    shop: SubscriptionHouse, user_id: UUID, *items: PurchaseItem
) -> Any:
    coupon = a_coupon(percent="50")
    await shop.house.do(lambda unit: unit.coupons.add(coupon))
    slow = await shop.a_card(user_id, "requires_action")
    command = Purchase(items=list(items), payment_method=STARK_PAY, method_id=slow, coupons=[coupon.code])
    answer = await shop.subscriptions.purchasing.purchase(command, by(user_id))
    settlement_id = (await shop.house.invoice(answer.invoice_id)).settlement_id

    async def give_up(unit: Any) -> None:
        await shop.house.billing.settling.cancel(unit, await unit.settlements.find(settlement_id))

    await shop.house.do(give_up)
    await shop.pass_by(2 * DAY)
    assert (await shop.found(answer.subscriptions[0].id)).status is S.EXPIRED
    return answer


async def test_late_money_that_a_coupon_had_made_less_is_reckoned_with_as_what_it_was():
    shop = a_subscription_house()
    product, user_id = await shop.a_product(), await shop.house.a_customer()
    plan, dearer = await shop.a_plan(product, 1_000), await shop.a_plan(product, 5_000)
    answer = await _expired_with_a_payment_under_way(shop, user_id, PurchaseItem(plan=str(plan.id)))
    await shop.house.approve(answer.payment.id)
    revived = await shop.found(answer.subscriptions[0].id)
    assert (revived.status, revived.accrual.total) == (S.ACTIVE, 500)
    upgrade = await shop.subscriptions.changing.preview(
        revived.id, ChangeTerms(plan=str(dearer.id)), by(user_id)
    )
    # What the coupon took off was 5.00 of the 10.00; the 40.00 beyond are asked in full.
    assert upgrade.cost.amount == "40.00"
    now = Cancel(timing=Timing.NOW, refund=RefundPolicy.PRORATED)
    quote = await shop.subscriptions.ending.preview(revived.id, now, by(user_id))
    assert quote.refund.amount == "5.00"

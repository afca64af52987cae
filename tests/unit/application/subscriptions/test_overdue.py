"""Service ends in time whatever payments are begun, and attempts are made when they should be."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.billing_house import STARK_PAY, by, by_staff
from tests.subscription_house import DAY, SubscriptionHouse, a_subscription_house

from multiproduct.application.subscriptions.commands import (
    Cancel,
    ChangeTerms,
    Renew,
    UpdateSubscription,
)
from multiproduct.domain.billing import InvoiceStatus
from multiproduct.domain.subscriptions import PaymentUnderWay, Subscription, SubscriptionStatus

S = SubscriptionStatus
HOUR = timedelta(hours=1)


async def _overdue(shop: SubscriptionHouse, script: str = "insufficient_funds") -> tuple[UUID, Subscription]:
    """Somebody whose card was declined when the period of March 4 to April 4 was over."""
    user_id, bought = await shop.bought()
    card = await shop.a_card(user_id, script)
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=card), by(user_id))
    await shop.pass_by(bought.ends_at - shop.now)
    overdue = await shop.found(bought.id)
    assert overdue.status is S.PAST_DUE
    return user_id, overdue


async def _pays(shop: SubscriptionHouse, user_id: UUID, subscription_id: UUID, method_id: UUID) -> Any:
    command = Renew(payment_method=STARK_PAY, method_id=method_id)
    return await shop.subscriptions.renewing.renew(subscription_id, command, by(user_id))


async def _taken(shop: SubscriptionHouse) -> int:
    """What the gateway took and is not to give back, in cents."""
    taken = await shop.house.balance(f"gateway:{STARK_PAY}:USD")
    async with shop.units.view(by_staff()) as view:
        return taken - sum(each.refunding for each in view.payments._rows.where(lambda _: True))


async def _settlements(shop: SubscriptionHouse, invoice_id: UUID) -> list[Any]:
    async with shop.units.view(by_staff()) as view:
        return list(await view.settlements.of_invoice(invoice_id))


async def test_payments_that_are_begun_and_left_again_and_again_move_no_end():
    shop = a_subscription_house()
    user_id, overdue = await _overdue(shop)
    slow = await shop.a_card(user_id, "pending")
    served = []
    while not served or served[-1]:
        begun = await _pays(shop, user_id, overdue.id, slow)
        await shop.pass_by(DAY - HOUR)
        await shop.house.payments.calling_off.cancel(begun.payment.id, by(user_id))
        await shop.pass_by(HOUR)
        served.append((await shop.found(overdue.id)).is_serving)
    assert served == [True] * 6 + [False]
    ended = await shop.found(overdue.id)
    assert (ended.status, ended.ended_at) == (S.EXPIRED, overdue.failed_at + 7 * DAY)
    assert (await shop.house.invoice(overdue.awaiting.invoice_id)).status is InvoiceStatus.VOID
    assert await shop.books_balance(user_id)


async def test_what_is_paid_after_the_end_goes_back():
    shop = a_subscription_house()
    user_id, overdue = await _overdue(shop)
    slow = await shop.a_card(user_id, "requires_action")
    await shop.pass_by(6 * DAY + 12 * HOUR)
    begun = await _pays(shop, user_id, overdue.id, slow)
    await shop.pass_by(12 * HOUR)
    assert (await shop.found(overdue.id)).status is S.EXPIRED
    await shop.house.approve(begun.payment.id)
    await shop.tend()
    ended = await shop.found(overdue.id)
    assert (ended.status, ended.number) == (S.EXPIRED, 1)
    assert await _taken(shop) == 1_000
    assert await shop.books_balance(user_id)


async def test_who_comes_back_while_the_last_payment_is_under_way_is_told_and_billed_after_it():
    shop = a_subscription_house()
    user_id, overdue = await _overdue(shop)
    slow, good = await shop.a_card(user_id, "requires_action"), await shop.a_card(user_id)
    await shop.pass_by(6 * DAY + 12 * HOUR)
    begun = await _pays(shop, user_id, overdue.id, slow)
    await shop.pass_by(12 * HOUR)
    with pytest.raises(PaymentUnderWay):
        await _pays(shop, user_id, overdue.id, good)
    await shop.house.payments.calling_off.cancel(begun.payment.id, by(user_id))
    back = await _pays(shop, user_id, overdue.id, good)
    assert (back.subscriptions[0].status, await _taken(shop)) == ("active", 2_000)
    assert await shop.books_balance(user_id)


async def test_a_payment_that_comes_to_nothing_after_the_end_leaves_no_open_invoice():
    shop = a_subscription_house()
    user_id, overdue = await _overdue(shop)
    slow = await shop.a_card(user_id, "requires_action")
    await shop.pass_by(6 * DAY + 12 * HOUR)
    begun = await _pays(shop, user_id, overdue.id, slow)
    await shop.pass_by(12 * HOUR)
    assert (await shop.found(overdue.id)).status is S.EXPIRED
    await shop.house.payments.calling_off.cancel(begun.payment.id, by(user_id))
    assert (await shop.house.invoice(overdue.awaiting.invoice_id)).status is InvoiceStatus.VOID
    assert await shop.house.owed(user_id) == 0


async def test_a_renewal_whose_payment_is_never_answered_is_served_eight_days_and_no_longer():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    card = await shop.a_card(user_id, "never_known")
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=card), by(user_id))
    await shop.pass_by(bought.ends_at - shop.now)
    assert (await shop.found(bought.id)).status is S.ACTIVE
    await shop.pass_by(DAY)
    assert (await shop.found(bought.id)).status is S.PAST_DUE
    await shop.pass_by(6 * DAY + 23 * HOUR)
    assert (await shop.found(bought.id)).is_serving
    await shop.pass_by(HOUR)
    assert (await shop.found(bought.id)).status is S.EXPIRED


@pytest.mark.parametrize("is_paid_late", [True, False])
async def test_an_upgrade_that_is_not_paid_by_the_end_is_called_off_and_the_renewal_goes_on(is_paid_late):
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    slow = await shop.a_card(user_id, "requires_action")
    shop.house.clock.move(bought.ends_at - shop.now - HOUR)
    change = ChangeTerms(quantity=100, payment_method=STARK_PAY, method_id=slow)
    begun = await shop.subscriptions.changing.change(bought.id, change, by(user_id))
    await shop.pass_by(HOUR)
    renewed = await shop.found(bought.id)
    assert (renewed.status, renewed.number, renewed.terms) == (S.ACTIVE, 2, bought.terms)
    if is_paid_late:
        await shop.house.approve(begun.payment.id)
    else:
        await shop.house.payments.calling_off.cancel(begun.payment.id, by(user_id))
    await shop.pass_by(DAY)
    assert (await shop.found(bought.id)).terms == bought.terms
    # Two periods of ten dollars, each taken once; nothing for the change.
    assert await _taken(shop) == 2_000
    assert await shop.books_balance(user_id)
    await shop.pass_by(renewed.ends_at - shop.now)
    assert (await shop.found(bought.id)).number == 3
    assert await _taken(shop) == 3_000


async def test_an_upgrade_that_is_not_paid_for_holds_up_no_period_that_is_paid_ahead():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    slow = await shop.a_card(user_id, "requires_action")
    shop.house.clock.move(bought.ends_at - shop.now - HOUR)
    change = ChangeTerms(quantity=2, payment_method=STARK_PAY, method_id=slow)
    begun = await shop.subscriptions.changing.change(bought.id, change, by(user_id))
    await shop.pass_by(HOUR)
    await shop.house.approve(begun.payment.id)
    found = await shop.found(bought.id)
    assert (found.number, found.terms, found.accrual.total) == (2, bought.terms, 1_000)
    assert await _taken(shop) == 2_000


async def test_who_cancelled_is_not_served_on_because_a_payment_is_under_way():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    slow = await shop.a_card(user_id, "requires_action")
    shop.house.clock.move(bought.ends_at - shop.now - HOUR)
    begun = await _pays(shop, user_id, bought.id, slow)
    await shop.subscriptions.ending.cancel(bought.id, Cancel(), by(user_id))
    await shop.pass_by(HOUR)
    assert (await shop.found(bought.id)).status is S.CANCELLED
    await shop.house.approve(begun.payment.id)
    assert await _taken(shop) == 1_000
    assert await shop.books_balance(user_id)


async def test_ones_own_declined_tries_leave_the_schedule_as_it_is():
    shop = a_subscription_house()
    user_id, overdue = await _overdue(shop)
    for _ in range(4):
        shop.house.clock.move(timedelta(minutes=1))
        await _pays(shop, user_id, overdue.id, overdue.method_id)
    found = await shop.found(overdue.id)
    assert (found.failures, found.next_attempt_at) == (1, overdue.failed_at + DAY)
    assert len(await _settlements(shop, overdue.awaiting.invoice_id)) == 5


async def test_after_downtime_one_attempt_is_made_up_for_before_it_is_given_up():
    shop = a_subscription_house()
    user_id, overdue = await _overdue(shop)
    await shop.pass_by(8 * DAY)
    tried = await _settlements(shop, overdue.awaiting.invoice_id)
    assert sorted(each.created_at for each in tried) == [overdue.failed_at, overdue.failed_at + 8 * DAY]
    assert (await shop.found(overdue.id)).status is S.EXPIRED
    assert await shop.books_balance(user_id)


async def test_after_downtime_the_attempt_that_is_made_up_for_may_succeed():
    shop = a_subscription_house()
    _, overdue = await _overdue(shop, "decline_1_then_approve")
    await shop.pass_by(9 * DAY)
    found = await shop.found(overdue.id)
    assert (found.status, found.number, await _taken(shop)) == (S.ACTIVE, 2, 2_000)


async def test_a_card_that_is_added_while_nothing_can_be_charged_is_charged_at_once():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.house.payments.methods.remove(bought.method_id, by(user_id))
    await shop.pass_by(bought.ends_at - shop.now + HOUR)
    assert (await shop.found(bought.id)).status is S.PAST_DUE
    good = await shop.a_card(user_id)
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=good), by(user_id))
    assert (await shop.found(bought.id)).due_at == shop.now
    await shop.tend()
    found = await shop.found(bought.id)
    assert (found.status, found.number, await _taken(shop)) == (S.ACTIVE, 2, 2_000)


async def test_who_switches_renewal_off_is_charged_no_more_and_may_still_pay():
    shop = a_subscription_house()
    user_id, overdue = await _overdue(shop, "decline_1_then_approve")
    await shop.subscriptions.tending.update(overdue.id, UpdateSubscription(auto_renew=False), by(user_id))
    for _ in range(6):
        await shop.pass_by(DAY)
    found = await shop.found(overdue.id)
    assert (found.status, await _taken(shop)) == (S.PAST_DUE, 1_000)
    await _pays(shop, user_id, overdue.id, overdue.method_id)
    assert (await shop.found(overdue.id)).status is S.ACTIVE

"""How subscriptions live: trials, renewals, retries, changes, pauses, ends, and what all of that costs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.billing_house import STARK_PAY, USD, by
from tests.subscription_house import DAY, a_subscription_house

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.caller import Caller, Principal
from multiproduct.application.subscriptions.commands import (
    Cancel,
    ChangeQuantity,
    ChangeTerms,
    ListSubscriptions,
    Pause,
    RecordUsage,
    Renew,
    StartTrial,
    UpdateStatus,
    UpdateSubscription,
    UsageItem,
)
from multiproduct.domain.catalog import (
    Aggregation,
    Cycle,
    CycleName,
    MeteredPrice,
    PriceModel,
    Tariff,
    Tier,
    UnitPrice,
)
from multiproduct.domain.shared import Forbidden
from multiproduct.domain.subscriptions import (
    AlreadyRenewed,
    ChargeStatus,
    NothingToUndo,
    RefundPolicy,
    SubscriptionStatus,
    Timing,
    TransitionNotAllowed,
    TrialAlreadyUsed,
    UnknownSubscription,
)
from multiproduct.domain.subscriptions.permissions import PERMISSIONS

S = SubscriptionStatus


async def test_a_renewal_is_charged_to_the_stored_card_and_extends():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.pass_by(bought.ends_at - shop.now)
    renewed = await shop.found(bought.id)
    assert (renewed.status, renewed.number) == (S.ACTIVE, 2)
    assert renewed.accrual.origin == bought.ends_at
    assert [each.status for each in await shop.charges(bought.id)] == [ChargeStatus.PAID] * 2
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 2_000
    assert await shop.books_balance(user_id)


async def test_runs_that_were_missed_are_caught_up_without_billing_twice():
    shop = a_subscription_house()
    _, bought = await shop.bought()
    await shop.pass_by(100 * DAY)
    await shop.tend()
    caught_up = await shop.found(bought.id)
    assert caught_up.number == 4
    assert caught_up.accrual.origin <= shop.now < caught_up.ends_at
    assert len(await shop.charges(bought.id)) == 4


async def test_a_card_that_declines_is_tried_again_and_then_it_expires():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    bad = await shop.a_card(user_id, "insufficient_funds")
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=bad), by(user_id))
    await shop.pass_by(bought.ends_at - shop.now)
    assert (await shop.found(bought.id)).status is S.PAST_DUE
    seen = [(await shop.found(bought.id)).failures]
    for _ in range(8):
        await shop.pass_by(DAY)
        seen.append((await shop.found(bought.id)).failures)
    over = await shop.found(bought.id)
    assert over.status is S.EXPIRED
    assert seen[:7] == [1, 2, 2, 3, 3, 4, 4]
    assert await shop.books_balance(user_id)
    assert await shop.house.owed(user_id) == 0


async def test_an_overdue_invoice_that_is_paid_by_hand_renews_from_where_it_ended():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    bad, good = await shop.a_card(user_id, "insufficient_funds"), await shop.a_card(user_id)
    await shop.subscriptions.tending.update(bought.id, UpdateSubscription(method_id=bad), by(user_id))
    await shop.pass_by(bought.ends_at - shop.now + 2 * DAY)
    answer = await shop.subscriptions.renewing.renew(
        bought.id, Renew(payment_method=STARK_PAY, method_id=good), by(user_id)
    )
    assert answer.subscriptions[0].status == "active"
    assert answer.subscriptions[0].period_start == bought.ends_at


async def test_polar_8224_a_deleted_card_is_not_charged_and_the_invoice_waits():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.house.payments.methods.remove(bought.method_id, by(user_id))
    await shop.pass_by(bought.ends_at - shop.now)
    waiting = await shop.found(bought.id)
    assert (waiting.status, waiting.method_id) == (S.PAST_DUE, None)
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 1_000
    await shop.pass_by(8 * DAY)
    assert (await shop.found(bought.id)).status is S.EXPIRED


async def test_the_next_period_can_be_paid_by_hand_once_ahead():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    quote = await shop.subscriptions.renewing.preview(bought.id, by(user_id))
    answer = await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    assert answer.amount == quote.price
    assert answer.subscriptions[0].end_date == quote.period_end
    with pytest.raises(AlreadyRenewed):
        await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    await shop.pass_by(quote.period_start - shop.now)
    assert (await shop.found(bought.id)).number == 2
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 2_000


async def test_what_has_ended_can_be_renewed_by_hand():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))
    await shop.pass_by(DAY)
    answer = await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    assert answer.subscriptions[0].status == "active"
    assert answer.subscriptions[0].period_start == shop.now


async def test_lago_545_an_upgrade_costs_what_the_preview_said():
    shop = a_subscription_house()
    product = await shop.a_product()
    small, large = await shop.a_plan(product, 1_000), await shop.a_plan(product, 2_777)
    user_id, bought = await shop.bought(small)
    await shop.pass_by(timedelta(days=9, hours=5, seconds=7))
    command = ChangeTerms(plan=large.slug)
    preview = await shop.subscriptions.changing.preview(bought.id, command, by(user_id))
    answer = await shop.subscriptions.changing.change(bought.id, command, by(user_id))
    assert (preview.timing, answer.amount) == ("now", preview.cost)
    assert answer.subscriptions[0].plan_id == large.id
    assert await shop.books_balance(user_id)


async def test_seats_one_by_one_cost_what_they_cost_at_once():
    shop = a_subscription_house()
    plan = await shop.a_plan(minor=999)
    (one, first), (other, second) = await shop.bought(plan), await shop.bought(plan)
    await shop.pass_by(timedelta(days=11, seconds=1))
    costs = []
    for seats in (2, 3, 4):
        answer = await shop.subscriptions.changing.change_quantity(
            first.id, ChangeQuantity(quantity=seats), by(one)
        )
        costs.append(Decimal(answer.amount.amount))
    at_once = await shop.subscriptions.changing.change_quantity(
        second.id, ChangeQuantity(quantity=4), by(other)
    )
    assert sum(costs) == Decimal(at_once.amount.amount)


async def test_an_upgrade_that_is_declined_changes_nothing():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    bad = await shop.a_card(user_id, "insufficient_funds")
    command = ChangeQuantity(quantity=5, payment_method=STARK_PAY, method_id=bad)
    answer = await shop.subscriptions.changing.change_quantity(bought.id, command, by(user_id))
    assert (answer.payment.status, answer.subscriptions[0].quantity) == ("failed", 1)
    assert answer.subscriptions[0].open_invoice_id is None
    assert await shop.house.owed(user_id) == 0
    again = await shop.subscriptions.changing.change_quantity(
        bought.id, ChangeQuantity(quantity=5), by(user_id)
    )
    assert again.subscriptions[0].quantity == 5


async def test_a_downgrade_waits_for_the_next_period_and_polar_5478_is_replaced_by_the_next_one():
    shop = a_subscription_house()
    product = await shop.a_product()
    plans = [await shop.a_plan(product, minor) for minor in (1_000, 500, 300)]
    user_id, bought = await shop.bought(plans[0])
    for plan in plans[1:]:
        answer = await shop.subscriptions.changing.change(bought.id, ChangeTerms(plan=plan.slug), by(user_id))
        assert answer.amount.amount == "0.00"
        assert answer.subscriptions[0].scheduled.plan_id == plan.id
    await shop.pass_by(bought.ends_at - shop.now)
    changed = await shop.found(bought.id)
    assert (changed.terms.plan_id, changed.scheduled) == (plans[2].id, None)
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 1_300


async def test_a_downgrade_at_once_leaves_a_credit_that_the_next_invoice_takes():
    shop = a_subscription_house()
    product = await shop.a_product()
    large, small = await shop.a_plan(product, 2_000), await shop.a_plan(product, 1_000)
    user_id, bought = await shop.bought(large)
    await shop.pass_by((bought.ends_at - shop.now) / 2)
    command = ChangeTerms(plan=small.slug, timing=Timing.NOW)
    preview = await shop.subscriptions.changing.preview(bought.id, command, by(user_id))
    await shop.subscriptions.changing.change(bought.id, command, by(user_id))
    assert await shop.house.owed(user_id) == int(Decimal(preview.cost.amount) * 100) == -500
    await shop.pass_by(bought.ends_at - shop.now)
    assert (await shop.found(bought.id)).number == 2
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 2_500


@pytest.mark.parametrize(
    ("policy", "back"), [(RefundPolicy.NONE, 0), (RefundPolicy.PRORATED, 500), (RefundPolicy.FULL, 1_000)]
)
async def test_cancelling_at_once_pays_back_what_the_preview_said(policy, back):
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.pass_by((bought.ends_at - shop.now) / 2)
    command = Cancel(timing=Timing.NOW, refund=policy)
    if policy is RefundPolicy.FULL:
        with pytest.raises(Forbidden):
            await shop.subscriptions.ending.cancel(bought.id, command, by(user_id))
    preview = await shop.subscriptions.ending.preview(bought.id, command, _a_provider())
    assert Decimal(preview.refund.amount) * 100 == back
    over = await shop.subscriptions.ending.cancel(bought.id, command, _a_provider())
    assert over.status == "cancelled"
    assert await shop.house.owed(user_id) in (0, -back)
    (charge,) = await shop.charges(bought.id)
    assert charge.credited == back


async def test_cancelling_at_the_end_serves_until_then_and_can_be_undone():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.subscriptions.ending.cancel(bought.id, Cancel(), by(user_id))
    undone = await shop.subscriptions.ending.undo(bought.id, by(user_id))
    assert undone.cancel_at_period_end is False
    await shop.subscriptions.ending.cancel(bought.id, Cancel(), by(user_id))
    await shop.pass_by(bought.ends_at - shop.now)
    assert (await shop.found(bought.id)).status is S.CANCELLED


async def test_a_cancellation_is_not_undone_after_the_end_though_nothing_ran_meanwhile():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.subscriptions.ending.cancel(bought.id, Cancel(), by(user_id))
    shop.house.clock.move(bought.ends_at - shop.now + 10 * DAY)
    with pytest.raises(NothingToUndo):
        await shop.subscriptions.ending.undo(bought.id, by(user_id))
    await shop.tend()
    assert (await shop.found(bought.id)).status is S.CANCELLED
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 1_000


async def test_who_changes_the_cycle_during_the_trial_keeps_the_rest_of_it():
    shop = a_subscription_house()
    product = await shop.a_product(trial_days=14)
    monthly = await shop.a_plan(product, 1_000)
    yearly = await shop.a_plan(product, 10_000, cycle=Cycle.named(CycleName.YEARLY))
    user_id = await shop.house.a_customer()
    trial = await shop.subscriptions.trying.start(StartTrial(plan=monthly.slug), by(user_id))
    await shop.buy(user_id, monthly, method_id=await shop.a_card(user_id))
    command = ChangeTerms(plan=yearly.slug, timing=Timing.NOW)
    quote = await shop.subscriptions.changing.preview(trial.id, command, by(user_id))
    await shop.subscriptions.changing.change(trial.id, command, by(user_id))
    found = await shop.found(trial.id)
    assert (quote.cost.amount, found.accrual.origin) == ("90.00", trial.trial_end)
    # From March 18 to March 18.
    assert found.ends_at == trial.trial_end.replace(year=2027)


async def test_a_trial_is_had_once_and_converts_by_the_stored_card():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    trial = await shop.subscriptions.trying.start(StartTrial(plan=plan.slug), by(user_id))
    assert (trial.status, trial.trial_end - shop.now) == ("trial", 14 * DAY)
    with pytest.raises(TrialAlreadyUsed):
        await shop.subscriptions.trying.start(StartTrial(plan=plan.slug), by(user_id))
    card = await shop.a_card(user_id)
    await shop.subscriptions.tending.update(trial.id, UpdateSubscription(method_id=card), by(user_id))
    await shop.pass_by(14 * DAY)
    converted = await shop.found(trial.id)
    assert (converted.status, converted.accrual.origin) == (S.ACTIVE, trial.trial_end)


async def test_a_trial_without_a_card_waits_with_an_open_invoice_and_then_expires():
    shop = a_subscription_house()
    plan, user_id = await shop.a_plan(), await shop.house.a_customer()
    trial = await shop.subscriptions.trying.start(StartTrial(plan=plan.slug), by(user_id))
    await shop.pass_by(14 * DAY)
    waiting = await shop.found(trial.id)
    assert waiting.status is S.PENDING
    assert waiting.awaiting is not None
    await shop.pass_by(2 * DAY)
    assert (await shop.found(trial.id)).status is S.EXPIRED


async def test_a_pause_keeps_what_is_left():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.pass_by(DAY)
    paused = await shop.subscriptions.tending.pause(
        bought.id, Pause(resumes_at=shop.now + 10 * DAY), by(user_id)
    )
    assert (paused.status, paused.end_date) == ("paused", None)
    await shop.pass_by(12 * DAY)
    resumed = await shop.found(bought.id)
    assert (resumed.status, resumed.ends_at) == (S.ACTIVE, bought.ends_at + 10 * DAY)


async def test_update_status_takes_only_the_steps_of_the_holder():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()

    async def become(status):
        return await shop.subscriptions.tending.update_status(
            bought.id, UpdateStatus(status=status), by(user_id)
        )

    assert (await become(S.PAUSED)).status == "paused"
    assert (await become(S.ACTIVE)).status == "active"
    for status in (S.EXPIRED, S.TRIAL, S.PENDING, S.PAST_DUE):
        with pytest.raises(TransitionNotAllowed):
            await become(status)
    assert (await become(S.CANCELLED)).status == "cancelled"
    with pytest.raises(TransitionNotAllowed):
        await become(S.ACTIVE)


async def test_anothers_subscription_is_not_there():
    shop = a_subscription_house()
    _, bought = await shop.bought()
    stranger = by(await shop.house.a_customer())
    for ask in (
        shop.subscriptions.tending.read(bought.id, stranger),
        shop.subscriptions.ending.cancel(bought.id, Cancel(), stranger),
        shop.subscriptions.changing.preview(bought.id, ChangeTerms(quantity=2), stranger),
        shop.subscriptions.renewing.renew(bought.id, Renew(), stranger),
        shop.subscriptions.tending.resume(bought.id, stranger),
    ):
        with pytest.raises(UnknownSubscription):
            await ask
    assert (await shop.subscriptions.tending.page(ListSubscriptions(), stranger)).items == []


def _a_provider():

    return Caller(principal=Principal(user_id=a_uuid(), permissions=frozenset(PERMISSIONS)))


async def test_lago_3049_usage_that_is_known_is_a_success_and_each_event_is_answered():
    shop = a_subscription_house()
    product = await shop.a_product()
    await shop.a_meter(product, Aggregation.SUM)
    user_id, bought = await shop.bought(await shop.a_plan(product))
    event = UsageItem(event_id="e1", subscription_id=bought.id, meter="calls", value=Decimal(3))
    odd = event.model_copy(update={"event_id": "e2", "meter": "unknown"})
    stranger = event.model_copy(update={"subscription_id": a_uuid()})
    command = RecordUsage(events=[event, event, odd, stranger])
    answers = (await shop.subscriptions.usage.record(command, _a_provider())).items
    assert [each.outcome for each in answers] == ["recorded", "known", "refused", "refused"]
    again = await shop.subscriptions.usage.record(RecordUsage(events=[event]), _a_provider())
    assert again.items[0].outcome == "known"
    with pytest.raises(Forbidden):
        await shop.subscriptions.usage.record(command, by(user_id))


async def test_usage_is_in_the_invoice_of_the_next_period_once():
    shop = a_subscription_house()
    product = await shop.a_product()
    meter = await shop.a_meter(product, Aggregation.SUM)
    plan = await shop.a_plan(product)
    tariff = Tariff(
        model=PriceModel.PER_UNIT, currency=USD, tiers=(Tier(up_to=None, unit_price=UnitPrice("0.10")),)
    )
    price = MeteredPrice(id=a_uuid(), plan_id=plan.id, meter_id=meter.id, tariff=tariff, valid_from=shop.now)
    await shop.house.do(lambda unit: unit.metered_prices.put(price))
    _, bought = await shop.bought(plan)
    events = [
        UsageItem(event_id=f"e{n}", subscription_id=bought.id, meter="calls", value=Decimal("2.5"))
        for n in range(10)
    ]
    await shop.subscriptions.usage.record(RecordUsage(events=events), _a_provider())
    await shop.pass_by(bought.ends_at - shop.now)
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 1_000 + 1_000 + 250
    await shop.pass_by(35 * DAY)
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 3_250

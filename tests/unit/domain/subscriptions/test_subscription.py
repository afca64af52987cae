"""A subscription: its states, what leads from one to another, and what that costs."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from tests.unit.domain.subscriptions.builders import (
    DAY,
    NOW,
    OTHER_PLAN,
    a_trial,
    an_active,
    an_id,
    an_order,
    awaiting,
    renewed,
    some_terms,
)

from multiproduct.domain.subscriptions import (
    CLOSING_MARGIN,
    LATE_USAGE,
    LIVE,
    QUARTERLY,
    TRANSITIONS,
    YEARLY,
    AlreadyRenewed,
    Awaited,
    ChangeNotPossible,
    Errand,
    NothingToUndo,
    PaymentUnderWay,
    RefundPolicy,
    Rules,
    Step,
    SubscriptionStatus,
    Timing,
    TransitionNotAllowed,
    UsageSpan,
    allowed_from,
    target_of,
)

RULES = Rules()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
S = SubscriptionStatus


def _names(subscription):
    return [event.NAME.removeprefix("subscriptions.") for event in subscription.collect_events()]


def test_the_table_has_one_target_for_a_state_and_a_step():
    pairs = [(row.source, row.step) for row in TRANSITIONS]
    assert len(pairs) == len(set(pairs))
    assert {row.target for row in TRANSITIONS} == set(S)


def test_every_live_state_can_be_left_by_its_holder_or_by_time():
    for status in LIVE:
        targets = {target_of(status, step) for step in allowed_from(status)}
        assert S.CANCELLED in targets


def test_a_paid_order_is_active_for_a_period_from_the_payment_on():
    subscription = an_order()
    order_id = awaiting(subscription, Awaited.FIRST, NOW)
    assert subscription.settle(order_id, now=NOW + DAY)
    assert subscription.status is S.ACTIVE
    assert (subscription.starts_at, subscription.ends_at) == (
        NOW + DAY,
        datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
    )
    assert _names(subscription) == ["ordered", "activated"]


def test_the_same_payment_activates_once():
    subscription = an_order()
    order_id = awaiting(subscription, Awaited.FIRST, NOW)
    assert subscription.settle(order_id, now=NOW)
    assert not subscription.settle(order_id, now=NOW)
    assert subscription.number == 1


def test_renewals_return_to_the_anchor_however_late_they_are_paid():
    subscription = an_active()
    ends = [subscription.ends_at]
    for late in (0, 3, 0, 40, 1, 0, 0):
        renewed(subscription, subscription.ends_at + late * DAY)
        ends.append(subscription.ends_at)
    assert [f"{end:%m-%d}" for end in ends] == [
        "02-28",
        "03-31",
        "04-30",
        "05-31",
        "06-30",
        "07-31",
        "08-31",
        "09-30",
    ]


def test_kill_bill_2306_pausing_and_resuming_a_yearly_plan_again_and_again_leaves_it_billable():
    subscription = an_active(some_terms(price=36_500, cycle=YEARLY))
    length = subscription.accrual.length
    moment = NOW
    paused = timedelta()
    for round_ in range(50):
        moment += DAY
        subscription.pause(now=moment)
        moment += timedelta(hours=round_ + 1)
        paused += timedelta(hours=round_ + 1)
        subscription.resume(now=moment)
    assert subscription.ends_at == NOW + timedelta(seconds=length) + paused
    assert subscription.accrual.value(moment) == 50 * 100
    renewed(subscription, subscription.ends_at)
    assert subscription.status is S.ACTIVE
    assert subscription.number == 2


def test_lago_771_a_trial_that_crosses_a_month_is_billed_from_its_exact_end():
    trial = a_trial(days=40)
    assert trial.errand(RULES) == (trial.trial_end - 7 * DAY, Errand.REMIND)
    trial.end_trial(now=trial.trial_end)
    order_id = awaiting(trial, Awaited.FIRST, trial.trial_end)
    trial.settle(order_id, now=trial.trial_end)
    assert trial.accrual.origin == trial.trial_end
    assert trial.number == 1


def test_who_pays_during_the_trial_keeps_the_rest_of_it():
    trial = a_trial(days=14)
    trial.order_again(some_terms(), now=NOW + DAY)
    trial.settle(awaiting(trial, Awaited.FIRST, NOW + DAY), now=NOW + 2 * DAY)
    assert trial.status is S.ACTIVE
    assert trial.accrual.origin == NOW + 14 * DAY
    assert trial.refund_of(RefundPolicy.PRORATED, NOW + 3 * DAY) == 1_000


def test_polar_9084_a_failed_renewal_is_told_as_a_failure_and_never_as_a_success_first():
    subscription = an_active()
    subscription.method_id = an_id()
    subscription.collect_events()
    end = subscription.ends_at
    order_id = awaiting(subscription, Awaited.RENEWAL, end)
    assert subscription.fail_payment(order_id, rules=RULES, now=end)
    assert _names(subscription) == ["payment_failed"]
    assert subscription.status is S.PAST_DUE


def test_a_failed_renewal_is_tried_again_on_days_1_3_5_7_and_then_given_up():
    subscription = an_active()
    subscription.method_id = an_id()
    end = subscription.ends_at
    order_id = awaiting(subscription, Awaited.RENEWAL, end)
    tried = []
    subscription.fail_payment(order_id, rules=RULES, now=end)
    while (errand := subscription.errand(RULES))[1] is Errand.RETRY:
        tried.append((errand[0] - end).days)
        subscription.charging(True, by_schedule=True, now=errand[0])
        # An answer is waited for until the end; for that of the attempt which is made at the end, a day.
        is_last = errand[0] == end + 7 * DAY
        awaited = Errand.GIVE_UP if is_last else Errand.CHECK
        assert subscription.errand(RULES) == (errand[0] + DAY, awaited)
        subscription.fail_payment(order_id, rules=RULES, now=errand[0])
    assert tried == [1, 3, 5, 7]
    assert subscription.errand(RULES) == (end + 7 * DAY, Errand.GIVE_UP)
    subscription.expire("not_paid", now=end + 7 * DAY)
    assert subscription.status is S.EXPIRED


def test_polar_8224_nothing_is_charged_by_a_deleted_payment_method():
    subscription = an_active()
    subscription.method_id = an_id()
    end = subscription.ends_at
    order_id = awaiting(subscription, Awaited.RENEWAL, end)
    subscription.fail_payment(order_id, rules=RULES, now=end)
    subscription.set_payment_method(None, None, now=end + DAY / 2)
    assert subscription.errand(RULES) == (end + 7 * DAY, Errand.GIVE_UP)
    assert subscription.settle(order_id, now=end + 2 * DAY)
    assert subscription.status is S.ACTIVE


def test_polar_5478_a_scheduled_downgrade_is_replaced_and_not_stacked():
    subscription = an_active()
    subscription.schedule_terms(some_terms(price=500, plan_id=OTHER_PLAN), now=NOW + DAY)
    subscription.schedule_terms(some_terms(price=300, plan_id=OTHER_PLAN), now=NOW + 2 * DAY)
    assert subscription.renews_as.price == 300
    renewed(subscription, subscription.ends_at)
    assert subscription.terms.price == 300
    assert subscription.scheduled is None


def test_a_schedule_is_taken_back_by_asking_for_the_present_terms():
    subscription = an_active()
    subscription.schedule_terms(some_terms(price=500, plan_id=OTHER_PLAN), now=NOW)
    subscription.schedule_terms(some_terms(), now=NOW)
    assert subscription.scheduled is None


def test_polar_10617_a_change_that_costs_nothing_is_a_change_and_no_error():
    subscription = an_active()
    at, cost = subscription.quote_change(some_terms(plan_id=OTHER_PLAN), NOW + DAY)
    assert cost == 0
    assert subscription.change_terms(some_terms(plan_id=OTHER_PLAN), at=at, now=NOW + DAY) == 0
    assert subscription.terms.plan_id == OTHER_PLAN


def test_no_change_is_no_event_and_costs_nothing():
    subscription = an_active()
    subscription.collect_events()
    at, cost = subscription.quote_change(some_terms(), NOW + DAY)
    assert (cost, subscription.change_terms(some_terms(), at=at, now=NOW + DAY)) == (0, 0)
    assert _names(subscription) == []


def test_lago_545_what_a_preview_says_is_what_the_change_costs_however_late_it_is_paid():
    subscription = an_active()
    dearer = some_terms(price=2_777, plan_id=OTHER_PLAN)
    asked = NOW + timedelta(days=9, hours=5, minutes=7)
    at, cost = subscription.quote_change(dearer, asked)
    order_id = awaiting(subscription, Awaited.CHANGE, asked, terms=dearer, at=at)
    before = subscription.accrual.total
    subscription.settle(order_id, now=asked + timedelta(hours=20))
    assert subscription.accrual.total - before == cost


def test_a_change_of_the_cycle_during_a_trial_that_is_paid_for_leaves_the_trial_as_long_as_it_was():
    trial = a_trial(days=14, terms=some_terms(price=1_000))
    trial.order_again(some_terms(price=1_000), now=NOW + DAY)
    trial.settle(awaiting(trial, Awaited.FIRST, NOW + DAY), now=NOW + DAY)
    yearly = some_terms(price=10_000, cycle=YEARLY)
    at, cost = trial.quote_change(yearly, NOW + 2 * DAY)
    assert cost == 10_000 - 1_000
    assert trial.change_terms(yearly, at=at, now=at) == cost
    assert (trial.accrual.origin, trial.anchor) == (NOW + 14 * DAY, NOW + 14 * DAY)
    assert trial.ends_at == datetime(2027, 2, 14, 8, 0, tzinfo=UTC)


def test_a_change_of_the_cycle_begins_a_new_period_and_gives_the_unused_part_back():
    subscription = an_active(some_terms(price=2_800))
    yearly = some_terms(price=30_000, cycle=YEARLY)
    at, cost = subscription.quote_change(yearly, NOW + 14 * DAY)
    assert cost == 30_000 - 1_400
    subscription.change_terms(yearly, at=at, now=at)
    assert subscription.ends_at == datetime(2027, 2, 14, 8, 0, tzinfo=UTC)


def test_dearer_terms_hold_at_once_and_cheaper_ones_with_the_next_period():
    monthly = some_terms(price=1_000)
    assert monthly.timing_towards(some_terms(price=1_001)) is Timing.NOW
    assert monthly.timing_towards(some_terms(price=999)) is Timing.PERIOD_END
    assert monthly.timing_towards(some_terms(price=2_900, cycle=QUARTERLY)) is Timing.PERIOD_END
    assert some_terms(price=2_900, cycle=QUARTERLY).timing_towards(monthly) is Timing.NOW


def test_while_an_invoice_is_open_nothing_else_that_costs_is_changed():
    subscription = an_active()
    dearer = some_terms(price=2_000, plan_id=OTHER_PLAN)
    order_id = awaiting(subscription, Awaited.CHANGE, NOW, terms=dearer)
    with pytest.raises(PaymentUnderWay):
        subscription.quote_change(some_terms(price=3_000), NOW)
    with pytest.raises(PaymentUnderWay):
        subscription.pause(now=NOW + DAY)
    with pytest.raises(PaymentUnderWay):
        awaiting(subscription, Awaited.RENEWAL, NOW)
    assert subscription.drop_payment(order_id, now=NOW + DAY)
    assert subscription.terms.price == 1_000
    subscription.pause(now=NOW + DAY)


def test_a_period_paid_ahead_begins_when_the_present_one_ends():
    subscription = an_active()
    renewed(subscription, NOW + DAY)
    assert subscription.ends_at == datetime(2026, 3, 31, 8, 0, tzinfo=UTC)
    assert subscription.accrual.end == datetime(2026, 2, 28, 8, 0, tzinfo=UTC)
    with pytest.raises(AlreadyRenewed):
        awaiting(subscription, Awaited.RENEWAL, NOW + DAY)
    with pytest.raises(ChangeNotPossible):
        subscription.quote_change(some_terms(price=5_000, cycle=YEARLY), NOW + DAY)
    assert subscription.refund_of(RefundPolicy.FULL, NOW + DAY) == 2_000
    assert subscription.errand(RULES) == (subscription.accrual.end, Errand.RENEW)
    assert subscription.begin_prepaid(now=subscription.accrual.end)
    assert (subscription.number, subscription.prepaid) == (2, None)


@pytest.mark.parametrize(
    ("policy", "refund"), [(RefundPolicy.NONE, 0), (RefundPolicy.PRORATED, 750), (RefundPolicy.FULL, 1_000)]
)
def test_cancelling_at_once_gives_back_what_the_policy_says(policy, refund):
    subscription = an_active()
    assert subscription.cancel(now=NOW + 7 * DAY, policy=policy) == refund
    assert subscription.status is S.CANCELLED


def test_a_cancellation_at_the_end_can_be_undone_until_then():
    subscription = an_active()
    assert subscription.cancel_at_period_end(now=NOW + DAY)
    assert subscription.errand(RULES) == (subscription.ends_at, Errand.END)
    subscription.undo_cancellation(now=NOW + 2 * DAY)
    assert subscription.errand(RULES)[1] is Errand.RENEW
    assert subscription.cancelled_at is None
    with pytest.raises(NothingToUndo):
        subscription.undo_cancellation(now=NOW + 2 * DAY)


def test_a_cancellation_cannot_be_undone_once_the_end_is_past_though_nobody_looked_yet():
    subscription = an_active()
    subscription.cancel_at_period_end(now=NOW + DAY)
    with pytest.raises(NothingToUndo):
        subscription.undo_cancellation(now=subscription.ends_at)
    trial = a_trial()
    trial.cancel_at_period_end(now=NOW + DAY)
    with pytest.raises(NothingToUndo):
        trial.undo_cancellation(now=trial.trial_end)
    trial.undo_cancellation(now=trial.trial_end - timedelta(seconds=1))


def test_a_cancellation_of_what_is_paid_ahead_can_be_undone_until_the_end_of_that():
    subscription = an_active()
    end = subscription.accrual.end
    renewed(subscription, NOW + DAY)
    subscription.cancel_at_period_end(now=NOW + 2 * DAY)
    subscription.undo_cancellation(now=end + DAY)
    assert not subscription.cancels_at_period_end


def test_a_cancellation_at_the_end_cancels_when_it_is_reached():
    subscription = an_active()
    subscription.cancel_at_period_end(now=NOW + DAY)
    subscription.end(now=subscription.ends_at)
    assert subscription.status is S.CANCELLED
    assert subscription.cancelled_at == NOW + DAY


def test_without_renewal_somebody_is_reminded_on_three_days_and_then_it_expires():
    subscription = an_active()
    subscription.set_auto_renew(False, now=NOW)
    end = subscription.ends_at
    subscription.collect_events()
    days = []
    while (errand := subscription.errand(RULES))[1] is Errand.REMIND:
        days.append((end - errand[0]).days)
        subscription.remind(rules=RULES, now=errand[0])
    assert days == [7, 3, 1]
    assert _names(subscription) == ["renewal_reminder"] * 3
    assert errand == (end, Errand.END)
    subscription.end(now=end)
    assert subscription.status is S.EXPIRED


def test_reminders_that_were_missed_are_made_up_for_by_one():
    subscription = an_active()
    subscription.set_auto_renew(False, now=NOW)
    subscription.collect_events()
    subscription.remind(rules=RULES, now=subscription.ends_at - 2 * DAY)
    assert [event.days for event in subscription.collect_events()] == [3]


def test_late_money_reactivates_an_order_that_expired():
    subscription = an_order()
    order_id = awaiting(subscription, Awaited.FIRST, NOW)
    subscription.drop_payment(order_id, now=NOW + DAY)
    assert subscription.status is S.EXPIRED
    assert subscription.reactivate(some_terms(), price=500, now=NOW + 3 * DAY)
    assert subscription.status is S.ACTIVE
    # It is reckoned with what was paid, which coupons had made less than the price.
    assert (subscription.accrual.origin, subscription.accrual.total) == (NOW + 3 * DAY, 500)
    assert not subscription.reactivate(some_terms(), price=500, now=NOW + 3 * DAY)


def test_a_discount_holds_for_its_period_and_no_longer():
    subscription = an_order()
    order_id = awaiting(subscription, Awaited.FIRST, NOW, first_price=400)
    subscription.settle(order_id, now=NOW)
    half = NOW + (subscription.accrual.end - NOW) / 2
    dearer, cheaper = some_terms(price=3_000), some_terms(price=500)
    # The 20.00 beyond are asked in full, and 2.00 in place of 4.00 where less is had, for one half.
    assert subscription.quote_change(dearer, half) == (half, 1_000)
    assert subscription.quote_change(cheaper, half) == (half, -100)
    assert subscription.quote_change(some_terms(), half) == (half, 0)
    assert subscription.change_terms(cheaper, at=half, now=half) == -100
    assert subscription.quote_change(some_terms(), half) == (half, 100)
    renewed(subscription, subscription.ends_at)
    origin = subscription.accrual.origin
    assert subscription.accrual.total == 500
    assert subscription.quote_change(some_terms(), origin) == (origin, 500)


def test_a_pause_until_a_moment_ends_at_that_moment_however_late_somebody_looks():
    subscription = an_active()
    end = subscription.ends_at
    subscription.pause(now=NOW + DAY, resumes_at=NOW + 3 * DAY)
    assert subscription.ends_at is None
    assert subscription.errand(RULES) == (NOW + 3 * DAY, Errand.RESUME)
    subscription.resume(now=NOW + 30 * DAY)
    assert subscription.ends_at == end + 2 * DAY


def test_what_is_over_cannot_be_changed():
    subscription = an_active()
    subscription.cancel(now=NOW)
    for act in (
        lambda: subscription.pause(now=NOW),
        lambda: subscription.resume(now=NOW),
        lambda: subscription.cancel(now=NOW),
        lambda: subscription.set_auto_renew(False, now=NOW),
        lambda: subscription.schedule_terms(some_terms(price=1), now=NOW),
        lambda: subscription.quote_change(some_terms(price=1), NOW),
    ):
        with pytest.raises(TransitionNotAllowed):
            act()


def test_somebody_may_come_back_after_the_end():
    subscription = an_active()
    subscription.cancel(now=NOW + DAY)
    subscription.order_again(some_terms(price=900), now=NOW + 9 * DAY)
    assert subscription.status is S.PENDING
    subscription.settle(awaiting(subscription, Awaited.FIRST, NOW + 9 * DAY), now=NOW + 9 * DAY)
    assert (subscription.status, subscription.number) == (S.ACTIVE, 2)
    assert subscription.accrual.origin == NOW + 9 * DAY


def test_missed_renewals_are_made_up_for_period_by_period():
    subscription = an_active()
    now = NOW + 100 * DAY
    periods = []
    while subscription.errand(RULES)[0] <= now:
        renewed(subscription, now)
        periods.append((subscription.accrual.origin, subscription.accrual.end))
    assert len(periods) == 3
    assert all(a[1] == b[0] for a, b in pairwise(periods))
    assert periods[-1][1] > now


def test_a_step_that_the_table_does_not_have_is_refused():
    with pytest.raises(TransitionNotAllowed):
        an_order().pause(now=NOW)
    assert target_of(S.PENDING, Step.PAUSE) is None


def test_a_period_paid_ahead_is_repriced_with_the_present_one():
    subscription = an_active()
    renewed(subscription, NOW + DAY)
    half = NOW + (subscription.accrual.end - NOW) / 2
    dearer = some_terms(price=3_000)
    at, cost = subscription.quote_change(dearer, half)
    assert (at, cost) == (half, 1_000 + 2_000)
    assert subscription.change_terms(dearer, at=at, now=half) == cost
    assert (subscription.prepaid, subscription.accrual.total) == (dearer, 2_000)
    # Nobody gets back more than the five thousand that were paid.
    assert subscription.refund_of(RefundPolicy.FULL, half) == 2_000 + 3_000
    subscription.begin_prepaid(now=subscription.accrual.end)
    assert (subscription.terms, subscription.accrual.price) == (dearer, 3_000)


def test_what_is_scheduled_while_the_next_period_is_paid_holds_for_the_one_after_it():
    subscription = an_active()
    renewed(subscription, NOW + DAY)
    cheaper = some_terms(price=500)
    subscription.schedule_terms(cheaper, now=NOW + 2 * DAY)
    subscription.begin_prepaid(now=subscription.accrual.end)
    assert (subscription.terms.price, subscription.scheduled, subscription.renews_as) == (
        1_000,
        cheaper,
        cheaper,
    )
    renewed(subscription, subscription.accrual.end)
    assert (subscription.terms, subscription.scheduled) == (cheaper, None)


def test_a_payment_that_its_payer_leaves_can_be_begun_anew_at_once():
    subscription = an_active()
    order_id = awaiting(subscription, Awaited.RENEWAL, NOW + DAY)
    assert subscription.give_up_payment(order_id, rules=RULES, now=NOW + DAY)
    assert (subscription.awaiting.is_charging, subscription.status) == (False, S.ACTIVE)
    assert not subscription.give_up_payment(an_id(), rules=RULES, now=NOW + DAY)


def test_a_renewal_that_is_left_when_it_was_due_counts_as_failed_and_is_tried_again_on_its_days():
    subscription = an_active()
    end = subscription.accrual.end
    order_id = awaiting(subscription, Awaited.RENEWAL, end)
    subscription.set_payment_method("sandbox", an_id(), now=end)
    seen = []
    now = end
    while True:
        subscription.give_up_payment(order_id, rules=RULES, now=now)
        seen.append((subscription.failures, (now - end).days))
        # Between two days of attempts somebody pays by hand, and leaves that too: no day is used up by it.
        subscription.charging(True, now=now)
        subscription.give_up_payment(order_id, rules=RULES, now=now)
        now, errand = subscription.errand(RULES)
        if errand is Errand.GIVE_UP:
            break
        subscription.charging(True, by_schedule=True, now=now)
    assert seen == [(1, 0), (2, 1), (3, 3), (4, 5), (5, 7)]
    assert now == end + 7 * DAY


def test_the_usage_of_one_that_is_over_is_billed_for_the_last_time_when_nobody_can_tell_of_more():
    subscription = an_active()
    subscription.cancel(now=NOW + DAY)
    assert subscription.errand(RULES) == (NOW + DAY + LATE_USAGE + CLOSING_MARGIN, Errand.CLOSE)
    assert subscription.takes_usage(NOW, NOW + DAY + LATE_USAGE - timedelta(seconds=1))
    assert not subscription.takes_usage(NOW + 2 * DAY, NOW + DAY)
    assert not subscription.takes_usage(NOW, NOW + DAY + LATE_USAGE)
    subscription.closed(now=NOW + 2 * DAY)
    assert subscription.errand(RULES) is None


def test_a_trial_that_nobody_pays_for_leaves_nothing_to_bill():
    trial = a_trial()
    trial.cancel(now=NOW + DAY)
    assert (trial.closes_at, trial.errand(RULES)) == (None, None)


def test_a_change_of_plan_ends_a_span_and_one_of_seats_does_not():
    subscription = an_active()
    subscription.change_terms(subscription.terms.with_quantity(2), at=NOW + DAY, now=NOW + DAY)
    assert subscription.spans == ()
    first = subscription.terms
    other = some_terms(plan_id=OTHER_PLAN)
    subscription.change_terms(other, at=NOW + 2 * DAY, now=NOW + 3 * DAY)
    span = UsageSpan(until=NOW + 2 * DAY, plan_id=first.plan_id, number=1)
    assert subscription.spans == (span,)
    # What is in a span already stays in it.
    subscription.change_terms(first, at=NOW + 2 * DAY, now=NOW + 3 * DAY)
    assert subscription.spans == (span,)
    assert subscription.closes_at is None


def test_a_period_that_follows_one_that_was_billed_keeps_the_spans_of_that_one_alone():
    subscription = an_active()
    terms, other = subscription.terms, some_terms(plan_id=OTHER_PLAN)
    subscription.change_terms(other, at=NOW + DAY, now=NOW + DAY)
    end = subscription.ends_at
    subscription.settle(awaiting(subscription, Awaited.RENEWAL, end, terms), now=end)
    first = UsageSpan(until=NOW + DAY, plan_id=terms.plan_id, number=1)
    assert subscription.spans == (first, UsageSpan(until=end, plan_id=OTHER_PLAN, number=1))
    end = subscription.ends_at
    subscription.settle(awaiting(subscription, Awaited.RENEWAL, end, terms), now=end)
    assert subscription.spans == ()


def test_the_usage_of_a_period_before_one_that_was_paid_ahead_is_billed_soon_after_its_end():
    subscription = an_active()
    end, terms = subscription.ends_at, subscription.terms
    subscription.renew(terms, now=NOW + DAY)
    assert subscription.errand(RULES) == (end, Errand.RENEW)
    assert subscription.begin_prepaid(now=end + MINUTE)
    assert subscription.errand(RULES) == (end + LATE_USAGE + CLOSING_MARGIN, Errand.CLOSE)
    assert subscription.spans == (UsageSpan(until=end, plan_id=terms.plan_id, number=1),)
    assert subscription.usage_is_over_at(end + DAY) == end
    # A change of plan meanwhile ends no period.
    subscription.change_terms(some_terms(plan_id=OTHER_PLAN), at=end + HOUR, now=end + HOUR)
    assert subscription.usage_is_over_at(end + DAY) == end
    subscription.closed(now=end + DAY)
    assert subscription.spans == (UsageSpan(until=end + HOUR, plan_id=terms.plan_id, number=2),)
    assert subscription.errand(RULES) == (subscription.ends_at, Errand.RENEW)


def test_a_paused_one_takes_usage_from_before_the_pause():
    subscription = an_active()
    subscription.pause(now=NOW + DAY)
    now = NOW + 5 * DAY
    assert subscription.takes_usage(NOW + DAY - MINUTE, now)
    assert not subscription.takes_usage(NOW + DAY, now)
    subscription.resume(now=now)
    assert subscription.takes_usage(NOW + DAY, now)

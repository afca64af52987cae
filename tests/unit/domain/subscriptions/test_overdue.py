"""Overdue subscriptions: which attempts are made by themselves, and the end that no payment moves."""

from datetime import timedelta

import pytest
from tests.unit.domain.subscriptions.builders import DAY, an_active, an_id, awaiting, some_terms

from multiproduct.domain.subscriptions import Awaited, Errand, Rules, SubscriptionStatus

RULES = Rules()
S = SubscriptionStatus
HOUR = timedelta(hours=1)


def an_overdue():
    """One whose renewal was declined at the end of its period, with its order and that end."""
    subscription = an_active()
    subscription.set_payment_method("sandbox", an_id(), now=subscription.ends_at)
    end = subscription.ends_at
    order_id = awaiting(subscription, Awaited.RENEWAL, end)
    subscription.fail_payment(order_id, rules=RULES, now=end)
    return subscription, order_id, end


@pytest.mark.parametrize("days", [0.5, 3, 6.9])
def test_a_payment_that_is_begun_moves_no_deadline(days):
    subscription, order_id, end = an_overdue()
    begun = end + days * DAY
    subscription.charging(True, now=begun)
    looked = 0
    while (errand := subscription.errand(RULES))[1] is Errand.CHECK:
        looked += 1
        subscription.wait_on(rules=RULES, now=errand[0])
    assert errand == (end + 7 * DAY, Errand.GIVE_UP)
    assert looked == {0.5: 6, 3: 3, 6.9: 0}[days]
    # To leave it, and to begin another one, changes nothing.
    subscription.give_up_payment(order_id, rules=RULES, now=end + 6.95 * DAY)
    subscription.charging(True, now=end + 6.99 * DAY)
    assert subscription.errand(RULES) == (end + 7 * DAY, Errand.GIVE_UP)


def test_the_last_attempt_of_the_schedule_has_a_day_to_be_answered_and_no_more():
    subscription, order_id, end = an_overdue()
    last = end + 7 * DAY
    subscription.charging(True, by_schedule=True, now=last)
    assert subscription.errand(RULES) == (last + DAY, Errand.GIVE_UP)
    # Nothing that is begun then is waited for.
    subscription.give_up_payment(order_id, rules=RULES, now=last + HOUR)
    assert subscription.errand(RULES) == (last, Errand.GIVE_UP)
    subscription.charging(True, now=last + HOUR)
    assert subscription.errand(RULES) == (last, Errand.GIVE_UP)


def test_a_change_that_is_not_paid_holds_no_renewal_up():
    subscription = an_active()
    end = subscription.ends_at
    awaiting(subscription, Awaited.CHANGE, end - HOUR, terms=some_terms(price=9_000))
    assert subscription.errand(RULES) == (end, Errand.RENEW)


def test_a_change_that_is_not_paid_holds_no_end_up():
    subscription = an_active()
    end = subscription.ends_at
    awaiting(subscription, Awaited.CHANGE, end - HOUR, terms=some_terms(price=9_000))
    subscription.cancel_at_period_end(now=end - HOUR)
    assert subscription.errand(RULES) == (end, Errand.END)


def test_a_renewal_that_is_being_paid_holds_no_cancellation_up():
    subscription = an_active()
    end = subscription.ends_at
    awaiting(subscription, Awaited.RENEWAL, end - HOUR)
    subscription.cancel_at_period_end(now=end - HOUR)
    assert subscription.errand(RULES) == (end, Errand.END)


def test_a_renewal_whose_payment_nobody_answers_is_overdue_after_a_day():
    subscription = an_active()
    end = subscription.ends_at
    order_id = awaiting(subscription, Awaited.RENEWAL, end)
    assert subscription.errand(RULES) == (end + DAY, Errand.CHECK)
    subscription.wait_on(rules=RULES, now=end + DAY)
    assert (subscription.status, subscription.failed_at) == (S.PAST_DUE, end + DAY)
    # It is counted once, also when it is declined after that.
    subscription.fail_payment(order_id, rules=RULES, now=end + 2 * DAY)
    assert (subscription.failures, subscription.failed_at) == (1, end + DAY)
    assert subscription.errand(RULES) == (end + 8 * DAY, Errand.GIVE_UP)


def test_the_payers_own_tries_use_up_none_of_the_schedule():
    subscription, order_id, end = an_overdue()
    for minute in range(1, 9):
        subscription.charging(True, now=end + minute * HOUR)
        subscription.fail_payment(order_id, rules=RULES, now=end + minute * HOUR)
    assert subscription.failures == 1
    assert subscription.errand(RULES) == (end + DAY, Errand.RETRY)


@pytest.mark.parametrize(
    ("tried", "ahead"),
    [(1, 3), (1 + 1 / 24, 3), (2.5, 5), (4, 5), (4 + 1 / 24, 5), (4.5, 7), (6.5, None), (7, None), (9, None)],
)
def test_of_attempts_that_were_missed_one_is_made_up_for_and_the_next_is_a_day_later(tried, ahead):
    subscription, order_id, end = an_overdue()
    assert subscription.errand(RULES) == (end + DAY, Errand.RETRY)
    now = end + tried * DAY
    subscription.charging(True, by_schedule=True, now=now)
    subscription.fail_payment(order_id, rules=RULES, now=now)
    assert subscription.failures == 2
    assert subscription.errand(RULES) == (
        (end + 7 * DAY, Errand.GIVE_UP) if ahead is None else (end + ahead * DAY, Errand.RETRY)
    )


def test_attempts_on_one_day_after_the_other_are_all_made_though_each_is_a_little_late():
    rules = Rules(retry_days=(1, 2, 3))
    subscription = an_active()
    subscription.set_payment_method("sandbox", an_id(), now=subscription.ends_at)
    end = subscription.ends_at
    order_id = awaiting(subscription, Awaited.RENEWAL, end)
    subscription.fail_payment(order_id, rules=rules, now=end)
    tried = []
    while (errand := subscription.errand(rules))[1] is Errand.RETRY:
        tried.append((errand[0] - end) / DAY)
        subscription.charging(True, by_schedule=True, now=errand[0] + HOUR / 4)
        subscription.fail_payment(order_id, rules=rules, now=errand[0] + HOUR / 2)
    assert tried == [1, 2, 3]


def test_another_method_is_charged_at_once():
    subscription, _, end = an_overdue()
    subscription.set_payment_method("sandbox", subscription.method_id, now=end + HOUR)
    assert subscription.errand(RULES) == (end + DAY, Errand.RETRY)
    subscription.set_payment_method("sandbox", an_id(), now=end + HOUR)
    assert subscription.errand(RULES) == (end + HOUR, Errand.RETRY)


def test_another_method_is_not_charged_while_something_is_nor_when_the_time_is_up():
    subscription, _, end = an_overdue()
    subscription.charging(True, now=end + HOUR)
    subscription.set_payment_method("sandbox", an_id(), now=end + 2 * HOUR)
    subscription.charging(False, now=end + 3 * HOUR)
    assert subscription.errand(RULES) == (end + DAY, Errand.RETRY)
    subscription.next_attempt_at = None
    subscription.set_payment_method("sandbox", an_id(), now=end + 8 * DAY)
    assert subscription.errand(RULES) == (end + 7 * DAY, Errand.GIVE_UP)


def test_nothing_is_tried_by_itself_where_its_holder_wants_no_renewal():
    subscription, order_id, end = an_overdue()
    subscription.set_auto_renew(False, now=end + HOUR)
    assert subscription.errand(RULES) == (end + 7 * DAY, Errand.GIVE_UP)
    assert subscription.tries_again_at is None
    subscription.set_auto_renew(True, now=end + 2 * DAY)
    assert subscription.errand(RULES) == (end + DAY, Errand.RETRY)
    subscription.set_auto_renew(False, now=end + 2 * DAY)
    assert subscription.settle(order_id, now=end + 6 * DAY)
    assert subscription.status is S.ACTIVE

"""Guess budgets: what one address may cost in guesses, in codes and in mails."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multiproduct.adapters.contracts.builders import DAY, HOUR, MINUTE, NOW, a_guess_budget
from multiproduct.domain.otp import Asker, Purpose
from multiproduct.domain.shared import TooManyRequests

SECOND = timedelta(seconds=1)
MOMENT = timedelta(microseconds=1)

steps = st.lists(
    st.integers(0, 2 * 3600).map(lambda seconds: timedelta(seconds=seconds)), min_size=1, max_size=80
)


def refused_for(admit, *, now) -> int | None:
    """The seconds to wait, or None for what is admitted."""
    try:
        admit(now=now)
    except TooManyRequests as refusal:
        return refusal.retry_after
    return None


def resend(budget, *, now) -> None:
    """What a newer code takes from the budget."""
    budget.admit_resend(now=now)
    budget.resent(now=now)
    budget.sent(Purpose.LOGIN, now=now)


def test_ten_wrong_guesses_an_hour_are_admitted_and_no_more():
    budget = a_guess_budget()
    for minute in range(10):
        budget.admit_guess(now=NOW + minute * MINUTE)
        budget.guessed_wrong(now=NOW + minute * MINUTE)
    assert refused_for(budget.admit_guess, now=NOW + 10 * MINUTE) == 50 * 60
    assert refused_for(budget.admit_guess, now=NOW + HOUR - MOMENT) == 1
    assert refused_for(budget.admit_guess, now=NOW + HOUR) is None


@given(steps)
def test_no_hour_ever_holds_more_than_ten_wrong_guesses_and_none_is_refused_below(waits):
    budget, guessed, now = a_guess_budget(), [], NOW
    for wait in waits:
        now += wait / 8
        recent = [moment for moment in guessed if moment > now - HOUR]
        seconds = refused_for(budget.admit_guess, now=now)
        assert (seconds is not None) == (len(recent) >= 10)
        if seconds is None:
            budget.guessed_wrong(now=now)
            guessed.append(now)
        else:
            assert seconds >= 1
            assert refused_for(budget.admit_guess, now=now + seconds * SECOND) is None
            if seconds > 1:
                assert refused_for(budget.admit_guess, now=now + (seconds - 1) * SECOND) is not None
    assert len(budget.failures) <= 10


def test_each_voided_code_doubles_the_wait_up_to_ten_minutes():
    budget, waits, now = a_guess_budget(), [], NOW
    for _ in range(7):
        budget.voided(now=now)
        seconds = refused_for(budget.admit_challenge, now=now)
        assert seconds is not None
        waits.append(seconds)
        assert refused_for(budget.admit_challenge, now=now + seconds * SECOND - MOMENT) == 1
        assert refused_for(budget.admit_challenge, now=now + seconds * SECOND) is None
        now += seconds * SECOND
    assert waits == [30, 60, 120, 240, 480, 600, 600]


def test_a_day_without_a_voided_code_begins_anew():
    budget = a_guess_budget()
    budget.voided(now=NOW)
    budget.voided(now=NOW)
    budget.voided(now=NOW + DAY + MOMENT)
    assert refused_for(budget.admit_challenge, now=NOW + DAY + MOMENT) == 30


def test_a_very_long_row_of_voided_codes_waits_no_longer_than_ten_minutes():
    budget = a_guess_budget()
    for _ in range(5_000):
        budget.voided(now=NOW)
    assert refused_for(budget.admit_challenge, now=NOW) == 600


def test_nothing_has_to_wait_at_an_address_that_cost_nothing():
    budget = a_guess_budget()
    for admit in (budget.admit_guess, budget.admit_challenge, budget.admit_resend):
        assert refused_for(admit, now=NOW) is None


def test_the_time_between_mails_grows_with_every_resend():
    budget, waits, now = a_guess_budget(), [], NOW
    budget.sent(Purpose.LOGIN, now=now)
    for _ in range(3):
        wait = budget.resend_cool_down(now=now)
        assert refused_for(budget.admit_resend, now=now) == wait
        assert refused_for(budget.admit_resend, now=now + wait * SECOND - MOMENT) == 1
        now += wait * SECOND
        resend(budget, now=now)
        waits.append(wait)
    assert waits == [30, 60, 120]
    assert budget.resend_cool_down(now=now) == 300
    assert budget.resend_cool_down(now=now + HOUR) == 30


def test_three_resends_in_ten_minutes_are_the_most():
    budget = a_guess_budget()
    for seconds in (30, 90, 210):
        resend(budget, now=NOW + seconds * SECOND)
    # The cool-down of 300 seconds is over at 510; the first resend leaves the window at 630.
    assert refused_for(budget.admit_resend, now=NOW + 510 * SECOND) == 120
    assert refused_for(budget.admit_resend, now=NOW + 630 * SECOND) is None


@given(steps)
def test_no_day_ever_holds_more_than_ten_resends_and_no_ten_minutes_more_than_three(waits):
    budget, resent, now = a_guess_budget(), [], NOW
    for wait in waits:
        now += wait / 2
        if refused_for(budget.admit_resend, now=now) is None:
            resend(budget, now=now)
            resent.append(now)
        assert sum(moment > now - DAY for moment in resent) <= 10
        assert sum(moment > now - 10 * MINUTE for moment in resent) <= 3
    assert len(budget.resends) <= 10


def test_ten_resends_a_day_are_admitted():
    budget, now = a_guess_budget(), NOW
    for _ in range(10):
        resend(budget, now=now)
        now += HOUR
    assert refused_for(budget.admit_resend, now=now) == 14 * 3600
    assert refused_for(budget.admit_resend, now=NOW + DAY) is None


def test_a_mailbox_gets_five_mails_in_ten_minutes_and_the_rest_is_muted():
    budget = a_guess_budget()
    assert [budget.sent(Purpose.LOGIN, now=NOW + second * SECOND) for second in range(7)] == [True] * 5 + [
        False
    ] * 2
    assert not budget.sent(Purpose.LOGIN, now=NOW + 10 * MINUTE - MOMENT)
    assert budget.sent(Purpose.LOGIN, now=NOW + 10 * MINUTE)


@given(steps)
def test_no_day_ever_brings_more_than_thirty_mails_and_none_is_muted_below(waits):
    budget, mailed, now = a_guess_budget(), [], NOW
    for wait in waits:
        now += wait / 8
        is_free = (
            sum(moment > now - DAY for moment in mailed) < 30
            and sum(moment > now - 10 * MINUTE for moment in mailed) < 5
        )
        assert budget.sent(Purpose.LOGIN, now=now) == is_free
        if is_free:
            mailed.append(now)
    assert len(budget.mails[Purpose.LOGIN]) <= 30


def test_thirty_mails_a_day_are_sent():
    budget = a_guess_budget()
    assert [budget.sent(Purpose.LOGIN, now=NOW + number * 5 * MINUTE) for number in range(31)] == [
        True
    ] * 30 + [False]
    assert budget.sent(Purpose.LOGIN, now=NOW + DAY)


@pytest.mark.parametrize(
    "note",
    [
        lambda budget: budget.guessed_wrong(now=NOW),
        lambda budget: budget.voided(now=NOW),
        lambda budget: budget.resent(now=NOW),
        lambda budget: budget.sent(Purpose.LOGIN, now=NOW),
        lambda budget: budget.sent(Purpose.LOGIN, now=NOW, asker=Asker.OWNER),
    ],
    ids=["guessed_wrong", "voided", "resent", "sent", "sent to the owner"],
)
def test_a_budget_is_idle_a_day_after_the_last_cost(note):
    budget = a_guess_budget()
    assert budget.is_idle(now=NOW)
    note(budget)
    assert not budget.is_idle(now=NOW + DAY - MOMENT)
    assert budget.is_idle(now=NOW + DAY)
    for admit in (budget.admit_guess, budget.admit_challenge, budget.admit_resend):
        assert refused_for(admit, now=NOW + DAY) is None


def test_mails_of_one_purpose_take_nothing_from_those_of_another():
    budget = a_guess_budget()
    for purpose in (Purpose.REGISTRATION, Purpose.LOGIN, Purpose.PASSWORD_RESET):
        assert [budget.sent(purpose, now=NOW) for _ in range(6)] == [True] * 5 + [False]


def test_what_an_owner_asks_for_takes_nothing_and_the_pause_before_a_resend_runs_from_it():
    budget = a_guess_budget()
    for _ in range(100):
        assert budget.sent(Purpose.LOGIN, now=NOW, asker=Asker.OWNER)
    assert [budget.sent(Purpose.LOGIN, now=NOW) for _ in range(6)] == [True] * 5 + [False]
    budget.sent(Purpose.LOGIN, now=NOW + 20 * SECOND, asker=Asker.OWNER)
    assert refused_for(budget.admit_resend, now=NOW + 30 * SECOND) == 20


def test_a_copy_of_a_budget_does_not_change_with_it():
    budget = a_guess_budget()
    budget.sent(Purpose.LOGIN, now=NOW)
    copy = replace(budget)
    budget.sent(Purpose.LOGIN, now=NOW)
    budget.sent(Purpose.REGISTRATION, now=NOW)
    assert copy.mails == {Purpose.LOGIN: (NOW,)}

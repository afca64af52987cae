"""Driving payments: one charge and one settlement, however often, by however many, and whoever dies."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.paying import Killed, as_person, paying

from multiproduct.application.payments import Driven
from multiproduct.domain.payments import (
    PaymentAuthorised,
    PaymentAwaitingPayer,
    PaymentDeclined,
    PaymentNeedsReview,
    PaymentSettled,
    PaymentUnknown,
    Status,
    Strategy,
    UnknownPaymentMethod,
)
from multiproduct.domain.shared import InvalidInput

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


async def test_a_charge_that_is_approved_is_settled_and_booked() -> None:
    here = paying()
    payment = await here.open(minor=2_000)
    view = await here.payments.driving.drive(payment.id)
    assert view.status == "succeeded"
    assert await here.charged(payment.id) == 2_000
    assert await here.balances(payment.payer_id) == (2_000, 2_000)
    (settled,) = here.events(PaymentSettled)
    assert (settled.minor, settled.currency, settled.is_late) == (2_000, "USD", False)


async def test_the_reaction_drives_what_nobody_drove() -> None:
    here = paying()
    payment = await here.open()
    assert await here.run_todos() == 1
    assert (await here.payment(payment.id)).status is Status.SUCCEEDED


async def test_sixty_four_who_drive_charge_once() -> None:
    here = paying()
    payment = await here.open()
    await asyncio.gather(*(here.payments.driving.drive(payment.id) for _ in range(64)))
    assert here.cutting.calls == 1
    assert await here.charged(payment.id) == 2_000
    assert len(here.events(PaymentSettled)) == 1
    assert await here.balances(payment.payer_id) == (2_000, 2_000)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_whoever_dies_at_the_call_leaves_a_payment_that_is_charged_once(when: str) -> None:
    here = paying()
    payment = await here.open()
    setattr(here.cutting, when, True)
    with pytest.raises(Killed):
        await here.payments.driving.drive(payment.id)
    assert (await here.payment(payment.id)).status is Status.PROCESSING
    assert await here.payments.driving.drive_attempt(payment.attempt_id) is Driven.BUSY
    here.time.pass_by(MINUTE)
    assert (await here.payments.driving.drive(payment.id)).status == "succeeded"
    assert await here.charged(payment.id) == 2_000
    assert await here.balances(payment.payer_id) == (2_000, 2_000)


@pytest.mark.parametrize(
    ("script", "status", "code", "can_be_retried"),
    [
        ("insufficient_funds", "failed", "insufficient_funds", True),
        ("stolen_card", "failed", "stolen_card", False),
        ("requires_action", "requires_action", None, False),
        ("pending", "requires_action", None, False),
        ("unknown_then_settled", "unknown", None, False),
        ("timeout_after_charge", "unknown", None, False),
        ("timeout_before_charge", "unknown", None, False),
        ("other_amount", "unknown", None, False),
    ],
)
async def test_each_answer_leads_to_its_state(
    script: str, status: str, code: str | None, can_be_retried: object
) -> None:
    here = paying()
    payment = await here.open(script=script)
    view = await here.payments.driving.drive(payment.id)
    assert (view.status, view.decline_code, view.can_be_retried) == (status, code, can_be_retried)
    assert await here.balances(payment.payer_id) == (0, 0)


@pytest.mark.parametrize(
    ("script", "status", "taken"),
    [
        ("unknown_then_settled", Status.SUCCEEDED, 2_000),
        ("unknown_then_declined", Status.FAILED, 0),
        ("timeout_after_charge", Status.SUCCEEDED, 2_000),
        ("timeout_before_charge", Status.FAILED, 0),
    ],
)
async def test_the_janitor_finds_out_what_nobody_knew(script: str, status: Status, taken: int) -> None:
    here = paying()
    payment = await here.open(script=script)
    await here.payments.driving.drive(payment.id)
    assert len(here.events(PaymentUnknown)) == 1
    assert await here.payments.janitor.run() == 0
    here.time.pass_by(5 * MINUTE)
    assert await here.payments.janitor.run() == 1
    assert (await here.payment(payment.id)).status is status
    assert await here.charged(payment.id) == taken
    assert await here.balances(payment.payer_id) == (taken, taken)


async def test_the_janitor_asks_on_a_schedule_and_then_tells_staff() -> None:
    here = paying()
    payment = await here.open(script="never_known")
    await here.payments.driving.drive(payment.id)
    pauses = (5 * MINUTE, 60 * MINUTE, *(DAY,) * 5)
    for pause in pauses:
        here.time.pass_by(pause - timedelta(seconds=1))
        assert await here.payments.janitor.run() == 0
        assert (await here.payment(payment.id)).review is None
        here.time.pass_by(timedelta(seconds=1))
        assert await here.payments.janitor.run() == 1
    kept = await here.payment(payment.id)
    assert (kept.status, kept.review) == (Status.UNKNOWN, "unresolved")
    assert [event.reason for event in here.events(PaymentNeedsReview)] == ["unresolved"]
    here.time.pass_by(10 * DAY)
    assert await here.payments.janitor.run() == 0


async def test_an_amount_that_differs_is_left_to_staff_and_never_booked() -> None:
    here = paying()
    payment = await here.open(script="other_amount")
    await here.payments.driving.drive(payment.id)
    here.time.pass_by(30 * DAY)
    await here.payments.janitor.run()
    kept = await here.payment(payment.id)
    assert (kept.status, kept.review, kept.settled) == (Status.UNKNOWN, "amount_mismatch", 0)
    assert await here.balances(payment.payer_id) == (0, 0)
    assert here.events(PaymentSettled) == []


async def test_what_cannot_be_sent_is_sent_later() -> None:
    here = paying()
    payment = await here.open(minor=9_910)
    assert await here.payments.driving.drive_attempt(payment.attempt_id) is Driven.NOT_SENT
    assert await here.payments.driving.drive_attempt(payment.attempt_id) is Driven.NOT_SENT
    assert (await here.payment(payment.id)).status is Status.PROCESSING


async def test_declines_that_are_not_final_can_be_tried_again() -> None:
    here = paying()
    payment = await here.open(script="decline_2_then_approve")
    for expected in ("failed", "failed", "succeeded"):
        assert (await here.payments.driving.drive(payment.id)).status == expected
        if expected == "failed":
            await here.in_unit(lambda unit: here.payments.opening.retry(unit, payment.id))
    assert [attempt.number for attempt in await here.attempts(payment.id)] == [1, 2, 3]
    assert await here.charged(payment.id) == 2_000
    assert len(here.events(PaymentDeclined)) == 2


async def test_a_final_decline_needs_another_method() -> None:
    here = paying()
    payment = await here.open(script="stolen_card")
    await here.payments.driving.drive(payment.id)
    with pytest.raises(Exception, match="payment_state"):
        await here.in_unit(lambda unit: here.payments.opening.retry(unit, payment.id))
    other = await here.store_method(payment.payer_id, "approve")
    await here.in_unit(lambda unit: here.payments.opening.retry(unit, payment.id, method_id=other))
    assert (await here.payments.driving.drive(payment.id)).status == "succeeded"


async def test_a_payer_who_approves_has_paid() -> None:
    here = paying()
    payment = await here.open(script="requires_action")
    await here.payments.driving.drive(payment.id)
    assert len(here.events(PaymentAwaitingPayer)) == 1
    callback = await here.sandbox.approve(payment.attempt_id)
    for _ in range(3):
        await here.payments.callbacks.receive("STARK_PAY", callback, as_person(uuid4()))
        await here.run_todos()
    assert (await here.payment(payment.id)).status is Status.SUCCEEDED
    assert len(here.events(PaymentSettled)) == 1
    assert await here.balances(payment.payer_id) == (2_000, 2_000)


async def test_a_payer_who_lets_the_deadline_pass_has_not() -> None:
    here = paying()
    payment = await here.open(script="pending")
    await here.payments.driving.drive(payment.id)
    here.time.pass_by(3 * DAY + 4 * MINUTE)
    assert await here.payments.janitor.run() == 0
    here.time.pass_by(MINUTE)
    assert await here.payments.janitor.run() == 1
    assert (await here.payment(payment.id)).status is Status.EXPIRED


async def test_a_payment_within_the_unit_is_settled_or_declined_with_it() -> None:
    here = paying()
    paid, refused = [await here.open(minor=minor, gateway="STARK_PURSE") for minor in (2_000, 2_001)]
    assert (await here.payments.driving.drive(paid.id)).status == "succeeded"
    assert (await here.payments.driving.drive(refused.id)).status == "failed"


async def test_an_amount_that_is_not_positive_is_refused() -> None:
    here = paying()
    for minor in (0, -1):
        with pytest.raises(InvalidInput):
            await here.open(minor=minor)


async def test_somebody_elses_method_is_unknown() -> None:
    here = paying()
    method_id = await here.store_method(uuid4(), "approve")
    with pytest.raises(UnknownPaymentMethod):
        await here.open(method_id=method_id)


async def test_what_is_held_is_taken_in_parts_and_the_rest_released() -> None:
    here = paying()
    payment = await here.open(minor=1_000, strategy=Strategy.ESCROW)
    assert (await here.payments.driving.drive(payment.id)).status == "authorised"
    assert await here.balances(payment.payer_id) == (0, 0)
    assert len(here.events(PaymentAuthorised)) == 1
    for part in (300, 450):
        amount = payment.amount.__class__(part, payment.amount.currency)
        attempt = await here.in_unit(
            lambda unit, amount=amount: here.payments.holds.open_capture(unit, payment.id, amount)
        )
        await here.payments.driving.drive_attempt(attempt.id)
    with pytest.raises(Exception, match="capture_exceeds_hold"):
        await here.in_unit(lambda unit: here.payments.holds.open_capture(unit, payment.id, payment.amount))
    release = await here.in_unit(lambda unit: here.payments.holds.open_release(unit, payment.id))
    await here.payments.driving.drive_attempt(release.id)
    kept = await here.payment(payment.id)
    assert (kept.status, kept.settled, kept.capturing) == (Status.SUCCEEDED, 750, 0)
    assert await here.charged(payment.id) == 750
    assert await here.balances(payment.payer_id) == (750, 750)
    assert [event.minor for event in here.events(PaymentSettled)] == [750]

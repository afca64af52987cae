"""Giving payments back: never more than was taken, and once."""

import asyncio
from datetime import timedelta

import pytest
from tests.paying import Killed, Paying, paying

from multiproduct.domain.payments import (
    Payment,
    RefundDeclined,
    RefundExceedsPayment,
    RefundSettled,
    RefundUnknown,
    Status,
)

MINUTE = timedelta(minutes=1)


async def _paid(here: Paying, *, script: str | None = None, minor: int = 1_000) -> Payment:
    payment = await here.open(minor=minor, script=script)
    await here.payments.driving.drive(payment.id)
    return await here.payment(payment.id)


async def test_a_payment_is_given_back_in_parts() -> None:
    here = paying()
    payment = await _paid(here)
    for minor, shown in ((400, "partially_refunded"), (600, "refunded")):
        refund = await here.refund(payment, minor)
        await here.payments.driving.drive_refund(refund.id)
        assert (await here.payment(payment.id)).shown_status == shown
    assert await here.given_back(payment.id) == 1_000
    assert await here.balances(payment.payer_id) == (0, 0)
    assert [event.minor for event in here.events(RefundSettled)] == [400, 600]


async def test_refunds_that_race_never_come_to_more_than_was_taken() -> None:
    here = paying()
    payment = await _paid(here)

    async def refund() -> bool:
        try:
            refund = await here.refund(payment, 150)
        except RefundExceedsPayment:
            return False
        await here.payments.driving.drive_refund(refund.id)
        return True

    outcomes = await asyncio.gather(*(refund() for _ in range(20)))
    assert sorted(outcomes) == [False] * 14 + [True] * 6
    assert await here.given_back(payment.id) == 900
    assert await here.balances(payment.payer_id) == (100, 100)


async def test_what_is_not_paid_is_not_given_back() -> None:
    here = paying()
    payment = await here.open()
    with pytest.raises(RefundExceedsPayment):
        await here.refund(payment, 1)


async def test_a_declined_refund_frees_what_was_set_aside() -> None:
    here = paying()
    payment = await _paid(here, script="refund_declined")
    refund = await here.refund(payment, 1_000)
    with pytest.raises(RefundExceedsPayment):
        await here.refund(payment, 1)
    await here.payments.driving.drive_refund(refund.id)
    assert len(here.events(RefundDeclined)) == 1
    kept = await here.payment(payment.id)
    assert (kept.refunding, kept.refunded, kept.shown_status) == (0, 0, Status.SUCCEEDED)
    assert await here.balances(payment.payer_id) == (1_000, 1_000)
    assert (await here.refund(payment, 1_000)).status is Status.REQUESTED


async def test_the_janitor_finds_out_about_refunds_too() -> None:
    here = paying()
    payment = await _paid(here, script="refund_unknown")
    refund = await here.refund(payment, 1_000)
    await here.payments.driving.drive_refund(refund.id)
    assert len(here.events(RefundUnknown)) == 1
    assert await here.balances(payment.payer_id) == (1_000, 1_000)
    here.time.pass_by(5 * MINUTE)
    assert await here.payments.janitor.run() == 1
    assert (await here.payment(payment.id)).shown_status == "refunded"
    assert await here.balances(payment.payer_id) == (0, 0)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_whoever_dies_at_the_call_leaves_a_refund_that_is_given_back_once(when: str) -> None:
    here = paying()
    payment = await _paid(here)
    refund = await here.refund(payment, 700)
    setattr(here.cutting, when, True)
    with pytest.raises(Killed):
        await here.payments.driving.drive_refund(refund.id)
    here.time.pass_by(MINUTE)
    await here.run_todos()
    assert await here.given_back(payment.id) == 700
    assert await here.balances(payment.payer_id) == (300, 300)
    assert len(here.events(RefundSettled)) == 1


async def test_sixty_four_who_drive_a_refund_give_it_back_once() -> None:
    here = paying()
    payment = await _paid(here)
    refund = await here.refund(payment, 700)
    calls = here.cutting.calls
    await asyncio.gather(*(here.payments.driving.drive_refund(refund.id) for _ in range(64)))
    assert here.cutting.calls == calls + 1
    assert await here.given_back(payment.id) == 700
    assert len(here.events(RefundSettled)) == 1

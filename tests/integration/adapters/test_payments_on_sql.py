"""Payments on real databases: races end in one charge, one settlement, and books that agree."""

import asyncio
from datetime import timedelta

import pytest
from tests.campaigns import proof_scale
from tests.paying import Killed, Paying, as_person, paying
from tests.unit.application.payments.test_any_order import Walk

from multiproduct.adapters.sql import SqlStore
from multiproduct.application.caller import ANYBODY
from multiproduct.domain.payments import PaymentSettled, RefundExceedsPayment, RefundSettled, Status

SEEDS = proof_scale(3, 500)
STEPS = 40


@pytest.fixture(params=["sqlite_store", "postgres_store"])
def here(request: pytest.FixtureRequest) -> Paying:
    store: SqlStore = request.getfixturevalue(request.param)
    return paying(store)


async def test_sixty_four_who_drive_charge_once(here: Paying) -> None:
    payment = await here.open()
    await asyncio.gather(*(here.payments.driving.drive(payment.id) for _ in range(64)))
    assert here.cutting.calls == 1
    assert await here.charged(payment.id) == 2_000
    assert len(here.events(PaymentSettled)) == 1
    assert await here.balances(payment.payer_id) == (2_000, 2_000)


async def test_a_drive_a_callback_and_the_janitor_at_once_settle_once(here: Paying) -> None:
    payment = await here.open(script="requires_action")
    await here.payments.driving.drive(payment.id)
    callback = await here.sandbox.approve(payment.attempt_id)
    here.time.pass_by(timedelta(days=3, minutes=5))
    await asyncio.gather(
        here.payments.janitor.run(),
        here.payments.janitor.run(),
        *(here.payments.callbacks.receive("STARK_PAY", callback, ANYBODY) for _ in range(8)),
    )
    await here.run_todos()
    assert (await here.payment(payment.id)).status is Status.SUCCEEDED
    assert len(here.events(PaymentSettled)) >= 1
    assert await here.balances(payment.payer_id) == (2_000, 2_000)


async def test_refunds_that_race_never_come_to_more_than_was_taken(here: Paying) -> None:
    payment = await here.open(minor=1_000)
    await here.payments.driving.drive(payment.id)

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
    assert sum(event.minor for event in here.events(RefundSettled)) >= 900


@pytest.mark.parametrize("when", ["before", "after"])
async def test_whoever_dies_at_the_call_leaves_a_payment_that_is_charged_once(
    here: Paying, when: str
) -> None:
    payment = await here.open()
    setattr(here.cutting, when, True)
    with pytest.raises(Killed):
        await here.payments.driving.drive(payment.id)
    here.time.pass_by(timedelta(minutes=1))
    await here.run_todos()
    assert (await here.payment(payment.id)).status is Status.SUCCEEDED
    assert await here.charged(payment.id) == 2_000
    assert await here.balances(payment.payer_id) == (2_000, 2_000)


async def test_a_method_is_removed_before_a_claim_or_after_it(here: Paying) -> None:
    for _ in range(8):
        payment = await here.open(script="approve")
        (attempt,) = await here.attempts(payment.id)
        assert attempt.method_id is not None
        calls = here.cutting.calls
        await asyncio.gather(
            here.payments.driving.drive(payment.id),
            here.payments.methods.remove(attempt.method_id, as_person(payment.payer_id)),
        )
        kept = await here.payment(payment.id)
        if here.cutting.calls == calls:
            assert (kept.status, kept.decline_code) == (Status.FAILED, "method_removed")
        else:
            assert kept.status is Status.SUCCEEDED


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_any_order_of_events_ends_as_the_sandboxs_books_have_it(here: Paying, seed: int) -> None:
    walk = Walk(seed, here)
    for _ in range(STEPS):
        await walk.step()
    await walk.come_to_rest()
    await walk.judge()

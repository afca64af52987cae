"""What cannot be done by itself, for reasons that are no declined payment, serves nobody for ever."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from tests.billing_house import STARK_PAY, by
from tests.subscription_house import DAY, SubscriptionHouse, a_subscription_house

from multiproduct.adapters.sandbox import SandboxGateway
from multiproduct.application.payments.gateways import Feature
from multiproduct.application.subscriptions.commands import Renew, StartTrial
from multiproduct.domain.billing import InvoiceStatus
from multiproduct.domain.catalog import UnknownPlan
from multiproduct.domain.shared import Unavailable
from multiproduct.domain.subscriptions import SubscriptionStatus

S = SubscriptionStatus
HOUR = timedelta(hours=1)


def _take_gateway_away(shop: SubscriptionHouse) -> Any:
    """The operator takes the gateway out of the settings."""
    return shop.house.payments.opening._gateways._outside.pop(STARK_PAY)


async def test_without_its_gateway_a_renewal_is_invoiced_and_ends_as_one_that_is_not_paid():
    shop = a_subscription_house()
    _, bought = await shop.bought()
    _take_gateway_away(shop)
    await shop.pass_by(bought.ends_at - shop.now)
    overdue = await shop.found(bought.id)
    assert (overdue.status, overdue.method_id) == (S.PAST_DUE, bought.method_id)
    assert (await shop.house.invoice(overdue.awaiting.invoice_id)).status is InvoiceStatus.OPEN
    for _ in range(6):
        await shop.pass_by(DAY)
        assert (await shop.found(bought.id)).is_serving
    await shop.pass_by(DAY)
    assert (await shop.found(bought.id)).status is S.EXPIRED


async def test_a_gateway_that_is_back_charges_with_the_next_attempt():
    shop = a_subscription_house()
    _, bought = await shop.bought()
    gateway = _take_gateway_away(shop)
    await shop.pass_by(bought.ends_at - shop.now)
    await shop.pass_by(DAY)
    assert (await shop.found(bought.id)).next_attempt_at == bought.ends_at + 3 * DAY
    shop.house.payments.opening._gateways._outside[STARK_PAY] = gateway
    await shop.pass_by(2 * DAY)
    assert ((found := await shop.found(bought.id)).status, found.number) == (S.ACTIVE, 2)


async def test_a_gateway_that_charges_nobody_who_is_not_there_is_no_way_to_charge(
    monkeypatch: pytest.MonkeyPatch,
):
    shop = a_subscription_house()
    _, bought = await shop.bought()
    offered = SandboxGateway.features.fget
    without = property(lambda self: offered(self) - {Feature.OFF_SESSION})
    monkeypatch.setattr(SandboxGateway, "features", without)
    await shop.pass_by(bought.ends_at - shop.now)
    assert (await shop.found(bought.id)).status is S.PAST_DUE


def _refuses(shop: SubscriptionHouse, monkeypatch: pytest.MonkeyPatch, refusal: Exception) -> list[Any]:
    """Nothing is billed any more; answers the moments at which it was tried."""
    tried = []

    async def refuse(*_: Any) -> Any:
        tried.append(shop.now)
        raise refusal

    monkeypatch.setattr(shop.subscriptions.looking_after._billing, "bill", refuse)
    return tried


async def test_a_renewal_that_is_refused_again_and_again_is_overdue_and_ends(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    shop = a_subscription_house()
    _, bought = await shop.bought()
    tried = _refuses(shop, monkeypatch, UnknownPlan())
    caplog.set_level(logging.WARNING)
    shop.house.clock.move(bought.ends_at - shop.now)
    for hour in range(3):
        assert (await shop.found(bought.id)).status is S.ACTIVE, hour
        await shop.tend()
        await shop.tend()
        shop.house.clock.move(HOUR)
    overdue = await shop.found(bought.id)
    since = bought.ends_at + 2 * HOUR
    assert (overdue.status, overdue.failed_at, overdue.awaiting) == (S.PAST_DUE, since, None)
    assert tried == [bought.ends_at, bought.ends_at + HOUR, since]
    told = [record for record in caplog.records if record.message.endswith("could not be looked after")]
    assert {record.subscription_id for record in told} == {str(bought.id)}
    for _ in range(6):
        await shop.pass_by(DAY)
        assert (await shop.found(bought.id)).is_serving
    await shop.pass_by(DAY)
    await shop.tend()
    assert (await shop.found(bought.id)).status is S.EXPIRED
    assert tried[3:] == [since + days * DAY + HOUR for days in (1, 3, 5)] + [since + 7 * DAY + HOUR]


@pytest.mark.parametrize("is_by_hand", [True, False])
async def test_what_can_be_billed_again_goes_on_where_it_ended(
    monkeypatch: pytest.MonkeyPatch, *, is_by_hand: bool
):
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    with monkeypatch.context() as patched:
        _refuses(shop, patched, UnknownPlan())
        await shop.pass_by(bought.ends_at - shop.now)
        await shop.pass_by(HOUR)
        await shop.pass_by(HOUR)
    assert (await shop.found(bought.id)).status is S.PAST_DUE
    if is_by_hand:
        await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    else:
        await shop.pass_by(DAY)
    renewed = await shop.found(bought.id)
    assert (renewed.status, renewed.number, renewed.failures) == (S.ACTIVE, 2, 0)
    assert renewed.accrual.origin == bought.ends_at
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == 2_000


async def test_a_trial_whose_end_is_refused_again_and_again_is_over(monkeypatch: pytest.MonkeyPatch):
    shop = a_subscription_house()
    plan = await shop.a_plan()
    user_id = await shop.house.a_customer()
    trial = await shop.subscriptions.trying.start(StartTrial(plan=plan.slug), by(user_id))
    _refuses(shop, monkeypatch, UnknownPlan())
    shop.house.clock.move(trial.trial_end - shop.now)
    for _ in range(3):
        assert (await shop.found(trial.id)).status is S.TRIAL
        await shop.tend()
        shop.house.clock.move(HOUR)
    assert (await shop.found(trial.id)).status is S.EXPIRED


async def test_what_is_unavailable_for_a_moment_counts_for_nothing(monkeypatch: pytest.MonkeyPatch):
    shop = a_subscription_house()
    _, bought = await shop.bought()
    _refuses(shop, monkeypatch, Unavailable(what="database", retry_after=1))
    for _ in range(4):
        await shop.pass_by(bought.ends_at - shop.now + HOUR)
    found = await shop.found(bought.id)
    assert (found.status, found.failures) == (S.ACTIVE, 0)


async def test_an_order_that_cannot_be_called_off_keeps_nobody_served(monkeypatch: pytest.MonkeyPatch):
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.house.payments.methods.remove(bought.method_id, by(user_id))
    await shop.pass_by(bought.ends_at - shop.now)

    async def refuse(*_: Any) -> Any:
        raise UnknownPlan

    monkeypatch.setattr(shop.subscriptions.looking_after._charging, "call_off", refuse)
    await shop.pass_by(7 * DAY)
    assert (await shop.found(bought.id)).status is S.EXPIRED


async def test_usage_that_cannot_be_billed_holds_no_end_up(monkeypatch: pytest.MonkeyPatch):
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    closing = shop.subscriptions.looking_after._closing

    async def refuse(*_: Any) -> Any:
        raise UnknownPlan

    with monkeypatch.context() as patched:
        patched.setattr(closing, "_bill_used", refuse)
        for _ in range(32):
            await shop.pass_by(DAY)
        assert (await shop.found(bought.id)).number == 2
        for _ in range(30):
            await shop.pass_by(DAY)
        assert (await shop.found(bought.id)).number == 3
    await shop.pass_by(DAY)
    assert (await shop.found(bought.id)).closes_at is None

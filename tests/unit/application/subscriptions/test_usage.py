"""Usage costs what the plan asks that was held when it happened, once for each period."""

import logging
import random
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError
from tests.billing_house import STARK_PAY, USD, by, by_staff
from tests.subscription_house import DAY, a_subscription_house

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.billing.ports import Wanted
from multiproduct.application.caller import Caller, Principal
from multiproduct.application.subscriptions import usage_billing
from multiproduct.application.subscriptions.commands import (
    Cancel,
    ChangeTerms,
    Pause,
    RecordUsage,
    Renew,
    StartTrial,
    UpdateSubscription,
    UsageItem,
)
from multiproduct.domain.billing import InvoiceStatus
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
    CLOSING_MARGIN,
    LATE_USAGE,
    SubscriptionStatus,
    Timing,
    UsageEvent,
)
from multiproduct.domain.subscriptions.permissions import USAGE_RECORD
from multiproduct.domain.subscriptions.usage import MANY_SPANS

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PRODUCT = Caller(principal=Principal(user_id=a_uuid(), permissions=frozenset({USAGE_RECORD})))
SOON_AFTER = LATE_USAGE + CLOSING_MARGIN
FREE_TEN = (Tier(up_to=10, unit_price=UnitPrice("0")), Tier(up_to=None, unit_price=UnitPrice("1")))


class Metered:
    """Two plans for 10.00 a month, of which calls cost 0.10 each by one and nothing by the other; and
    somebody who bought the one."""

    async def begin(self, aggregation=Aggregation.SUM, *, buys=True):
        self.shop = a_subscription_house()
        self.product = await self.shop.a_product()
        self.plan = await self.shop.a_plan(self.product)
        self.unmetered = await self.shop.a_plan(self.product)
        self.meter = await self.shop.a_meter(self.product, aggregation)
        await self.shop.meters(self.plan, self.meter)
        if buys:
            self.user_id, bought = await self.shop.bought(self.plan)
            self.id, self.end = bought.id, bought.ends_at
        return self

    async def use(self, *values, unique=None, happened_at=None, caller=PRODUCT):
        events = [
            UsageItem(
                event_id=str(a_uuid()),
                subscription_id=self.id,
                meter="calls",
                value=Decimal(each),
                unique=unique,
                happened_at=happened_at,
            )
            for each in values
        ]
        answers = await self.shop.subscriptions.usage.record(RecordUsage(events=events), caller)
        return [each.code or each.outcome for each in answers.items]

    async def change(self, plan, timing=Timing.NOW):
        command = ChangeTerms(plan=str(plan.id), timing=timing)
        preview = await self.shop.subscriptions.changing.preview(self.id, command, by(self.user_id))
        before = await self.totals()
        answer = await self.shop.subscriptions.changing.change(self.id, command, by(self.user_id))
        charged = await self.totals()
        new = charged[: len(charged) - len(before)]
        assert sum(new) == int(Decimal(preview.cost.amount) * 100)
        return answer

    async def at(self, moment):
        """Until then, with all that is due meanwhile done at its time."""
        while self.shop.now < moment:
            await self.shop.pass_by(min(HOUR, moment - self.shop.now))

    async def invoices(self):
        async with self.shop.units.view(by_staff()) as view:
            return await view.invoices.page(Wanted(customer_id=self.user_id), after=None, limit=50)

    async def totals(self):
        """The newest first."""
        return [each.total_minor for each in await self.invoices()]

    async def found(self):
        return await self.shop.found(self.id)


async def test_a_free_change_to_a_plan_without_meters_spares_nobody_what_was_used_before():
    here = await Metered().begin()
    await here.use(100)
    await here.at(here.shop.now + DAY)
    await here.change(here.unmetered)
    await here.use(7_000)
    assert await here.use(5, happened_at=here.shop.now - HOUR) == ["recorded"]
    await here.at(here.end)
    # 100 and 5 calls by the first plan, told late or not; by the other one they cost nothing.
    assert await here.totals() == [1_000 + 1_050, 1_000]
    await here.at(here.end + 40 * DAY)
    assert await here.totals() == [1_000, 1_000 + 1_050, 1_000]


async def test_what_is_used_before_a_metered_plan_is_changed_to_stays_free():
    here = await Metered().begin(buys=False)
    here.user_id, bought = await here.shop.bought(here.unmetered)
    here.id, here.end = bought.id, bought.ends_at
    await here.use(100_000)
    await here.at(here.shop.now + DAY)
    await here.change(here.plan)
    await here.use(3)
    await here.at(here.end)
    assert await here.totals() == [1_000 + 30, 1_000]


async def test_a_change_at_the_end_of_the_period_leaves_usage_told_late_at_the_old_plan():
    here = await Metered().begin()
    await here.use(10)
    await here.change(here.unmetered, Timing.PERIOD_END)
    await here.at(here.end)
    assert (await here.found()).terms.plan_id == here.unmetered.id
    assert await here.totals() == [1_000 + 100, 1_000]
    assert await here.use(2, happened_at=here.end - MINUTE) == ["recorded"]
    await here.use(9_000)
    await here.at((await here.found()).ends_at)
    assert await here.totals() == [1_000 + 20, 1_000 + 100, 1_000]


async def test_a_paid_change_takes_usage_before_it_at_the_old_price_and_after_it_at_the_new_one():
    here = await Metered().begin()
    dear = await here.shop.a_plan(here.product, 3_000)
    await here.shop.meters(dear, here.meter, each="1")
    await here.use(4)
    await here.at(here.shop.now + DAY)
    await here.change(dear)
    await here.use(5)
    await here.at(here.end)
    newest, change, first = await here.totals()
    assert (newest, first) == (3_000 + 40 + 500, 1_000)
    assert 0 < change < 2_000


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        # 3 + 2 by the metered plan; 9 of the unmetered one counts for nothing.
        (Aggregation.SUM, 50),
        (Aggregation.MAX, 30),
        (Aggregation.LAST, 20),
        # The same one thing before and after.
        (Aggregation.UNIQUE_COUNT, 10),
    ],
)
async def test_who_changes_there_and_back_has_one_figure_for_each_plan(aggregation, expected):
    here = await Metered().begin(aggregation)
    await here.use(3, unique="ada")
    await here.at(here.shop.now + DAY)
    await here.change(here.unmetered)
    await here.use(9, unique="grace")
    await here.at(here.shop.now + DAY)
    await here.change(here.plan)
    await here.at(here.shop.now + DAY)
    await here.use(2, unique="ada")
    await here.at(here.end)
    assert await here.totals() == [1_000 + expected, 1_000]


async def test_who_changes_there_and_back_has_what_is_free_once():
    here = await Metered().begin()
    await _price(here, Tariff(model=PriceModel.GRADUATED, currency=USD, tiers=FREE_TEN))
    for plan in (here.unmetered, here.plan, here.unmetered):
        await here.use(8)
        await here.at(here.shop.now + DAY)
        await here.change(plan)
    await here.at(here.end)
    # 8 and 8 while the plan was held, of which 10 are free: 6 for 1.00 each.
    assert await here.totals() == [1_000 + 600, 1_000]


async def test_a_renewal_that_is_never_paid_leaves_its_usage_to_the_plans_that_were_held():
    here = await Metered().begin()
    await here.use(100)
    await here.at(here.shop.now + DAY)
    await here.change(here.unmetered)
    await here.use(100)
    bad = await here.shop.a_card(here.user_id, "insufficient_funds")
    command = UpdateSubscription(method_id=bad)
    await here.shop.subscriptions.tending.update(here.id, command, by(here.user_id))
    await here.at(here.end + 10 * DAY)
    assert (await here.found()).status is SubscriptionStatus.EXPIRED
    counted = [each.total_minor for each in await here.invoices() if each.status is not InvoiceStatus.VOID]
    assert counted == [1_000, 1_000]


async def test_another_cycle_ends_the_period_and_its_usage_is_billed_soon_after():
    here = await Metered().begin()
    yearly = await here.shop.a_plan(here.product, 12_000, cycle=Cycle.named(CycleName.YEARLY))
    await here.use(10)
    await here.at(here.shop.now + DAY)
    await here.change(yearly)
    changed_at = here.shop.now
    await here.use(77)
    assert await here.use(1, happened_at=changed_at - MINUTE) == ["recorded"]
    await here.at(changed_at + SOON_AFTER)
    newest, _change, first = await here.totals()
    assert (newest, first) == (110, 1_000)
    assert (await here.found()).closes_at is None


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize(
    ("aggregation", "expected"), [(Aggregation.MAX, 50), (Aggregation.LAST, 50), (Aggregation.SUM, 100)]
)
async def test_a_period_has_one_bill_of_its_usage_however_it_is_renewed(aggregation, expected, by_hand):
    here = await Metered().begin(aggregation)
    await here.use(5)
    await here.at(here.shop.now + 10 * DAY)
    if by_hand:
        await here.shop.subscriptions.renewing.renew(here.id, Renew(), by(here.user_id))
        assert await here.totals() == [1_000, 1_000]
    await here.at(here.shop.now + DAY)
    await here.use(5)
    await here.at(here.end + SOON_AFTER)
    assert sum(await here.totals()) == 2_000 + expected
    assert await here.shop.house.balance(f"gateway:{STARK_PAY}:USD") == 2_000 + expected
    # The next one counts for itself.
    await here.use(6)
    await here.at((await here.found()).ends_at + SOON_AFTER)
    assert sum(await here.totals()) == 3_000 + expected + 60


async def test_what_is_free_in_a_period_is_free_once_in_each_however_it_is_renewed():
    here = await Metered().begin()
    await _price(here, Tariff(model=PriceModel.GRADUATED, currency=USD, tiers=FREE_TEN))
    for _ in range(3):
        await here.use(8)
        await here.shop.subscriptions.renewing.renew(here.id, Renew(), by(here.user_id))
        await here.at(here.shop.now + DAY)
        await here.use(4)
        await here.at((await here.found()).present.end + SOON_AFTER)
    # 12 in each, of which 10 are free.
    assert sorted(await here.totals()) == [200] * 3 + [1_000] * 4


async def test_a_renewal_ahead_of_time_that_is_paid_when_the_period_is_over_leaves_no_usage_behind():
    here = await Metered().begin()
    slow = await here.shop.a_card(here.user_id, "unknown_then_settled")
    await here.use(5)
    await here.at(here.end - MINUTE)
    command = Renew(payment_method=STARK_PAY, method_id=slow)
    await here.shop.subscriptions.renewing.renew(here.id, command, by(here.user_id))
    assert (await here.found()).awaiting is not None
    await here.use(1)
    await here.at(here.end + 2 * DAY)
    assert (await here.found()).number == 2
    assert sorted(await here.totals()) == [60, 1_000, 1_000]


async def test_what_is_used_in_a_trial_is_never_charged():
    here = await Metered().begin(buys=False)
    here.user_id = await here.shop.house.a_customer()
    card = await here.shop.a_card(here.user_id)
    trial = await here.shop.subscriptions.trying.start(StartTrial(plan=str(here.plan.id)), by(here.user_id))
    here.id = trial.id
    await here.use(5_000)
    await here.shop.subscriptions.tending.update(
        here.id, UpdateSubscription(method_id=card), by(here.user_id)
    )
    await here.at(trial.trial_end)
    assert await here.totals() == [1_000]
    await here.use(3)
    assert await here.use(4_000, happened_at=trial.trial_end - MINUTE) == ["recorded"]
    await here.at((await here.found()).ends_at)
    await here.at((await here.found()).ends_at)
    assert await here.totals() == [1_000, 1_000 + 30, 1_000]
    await here.use(6_000, happened_at=trial.trial_end - DAY)
    await here.at((await here.found()).ends_at)
    assert (await here.totals())[0] == 1_000


async def test_what_is_left_of_a_trial_that_is_paid_for_early_is_free():
    here = await Metered().begin(buys=False)
    here.user_id = await here.shop.house.a_customer()
    trial = await here.shop.subscriptions.trying.start(StartTrial(plan=str(here.plan.id)), by(here.user_id))
    card, here.id = await here.shop.a_card(here.user_id), trial.id
    await here.use(10)
    await here.at(here.shop.now + DAY)
    await here.shop.buy(here.user_id, here.plan, method_id=card)
    await here.use(20)
    await here.change(here.unmetered)
    await here.use(20)
    await here.change(here.plan)
    await here.at(trial.trial_end)
    await here.use(1)
    await here.at((await here.found()).ends_at)
    assert await here.totals() == [1_000 + 10, 1_000]


async def test_usage_from_before_a_pause_is_taken_during_it_and_billed():
    here = await Metered().begin()
    await here.at(here.shop.now + DAY)
    await here.shop.subscriptions.tending.pause(here.id, Pause(), by(here.user_id))
    paused_at = here.shop.now
    assert await here.use(5, happened_at=paused_at - MINUTE) == ["recorded"]
    assert await here.use(5, happened_at=paused_at) == ["unknown_subscription"]
    await here.shop.subscriptions.ending.cancel(here.id, Cancel(), by(here.user_id))
    await here.at(paused_at + DAY)
    assert await here.totals() == [50, 1_000]


def test_a_value_that_no_invoice_could_ask_for_is_refused_by_its_field():
    for value, problem in [(Decimal(10) ** 12 + 1, "less_than_equal"), ("1E-13", "decimal_max_places")]:
        with pytest.raises(ValidationError) as refused:
            UsageItem(event_id="e", subscription_id=a_uuid(), meter="calls", value=value)
        assert [(each["loc"], each["type"]) for each in refused.value.errors()] == [(("value",), problem)]
    assert UsageItem(event_id="e", subscription_id=a_uuid(), meter="calls", value=Decimal(10) ** 12)


async def test_usage_beyond_what_an_invoice_can_ask_blocks_nothing_and_staff_is_told(caplog):
    here = await Metered().begin()
    absurd = UsageEvent(
        subscription_id=here.id,
        event_id="absurd",
        meter="calls",
        # At 0.10 each it is 10 ** 16 and a little more, in minor units.
        value=Decimal(10) ** 15 + 1,
        happened_at=here.shop.now,
        recorded_at=here.shop.now,
    )
    await here.shop.house.do(lambda unit: unit.usage_events.record([absurd]))
    await here.at(here.end)
    assert await here.totals() == [1_000, 1_000]
    (told,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert (told.meter, told.subscription_id) == ("calls", str(here.id))
    assert told.currency == "USD"
    await here.use(2)
    await here.at((await here.found()).ends_at)
    assert await here.totals() == [1_000 + 20, 1_000, 1_000]


async def test_whoever_tells_of_one_provider_s_products_cannot_tell_of_others():
    here = await Metered().begin()
    provider_id, other_id = a_uuid(), a_uuid()

    def held_for(provider_id):
        scope = {f"provider:{provider_id}": frozenset({USAGE_RECORD})}
        return Caller(principal=Principal(user_id=a_uuid(), scoped=scope))

    assert await here.use(1, caller=held_for(provider_id)) == ["unknown_subscription"]

    async def give(unit):
        product = await unit.products.find(here.product.id)
        product.provider_id = provider_id
        await unit.products.save(product)

    await here.shop.house.do(give)
    assert await here.use(1, caller=held_for(other_id)) == ["unknown_subscription"]
    assert await here.use(1, caller=held_for(provider_id)) == ["recorded"]
    nothing = Caller(principal=Principal(user_id=a_uuid(), scoped={"provider:x": frozenset({"other"})}))
    with pytest.raises(Forbidden):
        await here.use(1, caller=nothing)


async def test_more_usage_than_fits_in_one_invoice_is_in_the_next_one(monkeypatch):
    monkeypatch.setattr(usage_billing, "_PAGE", 2)
    monkeypatch.setattr(usage_billing, "MAX_PAGES", 2)
    here = await Metered().begin()
    # Six of the same moment: four fit.
    await here.use(*[1] * 6, happened_at=here.shop.now)
    await here.shop.subscriptions.ending.cancel(here.id, Cancel(timing=Timing.NOW), by(here.user_id))
    await here.at(here.shop.now + SOON_AFTER)
    assert await here.totals() == [20, 40, 1_000]
    assert (await here.found()).due_at is None


async def test_more_lines_than_an_invoice_has_room_for_are_charged_together(monkeypatch):
    monkeypatch.setattr(usage_billing, "MAX_LINES", 2)
    here = await Metered().begin()
    for number in range(3):
        other = await here.shop.a_plan(here.product)
        await here.shop.meters(other, here.meter, each="0.10")
        await here.use(10**number)
        await here.at(here.shop.now + DAY)
        await here.change(other)
    await here.at(here.end)
    newest = (await here.invoices())[0]
    assert [line.total_minor for line in newest.lines] == [1_000, 10, 100 + 1_000]


async def test_who_changes_back_and_forth_without_end_is_billed_for_it_meanwhile():
    here = await Metered().begin()
    for number in range(MANY_SPANS):
        await here.use(1)
        here.shop.house.clock.move(MINUTE)
        await here.change(here.plan if number % 2 else here.unmetered)
    await here.at(here.shop.now + 2 * HOUR)
    # 25 while the metered plan was held.
    assert await here.totals() == [250, 1_000]
    assert (await here.found()).spans == ()
    await here.use(1)
    await here.at(here.end)
    assert await here.totals() == [1_000 + 10, 250, 1_000]


async def _price(here, tariff):
    price = MeteredPrice(
        id=a_uuid(), plan_id=here.plan.id, meter_id=here.meter.id, tariff=tariff, valid_from=here.shop.now
    )
    await here.shop.house.do(lambda unit: unit.metered_prices.put(price))


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_is_changed_and_whenever_it_is_told_usage_costs_by_the_plan_of_its_moment(seed):
    rng = random.Random(f"usage/{seed}")
    here = await Metered().begin()
    dear = await here.shop.a_plan(here.product)
    await here.shop.meters(dear, here.meter, each="1")
    cents = {here.plan.id: 10, here.unmetered.id: 0, dear.id: 100}
    plans = [here.plan, here.unmetered, dear]
    held, expected = [(here.shop.now, here.plan.id)], 0
    begun = here.shop.now
    for _ in range(40):
        await here.at(here.shop.now + rng.randint(1, 12) * HOUR)
        if rng.random() < 0.4:
            plan = rng.choice(plans)
            await here.change(plan)
            held.append((here.shop.now, plan.id))
        moment = max(begun, here.shop.now - rng.randint(0, 72) * HOUR)
        calls = rng.randint(1, 50)
        assert await here.use(calls, happened_at=moment) == ["recorded"]
        plan_id = [each for since, each in held if since <= moment][-1]
        expected += calls * cents[plan_id]
    assert here.shop.now < here.end
    if seed % 2:
        await here.shop.subscriptions.renewing.renew(here.id, Renew(), by(here.user_id))
    await here.at(here.end + SOON_AFTER)
    assert sum(await here.totals()) == 2_000 + expected

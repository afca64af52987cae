"""Whatever is done to a subscription, in whatever order and however late: it ends in a state that can be
billed or is over, and the books balance. Kill Bill #1505 and #877 parked such accounts for good."""

import logging
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.billing_house import STARK_PAY, by, by_staff
from tests.campaigns import proof_scale
from tests.subscription_house import DAY, a_subscription_house

from multiproduct.application.caller import Caller, Principal
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
from multiproduct.domain.catalog import Aggregation
from multiproduct.domain.shared import Conflict
from multiproduct.domain.subscriptions import (
    LIVE,
    ChargeStatus,
    RefundPolicy,
    Rules,
    SubscriptionStatus,
    Timing,
    TransitionNotAllowed,
)
from multiproduct.domain.subscriptions.permissions import PERMISSIONS

SEQUENCES = proof_scale(24, 100_000)
OPERATIONS = 18
SCRIPTS = [
    "approve",
    "insufficient_funds",
    "stolen_card",
    "decline_1_then_approve",
    "unknown_then_settled",
    "unknown_then_declined",
    "timeout_after_charge",
    "timeout_before_charge",
    "pending",
    "requires_action",
    "never_known",
]
STEPS = [timedelta(0), timedelta(seconds=1), timedelta(hours=7), DAY, 3 * DAY, 9 * DAY, 31 * DAY, 100 * DAY]
S = SubscriptionStatus
START = datetime.min.replace(tzinfo=UTC)
STAFF = Caller(principal=Principal(permissions=frozenset(PERMISSIONS)))


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """Gateways that break off are what is played here: each told of with its traceback took longer than all
    the rest."""
    log = logging.getLogger("multiproduct")
    before = log.level
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(before)


class Player:
    """One customer, who does anything at any time."""

    def __init__(self, shop, rng, user_id, plans, subscription_id):
        self.shop, self.rng, self.user_id, self.plans = shop, rng, user_id, plans
        self.subscription_id = subscription_id
        self.used = 0

    async def act(self):
        use, caller, rng, own = self.shop.subscriptions, by(self.user_id), self.rng, self.subscription_id
        plan = rng.choice(self.plans)
        timing = rng.choice([None, Timing.NOW, Timing.PERIOD_END])
        acts = {
            "buy": lambda: self.shop.buy(self.user_id, plan, quantity=rng.randint(1, 3)),
            "renew": lambda: use.renewing.renew(own, Renew(payment_method=STARK_PAY), caller),
            "plan": lambda: use.changing.change(own, ChangeTerms(plan=plan.slug, timing=timing), caller),
            "seats": lambda: use.changing.change(
                own, ChangeTerms(quantity=rng.randint(1, 4), timing=timing), caller
            ),
            "pause": lambda: use.tending.pause(
                own, Pause(resumes_at=rng.choice([None, self.shop.now + 5 * DAY])), caller
            ),
            "resume": lambda: use.tending.resume(own, caller),
            "cancel": lambda: use.ending.cancel(
                own, Cancel(timing=timing or Timing.NOW, refund=rng.choice(list(RefundPolicy))), STAFF
            ),
            "undo": lambda: use.ending.undo(own, caller),
            "auto_renew": lambda: use.tending.update(
                own, UpdateSubscription(auto_renew=rng.random() < 0.7), caller
            ),
            "card": self.another_card,
            "use": self.use,
            "leave": self.leave_payment,
        }
        names = list(acts)
        # Who leaves is gone: that is done more rarely, or nothing else would happen.
        (name,) = rng.choices(names, [0.3 if each == "cancel" else 1 for each in names])
        # Whatever else is raised is a defect.
        with suppress(Conflict):
            await acts[name]()
        await self.follow()
        return name

    async def follow(self):
        """Whoever bought again has another subscription."""
        async with self.shop.units.view(by(self.user_id)) as view:
            live = await view.subscriptions.find_live(self.user_id, self.plans[0].product_id)
        if live is not None:
            self.subscription_id = live.id

    async def use(self):
        """The product tells of usage, late or early."""
        self.used += 1
        happened_at = self.shop.now - self.rng.choice([timedelta(0), timedelta(minutes=20), DAY])
        event = UsageItem(
            event_id=f"e{self.used}",
            subscription_id=self.subscription_id,
            meter="calls",
            value=Decimal(self.rng.randint(1, 9)),
            happened_at=happened_at,
        )
        await self.shop.subscriptions.usage.record(RecordUsage(events=[event]), STAFF)

    async def leave_payment(self):
        """The payer gives up whatever is being paid."""
        async with self.shop.units.view(by(self.user_id)) as view:
            found = await view.subscriptions.find(self.subscription_id)
            invoice = None if found.awaiting is None else await view.invoices.find(found.awaiting.invoice_id)
            settlement = (
                invoice and invoice.settlement_id and await view.settlements.find(invoice.settlement_id)
            )
        if settlement:
            with suppress(Conflict):
                await self.shop.house.payments.calling_off.cancel(settlement.payment_id, by(self.user_id))

    async def another_card(self):
        card = await self.shop.a_card(self.user_id, self.rng.choice(SCRIPTS))
        command = UpdateSubscription(method_id=card)
        await self.shop.subscriptions.tending.update(self.subscription_id, command, by(self.user_id))


async def _a_player(shop, rng):
    product = await shop.a_product()
    plans = [await shop.a_plan(product, minor) for minor in (0, 999, 1_000, 3_333)]
    meter = await shop.a_meter(product, Aggregation.SUM)
    for plan in plans:
        await shop.meters(plan, meter)
    user_id = await shop.house.a_customer()
    if rng.random() < 0.3:
        begun = await shop.subscriptions.trying.start(StartTrial(plan=plans[1].slug), by(user_id))
        return Player(shop, rng, user_id, plans, begun.id)
    card = await shop.a_card(user_id, rng.choice(["approve", *SCRIPTS]))
    answer = await shop.buy(user_id, rng.choice(plans), method_id=card)
    return Player(shop, rng, user_id, plans, answer.subscriptions[0].id)


async def _require_sound(shop, player, done):
    """Nothing is double, nothing is more than was paid, and whatever lives has something that moves it on."""
    subscription = await shop.found(player.subscription_id)
    charges = await shop.charges(subscription.id)
    assert await shop.books_balance(player.user_id), done
    assert all(0 <= each.credited <= each.minor for each in charges), done
    periods = [
        each.number for each in charges if each.kind == "period" and each.status is not ChargeStatus.VOID
    ]
    assert len(periods) == len(set(periods)), done
    if subscription.status in (S.ACTIVE, S.PAST_DUE, S.TRIAL):
        assert subscription.errand(Rules()) is not None, done
    if subscription.status is S.PENDING:
        order = await shop.house.order(subscription.awaiting.order_id)
        assert order.status.value in ("pending", "failed", "processing"), done
    if subscription.status is S.ACTIVE and subscription.awaiting is None:
        assert subscription.ends_at > shop.now, done
    _require_an_end(subscription, charges, shop.now, done)


def _require_an_end(subscription, charges, now, done):
    """Whatever is begun and not paid, nobody is served for ever: an answer is waited for a day, and one more
    where somebody pays by hand meanwhile; what is overdue is over in seven days. One that nobody looked after
    in time is billed, or charged for the last time, when somebody does."""
    waiting = subscription.awaiting
    if subscription.status is S.ACTIVE and waiting is not None:
        billed = max(each.created_at for each in charges if each.order_id == waiting.order_id)
        assert now < max(billed, subscription.accrual.end) + 2 * DAY, done
    if subscription.status is S.PAST_DUE:
        is_last = waiting is not None and waiting.by_schedule and now < waiting.asked_at + DAY
        assert is_last or now < subscription.failed_at + 7 * DAY, done


async def _require_usage_billed_once(shop, done):
    """Each event is in one invoice that counts, which charges for just these, less what was used in a trial;
    none is left after the end."""
    async with shop.units.view(by_staff()) as view:
        billed = defaultdict(Decimal)
        for event in view.usage_events._rows.where(lambda _: True):
            subscription = await view.subscriptions.find(event.subscription_id)
            if event.billed_in is not None:
                free = (each.until for each in subscription.spans if each.plan_id is None)
                billed[event.billed_in] += event.value * (event.happened_at >= max(free, default=START))
            elif subscription.ended_at is not None and subscription.number:
                assert subscription.closes_at is not None, (done, event)
        for order_id, quantity in billed.items():
            invoice = await view.invoices.of_order(order_id)
            if invoice is None:
                continue
            assert invoice.status is not InvoiceStatus.VOID, done
            told = [Decimal(each.detail.split()[0]) for each in invoice.lines if each.detail]
            assert sum(told) == quantity, done


async def _require_a_way_out(shop, player, done):
    """With a good card and time, a live one that is not paused goes on or is over; and a new one can be
    bought."""
    subscription = await shop.found(player.subscription_id)
    if subscription.status is S.PAUSED:
        await shop.subscriptions.tending.resume(subscription.id, by(player.user_id))
    if subscription.status in LIVE:
        card = await shop.a_card(player.user_id)
        await shop.subscriptions.tending.update(
            subscription.id, UpdateSubscription(method_id=card), by(player.user_id)
        )
    for _ in range(12):
        await shop.pass_by(4 * DAY)
    await _require_sound(shop, player, done)
    subscription = await shop.found(player.subscription_id)
    if subscription.status is S.PENDING:
        # Its gateway never says what became of the payment: nobody is served, and staff has to ask.
        order = await shop.house.order(subscription.awaiting.order_id)
        assert order.status.value == "processing", done
        return
    assert subscription.status in (S.ACTIVE, S.CANCELLED, S.EXPIRED), done
    if subscription.status is not S.ACTIVE:
        back = await shop.buy(player.user_id, player.plans[2], by_default_card=False)
        assert back.subscriptions[0].status == "active", done


@pytest.mark.parametrize("part", range(4))
async def test_kill_bill_1505_877_no_sequence_of_operations_parks_a_subscription(part):
    for number in range(part, SEQUENCES, 4):
        rng = random.Random(f"wedge/{number}")
        shop = a_subscription_house()
        player = await _a_player(shop, rng)
        done = [number]
        for _ in range(OPERATIONS):
            done.append(await player.act())
            step = rng.choice(STEPS)
            done.append(str(step))
            await shop.pass_by(step)
            await _require_sound(shop, player, done)
        await _require_usage_billed_once(shop, done)
        await _require_a_way_out(shop, player, done)
        await _require_usage_billed_once(shop, done)


async def test_a_refusal_leaves_nothing_behind():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    await shop.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(user_id))
    before = await shop.found(bought.id)
    with pytest.raises(TransitionNotAllowed):
        await shop.subscriptions.tending.pause(bought.id, Pause(), by(user_id))
    assert await shop.found(bought.id) == before

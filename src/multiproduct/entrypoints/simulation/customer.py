"""One customer: comes, pays, changes their mind, and goes, by the use cases that people have."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from multiproduct.application.billing.commands import IssueCreditNote, ListInvoices
from multiproduct.application.caller import SYSTEM, Caller, Principal
from multiproduct.application.identity import CreateUser
from multiproduct.application.money import MoneyInput
from multiproduct.application.payments.commands import StoreMethod
from multiproduct.application.subscriptions.commands import (
    Cancel,
    ChangeTerms,
    Pause,
    Purchase,
    PurchaseItem,
    RecordUsage,
    Renew,
    StartTrial,
    UpdateSubscription,
    UsageItem,
)
from multiproduct.application.subscriptions.results import SubscriptionView
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import MultiproductError, Unavailable
from multiproduct.domain.subscriptions import RefundPolicy, Timing
from multiproduct.entrypoints.simulation.agenda import Agenda, Deed
from multiproduct.entrypoints.simulation.behaviour import Behaviour
from multiproduct.entrypoints.simulation.market import METER, Market

GATEWAY = "STARK_PAY"
COMPLAINT = "complaint"
_LATER = timedelta(hours=1)
_MOST_SEATS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What all customers share. `done` counts what was done, `refused` the codes of what was not."""

    container: Container
    market: Market
    behaviour: Behaviour
    agenda: Agenda
    ends: datetime
    done: Counter[str]
    refused: Counter[str]

    @property
    def now(self) -> datetime:
        """The simulated present."""
        return self.container.clock.now()


class Customer:
    """Decides by a generator of their own, so that what one does changes nothing about another."""

    def __init__(self, *, number: int, random: Random, world: World) -> None:
        self._number = number
        self._random = random
        self._world = world
        self._parts = world.container
        self._user_id: UUID | None = None
        self.subscription_id: UUID | None = None
        self.method_id: UUID | None = None

    @property
    def user_id(self) -> UUID | None:
        """Who they are, once they came."""
        return self._user_id

    @property
    def _me(self) -> Caller:
        return Caller(principal=Principal(user_id=self._user_id))

    async def come(self) -> None:
        """Opens an account, and then tries or buys."""
        await self._attempt("account", self._open_account)

    async def visit(self) -> None:
        """Looks at the subscription, and now and then does something about it; then comes again in about a
        month."""
        await self._attempt("visit", self._look_around)

    async def _open_account(self) -> None:
        created = await self._parts.identity.users.create(
            CreateUser(email=f"customer{self._number}@example.com"),
            SYSTEM,
            idempotency_key=f"come-{self._number}",
        )
        self._user_id = created.id
        plan, seats = str(self._plan()), self._seats()
        if self._is_so("tries_first"):
            await self._attempt("trial", lambda: self._try(plan, seats))
        else:
            await self._attempt("purchase", lambda: self._buy(plan, seats))

    async def _look_around(self) -> None:
        mine = await self._parts.subscriptions.tending.read(self._mine, self._me)
        self._plan_visit()
        if mine.plan_id == self._world.market.metered_id and mine.is_serving and self._is_so("uses"):
            await self._attempt("uses", lambda: self._use(mine))
        deed = self._deed(mine)
        if deed is not None:
            await self._attempt(*deed)

    async def _try(self, plan: str, seats: int) -> None:
        started = await self._parts.subscriptions.trying.start(
            StartTrial(plan=plan, quantity=seats), self._me, idempotency_key=f"trial-{self._number}"
        )
        self.subscription_id = started.id
        if self._is_so("leaves_card"):
            self._later(timedelta(days=self._random.randrange(1, 14)), "leaves_card", self._replace_card)
        self._plan_visit()

    async def _buy(self, plan: str, seats: int) -> None:
        method_id = self.method_id or await self._store_card()
        command = Purchase(
            items=[PurchaseItem(plan=plan, quantity=seats)], payment_method=GATEWAY, method_id=method_id
        )
        bought = await self._parts.subscriptions.purchasing.purchase(
            command, self._me, idempotency_key=f"purchase-{self._number}"
        )
        self.subscription_id = bought.subscriptions[0].id
        self._plan_visit()

    def _deed(self, mine: SubscriptionView) -> tuple[str, Deed] | None:
        """What they make up their mind to do, by the state of things."""
        chances: list[tuple[str, Callable[[], Deed]]]
        match mine.status:
            case "active" if mine.cancel_at_period_end:
                chances = [("changes_mind", lambda: self._undo)]
            case "active":
                chances = [
                    ("cancels", lambda: self._cancel),
                    ("leaves_at_once", lambda: self._leave),
                    ("changes_plan", lambda: self._other_plan(mine)),
                    ("changes_seats", self._other_seats),
                    ("pauses", lambda: self._pause),
                    ("complains", lambda: self._complain),
                    ("replaces_card", lambda: self._replace_card),
                ]
            case "past_due":
                chances = [("mends_payment", lambda: self._mend)]
            case "expired" | "cancelled":
                chances = [("comes_back", lambda: self._come_back)]
            case _:
                chances = []
        luck = self._random.random()
        for name, deed in chances:
            chance = getattr(self._world.behaviour, name)
            if luck < chance:
                return name, deed()
            luck -= chance
        return None

    async def _use(self, mine: SubscriptionView) -> None:
        event = UsageItem(
            event_id=self._world.now.isoformat(),
            subscription_id=mine.id,
            meter=METER,
            value=Decimal(self._random.randrange(1, 20_000)),
        )
        await self._parts.subscriptions.usage.record(RecordUsage(events=[event]), SYSTEM)

    async def _cancel(self) -> None:
        await self._parts.subscriptions.ending.cancel(self._mine, Cancel(), self._me)

    async def _undo(self) -> None:
        await self._parts.subscriptions.ending.undo(self._mine, self._me)

    async def _leave(self) -> None:
        command = Cancel(timing=Timing.NOW, refund=RefundPolicy.PRORATED)
        await self._parts.subscriptions.ending.cancel(self._mine, command, self._me)

    def _other_plan(self, mine: SubscriptionView) -> Deed:
        others = [plan for plan in self._world.market.plans if plan != mine.plan_id]
        return self._change(ChangeTerms(plan=str(self._random.choice(others))))

    def _other_seats(self) -> Deed:
        return self._change(ChangeTerms(quantity=self._seats()))

    def _change(self, command: ChangeTerms) -> Deed:
        key = f"change-{self._world.now.isoformat()}"

        async def change() -> None:
            changing = self._parts.subscriptions.changing
            await changing.change(self._mine, command, self._me, idempotency_key=key)

        return change

    async def _pause(self) -> None:
        until = self._world.now + timedelta(days=self._random.randrange(5, 60))
        await self._parts.subscriptions.tending.pause(self._mine, Pause(resumes_at=until), self._me)

    async def _complain(self) -> None:
        """Staff gives back a part of the latest invoice that is paid."""
        page = await self._parts.billing.reading.invoices(ListInvoices(status="paid", limit=1), self._me)
        if page.items:
            await self._parts.billing.invoices.credit(
                IssueCreditNote(
                    invoice_id=page.items[0].id,
                    amount=MoneyInput(amount=f"{self._random.randrange(1, 900) / 100:.2f}"),
                    refund_to="payment_method",
                    reason=COMPLAINT,
                ),
                SYSTEM,
                idempotency_key=f"complaint-{self._number}-{self._world.now.isoformat()}",
            )

    async def _replace_card(self) -> None:
        await self._store_card()
        await self._use_card()

    async def _mend(self) -> None:
        method_id = await self._store_card()
        await self._use_card()
        await self._renew(method_id)

    async def _come_back(self) -> None:
        await self._renew(self.method_id or await self._store_card())

    async def _renew(self, method_id: UUID) -> None:
        key = f"renew-{self._world.now.isoformat()}"
        await self._parts.subscriptions.renewing.renew(
            self._mine, Renew(payment_method=GATEWAY, method_id=method_id), self._me, idempotency_key=key
        )

    async def _store_card(self) -> UUID:
        cards = self._world.behaviour.cards
        (script,) = self._random.choices(list(cards), weights=list(cards.values()))
        former = self.method_id
        stored = await self._parts.payments.methods.store(
            StoreMethod(gateway=GATEWAY, token=f"tok_{script}"), self._me
        )
        self.method_id = stored.id
        if former is not None:
            await self._parts.payments.methods.remove(former, self._me)
        return stored.id

    async def _use_card(self) -> None:
        await self._parts.subscriptions.tending.update(
            self._mine, UpdateSubscription(method_id=self.method_id), self._me
        )

    async def _attempt(self, name: str, act: Callable[[], Awaitable[None]]) -> None:
        """Does it; what cannot be had just now is tried again in an hour, a refusal is counted."""
        try:
            await act()
        except Unavailable:
            self._world.refused["unavailable"] += 1
            self._later(_LATER, name, act)
        except MultiproductError as refusal:
            self._world.refused[f"{name}: {refusal.code}"] += 1
        else:
            self._world.done[name] += 1

    def _later(self, wait: timedelta, name: str, act: Callable[[], Awaitable[None]]) -> None:
        self._world.agenda.put(self._world.now + wait, lambda: self._attempt(name, act))

    def _plan_visit(self) -> None:
        moment = self._world.now + timedelta(hours=self._random.randrange(20 * 24, 40 * 24))
        if moment < self._world.ends:
            self._world.agenda.put(moment, self.visit)

    def _plan(self) -> UUID:
        market = self._world.market
        (plan,) = self._random.choices(market.plans, weights=market.weights)
        return plan

    def _seats(self) -> int:
        return min(_MOST_SEATS, 1 + int(self._random.expovariate(0.6)))

    def _is_so(self, chance: str) -> bool:
        return self._random.random() < float(getattr(self._world.behaviour, chance))

    @property
    def _mine(self) -> UUID:
        if self.subscription_id is None:
            raise RuntimeError("nothing was bought yet")
        return self.subscription_id

"""Payments put together for tests: any store, the sandbox, clocks that are moved, and calls that can be cut
off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from multiproduct.adapters.cryptography import AesGcmSealing
from multiproduct.adapters.manual import BankTransferGateway
from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.sandbox import InternalSandbox, SandboxGateway
from multiproduct.adapters.stdlib import DerivedSecrets, SystemIds
from multiproduct.application.caller import ANYBODY, Caller, Principal
from multiproduct.application.committing import Surroundings
from multiproduct.application.dispatching import Dispatching
from multiproduct.application.events import EventCatalogue
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ledger import Accounts, Holding, Posting
from multiproduct.application.payments import Gateways, NewPayment, NewRefund, Payments
from multiproduct.application.payments.bookkeeping import funds_account, gateway_account
from multiproduct.application.payments.gateways import (
    CallbackRequest,
    ChargeOrder,
    Feature,
    HoldOrder,
    MethodDetails,
    Notice,
    Question,
    RefundOrder,
)
from multiproduct.application.payments.wiring import PaymentsParts, wire_payments
from multiproduct.application.reactions import ReactionTable
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import EVENTS as IDENTITY_EVENTS
from multiproduct.domain.ledger import EVENTS as LEDGER_EVENTS
from multiproduct.domain.payments import EVENTS as PAYMENT_EVENTS
from multiproduct.domain.payments import PERMISSIONS, Attempt, Outcome, Payment, Refund, Strategy
from multiproduct.domain.shared import Currency, Event, Money

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
USD = Currency("USD")
SECRET = b"the sandbox's secret for tests"


class MovedTime:
    """Business time and real time in one, which stand until they are moved."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def pass_by(self, time: timedelta) -> None:
        """Moves it."""
        self.moment += time


class Killed(BaseException):
    """The process dies here: nobody handles it."""


@dataclass(slots=True)
class Cutting:
    """When calls are cut off: `before` they reach the gateway, or `after` it did what it was told."""

    before: bool = False
    after: bool = False
    calls: int = 0

    def arrive(self) -> None:
        """A call is about to be made."""
        self.calls += 1
        if self.before:
            self.before = False
            raise Killed

    def leave(self) -> None:
        """A call was answered."""
        if self.after:
            self.after = False
            raise Killed


class CutOffGateway:
    """The sandbox, with somebody who may pull the plug around each call that moves money."""

    def __init__(self, inner: SandboxGateway, cutting: Cutting) -> None:
        self._inner = inner
        self._cutting = cutting

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def features(self) -> frozenset[Feature]:
        return self._inner.features

    async def charge(self, order: ChargeOrder) -> Outcome:
        self._cutting.arrive()
        outcome = await self._inner.charge(order)
        self._cutting.leave()
        return outcome

    async def authorise(self, order: ChargeOrder) -> Outcome:
        self._cutting.arrive()
        outcome = await self._inner.authorise(order)
        self._cutting.leave()
        return outcome

    async def capture(self, order: HoldOrder) -> Outcome:
        self._cutting.arrive()
        outcome = await self._inner.capture(order)
        self._cutting.leave()
        return outcome

    async def release(self, order: HoldOrder) -> Outcome:
        self._cutting.arrive()
        outcome = await self._inner.release(order)
        self._cutting.leave()
        return outcome

    async def refund(self, order: RefundOrder) -> Outcome:
        self._cutting.arrive()
        outcome = await self._inner.refund(order)
        self._cutting.leave()
        return outcome

    async def cancel(self, question: Question) -> Outcome:
        self._cutting.arrive()
        outcome = await self._inner.cancel(question)
        self._cutting.leave()
        return outcome

    async def ask(self, question: Question) -> Outcome:
        return await self._inner.ask(question)

    async def store_method(self, *, key: UUID, owner_id: UUID, token: str) -> MethodDetails:
        return await self._inner.store_method(key=key, owner_id=owner_id, token=token)

    async def detach_method(self, token: str) -> None:
        await self._inner.detach_method(token)

    def read_callback(self, request: CallbackRequest) -> Sequence[Notice]:
        return self._inner.read_callback(request)


@dataclass(slots=True)
class Paying:
    """An installation of payments and nothing else."""

    store: Any
    time: MovedTime
    units: Any
    payments: Payments
    sandbox: SandboxGateway
    cutting: Cutting
    dispatching: Dispatching
    happened: list[Event] = field(default_factory=list)

    async def open(
        self,
        *,
        minor: int = 2_000,
        script: str | None = None,
        payer_id: UUID | None = None,
        method_id: UUID | None = None,
        gateway: str = "STARK_PAY",
        strategy: Strategy = Strategy.DIRECT,
        is_off_session: bool = False,
    ) -> Payment:
        """A payment that nobody drove yet, by a stored method that plays the script where one is named."""
        payer = payer_id or uuid4()
        if script is not None:
            method_id = await self.store_method(payer, script)
        new = NewPayment(
            payer_id=payer,
            amount=Money(minor, USD),
            purpose="test.thing",
            purpose_id=uuid4(),
            gateway=gateway,
            method_id=method_id,
            strategy=strategy,
            is_off_session=is_off_session,
        )
        return await self.in_unit(lambda unit: self.payments.opening.open(unit, new))

    async def store_method(self, payer_id: UUID, script: str) -> UUID:
        """A stored method that plays the script."""
        from multiproduct.application.payments.commands import StoreMethod  # noqa: PLC0415 - only here

        command = StoreMethod(gateway="STARK_PAY", token=f"tok_{script}")
        return (await self.payments.methods.store(command, as_person(payer_id))).id

    async def refund(self, payment: Payment, minor: int) -> Refund:
        """A refund that nobody drove yet."""
        new = NewRefund(
            payment_id=payment.id,
            amount=Money(minor, USD),
            reason="a test",
            purpose="test.refund",
            purpose_id=uuid4(),
        )
        return await self.in_unit(lambda unit: self.payments.refunding.open(unit, new))

    async def in_unit(self, step: Callable[[Any], Any]) -> Any:
        """Runs a step in a unit of its own and commits."""

        async def body(unit: Any) -> Any:
            answer = await step(unit)
            await unit.commit()
            return answer

        return await in_unit(lambda: self.units.open(ANYBODY), body)

    async def payment(self, id: UUID) -> Payment:
        """As it is kept."""
        async with self.units.view(ANYBODY) as view:
            found: Payment = await view.payments.find(id)
        return found

    async def attempts(self, id: UUID) -> Sequence[Attempt]:
        """Of a payment, as they are kept."""
        async with self.units.view(ANYBODY) as view:
            found: Sequence[Attempt] = await view.payment_attempts.of_payment(id)
        return found

    async def refunds(self, id: UUID) -> Sequence[Refund]:
        """Of a payment, as they are kept."""
        async with self.units.view(ANYBODY) as view:
            found: Sequence[Refund] = await view.payment_refunds.of_payment(id)
        return found

    async def charged(self, id: UUID) -> int:
        """How much the sandbox's own books say was taken for a payment."""
        records = [await self.store.sandbox_books.find(str(each.id)) for each in await self.attempts(id)]
        return sum(record.moved for record in records if record is not None)

    async def given_back(self, id: UUID) -> int:
        """How much the sandbox's own books say was given back of a payment."""
        records = [await self.store.sandbox_books.find(str(each.id)) for each in await self.attempts(id)]
        return sum(
            sum(record.document["refunds"].values())
            for record in records
            if record is not None and "refunds" in record.document
        )

    async def balances(self, payer_id: UUID) -> tuple[int, int]:
        """What stands in the ledger on the sandbox's account (debits less credits) and on the payer's
        (credits less debits)."""
        codes = gateway_account("STARK_PAY", "USD").code, funds_account(payer_id, "USD").code
        async with self.units.view(ANYBODY) as view:
            found = await view.ledger_accounts.found(codes)
        gateway, funds = (found.get(code) for code in codes)
        return (
            gateway.posted_debits - gateway.posted_credits if gateway else 0,
            funds.posted_credits - funds.posted_debits if funds else 0,
        )

    async def run_todos(self) -> int:
        """Runs what commits left behind, until nothing is due; answers how many runs had their effect."""
        done = 0
        while True:
            now = self.time.now()
            leased = await self.store.todo_queue.lease(now=now, until=now + timedelta(minutes=5), limit=50)
            if not leased:
                return done
            for todo in leased:
                done += await self.dispatching.run(todo)

    def events(self, kind: type[Event]) -> list[Any]:
        """What happened of one kind."""
        return [event for event in self.happened if isinstance(event, kind)]


class _Noting:
    """Hears of every event in the commit."""

    def __init__(self, table: ReactionTable, happened: list[Event]) -> None:
        for kind in PAYMENT_EVENTS:
            table.join(kind, self.note)
        self._happened = happened

    async def note(self, unit: Any, event: Event) -> None:
        del unit
        self._happened.append(event)


def paying(store: Any = None, *, time: MovedTime | None = None) -> Paying:
    """Payments on a store, in memory where none is given."""
    time = time or MovedTime()
    store = store or MemoryDatabase(real_time=time)
    ids = SystemIds()
    secrets = DerivedSecrets(masters=["a master secret of at least 32 characters"])
    reactions, happened = ReactionTable(), list[Event]()
    events = EventCatalogue((*IDENTITY_EVENTS, *LEDGER_EVENTS, *PAYMENT_EVENTS))
    surroundings = Surroundings(
        reactions=reactions,
        events=events,
        ids=ids,
        committed=lambda _has_todos, _stale: None,
        now=time.now,
    )
    units = store.units(surroundings)
    sandbox, cutting = SandboxGateway(books=store.sandbox_books, clock=time, secret=SECRET), Cutting()
    posting = Posting(clock=time, ids=ids)
    payments = wire_payments(
        PaymentsParts(
            units=units,
            gateways=Gateways(
                [
                    CutOffGateway(sandbox, cutting),
                    BankTransferGateway(account="A bank, 12345", clock=time),
                ],
                [InternalSandbox()],
            ),
            accounts=Accounts(clock=time, ids=ids),
            posting=posting,
            holding=Holding(posting=posting),
            sealing=AesGcmSealing(peppers=secrets),
            idempotency=Idempotency(secret=secrets.current("idempotency")),
            clock=time,
            real_time=time,
            ids=ids,
        )
    )
    _Noting(reactions, happened)
    payments.reactions.declare(reactions)
    dispatching = Dispatching(todos=store.todo_queue, reactions=reactions, events=events, real_time=time)
    return Paying(
        store=store,
        time=time,
        units=units,
        payments=payments,
        sandbox=sandbox,
        cutting=cutting,
        dispatching=dispatching,
        happened=happened,
    )


def as_person(user_id: UUID) -> Caller:
    """Somebody who may do no more than everybody."""
    return Caller(principal=Principal(user_id=user_id))


def as_staff(time: MovedTime) -> Caller:
    """Somebody who may do everything about payments, and has just signed in."""
    return Caller(
        principal=Principal(user_id=uuid4(), permissions=frozenset(PERMISSIONS), authenticated_at=time.now())
    )

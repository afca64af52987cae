"""A whole house of billing on any store: the steps, the sandbox gateway, and a clock that tests move."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.contracts.builders import a_user
from multiproduct.adapters.cryptography import AesGcmSealing
from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.sandbox import SandboxGateway
from multiproduct.adapters.stdlib import DerivedSecrets, SystemIds, SystemRealTime
from multiproduct.application.billing import NewInvoice, SellingPolicy
from multiproduct.application.billing.facade import Billing
from multiproduct.application.billing.invoice_document import Brand, PrintableDocument
from multiproduct.application.billing.wiring import BillingParts, wire_billing
from multiproduct.application.caller import Caller, Principal
from multiproduct.application.catalog import CouponRedeeming
from multiproduct.application.committing import Surroundings
from multiproduct.application.events import EventCatalogue
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ledger.wiring import Ledger, LedgerParts, wire_ledger
from multiproduct.application.payments import Gateways
from multiproduct.application.payments.facade import Payments
from multiproduct.application.payments.wiring import PaymentsParts, wire_payments
from multiproduct.application.reactions import ReactionTable
from multiproduct.application.units import in_unit
from multiproduct.domain import billing as billing_domain
from multiproduct.domain import catalog, identity, ledger, otp, payments
from multiproduct.domain.billing import (
    PERMISSIONS,
    Invoice,
    InvoicePaid,
    InvoicePaymentFailed,
    NewLine,
    Settlement,
)
from multiproduct.domain.payments import CallbackReceived
from multiproduct.domain.shared import Currency, Money

T = TypeVar("T")
USD = Currency("USD")
BEGINNING = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
STARK_PAY = "STARK_PAY"


class MovedClock:
    """Business time that stands still until it is moved."""

    def __init__(self) -> None:
        self._now = BEGINNING

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> None:
        self._now += by


class PlainPrinter:
    """Prints a document as its own representation."""

    async def pdf(self, document: PrintableDocument) -> bytes:
        return b"%PDF-" + repr(document).encode()


@dataclass
class House:
    """Everything of one test."""

    units: Any
    clock: MovedClock
    billing: Billing
    payments: Payments
    ledger: Ledger
    gateway: SandboxGateway
    ids: SystemIds
    heard: list[Any] = field(default_factory=list)

    async def do(self, body: Callable[[Any], Awaitable[T]], caller: Caller | None = None) -> T:
        """Runs steps in a unit of their own and commits."""

        async def committed(unit: Any) -> T:
            answer = await body(unit)
            await unit.commit()
            return answer

        return await in_unit(lambda: self.units.open(caller or by_staff()), committed)

    async def a_customer(self) -> UUID:
        user = a_user()
        await self.do(lambda unit: unit.users.add(user))
        return user.id

    async def an_invoice(self, customer_id: UUID, *minor: int, currency: Currency = USD) -> Invoice:
        """An issued invoice with a line for each amount."""
        lines = tuple(a_line(each, currency) for each in minor)
        new = NewInvoice(customer_id=customer_id, currency=currency, lines=lines)
        return await self.do(lambda unit: self.billing.invoicing.issue(unit, new))

    async def pay(self, *invoices: Invoice) -> Settlement:
        """Pays through the sandbox, by which the amounts say what comes of it."""
        begun = await self.do(
            lambda unit: self.billing.settling.begin(
                unit, invoice_ids=[each.id for each in invoices], gateway=STARK_PAY
            )
        )
        assert begun.payment_id is not None
        await self.payments.driving.drive(begun.payment_id)
        return await self.settlement(begun.id)

    async def approve(self, payment_id: UUID) -> None:
        """The payer approves, and the gateway tells of it."""
        async with self.units.view(by_staff()) as view:
            payment = await view.payments.find(payment_id)
        request = await self.gateway.approve(payment.attempt_id)
        await self.payments.callbacks.receive(STARK_PAY, request, by_staff())
        for told in [event for event in self.heard if isinstance(event, CallbackReceived)]:
            await self.payments.callbacks.take_in(told.callback_id)

    async def settlement(self, id: UUID) -> Settlement:
        async with self.units.view(by_staff()) as view:
            found: Settlement = await view.settlements.find(id)
        return found

    async def invoice(self, id: UUID) -> Invoice:
        async with self.units.view(by_staff()) as view:
            found: Invoice = await view.invoices.find(id)
        return found

    async def order(self, id: UUID) -> Any:
        async with self.units.view(by_staff()) as view:
            return await view.orders.find(id)

    async def balance(self, code: str) -> int:
        """What stands on an account of the ledger, 0 where there is none."""
        async with self.units.view(by_staff()) as view:
            found = await view.ledger_accounts.found([code])
        return found[code].balance.minor if code in found else 0

    async def owed(self, customer_id: UUID, currency: str = "USD") -> int:
        """What the ledger says the customer owes: receivable less funds."""
        receivable = await self.balance(f"receivable:{customer_id}:{currency}")
        return receivable - await self.balance(f"customer_funds:{customer_id}:{currency}")


def a_line(minor: int, currency: Currency = USD) -> NewLine:
    return NewLine(description="Something", unit_price=Money(minor, currency))


def by_staff(user_id: UUID | None = None) -> Caller:
    return Caller(principal=Principal(user_id=user_id, permissions=frozenset(PERMISSIONS)))


def by(user_id: UUID) -> Caller:
    return Caller(principal=Principal(user_id=user_id))


def a_house(store: Any | None = None, policy: SellingPolicy | None = None) -> House:
    """Billing on the store, in memory where none is given."""
    real_time, ids, clock = SystemRealTime(), SystemIds(), MovedClock()
    store = store or MemoryDatabase(real_time=real_time)
    secrets = DerivedSecrets(masters=["a secret of tests that is long enough"])
    reactions = ReactionTable()
    surroundings = Surroundings(
        reactions=reactions,
        events=EventCatalogue(
            (
                *otp.EVENTS,
                *identity.EVENTS,
                *ledger.EVENTS,
                *catalog.EVENTS,
                *payments.EVENTS,
                *billing_domain.EVENTS,
            )
        ),
        ids=ids,
        committed=lambda _has_todos, _stale: None,
        now=clock.now,
    )
    units = store.units(surroundings)
    idempotency = Idempotency(secret=b"s" * 32)
    books = wire_ledger(LedgerParts(units=units, clock=clock, ids=ids, idempotency=idempotency, keys=secrets))
    gateway = SandboxGateway(books=store.sandbox_books, clock=clock, secret=b"c" * 32)
    paying = wire_payments(
        PaymentsParts(
            units=units,
            gateways=Gateways([gateway]),
            accounts=books.accounts,
            posting=books.posting,
            holding=books.holding,
            sealing=AesGcmSealing(peppers=secrets),
            idempotency=idempotency,
            clock=clock,
            real_time=real_time,
            ids=ids,
        )
    )
    billing = wire_billing(
        BillingParts(
            units=units,
            clock=clock,
            real_time=real_time,
            ids=ids,
            idempotency=idempotency,
            policy=policy or SellingPolicy(),
            accounts=books.accounts,
            posting=books.posting,
            coupons=CouponRedeeming(),
            opening=paying.opening,
            refunding=paying.refunding,
            driving=paying.driving,
            printer=PlainPrinter(),
            translator=BabelTranslator(),
            brand=Brand(name="Stark"),
            gateways=paying.gateways.names,
            default_gateway=STARK_PAY,
        )
    )
    billing.outcomes.declare(reactions)
    house = House(
        units=units,
        clock=clock,
        billing=billing,
        payments=paying,
        ledger=books,
        gateway=gateway,
        ids=ids,
    )

    async def hear(_unit: Any, event: Any) -> None:
        house.heard.append(event)

    reactions.join(InvoicePaid, hear)
    reactions.join(InvoicePaymentFailed, hear)
    reactions.join(CallbackReceived, hear)
    return house

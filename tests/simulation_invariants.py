"""What has to hold at the end of every simulation, whatever went wrong: asked of rows, books and gateway."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.application.billing.ports import Wanted
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ledger import AsOf
from multiproduct.application.payments.ports import PaymentFilter
from multiproduct.bootstrap import Container
from multiproduct.domain.billing import Invoice, InvoiceStatus
from multiproduct.domain.subscriptions import (
    Awaited,
    Charge,
    ChargeKind,
    ChargeStatus,
    Subscription,
    SubscriptionStatus,
)
from multiproduct.entrypoints.simulation import Report
from multiproduct.entrypoints.simulation.customer import COMPLAINT
from multiproduct.entrypoints.simulation.measuring import PAYING, monthly

ALL = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Everything that a simulation left."""

    subscriptions: Sequence[Subscription]
    charges: dict[Any, Sequence[Any]]
    invoices: dict[Any, Invoice]
    credit_notes: Sequence[Any]
    settlements: Sequence[Any]
    payments: Sequence[Any]
    attempts: dict[Any, Sequence[Any]]
    trial: Sequence[Any]


async def rows_of(container: Container, subscription_ids: Sequence[Any]) -> Rows:
    async with container.units.view(SYSTEM) as view:
        payments = await view.payments.page(PaymentFilter(), after=None, limit=ALL)
        invoices = await view.invoices.page(Wanted(), after=None, limit=ALL)
        return Rows(
            subscriptions=[await view.subscriptions.find(each) for each in subscription_ids],
            charges={
                each: await view.subscription_charges.of_subscription(each, limit=ALL)
                for each in subscription_ids
            },
            invoices={each.id: each for each in invoices},
            credit_notes=await view.credit_notes.page(Wanted(), after=None, limit=ALL),
            settlements=await view.settlements.page(Wanted(), after=None, limit=ALL),
            payments=payments,
            attempts={each.id: await view.payment_attempts.of_payment(each.id) for each in payments},
            trial=await view.ledger_accounts.trial(AsOf()),
        )


def require_books_balance(rows: Rows, report: Report) -> None:
    debits = sum(row.sums.posted_debits for row in rows.trial)
    credits_ = sum(row.sums.posted_credits for row in rows.trial)
    assert (debits - credits_, report.trial_balance) == (0, 0)
    for row in rows.trial:
        if row.code.startswith("customer_funds:"):
            assert row.sums.posted_credits >= row.sums.posted_debits, row.code


def require_numbers_without_gaps(rows: Rows) -> None:
    """1 to N in each year, in the order of the moments of issue."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for invoice in rows.invoices.values():
        if invoice.number is not None:
            series, _, number = invoice.number.rpartition("-")
            numbers[series].append(int(number))
    assert numbers
    for series, taken in numbers.items():
        assert sorted(taken) == list(range(1, len(taken) + 1)), series


def require_periods_invoiced_once(rows: Rows) -> None:
    counted = rows.invoices.values()
    periods = Counter(
        (line.subject.id, line.period_start)
        for invoice in counted
        if invoice.status not in (InvoiceStatus.VOID, InvoiceStatus.DRAFT)
        for line in invoice.lines
        if line.covers_period and line.subject is not None
    )
    assert [each for each, count in periods.items() if count > 1] == []
    charged = Counter(
        (each.subscription_id, each.number)
        for charges in rows.charges.values()
        for each in charges
        if each.kind is ChargeKind.PERIOD and each.status is not ChargeStatus.VOID
    )
    assert [each for each, count in charged.items() if count > 1] == []


def require_active_is_paid(rows: Rows, now: Any) -> None:
    """Who is served has paid for it, unless the renewal is being charged just now. A change to another cycle
    begins the next period, and is charged in the one before."""
    for each in rows.subscriptions:
        if each.status is not SubscriptionStatus.ACTIVE:
            continue
        waits = each.awaiting is not None and each.awaiting.awaited is Awaited.RENEWAL
        if waits and now - each.awaiting.asked_at < timedelta(days=8):
            continue
        all_paid = [charge for charge in rows.charges[each.id] if charge.status is ChargeStatus.PAID]
        paid = [
            charge for charge in all_paid if charge.number >= each.number - (charge.kind is ChargeKind.CHANGE)
        ] or _paid_by_what_was_left(each, all_paid)
        assert paid, f"{each.id} is active and nobody paid for period {each.number}"
        for charge in paid:
            assert rows.invoices[charge.invoice_id].status is InvoiceStatus.PAID, charge
        assert each.present.end > now - timedelta(days=1), f"{each.id} was not renewed"


def _paid_by_what_was_left(subscription: Subscription, paid: Sequence[Charge]) -> list[Charge]:
    """A change to another cycle that costs less than what is left of the period is not charged: what was left
    pays for it, and only the rest is credited."""
    newest = sorted(paid, key=lambda charge: (charge.created_at, charge.id))[-1:]
    return [each for each in newest if each.minor - each.credited >= subscription.present.price > 0]


def require_charged_once(rows: Rows, store: MemoryDatabase) -> None:
    """By the sandbox's own books: what was taken is what is in ours, and of no invoice twice."""
    records = store.sandbox_books._records
    taken_of_payment: dict[Any, int] = {}
    taken = 0
    for payment in rows.payments:
        charged = [
            record
            for attempt in rows.attempts[payment.id]
            if (record := records.get(str(attempt.id))) is not None and record.moved
        ]
        assert len(charged) <= 1, f"payment {payment.id} was charged {len(charged)} times"
        taken_of_payment[payment.id] = sum(record.moved for record in charged)
        taken += taken_of_payment[payment.id]
    assert taken == sum(record.moved for record in records.values()), "the gateway took what nobody asked for"
    charged_of_invoice = Counter(
        allocation.invoice_id
        for settlement in rows.settlements
        if taken_of_payment.get(settlement.payment_id)
        for allocation in settlement.allocations
    )
    assert [each for each, count in charged_of_invoice.items() if count > 1] == []
    given_back = sum(sum(record.document.get("refunds", {}).values()) for record in records.values())
    (gateway,) = [row for row in rows.trial if row.code.startswith("gateway:")]
    assert (gateway.sums.posted_debits, gateway.sums.posted_credits) == (taken, given_back)


def require_revenue_is_what_was_charged(rows: Rows, report: Report) -> None:
    """The ledger's revenue is what subscriptions were charged, with usage, less what was given back; and what
    the report says is paid monthly is what those who are served were charged for their present periods."""
    charged = sum(
        each.minor - each.credited
        for charges in rows.charges.values()
        for each in charges
        if each.status is not ChargeStatus.VOID
    )
    of_charges = {each.invoice_id for charges in rows.charges.values() for each in charges}
    counted = [each for each in rows.invoices.values() if each.status is not InvoiceStatus.VOID]
    strange = [
        each
        for each in counted
        if each.id not in of_charges and not all(_is_usage(line) for line in each.lines)
    ]
    assert strange == [], "an invoice that no subscription was charged by"
    usage = sum(line.net_minor for invoice in counted for line in invoice.lines if _is_usage(line))
    lost = sum(
        line.net_minor
        for invoice in counted
        if invoice.status is InvoiceStatus.UNCOLLECTIBLE
        for line in invoice.lines
        if not _is_usage(line)
    )
    complaints = sum(
        line.net_minor for note in rows.credit_notes if note.reason == COMPLAINT for line in note.lines
    )
    assert report.revenue == charged + usage + lost - complaints
    served = [each for each in rows.subscriptions if each.status in PAYING]
    assert len(served) == report.subscriptions
    assert report.mrr == int(sum(monthly(each.terms) for each in served))


def _is_usage(line: Any) -> bool:
    """Usage is charged by its meter, whose unit is a call."""
    return bool(line.detail.endswith(" call"))


def owed_by_customers(rows: Rows) -> int:
    """By the invoices that are open."""
    return sum(each.due_minor for each in rows.invoices.values() if each.status is InvoiceStatus.OPEN)

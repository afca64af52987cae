"""What billing writes into the ledger, and onto the customer's account, in the transaction of each fact.

Issued: debit `receivable:<customer>:<currency>`, credit `revenue:<currency>` and
`tax_payable:<country>:<currency>`. Void: the reverse. Allocated: debit `customer_funds`, credit `receivable`.
Credited: debit revenue and tax, credit `receivable` for what was owed and `customer_funds` for what had been
paid. Written off: debit `bad_debts:<currency>`, credit `receivable`; money that comes after all goes against
it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.ledger import Accounts, Posting
from multiproduct.application.payments.bookkeeping import funds_account
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.billing import CreditLine, CreditNote, Invoice, InvoiceLine, Movement, MovementKind
from multiproduct.domain.ledger import (
    AccountKind,
    AccountSpec,
    NewEntry,
    NewTransaction,
    Refused,
    credit,
    debit,
)
from multiproduct.domain.shared import Currency, Money

NOWHERE = "ZZ"
"""Whom tax is owed to where no country is known (ISO 3166-1 keeps the code for users)."""


def receivable_account(customer_id: UUID, currency: str) -> str:
    """What a customer owes us."""
    return f"receivable:{customer_id}:{currency}"


def revenue_account(currency: str) -> str:
    """What we earned, without tax."""
    return f"revenue:{currency}"


def tax_account(country: str, currency: str) -> str:
    """What we owe a country."""
    return f"tax_payable:{country or NOWHERE}:{currency}"


def bad_debts_account(currency: str) -> str:
    """What customers will not pay."""
    return f"bad_debts:{currency}"


class Books:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(self, *, accounts: Accounts, posting: Posting, ids: Ids) -> None:
        self._accounts = accounts
        self._posting = posting
        self._ids = ids

    async def issued(self, unit: BillingUnit, invoice: Invoice, *, at: datetime) -> None:
        """The customer owes it."""
        await self._post(unit, invoice, "issue", _sale(invoice, invoice.lines), at=at)
        await self._move(unit, invoice, MovementKind.INVOICE, invoice.total_minor, at=at)

    async def voided(self, unit: BillingUnit, invoice: Invoice, *, at: datetime) -> None:
        """The customer does not owe it any more."""
        sale = [(spec, -minor) for spec, minor in _sale(invoice, invoice.lines)]
        await self._post(unit, invoice, "void", sale, at=at)
        await self._move(unit, invoice, MovementKind.VOID, -invoice.total_minor, at=at)

    async def available(self, unit: BillingUnit, customer_id: UUID, currency: Currency) -> int:
        """What the customer has with us and nobody has set aside, in minor units."""
        code = funds_account(customer_id, currency.code).code
        found = await unit.ledger_accounts.found([code])
        return found[code].available.minor if code in found else 0

    async def allocated(
        self, unit: BillingUnit, invoice: Invoice, minor: int, *, was_written_off: bool, at: datetime
    ) -> bool:
        """Takes so much of the customer's money for the invoice; false, and nothing is done, where the
        customer has not that much."""
        against = _bad_debts(invoice) if was_written_off else _receivable(invoice)
        legs = [(_funds(invoice), minor), (against, -minor)]
        if not await self._try(unit, invoice, f"allocation {self._ids.next()}", legs, at=at):
            return False
        if was_written_off:
            await self._move(unit, invoice, MovementKind.RECOVERY, minor, at=at)
        return True

    async def written_off(self, unit: BillingUnit, invoice: Invoice, minor: int, *, at: datetime) -> None:
        """What is due is lost."""
        legs = [(_bad_debts(invoice), minor), (_receivable(invoice), -minor)]
        await self._post(unit, invoice, "write-off", legs, at=at)
        await self._move(unit, invoice, MovementKind.WRITE_OFF, -minor, at=at)

    async def credited(
        self, unit: BillingUnit, invoice: Invoice, note: CreditNote, *, was_written_off: bool, at: datetime
    ) -> None:
        """What was owed is owed no more, and what had been paid is the customer's."""
        owed = _bad_debts(invoice) if was_written_off else _receivable(invoice)
        legs = [(spec, -minor) for spec, minor in _earned(invoice, note.lines)]
        legs += [(owed, -note.reduced_minor), (_funds(invoice), -note.back_minor)]
        await self._post(unit, invoice, f"credit note {note.number}", legs, at=at)
        changes = note.back_minor + (0 if was_written_off else note.reduced_minor)
        await self.moved(
            unit,
            customer_id=note.customer_id,
            amount=Money(-changes, note.currency),
            kind=MovementKind.CREDIT_NOTE,
            document_id=note.id,
            reference=note.number,
            at=at,
        )

    async def moved(
        self,
        unit: BillingUnit,
        *,
        customer_id: UUID,
        amount: Money,
        kind: MovementKind,
        document_id: UUID,
        reference: str,
        at: datetime,
    ) -> None:
        """Writes a movement on the customer's account; nothing for nothing."""
        if amount.minor == 0:
            return
        await unit.billing_movements.add(
            Movement(
                id=self._ids.next(),
                customer_id=customer_id,
                currency=amount.currency.code,
                minor=amount.minor,
                kind=kind,
                document_id=document_id,
                reference=reference,
                at=at,
            )
        )

    async def _move(
        self, unit: BillingUnit, invoice: Invoice, kind: MovementKind, minor: int, *, at: datetime
    ) -> None:
        await self.moved(
            unit,
            customer_id=invoice.customer_id,
            amount=Money(minor, invoice.currency),
            kind=kind,
            document_id=invoice.id,
            reference=invoice.number or "",
            at=at,
        )

    async def _post(
        self, unit: BillingUnit, invoice: Invoice, what: str, legs: "_Legs", *, at: datetime
    ) -> None:
        entries = await self._entries(unit, invoice, legs)
        if entries:
            await self._posting.post_one(unit, _transaction(invoice, what, entries, at))

    async def _try(
        self, unit: BillingUnit, invoice: Invoice, what: str, legs: "_Legs", *, at: datetime
    ) -> bool:
        entries = await self._entries(unit, invoice, legs)
        (outcome,) = await self._posting.post(unit, [_transaction(invoice, what, entries, at)])
        return not isinstance(outcome, Refused)

    async def _entries(self, unit: BillingUnit, invoice: Invoice, legs: "_Legs") -> list[NewEntry]:
        """One entry for each account that the legs come to something for: debits are positive."""
        sums: defaultdict[str, int] = defaultdict(int)
        for spec, minor in legs:
            sums[spec.code] += minor
        specs = {spec.code: spec for spec, _ in legs if sums[spec.code]}
        if specs:
            await self._accounts.ensure(unit, list(specs.values()))
        return [
            (debit if sums[code] > 0 else credit)(code, Money(abs(sums[code]), invoice.currency))
            for code in specs
        ]


_Legs = Sequence[tuple[AccountSpec, int]]
"""Accounts with what is debited, in minor units; credits are negative."""


def _transaction(invoice: Invoice, what: str, entries: Sequence[NewEntry], at: datetime) -> NewTransaction:
    return NewTransaction(
        entries=entries,
        effective_at=at,
        description=f"Invoice {invoice.number}: {what.split(' ', maxsplit=1)[0]}",
        reference=invoice.number,
        key=f"billing:{invoice.id}:{what}",
    )


def _receivable(invoice: Invoice) -> AccountSpec:
    currency = invoice.currency.code
    return AccountSpec(
        code=receivable_account(invoice.customer_id, currency),
        kind=AccountKind.ASSET,
        currency=currency,
        owner_id=invoice.customer_id,
    )


def _funds(invoice: Invoice) -> AccountSpec:
    return funds_account(invoice.customer_id, invoice.currency.code)


def _bad_debts(invoice: Invoice) -> AccountSpec:
    currency = invoice.currency.code
    return AccountSpec(code=bad_debts_account(currency), kind=AccountKind.EXPENSE, currency=currency)


def _sale(invoice: Invoice, lines: Sequence[InvoiceLine]) -> list[tuple[AccountSpec, int]]:
    return [
        (_receivable(invoice), sum(line.total_minor for line in lines)),
        *_earned(invoice, lines),
    ]


def _earned(
    invoice: Invoice, lines: Sequence[InvoiceLine] | Sequence[CreditLine]
) -> list[tuple[AccountSpec, int]]:
    """What is ours of the lines, and what is each country's: credits."""
    currency = invoice.currency.code
    revenue = AccountSpec(code=revenue_account(currency), kind=AccountKind.REVENUE, currency=currency)
    legs = [(revenue, -sum(line.net_minor for line in lines))]
    for line in lines:
        country = line.country if isinstance(line, CreditLine) else line.tax.country
        tax = AccountSpec(code=tax_account(country, currency), kind=AccountKind.LIABILITY, currency=currency)
        legs.append((tax, -line.tax_minor))
    return legs

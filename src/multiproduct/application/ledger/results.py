"""What the ledger answers."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.application.ledger.ports import Sums, TrialRow
from multiproduct.application.ledger.reading import shown_key
from multiproduct.application.money import MoneyView
from multiproduct.domain.ledger import (
    Account,
    AccountKind,
    Effect,
    Entry,
    Limit,
    Outcome,
    PeriodChange,
    Posted,
    ResultCode,
    Side,
    Transaction,
    TransactionKind,
    balance_of,
)
from multiproduct.domain.shared import Currency, Money

_MONEY = {"amount": "19.99", "currency": "USD"}


class Result(BaseModel):
    """Results are frozen."""

    model_config = ConfigDict(defer_build=True, frozen=True)


def shown(minor: int, currency: str) -> MoneyView:
    """An amount of minor units as it is told."""
    return MoneyView.of(Money(minor, Currency(currency)))


class AccountView(Result):
    """An account with what stands on it. Balances are positive on the side on which its kind grows."""

    id: UUID = Field(description="The id.", examples=["0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"])
    code: str = Field(description="Names the account for good.", examples=["cash:till-1"])
    kind: AccountKind = Field(description="Its kind.", examples=["asset"])
    currency: str = Field(description="Of all its entries (ISO 4217).", examples=["USD"])
    owner_id: UUID | None = Field(description="Whose account it is, or null.", examples=[None])
    limit: Limit = Field(description="How far it may go.", examples=["none"])
    balance: MoneyView = Field(description="What is posted.", examples=[_MONEY])
    available: MoneyView = Field(description="Without what holds have reserved.", examples=[_MONEY])
    pending_debits: MoneyView = Field(description="What holds have reserved as debits.", examples=[_MONEY])
    pending_credits: MoneyView = Field(description="What holds have reserved as credits.", examples=[_MONEY])
    created_at: datetime = Field(
        description="When it was opened (RFC 3339, UTC).", examples=["2026-11-21T06:31:00Z"]
    )
    closed_at: datetime | None = Field(description="When it was closed, or null.", examples=[None])

    @classmethod
    def of(cls, account: Account) -> "AccountView":
        """Shows an account."""
        return cls(
            id=account.id,
            code=account.code,
            kind=account.kind,
            currency=account.currency,
            owner_id=account.owner_id,
            limit=account.limit,
            balance=MoneyView.of(account.balance),
            available=MoneyView.of(account.available),
            pending_debits=shown(account.pending_debits, account.currency),
            pending_credits=shown(account.pending_credits, account.currency),
            created_at=account.created_at,
            closed_at=account.closed_at,
        )


class AccountPage(Result):
    """Some accounts, and where the next page begins (null on the last)."""

    items: list[AccountView] = Field(description="What is on this page.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )


class BalanceView(Result):
    """What stood on an account, and the sums that it comes from."""

    code: str = Field(description="Names the account for good.", examples=["cash:till-1"])
    kind: AccountKind = Field(description="Its kind.", examples=["asset"])
    balance: MoneyView = Field(
        description="What is posted, on the side on which the kind grows.", examples=[_MONEY]
    )
    debits: MoneyView = Field(description="What is posted as debits.", examples=[_MONEY])
    credits: MoneyView = Field(description="What is posted as credits.", examples=[_MONEY])
    pending_debits: MoneyView = Field(description="What holds have reserved as debits.", examples=[_MONEY])
    pending_credits: MoneyView = Field(description="What holds have reserved as credits.", examples=[_MONEY])

    @classmethod
    def of(cls, row: TrialRow) -> "BalanceView":
        """Shows the sums."""
        sums: Sums = row.sums
        balance = balance_of(row.kind, sums.posted_debits, sums.posted_credits)
        return cls(
            code=row.code,
            kind=row.kind,
            balance=shown(balance, row.currency),
            debits=shown(sums.posted_debits, row.currency),
            credits=shown(sums.posted_credits, row.currency),
            pending_debits=shown(sums.pending_debits, row.currency),
            pending_credits=shown(sums.pending_credits, row.currency),
        )


class TrialTotal(Result):
    """All debits and all credits of one currency, which are equal."""

    debits: MoneyView = Field(description="What is posted as debits.", examples=[_MONEY])
    credits: MoneyView = Field(description="What is posted as credits.", examples=[_MONEY])


class TrialBalanceView(Result):
    """What stood on every account that has entries, by code, with totals by currency."""

    accounts: list[BalanceView] = Field(description="What stood on each account, by code.")
    totals: list[TrialTotal] = Field(description="All of it, by currency.")


class LedgerEntryView(Result):
    """One amount on one side of one account."""

    account: str = Field(description="The account's code.", examples=["cash:till-1"])
    side: Side = Field(description="Debit or credit.", examples=["debit"])
    effect: Effect = Field(
        description="`post`, or `reserve` and `release` for what holds reserve.", examples=["post"]
    )
    amount: MoneyView = Field(description="The amount.", examples=[_MONEY])

    @classmethod
    def of(cls, entry: Entry) -> "LedgerEntryView":
        """Shows an entry."""
        amount = shown(entry.minor, entry.currency)
        return cls(account=entry.account, side=entry.side, effect=entry.effect, amount=amount)


class TransactionView(Result):
    """A transaction as it stands in the journal."""

    id: UUID = Field(description="The id.", examples=["0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"])
    kind: TransactionKind = Field(description="What it is.", examples=["posting"])
    entries: list[LedgerEntryView] = Field(description="The entries, in their order.")
    description: str = Field(description="What happened.", examples=["Till opened"])
    reference: str | None = Field(description="What it is about, or null.", examples=["till-1"])
    key: str | None = Field(description="The key by which it was asked for, or null.", examples=[None])
    effective_at: datetime = Field(
        description="When it counts (RFC 3339, UTC).", examples=["2026-11-21T06:31:00Z"]
    )
    posted_at: datetime = Field(
        description="When it was written (RFC 3339, UTC).", examples=["2026-11-21T06:31:00Z"]
    )
    actor_id: UUID | None = Field(description="Who asked for it; null for the system.", examples=[None])
    hold_id: UUID | None = Field(description="The hold that it ends, or null.", examples=[None])
    reverses_id: UUID | None = Field(description="The transaction that it undoes, or null.", examples=[None])
    expires_at: datetime | None = Field(
        description="When a hold is released by itself, or null.", examples=[None]
    )

    @classmethod
    def of(cls, transaction: Transaction) -> "TransactionView":
        """Shows a transaction."""
        return cls(
            id=transaction.id,
            kind=transaction.kind,
            entries=[LedgerEntryView.of(entry) for entry in transaction.entries],
            description=transaction.description,
            reference=transaction.reference,
            key=shown_key(transaction.key),
            effective_at=transaction.effective_at,
            posted_at=transaction.posted_at,
            actor_id=transaction.actor_id,
            hold_id=transaction.hold_id,
            reverses_id=transaction.reverses_id,
            expires_at=transaction.expires_at,
        )


class TransactionPage(Result):
    """Some transactions, the newest first, and where the next page begins (null on the last)."""

    items: list[TransactionView] = Field(description="What is on this page.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )


class OutcomeView(Result):
    """What came of an item: `posted` or `exists` with its transaction, else why it was refused, and for which
    account if it is about one."""

    code: ResultCode = Field(description="What came of it. Stable: decide by it.", examples=["posted"])
    transaction: TransactionView | None = Field(description="The transaction, if there is one.")
    account: str | None = Field(description="The account that a refusal is about, or null.", examples=[None])

    @classmethod
    def of(cls, outcome: Outcome) -> "OutcomeView":
        """Shows an outcome."""
        if isinstance(outcome, Posted):
            shown_one = TransactionView.of(outcome.transaction)
            return cls(code=outcome.code, transaction=shown_one, account=None)
        return cls(code=outcome.code, transaction=None, account=outcome.account)


class BatchView(Result):
    """What came of each item, in their order."""

    outcomes: list[OutcomeView] = Field(description="What came of each item, in their order.")


class StatementLineView(Result):
    """An entry with the balance after it."""

    transaction_id: UUID = Field(
        description="The transaction.", examples=["0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"]
    )
    kind: TransactionKind = Field(description="What it is.", examples=["posting"])
    side: Side = Field(description="Debit or credit.", examples=["debit"])
    amount: MoneyView = Field(description="The amount.", examples=[_MONEY])
    balance: MoneyView = Field(
        description="What is posted, on the side on which the kind grows.", examples=[_MONEY]
    )
    description: str = Field(description="What happened.", examples=["Till opened"])
    reference: str | None = Field(description="What it is about, or null.", examples=["till-1"])
    effective_at: datetime = Field(
        description="When it counts (RFC 3339, UTC).", examples=["2026-11-21T06:31:00Z"]
    )
    posted_at: datetime = Field(
        description="When it was written (RFC 3339, UTC).", examples=["2026-11-21T06:31:00Z"]
    )


class StatementView(Result):
    """Some entries of an account in the order in which they took effect. `opening` is the balance before the
    first of them, `closing` the one after the last, on this page."""

    account: str = Field(description="The account's code.", examples=["cash:till-1"])
    opening: MoneyView = Field(description="The balance before this page.", examples=[_MONEY])
    closing: MoneyView = Field(description="The balance after it.", examples=[_MONEY])
    items: list[StatementLineView] = Field(description="What is on this page.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )


class PeriodView(Result):
    """A change of the close."""

    position: int = Field(description="Its number.", examples=[1])
    closed_until: datetime | None = Field(
        description="Nothing may become effective before; null for no bound.",
        examples=["2026-11-21T06:31:00Z"],
    )
    changed_at: datetime = Field(
        description="When that was decided (RFC 3339, UTC).", examples=["2026-11-21T06:31:00Z"]
    )
    actor_id: UUID | None = Field(description="Who asked for it; null for the system.", examples=[None])
    reason: str = Field(description="Why.", examples=["Year end"])

    @classmethod
    def of(cls, change: PeriodChange) -> "PeriodView":
        """Shows a change."""
        return cls(
            position=change.position,
            closed_until=change.closed_until,
            changed_at=change.changed_at,
            actor_id=change.actor_id,
            reason=change.reason,
        )


class PeriodPage(Result):
    """Some changes, the newest first; `closed_until` is up to when the books are closed now."""

    closed_until: datetime | None = Field(
        description="Nothing may become effective before; null for no bound.",
        examples=["2026-11-21T06:31:00Z"],
    )
    items: list[PeriodView] = Field(description="What is on this page.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )

"""The books that the ledger's tests write in: steps over a store with a clock of the test's own, accounts,
and what moves between them."""

from dataclasses import dataclass, field
from datetime import datetime

from multiproduct.adapters.contracts.builders import (
    NOW,
)
from multiproduct.adapters.contracts.reacting import ContractIds
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.application.ledger import Accounts, AsOf, Holding, Posting
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.ledger import (
    Account,
    AccountKind,
    AccountSpec,
    AnyInstruction,
    NewHold,
    NewTransaction,
    Transaction,
    credit,
    debit,
)
from multiproduct.domain.shared import Currency, Money

USD = Currency("USD")


@dataclass
class MovableClock:
    """Stands where it was put."""

    at: datetime = NOW

    def now(self) -> datetime:
        """The present."""
        return self.at


@dataclass
class Books:
    """The ledger's steps over a store, with a clock of the test's own."""

    units: Units[StoreUnit]
    clock: MovableClock = field(default_factory=MovableClock)

    def __post_init__(self) -> None:
        ids = ContractIds()
        self.accounts = Accounts(clock=self.clock, ids=ids)
        self.posting = Posting(clock=self.clock, ids=ids)
        self.holding = Holding(posting=self.posting)

    async def open(self, *specs: AccountSpec) -> dict[str, Account]:
        """Opens accounts."""
        return await in_one_unit(self.units, lambda unit: self.accounts.ensure(unit, specs))

    async def write(self, *items: AnyInstruction) -> list[str]:
        """Posts a batch; answers the codes."""
        outcomes = await in_one_unit(self.units, lambda unit: self.posting.post(unit, items))
        return [outcome.code.value for outcome in outcomes]

    async def write_one(self, item: AnyInstruction) -> Transaction:
        """Posts what must succeed."""
        posted = await in_one_unit(self.units, lambda unit: self.posting.post_one(unit, item))
        return posted.transaction

    async def sums(self, code: str, at: AsOf | None = None) -> tuple[int, int, int, int]:
        """What stands on an account by its entries; without an instant it must be what its row says."""
        found = await in_view(self.units, lambda unit: unit.ledger_accounts.sums(code, at or AsOf()))
        sums = (found.posted_debits, found.posted_credits, found.pending_debits, found.pending_credits)
        if at is None:
            row = (await in_view(self.units, lambda unit: unit.ledger_accounts.found([code])))[code]
            kept = (row.posted_debits, row.posted_credits, row.pending_debits, row.pending_credits)
            assert kept == sums
        return sums


CASH = AccountSpec(code="cash", kind=AccountKind.ASSET, currency="USD")
FUNDS = AccountSpec.never_negative("funds", AccountKind.LIABILITY, "USD")
SALES = AccountSpec(code="sales", kind=AccountKind.REVENUE, currency="USD")
YEN = AccountSpec(code="yen", kind=AccountKind.ASSET, currency="JPY")


def usd(minor: int) -> Money:
    """So many cents."""
    return Money(minor, USD)


def moving(
    to: str,
    source: str,
    minor: int,
    *,
    key: str | None = None,
    linked: bool = False,
    effective_at: datetime | None = None,
) -> NewTransaction:
    """A transaction of two entries: debits one account, credits another."""
    return NewTransaction(
        entries=(debit(to, usd(minor)), credit(source, usd(minor))),
        key=key,
        is_linked=linked,
        effective_at=effective_at,
    )


def holding(to: str, source: str, minor: int, *, expires_at: datetime | None = None) -> NewHold:
    """A hold likewise."""
    return NewHold(debit_account=to, credit_account=source, amount=usd(minor), expires_at=expires_at)

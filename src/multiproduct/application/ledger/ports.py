"""What the ledger needs of the store."""

from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.application.audit.ports import UnsealedTail
from multiproduct.application.idempotency import IdempotencyRecords
from multiproduct.application.ports.unit_of_work import UnitOfWork
from multiproduct.domain.audit import ChainHead, Seal, SealedRow
from multiproduct.domain.ledger import (
    Account,
    AccountKind,
    Book,
    Effect,
    PeriodChange,
    ResultCode,
    SealedTransaction,
    Side,
    Transaction,
    TransactionKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """The state of the books at an instant: what was effective before `effective` and posted before `posted`
    (each exclusive; None sets no bound)."""

    effective: datetime | None = None
    posted: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """What stands on an account, in minor units."""

    posted_debits: int = 0
    posted_credits: int = 0
    pending_debits: int = 0
    pending_credits: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """What stands on one account, in the trial balance."""

    code: str
    kind: AccountKind
    currency: str
    sums: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A posted entry as the statement of its account shows it. Its place is where the next page goes on."""

    transaction_id: UUID
    position: int
    kind: TransactionKind
    side: Side
    effect: Effect
    minor: int
    effective_at: datetime
    posted_at: datetime
    description: str
    reference: str | None

    @property
    def place(self) -> tuple[datetime, UUID, int]:
        """By which lines are sorted."""
        return self.effective_at, self.transaction_id, self.position


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHold:
    """A hold that was neither posted nor voided nor timed out."""

    id: UUID
    expires_at: datetime | None


class LedgerAccounts(Protocol):
    """Keeps accounts. Their sums are moved by the journal alone."""

    async def found(self, codes: Sequence[str]) -> Mapping[str, Account]:
        """Those of the accounts that there are, by their codes, holding nothing."""
        ...

    async def with_id(self, account_id: UUID) -> Account | None:
        """The account by its id."""
        ...

    async def add(self, accounts: Sequence[Account]) -> Sequence[str]:
        """Keeps new accounts; answers the codes of those that were free. A rival that adds the same code is
        waited for."""
        ...

    async def close(self, account: Account) -> bool:
        """Writes `closed_at`; false, and nothing is done, where the account moved meanwhile or is closed."""
        ...

    async def page(
        self, *, owner_id: UUID | None, kind: AccountKind | None, after: str | None, limit: int
    ) -> Sequence[Account]:
        """Accounts by code, after a code."""
        ...

    async def sums(self, code: str, at: AsOf) -> Sums:
        """What stood on an account, out of its entries."""
        ...

    async def statement(
        self,
        code: str,
        *,
        since: datetime | None,
        until: datetime | None,
        after: tuple[datetime, UUID, int] | None,
        limit: int,
    ) -> Sequence[StatementLine]:
        """The posted entries of an account that were effective from `since` on and before `until`, in the
        order of their places."""
        ...

    async def trial(self, at: AsOf) -> Sequence[TrialRow]:
        """What stood on every account that has entries, by code."""
        ...


class LedgerJournal(Protocol):
    """Keeps transactions, for good. Whatever is written in one unit becomes visible as one."""

    async def originals(self, ids: Sequence[UUID]) -> Mapping[UUID, Transaction]:
        """Those of the transactions that there are, holding nothing, as they never change."""
        ...

    async def open_book(
        self, codes: Sequence[str], keys: Sequence[str], originals: Mapping[UUID, Transaction]
    ) -> Book:
        """What a batch is judged upon. The accounts are held until the unit ends, in one order for everybody,
        so that whoever else posts to them waits; what was committed by then is in the book."""
        ...

    async def remembered_book(self, codes: AbstractSet[str], keys: Sequence[str]) -> Book | None:
        """What a batch may be judged upon without holding anything: what was so of its accounts now or some
        time ago, where all of them were there, open and without a limit. None where that is not so, and for
        a store that remembers nothing.

        What is judged upon it may be written if nothing is refused: `write` raises TransientFailure where it
        is not as remembered any more, and this answers None for the batch when it is tried again."""
        ...

    async def write(self, transactions: Sequence[Transaction]) -> None:
        """Writes transactions and moves the accounts. Raises TransientFailure where a rival made it
        impossible meanwhile; then the unit is undone."""
        ...

    async def burn(self, keys: Mapping[str, ResultCode], *, now: datetime) -> None:
        """Keeps keys that are used up by refusals. Raises TransientFailure where a rival posted with one of
        them meanwhile: of the same request, not one is refused for good and the other posted."""
        ...

    async def expired(self, *, now: datetime, limit: int) -> Sequence[UUID]:
        """Open holds whose time is over, the oldest first."""
        ...

    async def open_holds(self, *, after: UUID | None, limit: int) -> Sequence[OpenHold]:
        """Open holds in the order of their ids."""
        ...

    async def page(self, *, reference: str | None, before: UUID | None, limit: int) -> Sequence[Transaction]:
        """Transactions, the newest ids first."""
        ...

    def every(self, *, page: int) -> AsyncIterator[Sequence[Transaction]]:
        """All transactions in the order of their ids, which is about that in which they were posted, in
        pages."""
        ...


class LedgerPeriods(Protocol):
    """Keeps the changes of the close, for good."""

    async def last(self) -> PeriodChange | None:
        """The change that counts."""
        ...

    async def add(self, change: PeriodChange) -> None:
        """Keeps a change, once those who post now are done. Raises StaleAggregate where a rival was first."""
        ...

    async def page(self, *, before: int | None, limit: int) -> Sequence[PeriodChange]:
        """Changes, the newest first."""
        ...


class LedgerChain(Protocol):
    """The chain over the journal. A transaction gets a number and a hash once, and keeps them."""

    async def head(self) -> ChainHead | None:
        """Where the chain ends; None before the first transaction is sealed."""
        ...

    async def has_sealed(self) -> bool:
        """Whether any transaction has a number."""
        ...

    async def unsealed(self, *, limit: int) -> Sequence[SealedTransaction]:
        """Committed transactions without a number, in the order of their ids."""
        ...

    async def extend(self, before: ChainHead | None, after: ChainHead, seals: Sequence[Seal]) -> bool:
        """Moves the head and seals the transactions; false, and nothing is done, when the head is not at
        `before` any more. One conditional statement decides; the head stays held until the unit ends."""
        ...

    def sealed(self, *, until: int, page: int) -> AsyncIterator[Sequence[SealedRow]]:
        """Every seal with a number of at most `until`, by number, in pages, with the form of its transaction
        as it stands now, None where that is gone or cannot be read."""
        ...

    async def beyond_head(self, *, limit: int) -> Sequence[SealedRow]:
        """Seals that have a number above the head's."""
        ...

    async def tail(self) -> UnsealedTail:
        """How much is not sealed yet."""
        ...

    async def forgotten(self, *, limit: int) -> Sequence[UUID]:
        """Transactions that are neither sealed nor waiting for it: somebody took them out of the line."""
        ...

    async def misheld(self, *, limit: int) -> Sequence[UUID]:
        """Holds that are open by the journal and not in the list of open holds, or there with another expiry,
        and those that are in the list and not open."""
        ...

    async def unsupported(self, *, limit: int) -> Sequence[str]:
        """The codes of accounts whose sums are not those of their entries."""
        ...


class LedgerUnit(UnitOfWork, Protocol):
    """This context's slice of a unit of work."""

    @property
    def idempotency(self) -> IdempotencyRecords: ...
    @property
    def ledger_accounts(self) -> LedgerAccounts: ...
    @property
    def ledger_journal(self) -> LedgerJournal: ...
    @property
    def ledger_periods(self) -> LedgerPeriods: ...
    @property
    def ledger_chain(self) -> LedgerChain: ...

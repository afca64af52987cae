"""The ledger in memory: the same rules as the tables' triggers keep, by the domain's judgement alone."""

import heapq
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.adapters.memory.tables import OnStage, OpenedTables, Staged, Table, as_it_is, copied
from multiproduct.application.ledger.ports import AsOf, OpenHold, StatementLine, Sums, TrialRow
from multiproduct.domain.audit import ChainHead
from multiproduct.domain.ledger import (
    Account,
    AccountKind,
    Book,
    Effect,
    PeriodChange,
    ResultCode,
    Side,
    Transaction,
    TransactionKind,
)
from multiproduct.domain.shared import Aggregate, StaleAggregate


@dataclass(frozen=True, slots=True)
class BurnedKey:
    """A key that is used up by a refusal."""

    key: str
    code: ResultCode
    burned_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerSeal:
    """What a transaction got when it was sealed."""

    sequence: int
    transaction_id: UUID
    hash: bytes
    version: int


class LedgerTables:
    """What is committed."""

    def __init__(self) -> None:
        self.accounts: Table[str, Account] = Table(key=lambda row: row.code, copy=replace)
        self.transactions: Table[UUID, Transaction] = Table(
            key=lambda row: row.id,
            copy=as_it_is,
            indexes={
                "key": lambda row: row.key,
                "hold": lambda row: row.hold_id,
                "reverses": lambda row: row.reverses_id,
                "reference": lambda row: row.reference,
            },
        )
        self.unsealed: Table[UUID, UUID] = Table(key=lambda row: row, copy=as_it_is)
        self.open_holds: Table[UUID, OpenHold] = Table(key=lambda row: row.id, copy=as_it_is)
        self.burned: Table[str, BurnedKey] = Table(key=lambda row: row.key, copy=as_it_is)
        self.periods: Table[int, PeriodChange] = Table(key=lambda row: row.position, copy=as_it_is)
        self.seals: Table[int, LedgerSeal] = Table(
            key=lambda row: row.sequence,
            copy=as_it_is,
            indexes={"transaction": lambda row: row.transaction_id},
        )
        self.head: Table[int, ChainHead] = Table(key=lambda _row: 1, copy=as_it_is)


class LedgerStage(OpenedTables):
    """The ledger as one unit sees it."""

    accounts = OnStage(LedgerTables, lambda tables: tables.accounts)
    transactions = OnStage(LedgerTables, lambda tables: tables.transactions)
    unsealed = OnStage(LedgerTables, lambda tables: tables.unsealed)
    open_holds = OnStage(LedgerTables, lambda tables: tables.open_holds)
    burned = OnStage(LedgerTables, lambda tables: tables.burned)
    periods = OnStage(LedgerTables, lambda tables: tables.periods)
    seals = OnStage(LedgerTables, lambda tables: tables.seals)
    head = OnStage(LedgerTables, lambda tables: tables.head)

    def __init__(self, tables: LedgerTables, opened: list[Staged[Any, Any]]) -> None:
        super().__init__(tables, opened)
        # The accounts of the batch that was judged last, as the judgement left them.
        self.book: dict[str, Account] = {}


class MemoryLedgerJournal:
    """The `LedgerJournal` port."""

    def __init__(self, *, stage: LedgerStage) -> None:
        self._stage = stage

    async def originals(self, ids: Sequence[UUID]) -> Mapping[UUID, Transaction]:
        """Those of the transactions that there are."""
        found = (self._stage.transactions.get(each) for each in ids)
        return {each.id: each for each in found if each is not None}

    async def open_book(
        self, codes: Sequence[str], keys: Sequence[str], originals: Mapping[UUID, Transaction]
    ) -> Book:
        """A unit that writes is alone, so nothing has to be held."""
        stage = self._stage
        accounts = {code: account for code in codes if (account := stage.accounts.get(code)) is not None}
        last = _last_period(stage)
        book = Book(accounts=accounts, closed_until=last.closed_until if last else None, written=originals)
        stage.book = accounts
        for key in keys:
            known = stage.transactions.one_under("key", key)
            if known is not None:
                book.keyed[key] = known
            burned = stage.burned.seen(key)
            if burned is not None:
                book.burned[key] = burned.code
        for each in originals:
            end = stage.transactions.one_under("hold", each)
            if end is not None:
                book.ended[each] = end.kind
            if stage.transactions.has("reverses", each):
                book.reversed.add(each)
        return book

    async def remembered_book(self, codes: AbstractSet[str], keys: Sequence[str]) -> None:
        """Nothing has to be read, so nothing is remembered."""

    async def write(self, transactions: Sequence[Transaction]) -> None:
        """Keeps them, with the accounts as the judgement left them."""
        for transaction in transactions:
            self._stage.transactions.put(transaction)
            self._stage.unsealed.put(transaction.id)
            if transaction.kind is TransactionKind.HOLD:
                self._stage.open_holds.put(OpenHold(id=transaction.id, expires_at=transaction.expires_at))
            if transaction.hold_id is not None:
                self._stage.open_holds.remove(transaction.hold_id)
            for entry in transaction.entries:
                account = self._stage.book.pop(entry.account, None)
                if account is not None:
                    self._stage.accounts.put(account)

    async def burn(self, keys: Mapping[str, ResultCode], *, now: datetime) -> None:
        """Keeps keys that are used up."""
        for key, code in keys.items():
            self._stage.burned.put(BurnedKey(key, code, now))

    async def expired(self, *, now: datetime, limit: int) -> Sequence[UUID]:
        """Open holds whose time is over, the oldest first."""
        over = self._stage.open_holds.where(lambda row: row.expires_at is not None and row.expires_at <= now)
        first = heapq.nsmallest(limit, over, key=lambda row: row.expires_at or now)
        return [row.id for row in first]

    async def open_holds(self, *, after: UUID | None, limit: int) -> Sequence[OpenHold]:
        """Open holds in the order of their ids."""
        wanted = self._stage.open_holds.where(lambda row: after is None or row.id > after)
        return heapq.nsmallest(limit, wanted, key=lambda row: row.id)

    async def page(self, *, reference: str | None, before: UUID | None, limit: int) -> Sequence[Transaction]:
        """Transactions, the newest ids first."""
        wanted = self._stage.transactions.where(
            lambda row: (
                (reference is None or row.reference == reference) and (before is None or row.id < before)
            )
        )
        return heapq.nlargest(limit, wanted, key=lambda row: row.id)

    async def every(self, *, page: int) -> AsyncIterator[Sequence[Transaction]]:
        """All transactions in the order of their ids, in pages."""
        every = sorted(self._stage.transactions.where(lambda _row: True), key=lambda row: row.id)
        for start in range(0, len(every), page):
            yield every[start : start + page]


class MemoryLedgerAccounts:
    """The `LedgerAccounts` port."""

    def __init__(self, *, stage: LedgerStage, track: Callable[[Aggregate], None]) -> None:
        self._stage = stage
        self._track = track

    async def found(self, codes: Sequence[str]) -> Mapping[str, Account]:
        """Those of the accounts that there are, by their codes."""
        found = (self._stage.accounts.get(code) for code in codes)
        return {account.code: account for account in found if account is not None}

    async def with_id(self, account_id: UUID) -> Account | None:
        """The account by its id."""
        found = next(iter(self._stage.accounts.where(lambda row: row.id == account_id)), None)
        return None if found is None else copied(found)

    async def add(self, accounts: Sequence[Account]) -> Sequence[str]:
        """Keeps those whose codes are free."""
        free = [each for each in accounts if self._stage.accounts.seen(each.code) is None]
        for account in free:
            self._stage.accounts.put(account)
        return [account.code for account in free]

    async def close(self, account: Account) -> bool:
        """Writes `closed_at`, unless the account moved."""
        kept = self._stage.accounts.seen(account.code)
        if kept is None or kept.version != account.version or kept.closed_at is not None:
            return False
        self._stage.accounts.put(account)
        self._track(account)
        return True

    async def page(
        self, *, owner_id: UUID | None, kind: AccountKind | None, after: str | None, limit: int
    ) -> Sequence[Account]:
        """Accounts by code, after a code."""
        wanted = self._stage.accounts.where(
            lambda row: (
                (owner_id is None or row.owner_id == owner_id)
                and (kind is None or row.kind is kind)
                and (after is None or row.code > after)
            )
        )
        return [copied(row) for row in heapq.nsmallest(limit, wanted, key=lambda row: row.code)]

    async def sums(self, code: str, at: AsOf) -> Sums:
        """What stood on an account, out of its entries."""
        return sums_of(self._stage, at).get(code, Sums())

    async def statement(
        self,
        code: str,
        *,
        since: datetime | None,
        until: datetime | None,
        after: tuple[datetime, UUID, int] | None,
        limit: int,
    ) -> Sequence[StatementLine]:
        """The posted entries of an account, in the order of their places."""
        wanted = self._stage.transactions.where(
            lambda row: (
                (since is None or row.effective_at >= since) and (until is None or row.effective_at < until)
            )
        )
        lines = (line for row in wanted for line in _lines(row, code))
        later = (line for line in lines if after is None or line.place > after)
        return heapq.nsmallest(limit, later, key=lambda line: line.place)

    async def trial(self, at: AsOf) -> Sequence[TrialRow]:
        """What stood on every account that has entries, by code."""
        rows = []
        for code, sums in sorted(sums_of(self._stage, at).items()):
            account = self._stage.accounts.get(code)
            if account is not None:
                rows.append(TrialRow(code=code, kind=account.kind, currency=account.currency, sums=sums))
        return rows

    def _sums_at(self, at: AsOf) -> dict[str, Sums]:
        wanted = self._stage.transactions.where(
            lambda row: (
                (at.effective is None or row.effective_at < at.effective)
                and (at.posted is None or row.posted_at < at.posted)
            )
        )
        sums: dict[str, list[int]] = {}
        for transaction in wanted:
            for entry in transaction.entries:
                of_account = sums.setdefault(entry.account, [0, 0, 0, 0])
                place = (entry.side is Side.CREDIT) + 2 * (entry.effect is not Effect.POST)
                of_account[place] += -entry.minor if entry.effect is Effect.RELEASE else entry.minor
        return {code: Sums(*each) for code, each in sums.items()}


def sums_of(stage: LedgerStage, at: AsOf) -> dict[str, Sums]:
    """What stood on each account that has entries, out of these."""
    wanted = stage.transactions.where(
        lambda row: (
            (at.effective is None or row.effective_at < at.effective)
            and (at.posted is None or row.posted_at < at.posted)
        )
    )
    sums: dict[str, list[int]] = {}
    for transaction in wanted:
        for entry in transaction.entries:
            of_account = sums.setdefault(entry.account, [0, 0, 0, 0])
            place = (entry.side is Side.CREDIT) + 2 * (entry.effect is not Effect.POST)
            of_account[place] += -entry.minor if entry.effect is Effect.RELEASE else entry.minor
    return {code: Sums(*each) for code, each in sums.items()}


class MemoryLedgerPeriods:
    """The `LedgerPeriods` port."""

    def __init__(self, *, stage: LedgerStage) -> None:
        self._stage = stage

    async def last(self) -> PeriodChange | None:
        """The change that counts."""
        return _last_period(self._stage)

    async def add(self, change: PeriodChange) -> None:
        """Keeps a change."""
        if self._stage.periods.get(change.position) is not None:
            raise StaleAggregate(position=change.position)
        self._stage.periods.put(change)

    async def page(self, *, before: int | None, limit: int) -> Sequence[PeriodChange]:
        """Changes, the newest first."""
        wanted = self._stage.periods.where(lambda row: before is None or row.position < before)
        return heapq.nlargest(limit, wanted, key=lambda row: row.position)


def _last_period(stage: LedgerStage) -> PeriodChange | None:
    return max(stage.periods.where(lambda _row: True), key=lambda row: row.position, default=None)


def _lines(transaction: Transaction, code: str) -> Iterator[StatementLine]:
    for position, entry in enumerate(transaction.entries):
        if entry.account == code and entry.effect is Effect.POST:
            yield StatementLine(
                transaction_id=transaction.id,
                position=position,
                kind=transaction.kind,
                side=entry.side,
                effect=entry.effect,
                minor=entry.minor,
                effective_at=transaction.effective_at,
                posted_at=transaction.posted_at,
                description=transaction.description,
                reference=transaction.reference,
            )

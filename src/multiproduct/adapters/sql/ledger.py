"""The ledger's journal in tables: a batch is a handful of statements, however many transactions it has."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, bindparam, insert, select, text, union_all
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError

from multiproduct.adapters.sql.failures import is_taken_key, state_of
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.ledger_inserting import journal_insert
from multiproduct.adapters.sql.ledger_memory import AccountMemory
from multiproduct.adapters.sql.ledger_rows import (
    ENTRY_COLUMNS,
    TRANSACTION_COLUMNS,
    account_of,
    entry_values,
    transaction_values,
    transactions_of,
)
from multiproduct.adapters.sql.tables.ledger import (
    ledger_accounts,
    ledger_burned_keys,
    ledger_entries,
    ledger_open_holds,
    ledger_periods,
    ledger_transactions,
)
from multiproduct.application.ledger.ports import OpenHold
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.domain.ledger import Account, Book, ResultCode, Transaction, TransactionKind

_a, _t, _e = ledger_accounts.c, ledger_transactions.c, ledger_entries.c
_PERIOD_CLOSED = "LG002"
_KEY_USED = "LG005"
# What the tables say where an account or the close is not as it is remembered: triggers, a CHECK of a limit,
# and a sum that is out of range (PostgreSQL's manual, appendix A).
_NEWS = frozenset({_PERIOD_CLOSED, "LG004", "23514", "22003"})
_PERIOD_WORDS = "ledger: the period is closed"

_CLOSED_UNTIL = (  # pk_ledger_periods
    select(ledger_periods.c.closed_until).order_by(ledger_periods.c.position.desc()).limit(1)
)
# Entries' references do not lock accounts, so that the strongest lock that a posting needs is that of its
# update. SQLite has no such locks: its units write one at a time.
_HOLD = (  # uq_ledger_accounts_code
    select(ledger_accounts)
    .where(_a.code.in_(bindparam("codes", expanding=True)))
    .order_by(_a.id)
    .with_for_update(key_share=True)
)
_READ_ON_POSTGRESQL = (  # uq_ledger_accounts_code; with the close, which saves a round trip
    "SELECT *, (SELECT closed_until FROM ledger_periods ORDER BY position DESC LIMIT 1) AS closed_until"
    " FROM ledger_accounts WHERE code = ANY(:codes)"
)
_LOOK_UP = text(_READ_ON_POSTGRESQL)
_HOLD_ON_POSTGRESQL = text(f"{_READ_ON_POSTGRESQL} ORDER BY id FOR NO KEY UPDATE")
_JOINED = (
    select(
        ledger_transactions,
        _e.account_id,
        _a.code.label("account"),
        _e.side,
        _e.effect,
        _e.minor,
        _e.currency,
    )
    .join_from(ledger_transactions, ledger_entries, _e.transaction_id == _t.id)
    .join(ledger_accounts, _a.id == _e.account_id)
    .order_by(_t.id, _e.position)
)
_BY_ID = _JOINED.where(_t.id.in_(bindparam("ids", expanding=True)))  # pk_ledger_transactions
_BY_KEY = _JOINED.where(_t.key.in_(bindparam("keys", expanding=True)))  # uq_ledger_transactions_key
_BURNED = select(ledger_burned_keys.c.key, ledger_burned_keys.c.code).where(  # pk_ledger_burned_keys
    ledger_burned_keys.c.key.in_(bindparam("keys", expanding=True))
)
_KNOWN = union_all(  # uq_ledger_transactions_key, pk_ledger_burned_keys
    select(_t.key).where(_t.key.in_(bindparam("keys", expanding=True))),
    select(ledger_burned_keys.c.key).where(ledger_burned_keys.c.key.in_(bindparam("keys", expanding=True))),
)
_ENDED = select(_t.hold_id, _t.kind).where(  # uq_ledger_transactions_hold_id
    _t.hold_id.in_(bindparam("ids", expanding=True))
)
_REVERSED = select(_t.reverses_id).where(  # uq_ledger_transactions_reverses_id
    _t.reverses_id.in_(bindparam("ids", expanding=True))
)
_BURN_ON_SQLITE = sqlite_insert(ledger_burned_keys).on_conflict_do_nothing()
_BURN_ON_POSTGRESQL = text(  # by one statement, as its trigger takes locks in an order of their own
    "INSERT INTO ledger_burned_keys (key, code, burned_at) SELECT *, CAST(:now AS timestamptz)"
    " FROM unnest(CAST(:keys AS text[]), CAST(:codes AS text[])) ON CONFLICT DO NOTHING"
)
_EXPIRED = (  # ix_ledger_open_holds_expires_at
    select(ledger_open_holds.c.hold_id)
    .where(ledger_open_holds.c.expires_at <= bindparam("at"))
    .order_by(ledger_open_holds.c.expires_at)
    .limit(bindparam("of_limit"))
)
_OPEN = (  # pk_ledger_open_holds
    select(ledger_open_holds).order_by(ledger_open_holds.c.hold_id).limit(bindparam("of_limit"))
)
_OPEN_AFTER = _OPEN.where(ledger_open_holds.c.hold_id > bindparam("after"))

_WRITE_ENTRIES_ON_SQLITE, _WRITE_TRANSACTIONS_ON_SQLITE = insert(ledger_entries), insert(ledger_transactions)


class SqlLedgerJournal:
    """The `LedgerJournal` port."""

    def __init__(self, lane: Lane, memory: AccountMemory) -> None:
        self._lane = lane
        self._memory = memory
        # The accounts of the batch that was judged upon what is remembered of them.
        self._recalled: AbstractSet[str] = frozenset()
        self._holds = False

    async def originals(self, ids: Sequence[UUID]) -> Mapping[UUID, Transaction]:
        """Those of the transactions that there are."""
        found = transactions_of(await self._lane.run(_BY_ID, {"ids": list(ids)}))
        return {transaction.id: transaction for transaction in found}

    async def open_book(
        self, codes: Sequence[str], keys: Sequence[str], originals: Mapping[UUID, Transaction]
    ) -> Book:
        """Holds the accounts, and reads the rest after that."""
        self._recalled = frozenset()
        self._holds = True
        if self._lane.dialect == "postgresql":
            accounts, closed_until = await self._read(_HOLD_ON_POSTGRESQL, codes)
        else:
            rows = await self._lane.run(_HOLD, {"codes": list(codes)})
            accounts = {row.code: account_of(row) for row in rows}
            closed_until = (await self._lane.run(_CLOSED_UNTIL)).scalar()
        book = Book(accounts=accounts, closed_until=closed_until, written=originals)
        if keys:
            await self._read_keys(book, list(keys))
        if originals:
            await self._read_ends(book, list(originals))
        return book

    async def remembered_book(self, codes: AbstractSet[str], keys: Sequence[str]) -> Book | None:
        """From this process' memory, to which those are added that it does not know. On SQLite nothing would
        be gained: a unit that writes is alone, and the database is in the process. A unit that has held
        accounts goes on so: tried again for what it did with those that it holds and remembers by now, it
        would come to the same end each time."""
        if self._lane.dialect != "postgresql" or self._holds:
            return None
        unknown = self._memory.unknown(codes)
        if unknown:
            await self._read(_LOOK_UP, unknown)
        book = self._memory.book(codes)
        if book is None:
            return None
        self._recalled = codes
        if keys:
            await self._read_keys(book, list(keys))
        return book

    async def _read(
        self, statement: TextClause, codes: Collection[str]
    ) -> tuple[dict[str, Account], datetime | None]:
        """Accounts by their codes, and the close. They are remembered."""
        rows = (await self._lane.run(statement, {"codes": list(codes)})).all()
        if not rows:
            return {}, None  # nothing gets so far as to be judged by the period
        accounts = {row.code: account_of(row) for row in rows}
        closed_until: datetime | None = rows[0].closed_until
        self._memory.keep(accounts.values(), closed_until=closed_until)
        return accounts, closed_until

    async def _read_keys(self, book: Book, keys: list[str]) -> None:
        if (await self._lane.run(_KNOWN, {"keys": keys})).first() is None:
            return  # as nearly always, by one statement instead of two
        for known in transactions_of(await self._lane.run(_BY_KEY, {"keys": keys})):
            book.keyed[known.key or ""] = known
        burned = await self._lane.run(_BURNED, {"keys": keys})
        book.burned = {row.key: ResultCode(row.code) for row in burned}

    async def _read_ends(self, book: Book, ids: list[UUID]) -> None:
        ended = await self._lane.run(_ENDED, {"ids": ids})
        book.ended = {row.hold_id: TransactionKind(row.kind) for row in ended}
        book.reversed = set((await self._lane.run(_REVERSED, {"ids": ids})).scalars())

    async def write(self, transactions: Sequence[Transaction]) -> None:
        """Writes the entries, and the transactions that they belong to; triggers check and move."""
        try:
            if self._lane.dialect == "postgresql":
                for statement, values in journal_insert(transactions):
                    await self._lane.run(statement, values)
            else:
                entries = [row for transaction in transactions for row in entry_values(transaction)]
                rows = [transaction_values(transaction) for transaction in transactions]
                await self._lane.run(_WRITE_ENTRIES_ON_SQLITE, _named(ENTRY_COLUMNS, entries))
                await self._lane.run(_WRITE_TRANSACTIONS_ON_SQLITE, _named(TRANSACTION_COLUMNS, rows))
        except DBAPIError as error:
            is_news = bool(self._recalled) and state_of(error) in _NEWS
            if is_news:
                self._memory.forget(self._recalled)
            if not is_news and not _is_rivalry(error):
                raise
            raise TransientFailure("a rival wrote the key, or closed the period or an account") from error

    async def burn(self, keys: Mapping[str, ResultCode], *, now: datetime) -> None:
        """Keeps keys that are used up; a trigger waits for rivals that post with them."""
        used = sorted(keys.items())
        if self._lane.dialect == "sqlite":
            rows = [{"key": key, "code": code.value, "burned_at": now} for key, code in used]
            await self._lane.run(_BURN_ON_SQLITE, rows)
            return
        values = {"keys": [key for key, _ in used], "codes": [code.value for _, code in used], "now": now}
        try:
            await self._lane.run(_BURN_ON_POSTGRESQL, values)
        except DBAPIError as error:
            if state_of(error) != _KEY_USED:
                raise
            raise TransientFailure("a rival posted with the key") from error

    async def expired(self, *, now: datetime, limit: int) -> Sequence[UUID]:
        """Open holds whose time is over."""
        return list((await self._lane.run(_EXPIRED, {"at": now, "of_limit": limit})).scalars())

    async def open_holds(self, *, after: UUID | None, limit: int) -> Sequence[OpenHold]:
        """Open holds in the order of their ids."""
        if after is None:
            found = await self._lane.run(_OPEN, {"of_limit": limit})
        else:
            found = await self._lane.run(_OPEN_AFTER, {"of_limit": limit, "after": after})
        return [OpenHold(id=row.hold_id, expires_at=row.expires_at) for row in found]

    async def page(self, *, reference: str | None, before: UUID | None, limit: int) -> Sequence[Transaction]:
        """Transactions, the newest ids first: pk_ledger_transactions, ix_ledger_transactions_reference_id."""
        wanted = select(_t.id).order_by(_t.id.desc()).limit(limit)
        if reference is not None:
            wanted = wanted.where(_t.reference == reference)
        if before is not None:
            wanted = wanted.where(_t.id < before)
        ids = list((await self._lane.run(wanted)).scalars())
        found = await self.originals(ids) if ids else {}
        return [found[each] for each in ids]

    async def every(self, *, page: int) -> AsyncIterator[Sequence[Transaction]]:
        """All transactions in the order of their ids, in pages."""
        last: UUID | None = None
        while True:
            wanted = select(_t.id).order_by(_t.id).limit(page)  # pk_ledger_transactions
            if last is not None:
                wanted = wanted.where(_t.id > last)
            ids = list((await self._lane.run(wanted)).scalars())
            if ids:
                found = await self.originals(ids)
                yield [found[each] for each in ids]
            if len(ids) < page:
                return
            last = ids[-1]


def _named(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _is_rivalry(error: DBAPIError) -> bool:
    """Whether somebody else wrote meanwhile what makes this impossible: judged anew, it has its code."""
    is_told = state_of(error) in (_PERIOD_CLOSED, _KEY_USED) or _PERIOD_WORDS in str(error.orig)
    return is_told or is_taken_key(error)

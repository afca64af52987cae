"""Ledger accounts in a table, what stands on them, and when the books were closed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from multiproduct.adapters.sql.failures import is_taken_key
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.ledger_rows import account_of, account_row
from multiproduct.adapters.sql.tables.ledger import (
    ledger_accounts,
    ledger_entries,
    ledger_periods,
    ledger_transactions,
)
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.ledger.ports import AsOf, StatementLine, Sums, TrialRow
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.domain.ledger import (
    Account,
    AccountKind,
    Effect,
    PeriodChange,
    Side,
    TransactionKind,
)
from multiproduct.domain.shared import Aggregate

_a, _t, _e, _p = ledger_accounts.c, ledger_transactions.c, ledger_entries.c, ledger_periods.c

_FOUND = select(ledger_accounts).where(_a.code.in_(bindparam("codes", expanding=True)))  # uq_..._code
_BY_ID = select(ledger_accounts).where(_a.id == bindparam("of_id"))  # pk_ledger_accounts
# In the order of the codes, so that rivals who add the same ones wait for each other in one direction.
_ADD = in_each_dialect(
    lambda inserting: (
        inserting(ledger_accounts).on_conflict_do_nothing(index_elements=[_a.code]).returning(_a.code)
    )
)
_CLOSE = (  # pk_ledger_accounts
    update(ledger_accounts)
    .where(_a.id == bindparam("of_id"), _a.version == bindparam("of_version"), _a.closed_at.is_(None))
    .values(closed_at=bindparam("at"))
)


def _sum_of(effect: Effect, side: Side) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((_matches(effect, side), _e.minor))), 0)


def _matches(effect: Effect, side: Side) -> ColumnElement[bool]:
    return and_(_e.effect == effect.value, _e.side == side.value)


SUMS = (
    _sum_of(Effect.POST, Side.DEBIT).label("posted_debits"),
    _sum_of(Effect.POST, Side.CREDIT).label("posted_credits"),
    (_sum_of(Effect.RESERVE, Side.DEBIT) - _sum_of(Effect.RELEASE, Side.DEBIT)).label("pending_debits"),
    (_sum_of(Effect.RESERVE, Side.CREDIT) - _sum_of(Effect.RELEASE, Side.CREDIT)).label("pending_credits"),
)
_LINES = (  # ix_ledger_entries_account_id_effective_at, pk_ledger_transactions
    select(
        _e.transaction_id,
        _e.position,
        _t.kind,
        _e.side,
        _e.effect,
        _e.minor,
        _e.effective_at,
        _e.posted_at,
        _t.description,
        _t.reference,
    )
    .join_from(ledger_entries, ledger_transactions, _t.id == _e.transaction_id)
    .where(
        _e.account_id == select(_a.id).where(_a.code == bindparam("of_code")).scalar_subquery(),
        _e.effect == Effect.POST.value,
    )
    .order_by(_e.effective_at, _e.transaction_id, _e.position)
)
_LAST_PERIOD = select(ledger_periods).order_by(_p.position.desc()).limit(1)  # pk_ledger_periods


def _bounded(wanted: Select[Any], at: AsOf) -> Select[Any]:
    if at.effective is not None:
        wanted = wanted.where(_e.effective_at < at.effective)
    if at.posted is not None:
        wanted = wanted.where(_e.posted_at < at.posted)
    return wanted


class SqlLedgerAccounts:
    """The `LedgerAccounts` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def found(self, codes: Sequence[str]) -> Mapping[str, Account]:
        """Those of the accounts that there are, by their codes."""
        found = await self._lane.run(_FOUND, {"codes": list(codes)})
        return {row.code: account_of(row) for row in found}

    async def with_id(self, account_id: UUID) -> Account | None:
        """The account by its id."""
        row = (await self._lane.run(_BY_ID, {"of_id": account_id})).first()
        return None if row is None else account_of(row)

    async def add(self, accounts: Sequence[Account]) -> Sequence[str]:
        """Keeps those whose codes are free."""
        if self._lane.dialect == "sqlite":
            # A unit that writes is alone, and what is there is refused by a trigger before ON CONFLICT is.
            there = await self.found([account.code for account in accounts])
            free = [account for account in accounts if account.code not in there]
            if free:
                await self._lane.run(insert(ledger_accounts), [account_row(account) for account in free])
            return [account.code for account in free]
        rows = [account_row(account) for account in sorted(accounts, key=lambda each: each.code)]
        statement = _ADD[self._lane.dialect]
        return [
            code for row in rows for code in (await self._lane.run(statement, row)).scalars()
        ]  # one by one, as RETURNING and many rows of parameters do not go together

    async def close(self, account: Account) -> bool:
        """Writes `closed_at`, unless the account moved."""
        closed = await self._lane.run(
            _CLOSE, {"of_id": account.id, "of_version": account.version, "at": account.closed_at}
        )
        if closed.rowcount != 1:
            return False
        self._track(account)
        return True

    async def page(
        self, *, owner_id: UUID | None, kind: AccountKind | None, after: str | None, limit: int
    ) -> Sequence[Account]:
        """Accounts by code: uq_ledger_accounts_code, ix_ledger_accounts_owner_id_code."""
        wanted = select(ledger_accounts).order_by(_a.code).limit(limit)
        if owner_id is not None:
            wanted = wanted.where(_a.owner_id == owner_id)
        if kind is not None:
            wanted = wanted.where(_a.kind == kind.value)
        if after is not None:
            wanted = wanted.where(_a.code > after)
        return [account_of(row) for row in await self._lane.run(wanted)]

    async def sums(self, code: str, at: AsOf) -> Sums:
        """What stood on an account: ix_ledger_entries_account_id_effective_at."""
        account_id = select(_a.id).where(_a.code == code).scalar_subquery()
        every: Any = select(*SUMS).where(_e.account_id == account_id)
        wanted = _bounded(every, at)
        return _sums((await self._lane.run(wanted)).one())

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
        wanted = _LINES.limit(limit)
        if since is not None:
            wanted = wanted.where(_e.effective_at >= since)
        if until is not None:
            wanted = wanted.where(_e.effective_at < until)
        if after is not None:
            moment, transaction_id, position = after
            wanted = wanted.where(
                _e.effective_at >= moment,
                or_(
                    _e.effective_at > moment,
                    tuple_(_e.transaction_id, _e.position) > tuple_(transaction_id, position),
                ),
            )
        return [_line(row) for row in await self._lane.run(wanted, {"of_code": code})]

    async def trial(self, at: AsOf) -> Sequence[TrialRow]:
        """What stood on every account that has entries."""
        names = (_a.code, _a.kind, _a.currency)
        wanted = select(*names, *SUMS).join_from(ledger_entries, ledger_accounts, _a.id == _e.account_id)
        wanted = _bounded(wanted, at).group_by(*names).order_by(_a.code)
        return [
            TrialRow(code=row.code, kind=AccountKind(row.kind), currency=row.currency, sums=_sums(row))
            for row in await self._lane.run(wanted)
        ]


class SqlLedgerPeriods:
    """The `LedgerPeriods` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def last(self) -> PeriodChange | None:
        """The change that counts."""
        row = (await self._lane.run(_LAST_PERIOD)).first()
        return None if row is None else _change(row)

    async def add(self, change: PeriodChange) -> None:
        """Keeps a change; on PostgreSQL a trigger first waits for those who post."""
        values = {name: getattr(change, name) for name in _p.keys()}  # noqa: SIM118 - a collection of columns
        try:
            await self._lane.run(insert(ledger_periods), values)
        except IntegrityError as error:
            if not is_taken_key(error):
                raise
            raise TransientFailure("somebody else changed the close") from error

    async def page(self, *, before: int | None, limit: int) -> Sequence[PeriodChange]:
        """Changes, the newest first: pk_ledger_periods."""
        wanted = select(ledger_periods).order_by(_p.position.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(_p.position < before)
        return [_change(row) for row in await self._lane.run(wanted)]


def _sums(row: Row[Any]) -> Sums:
    return Sums(
        int(row.posted_debits), int(row.posted_credits), int(row.pending_debits), int(row.pending_credits)
    )


def _line(row: Row[Any]) -> StatementLine:
    return StatementLine(
        transaction_id=row.transaction_id,
        position=row.position,
        kind=TransactionKind(row.kind),
        side=Side(row.side),
        effect=Effect(row.effect),
        minor=row.minor,
        effective_at=row.effective_at,
        posted_at=row.posted_at,
        description=row.description,
        reference=row.reference,
    )


def _change(row: Row[Any]) -> PeriodChange:
    return PeriodChange(
        position=row.position,
        closed_until=row.closed_until,
        changed_at=row.changed_at,
        actor_id=row.actor_id,
        reason=row.reason,
    )

"""Accounts as use cases: open and close them, and tell what stands on them, now or at any instant."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ledger.account_keeping import Accounts
from multiproduct.application.ledger.commands import (
    ListAccounts,
    OpenAccount,
    ReadBalance,
    ReadStatement,
    ReadTrialBalance,
)
from multiproduct.application.ledger.ports import AsOf, LedgerUnit, StatementLine, Sums, TrialRow
from multiproduct.application.ledger.results import (
    AccountPage,
    AccountView,
    BalanceView,
    StatementLineView,
    StatementView,
    TrialBalanceView,
    TrialTotal,
    shown,
)
from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.ledger import (
    MAX_ENTRIES,
    Account,
    AccountKind,
    AccountSpec,
    LedgerAccountExists,
    Side,
    UnknownLedgerAccount,
    balance_of,
)
from multiproduct.domain.ledger.permissions import ACCOUNTS_CLOSE, ACCOUNTS_OPEN, ACCOUNTS_READ
from multiproduct.domain.shared import FieldProblem, InvalidInput, StaleAggregate

_OPEN = "ledger.accounts.open"
_Place = tuple[datetime, UUID, int]


class Bookkeeping:
    """Reading is from what is committed; each needs `ledger.account.read`."""

    def __init__(
        self, *, units: Units[LedgerUnit], clock: Clock, accounts: Accounts, idempotency: Idempotency
    ) -> None:
        self._units = units
        self._clock = clock
        self._accounts = accounts
        self._idempotency = idempotency

    async def open(
        self, command: OpenAccount, caller: Caller, *, idempotency_key: str | None = None
    ) -> AccountView:
        """Opens an account. Needs `ledger.account.open`. Raises InvalidInput, LedgerAccountExists,
        IdempotencyMismatch."""
        caller.require(ACCOUNTS_OPEN)
        spec = _spec(command)
        spec.check()

        async def body(unit: LedgerUnit) -> AccountView:
            async def opened() -> AccountView:
                if spec.code in await unit.ledger_accounts.found([spec.code]):
                    raise LedgerAccountExists(account=spec.code)
                return AccountView.of((await self._accounts.ensure(unit, [spec]))[spec.code])

            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_OPEN,
                caller=caller,
                command=command,
                answer_type=AccountView,
                now=self._clock.now(),
                body=opened,
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    async def close(self, account_id: UUID, caller: Caller) -> AccountView:
        """Closes an account on which nothing stands. Needs `ledger.account.close`. Raises
        UnknownLedgerAccount, LedgerAccountClosed, AccountNotEmpty."""
        caller.require(ACCOUNTS_CLOSE)

        async def body(unit: LedgerUnit) -> AccountView:
            account = await _required(unit, account_id)
            account.close(now=self._clock.now())
            if not await unit.ledger_accounts.close(account):
                raise StaleAggregate(id=str(account.id))
            await unit.commit()
            return AccountView.of(account)

        return await in_unit(lambda: self._units.open(caller), body)

    async def every(self, query: ListAccounts, caller: Caller) -> AccountPage:
        """Accounts by code. Raises InvalidInput."""
        caller.require(ACCOUNTS_READ)
        after = None if query.cursor is None else str(decode_cursor(query.cursor, length=1)[0])
        async with self._units.view(caller) as view:
            found = await view.ledger_accounts.page(
                owner_id=query.owner_id,
                kind=None if query.kind is None else AccountKind(query.kind),
                after=after,
                limit=query.limit + 1,
            )
        page = page_of(list(found), limit=query.limit, cursor_of=lambda account: encode_cursor(account.code))
        return AccountPage(
            items=[AccountView.of(account) for account in page.items], next_cursor=page.next_cursor
        )

    async def read(self, account_id: UUID, caller: Caller) -> AccountView:
        """One account. Raises UnknownLedgerAccount."""
        caller.require(ACCOUNTS_READ)
        async with self._units.view(caller) as view:
            return AccountView.of(await _required(view, account_id))

    async def balance(self, account_id: UUID, query: ReadBalance, caller: Caller) -> BalanceView:
        """What stood on an account at an instant. Raises UnknownLedgerAccount."""
        caller.require(ACCOUNTS_READ)
        async with self._units.view(caller) as view:
            account = await _required(view, account_id)
            sums = await view.ledger_accounts.sums(account.code, _as_of(query))
        return BalanceView.of(
            TrialRow(code=account.code, kind=account.kind, currency=account.currency, sums=sums)
        )

    async def trial_balance(self, query: ReadTrialBalance, caller: Caller) -> TrialBalanceView:
        """What stood on every account, with totals. Goes through all entries."""
        caller.require(ACCOUNTS_READ)
        async with self._units.view(caller) as view:
            rows = await view.ledger_accounts.trial(_as_of(query))
        totals: dict[str, Sums] = {}
        for row in rows:
            before = totals.get(row.currency, Sums())
            totals[row.currency] = Sums(
                before.posted_debits + row.sums.posted_debits, before.posted_credits + row.sums.posted_credits
            )
        return TrialBalanceView(
            accounts=[BalanceView.of(row) for row in rows],
            totals=[
                TrialTotal(
                    debits=shown(sums.posted_debits, currency), credits=shown(sums.posted_credits, currency)
                )
                for currency, sums in sorted(totals.items())
            ],
        )

    async def statement(self, account_id: UUID, query: ReadStatement, caller: Caller) -> StatementView:
        """The entries of an account, each with the balance after it. Raises UnknownLedgerAccount,
        InvalidInput."""
        caller.require(ACCOUNTS_READ)
        place, opening = _place_in(query.cursor)
        async with self._units.view(caller) as view:
            account = await _required(view, account_id)
            if place is None:
                opening = await _opening(view, account, query.since)
            found = await view.ledger_accounts.statement(
                account.code, since=query.since, until=query.until, after=place, limit=query.limit + 1
            )
        return _statement(account, opening, list(found), limit=query.limit)


async def _required(unit: LedgerUnit, account_id: UUID) -> Account:
    account = await unit.ledger_accounts.with_id(account_id)
    if account is None:
        raise UnknownLedgerAccount
    return account


async def _opening(view: LedgerUnit, account: Account, since: datetime | None) -> int:
    if since is None:
        return 0
    sums = await view.ledger_accounts.sums(account.code, AsOf(effective=since))
    return balance_of(account.kind, sums.posted_debits, sums.posted_credits)


def _statement(
    account: Account, opening: int, found: Sequence[StatementLine], *, limit: int
) -> StatementView:
    balance, items = opening, []
    for line in found[:limit]:
        debits, credits_ = (line.minor, 0) if line.side is Side.DEBIT else (0, line.minor)
        balance += balance_of(account.kind, debits, credits_)
        items.append(
            StatementLineView(
                transaction_id=line.transaction_id,
                kind=line.kind,
                side=line.side,
                amount=shown(line.minor, account.currency),
                balance=shown(balance, account.currency),
                description=line.description,
                reference=line.reference,
                effective_at=line.effective_at,
                posted_at=line.posted_at,
            )
        )
    return StatementView(
        account=account.code,
        opening=shown(opening, account.currency),
        closing=shown(balance, account.currency),
        items=items,
        next_cursor=_cursor(found[limit - 1], balance) if len(found) > limit else None,
    )


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)


def _cursor(line: StatementLine, balance: int) -> str:
    moment = (line.effective_at - _EPOCH) // _MICROSECOND
    return encode_cursor(moment, str(line.transaction_id), line.position, balance)


def _place_in(cursor: str | None) -> tuple[_Place | None, int]:
    """The place where the page begins, and the balance before it."""
    if cursor is None:
        return None, 0
    moment, transaction_id, position, balance = decode_cursor(cursor, length=4)
    try:
        if not 0 <= int(position) < MAX_ENTRIES:
            raise ValueError
        place = (_EPOCH + int(moment) * _MICROSECOND, UUID(str(transaction_id)), int(position))
        return place, int(balance)
    except (ValueError, TypeError, OverflowError):
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None


def _spec(command: OpenAccount) -> AccountSpec:
    return AccountSpec(
        code=command.code,
        kind=command.kind,
        currency=command.currency,
        owner_id=command.owner_id,
        limit=command.limit,
    )


def _as_of(query: ReadBalance) -> AsOf:
    return AsOf(effective=query.effective_before, posted=query.posted_before)

"""Judging a batch: which items can be written, in their order, each upon the outcome of those before it.

Pure: the stores read what `Book` holds, and write what comes out of it. The codes, the precedence between
them and the semantics of holds and linked chains follow TigerBeetle's where they have the same meaning."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from multiproduct.domain.ledger.account import MAX_MINOR, Account
from multiproduct.domain.ledger.instructions import (
    AnyInstruction,
    Instruction,
    NewEntry,
    NewHold,
    NewReversal,
    NewTransaction,
    SettleHold,
    VoidHold,
)
from multiproduct.domain.ledger.keeping_apart import is_kept_from
from multiproduct.domain.ledger.moving import move, move_back
from multiproduct.domain.ledger.outcome import TRANSIENT, Outcome, Posted, Refused, ResultCode
from multiproduct.domain.ledger.repeating import has_same_content
from multiproduct.domain.ledger.transaction import (
    MAX_ENTRIES,
    MAX_NAME,
    MAX_TEXT,
    Effect,
    Entry,
    Side,
    Transaction,
    TransactionKind,
)

_DEBIT, _POST, _RESERVE = Side.DEBIT, Effect.POST, Effect.RESERVE


@dataclass(slots=True, kw_only=True)
class Book:
    """What a batch is judged upon, held by the unit so that nobody else changes it meanwhile. `written` holds
    the transactions that the batch names by their ids: holds, and what is to be reversed.

    A book that `is_remembered` is not held, and is of accounts that have no limit. Nothing is judged upon
    their sums then; whoever writes finds out whether anything else has changed since."""

    accounts: dict[str, Account]
    is_remembered: bool = False
    closed_until: datetime | None = None
    keyed: dict[str, Transaction] = field(default_factory=dict)
    burned: dict[str, ResultCode] = field(default_factory=dict)
    written: Mapping[UUID, Transaction] = field(default_factory=dict)
    ended: dict[UUID, TransactionKind] = field(default_factory=dict)
    """How the holds that are over ended."""
    reversed: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What comes of each item, what is to be written, and which keys are used up by refusals."""

    outcomes: list[Outcome]
    accepted: list[Transaction]
    burned: dict[str, ResultCode]

    @property
    def refuses_anything(self) -> bool:
        """Whether any item is refused. Upon what is only remembered, that has yet to be judged again."""
        return any(isinstance(outcome, Refused) for outcome in self.outcomes)


class _Refusal(Exception):
    def __init__(self, code: ResultCode, account: str | None = None) -> None:
        self.refused = Refused(code, account)


def judge(
    items: Sequence[AnyInstruction],
    book: Book,
    *,
    now: datetime,
    new_id: Callable[[], UUID],
    actor_id: UUID | None = None,
) -> Judgement:
    """Judges the items in order. The book is changed by what is accepted. `actor_id` is who asks for those
    items that name nobody."""
    bench = _Bench(book, now, new_id, actor_id)
    outcomes: list[Outcome] = []
    start = 0
    while start < len(items):
        end = start
        while end < len(items) and items[end].is_linked:
            end += 1
        if end == start:
            outcomes.append(bench.alone(items[start]))
        elif end == len(items):
            outcomes += bench.open_chain(end - start)
        else:
            outcomes += bench.chain(items[start : end + 1])
        start = end + 1
    return Judgement(outcomes, bench.accepted, bench.burned)


class _Bench:
    """Judges one item after the other."""

    def __init__(self, book: Book, now: datetime, new_id: Callable[[], UUID], actor_id: UUID | None) -> None:
        self._actor_id = actor_id
        self._book = book
        self._now = now
        self._new_id = new_id
        self.accepted: list[Transaction] = []
        self.burned: dict[str, ResultCode] = {}
        # What a chain has moved so far; None outside of one.
        self._undo: list[tuple[Account, Entry]] | None = None

    def alone(self, item: AnyInstruction) -> Outcome:
        try:
            return self._place(item)
        except _Refusal as refusal:
            self._burn(item.key, refusal.refused.code)
            return refusal.refused

    def open_chain(self, length: int) -> list[Outcome]:
        """The batch ends within a chain."""
        failed: list[Outcome] = [Refused(ResultCode.LINKED_FAILED) for _ in range(length - 1)]
        return [*failed, Refused(ResultCode.LINKED_CHAIN_OPEN)]

    def chain(self, items: Sequence[AnyInstruction]) -> list[Outcome]:
        """All of them, or none."""
        self._undo, first = [], len(self.accepted)
        outcomes: list[Outcome] = []
        try:
            for item in items:
                try:
                    outcomes.append(self._place(item))
                except _Refusal as refusal:
                    self._roll_back(first)
                    self._burn(item.key, refusal.refused.code)
                    failed = len(outcomes)
                    outcomes = [Refused(ResultCode.LINKED_FAILED) for _ in items]
                    outcomes[failed] = refusal.refused
                    break
        finally:
            self._undo = None
        return outcomes

    def _roll_back(self, first: int) -> None:
        for account, entry in self._undo or ():
            move_back(account, entry)
        for transaction in self.accepted[first:]:
            if transaction.key is not None:
                del self._book.keyed[transaction.key]
            if transaction.hold_id is not None:
                del self._book.ended[transaction.hold_id]
            if transaction.reverses_id is not None:
                self._book.reversed.discard(transaction.reverses_id)
        del self.accepted[first:]

    def _burn(self, key: str | None, code: ResultCode) -> None:
        if key is not None and code in TRANSIENT:
            self.burned[key] = self._book.burned[key] = code

    def _place(self, item: AnyInstruction) -> Posted:
        _check_texts(item)
        if item.key is not None:
            before = self._before(item, item.key)
            if before is not None:
                return before
        if isinstance(item, NewTransaction):
            transaction = self._posting(item)
        elif isinstance(item, NewHold):
            transaction = self._hold(item)
        elif isinstance(item, SettleHold):
            transaction = self._settlement(item)
        elif isinstance(item, VoidHold):
            transaction = self._void(item)
        else:
            transaction = self._reversal(item)
        self._require_open_period(transaction.effective_at)
        self._apply(transaction.entries)
        self._keep(transaction)
        return Posted(transaction)

    def _before(self, item: AnyInstruction, key: str) -> Posted | None:
        known = self._book.keyed.get(key)
        if known is not None:
            hold = self._book.written.get(item.hold_id) if isinstance(item, SettleHold) else None
            if not has_same_content(item, known, hold):
                raise _Refusal(ResultCode.EXISTS_WITH_DIFFERENT_CONTENT)
            return Posted(known, ResultCode.EXISTS)
        if key in self._book.burned:
            raise _Refusal(ResultCode.KEY_ALREADY_FAILED)
        return None

    def _posting(self, item: NewTransaction) -> Transaction:
        _check_shape(item.entries)
        return self._written(
            item,
            TransactionKind.POSTING,
            tuple([self._entry(new, _POST) for new in item.entries]),
        )

    def _hold(self, item: NewHold) -> Transaction:
        amount = item.amount
        _check_amount(amount.minor)
        if item.debit_account == item.credit_account:
            raise _Refusal(ResultCode.ACCOUNTS_NOT_DIFFERENT, item.debit_account)
        if item.expires_at is not None and item.expires_at <= self._now:
            raise _Refusal(ResultCode.EXPIRES_TOO_EARLY)
        currency = amount.currency.code
        sides = ((item.debit_account, Side.DEBIT), (item.credit_account, Side.CREDIT))
        entries = [
            self._entry(NewEntry(code, side, amount.minor, currency), _RESERVE) for code, side in sides
        ]
        return self._written(item, TransactionKind.HOLD, tuple(entries), expires_at=item.expires_at)

    def _settlement(self, item: SettleHold) -> Transaction:
        hold = self._open_hold(item.hold_id)
        if hold.expires_at is not None and hold.expires_at <= self._now:
            raise _Refusal(ResultCode.HOLD_EXPIRED)
        reserved = hold.entries[0].minor
        minor = reserved if item.minor is None else item.minor
        _check_amount(minor)
        if minor > reserved:
            raise _Refusal(ResultCode.EXCEEDS_HOLD)
        _require_own(item, hold)
        if item.currency is not None and item.currency != hold.entries[0].currency:
            raise _Refusal(ResultCode.CURRENCY_MISMATCH, hold.entries[0].account)
        posted = [_moved(entry, Effect.POST, minor) for entry in hold.entries]
        entries = (*_released(hold), *posted)
        self._require_usable(entries)
        return self._written(item, TransactionKind.SETTLEMENT, entries, hold_id=hold.id)

    def _void(self, item: VoidHold) -> Transaction:
        hold = self._open_hold(item.hold_id)
        if item.is_timeout and (hold.expires_at is None or hold.expires_at > self._now):
            raise _Refusal(ResultCode.HOLD_NOT_EXPIRED)
        if not item.is_timeout and hold.expires_at is not None and hold.expires_at <= self._now:
            raise _Refusal(ResultCode.HOLD_EXPIRED)
        if not item.is_timeout:
            _require_own(item, hold)
        kind = TransactionKind.TIMEOUT if item.is_timeout else TransactionKind.VOID
        entries = tuple(_released(hold))
        self._require_usable(entries)
        return self._written(item, kind, entries, hold_id=hold.id)

    def _reversal(self, item: NewReversal) -> Transaction:
        wrong = self._book.written.get(item.transaction_id)
        if wrong is None:
            raise _Refusal(ResultCode.TRANSACTION_NOT_FOUND)
        if wrong.kind not in (TransactionKind.POSTING, TransactionKind.SETTLEMENT):
            raise _Refusal(ResultCode.NOT_REVERSIBLE)
        if wrong.id in self._book.reversed:
            raise _Refusal(ResultCode.ALREADY_REVERSED)
        _require_own(item, wrong)
        entries = tuple(
            Entry(each.account_id, each.account, each.side.other, _POST, each.minor, each.currency)
            for each in wrong.entries
            if each.effect is _POST
        )
        self._require_usable(entries)
        return self._written(item, TransactionKind.REVERSAL, entries, reverses_id=wrong.id)

    def _open_hold(self, hold_id: UUID) -> Transaction:
        hold = self._book.written.get(hold_id)
        if hold is None or hold.kind is not TransactionKind.HOLD:
            raise _Refusal(ResultCode.HOLD_NOT_FOUND)
        ended = self._book.ended.get(hold_id)
        if ended is TransactionKind.SETTLEMENT:
            raise _Refusal(ResultCode.HOLD_ALREADY_POSTED)
        if ended is TransactionKind.VOID:
            raise _Refusal(ResultCode.HOLD_ALREADY_VOIDED)
        if ended is TransactionKind.TIMEOUT:
            raise _Refusal(ResultCode.HOLD_EXPIRED)
        return hold

    def _entry(self, new: NewEntry, effect: Effect) -> Entry:
        code, side, minor, currency = new
        account = self._book.accounts.get(code)
        if account is None:
            raise _Refusal(ResultCode.ACCOUNT_NOT_FOUND, code)
        if account.currency != currency:
            raise _Refusal(ResultCode.CURRENCY_MISMATCH, code)
        if account.closed_at is not None:
            raise _Refusal(ResultCode.ACCOUNT_CLOSED, code)
        return Entry(account.id, code, side, effect, minor, currency)

    def _require_usable(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if self._book.accounts[entry.account].closed_at is not None:
                raise _Refusal(ResultCode.ACCOUNT_CLOSED, entry.account)

    def _require_open_period(self, effective_at: datetime) -> None:
        if self._book.closed_until is not None and effective_at < self._book.closed_until:
            raise _Refusal(ResultCode.PERIOD_CLOSED)

    def _written(
        self,
        item: Instruction,
        kind: TransactionKind,
        entries: tuple[Entry, ...],
        *,
        hold_id: UUID | None = None,
        reverses_id: UUID | None = None,
        expires_at: datetime | None = None,
    ) -> Transaction:
        return Transaction(
            id=self._new_id(),
            kind=kind,
            posted_at=self._now,
            effective_at=item.effective_at or self._now,
            entries=entries,
            description=item.description,
            reference=item.reference,
            key=item.key,
            actor_id=item.actor_id or self._actor_id,
            hold_id=hold_id,
            reverses_id=reverses_id,
            expires_at=expires_at,
        )

    def _apply(self, entries: Sequence[Entry]) -> None:
        """Moves the accounts, or leaves them as they were."""
        if self._book.is_remembered:
            return
        accounts = self._book.accounts
        moved = [(accounts[entry.account], entry) for entry in entries]
        for account, entry in moved:
            move(account, entry)
        for account, _ in moved:
            if not account.is_within_range:
                code_of_refusal = ResultCode.BALANCE_TOO_LARGE
            elif not account.is_within_limit:
                code_of_refusal = ResultCode.EXCEEDS_LIMIT
            else:
                continue
            for touched, entry in moved:
                move_back(touched, entry)
            raise _Refusal(code_of_refusal, account.code)
        if self._undo is not None:
            self._undo += moved

    def _keep(self, transaction: Transaction) -> None:
        self.accepted.append(transaction)
        if transaction.key is not None:
            self._book.keyed[transaction.key] = transaction
        if transaction.hold_id is not None:
            self._book.ended[transaction.hold_id] = transaction.kind
        if transaction.reverses_id is not None:
            self._book.reversed.add(transaction.reverses_id)


def _check_texts(item: Instruction) -> None:
    is_long = (
        len(item.description) > MAX_TEXT
        or len(item.reference or "") > MAX_NAME
        or len(item.key or "") > MAX_NAME
    )
    if is_long:
        raise _Refusal(ResultCode.TEXT_TOO_LONG)


def _check_amount(minor: int) -> None:
    if minor <= 0:
        raise _Refusal(ResultCode.AMOUNT_NOT_POSITIVE)
    if minor > MAX_MINOR:
        raise _Refusal(ResultCode.AMOUNT_TOO_LARGE)


def _check_shape(entries: Sequence[NewEntry]) -> None:
    if len(entries) < 2:
        raise _Refusal(ResultCode.TOO_FEW_ENTRIES)
    if len(entries) > MAX_ENTRIES:
        raise _Refusal(ResultCode.TOO_MANY_ENTRIES)
    sums: dict[str, int] = {}
    for _, side, minor, currency in entries:
        if not 0 < minor <= MAX_MINOR:
            _check_amount(minor)
        sums[currency] = sums.get(currency, 0) + (minor if side is _DEBIT else -minor)
    if any(sums.values()):
        raise _Refusal(ResultCode.UNBALANCED)


def _moved(entry: Entry, effect: Effect, minor: int) -> Entry:
    return Entry(entry.account_id, entry.account, entry.side, effect, minor, entry.currency)


def _require_own(item: AnyInstruction, made: Transaction) -> None:
    if is_kept_from(item.key, made):
        raise _Refusal(ResultCode.MADE_BY_CONTEXT)


def _released(hold: Transaction) -> list[Entry]:
    return [_moved(entry, Effect.RELEASE, entry.minor) for entry in hold.entries]

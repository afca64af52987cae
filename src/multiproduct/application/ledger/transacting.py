"""Transactions as use cases: post, reserve, reverse, one by one or in batches, and read the journal."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.idempotency import Idempotency, IdempotencyMismatch
from multiproduct.application.ledger.coalescing import Coalescing
from multiproduct.application.ledger.commands import (
    ListHolds,
    ListTransactions,
    PostBatch,
    PostHold,
    PostTransaction,
    ReserveHold,
    ReverseTransaction,
)
from multiproduct.application.ledger.ports import LedgerUnit
from multiproduct.application.ledger.posting import Posting
from multiproduct.application.ledger.reading import callers_key, hold_of, item_of, named_key, posting_of
from multiproduct.application.ledger.results import BatchView, OutcomeView, TransactionPage, TransactionView
from multiproduct.application.paging import Page, decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.ledger import (
    AnyInstruction,
    NewReversal,
    Outcome,
    Refused,
    ResultCode,
    SettleHold,
    Transaction,
    UnknownLedgerTransaction,
    VoidHold,
)
from multiproduct.domain.ledger.permissions import TRANSACTIONS_POST, TRANSACTIONS_READ
from multiproduct.domain.shared import Currency, FieldProblem, InvalidInput

_BATCH = "ledger.batches.post"
_EXPIRY_BATCH = 500


class Transacting:
    """Single postings are committed together with those that are asked for at the same time. The idempotency
    key of a request becomes the ledger's own key, within the caller's."""

    def __init__(
        self, *, units: Units[LedgerUnit], clock: Clock, posting: Posting, idempotency: Idempotency
    ) -> None:
        self._units = units
        self._clock = clock
        self._posting = posting
        self._idempotency = idempotency
        self._coalescing = Coalescing(self.write)

    async def write(self, items: Sequence[AnyInstruction]) -> list[Outcome]:
        """Posts a batch in a unit of its own, by nobody's leave: the native interface, for code. Raises
        Unavailable."""

        async def body(unit: LedgerUnit) -> list[Outcome]:
            outcomes = await self._posting.post(unit, items)
            await unit.commit()
            return outcomes

        return await in_unit(lambda: self._units.open(SYSTEM), body)

    async def write_one(self, item: AnyInstruction) -> Outcome:
        """Posts one item, together with whatever else is posted by this process at the same time. Raises
        Unavailable."""
        return await self._coalescing.post(item)

    async def post(
        self, command: PostTransaction, caller: Caller, *, idempotency_key: str | None = None
    ) -> TransactionView:
        """Posts a transaction. Needs `ledger.transaction.post`. Raises InvalidInput, LedgerRefused,
        IdempotencyMismatch."""
        caller.require(TRANSACTIONS_POST)
        key = named_key(command.key) or callers_key(caller, idempotency_key)
        item = posting_of(command, actor_id=caller.principal.user_id, key=key)
        return await self._one(_alone(item, is_linked=command.linked))

    async def reserve(
        self, command: ReserveHold, caller: Caller, *, idempotency_key: str | None = None
    ) -> TransactionView:
        """Reserves an amount. Needs `ledger.transaction.post`. Raises InvalidInput, LedgerRefused,
        IdempotencyMismatch."""
        caller.require(TRANSACTIONS_POST)
        key = named_key(command.key) or callers_key(caller, idempotency_key)
        item = hold_of(command, actor_id=caller.principal.user_id, key=key)
        return await self._one(_alone(item, is_linked=command.linked))

    async def post_hold(
        self, hold_id: UUID, command: PostHold, caller: Caller, *, idempotency_key: str | None = None
    ) -> TransactionView:
        """Posts a hold, or part of it. Needs `ledger.transaction.post`. Raises InvalidInput, LedgerRefused,
        UnknownLedgerTransaction, IdempotencyMismatch."""
        caller.require(TRANSACTIONS_POST)
        minor = None if command.amount is None else await self._minor(hold_id, command, caller)
        key = callers_key(caller, idempotency_key)
        actor_id = caller.principal.user_id
        return await self._one(SettleHold(hold_id=hold_id, minor=minor, key=key, actor_id=actor_id))

    async def void_hold(
        self, hold_id: UUID, caller: Caller, *, idempotency_key: str | None = None
    ) -> TransactionView:
        """Releases a hold. Needs `ledger.transaction.post`. Raises LedgerRefused, UnknownLedgerTransaction,
        IdempotencyMismatch."""
        caller.require(TRANSACTIONS_POST)
        key = callers_key(caller, idempotency_key)
        return await self._one(VoidHold(hold_id=hold_id, key=key, actor_id=caller.principal.user_id))

    async def reverse(
        self,
        transaction_id: UUID,
        command: ReverseTransaction,
        caller: Caller,
        *,
        idempotency_key: str | None = None,
    ) -> TransactionView:
        """Undoes a transaction by another one, once. Needs `ledger.transaction.post`. Raises LedgerRefused,
        UnknownLedgerTransaction, IdempotencyMismatch."""
        caller.require(TRANSACTIONS_POST)
        return await self._one(
            NewReversal(
                transaction_id=transaction_id,
                description=command.description,
                key=callers_key(caller, idempotency_key),
                actor_id=caller.principal.user_id,
            )
        )

    async def post_batch(
        self, command: PostBatch, caller: Caller, *, idempotency_key: str | None = None
    ) -> BatchView:
        """Posts what can be posted of the items, and tells what came of each. Needs
        `ledger.transaction.post`. Raises InvalidInput, IdempotencyMismatch."""
        caller.require(TRANSACTIONS_POST)
        actor_id = caller.principal.user_id
        items = [
            item_of(item, actor_id=actor_id, at=f"items.{index}.") for index, item in enumerate(command.items)
        ]

        async def body(unit: LedgerUnit) -> BatchView:
            async def judged() -> BatchView:
                outcomes = await self._posting.post(unit, items)
                return BatchView(outcomes=[OutcomeView.of(outcome) for outcome in outcomes])

            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_BATCH,
                caller=caller,
                command=command,
                answer_type=BatchView,
                now=self._clock.now(),
                body=judged,
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    async def read(self, transaction_id: UUID, caller: Caller) -> TransactionView:
        """One transaction. Needs `ledger.transaction.read`. Raises UnknownLedgerTransaction."""
        caller.require(TRANSACTIONS_READ)
        return TransactionView.of(await self._required(transaction_id, caller))

    async def every(self, query: ListTransactions, caller: Caller) -> TransactionPage:
        """Transactions, the newest first. Needs `ledger.transaction.read`. Raises InvalidInput."""
        caller.require(TRANSACTIONS_READ)
        before = _id_in(query.cursor)
        async with self._units.view(caller) as view:
            found = await view.ledger_journal.page(
                reference=query.reference, before=before, limit=query.limit + 1
            )
        return _shown(page_of(list(found), limit=query.limit, cursor_of=_cursor_of))

    async def open_holds(self, query: ListHolds, caller: Caller) -> TransactionPage:
        """Holds that were neither posted nor released, the oldest first. Needs `ledger.transaction.read`.
        Raises InvalidInput."""
        caller.require(TRANSACTIONS_READ)
        after = _id_in(query.cursor)
        async with self._units.view(caller) as view:
            journal = view.ledger_journal
            ids = [hold.id for hold in await journal.open_holds(after=after, limit=query.limit + 1)]
            found = await journal.originals(ids) if ids else {}
        holds = [found[each] for each in ids if each in found]
        return _shown(page_of(holds, limit=query.limit, cursor_of=_cursor_of))

    async def journal(self, *, page: int = 1_000) -> AsyncIterator[Sequence[Transaction]]:
        """The whole journal in pages, for exports, by nobody's leave."""
        async with self._units.view(SYSTEM) as view:
            async for transactions in view.ledger_journal.every(page=page):
                yield transactions

    async def time_out(self) -> int:
        """Releases holds whose time is over, in batches; answers how many."""
        released = 0
        while True:
            async with self._units.view(SYSTEM) as view:
                over = await view.ledger_journal.expired(now=self._clock.now(), limit=_EXPIRY_BATCH)
            outcomes = await self.write([VoidHold(hold_id=each, is_timeout=True) for each in over])
            done = sum(not isinstance(outcome, Refused) for outcome in outcomes)
            released += done
            if len(over) < _EXPIRY_BATCH or not done:
                return released

    async def _one(self, item: AnyInstruction) -> TransactionView:
        outcome = await self.write_one(item)
        if not isinstance(outcome, Refused):
            return TransactionView.of(outcome.transaction)
        if outcome.code is ResultCode.EXISTS_WITH_DIFFERENT_CONTENT:
            raise IdempotencyMismatch(key=item.key)
        if outcome.code in (ResultCode.HOLD_NOT_FOUND, ResultCode.TRANSACTION_NOT_FOUND):
            raise UnknownLedgerTransaction
        raise outcome.error()

    async def _minor(self, hold_id: UUID, command: PostHold, caller: Caller) -> int | None:
        if command.amount is None:
            return None
        hold = await self._required(hold_id, caller)
        return command.amount.money(field="amount", known=Currency(hold.entries[0].currency)).minor

    async def _required(self, transaction_id: UUID, caller: Caller) -> Transaction:
        async with self._units.view(caller) as view:
            found = await view.ledger_journal.originals([transaction_id])
        if transaction_id not in found:
            raise UnknownLedgerTransaction
        return found[transaction_id]


def _alone(item: AnyInstruction, *, is_linked: bool) -> AnyInstruction:
    if is_linked:
        raise InvalidInput(FieldProblem("linked", "not_allowed"))
    return item


def _cursor_of(transaction: Transaction) -> str:
    return encode_cursor(str(transaction.id))


def _id_in(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(decode_cursor(cursor, length=1)[0]))
    except ValueError:
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None


def _shown(page: Page[Transaction]) -> TransactionPage:
    items = [TransactionView.of(transaction) for transaction in page.items]
    return TransactionPage(items=items, next_cursor=page.next_cursor)

"""Posting as a step: a batch is judged and written within the caller's unit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.ledger.ports import LedgerUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.ledger import (
    AnyInstruction,
    HoldTimedOut,
    Judgement,
    NewHold,
    NewReversal,
    NewTransaction,
    Outcome,
    Posted,
    Refused,
    SettleHold,
    Transaction,
    TransactionKind,
    TransactionReversed,
    VoidHold,
    judge,
)

MAX_BATCH = 5_000
"""Items of one batch."""


class Posting:
    """Steps: they take the caller's unit and never commit it."""

    def __init__(self, *, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    async def post(self, unit: LedgerUnit, items: Sequence[AnyInstruction]) -> list[Outcome]:
        """What comes of each item. What is refused keeps nothing else from being written, but for the chain
        that it is linked into; keys of refusals that could have gone otherwise are used up, if the caller
        commits.

        A handful of statements, however many items there are. Raises ValueError for more than 5,000.
        """
        if len(items) > MAX_BATCH:
            raise ValueError(f"a batch has at most {MAX_BATCH} items")
        now = self._clock.now()
        journal = unit.ledger_journal
        judgement = await self._judged(unit, items, now=now)
        # Keys are used up first: who waits for those that post with such keys must not be one of them.
        if judgement.burned:
            await journal.burn(judgement.burned, now=now)
        if judgement.accepted:
            await journal.write(judgement.accepted)
        for transaction in judgement.accepted:
            _record(unit, transaction)
        return judgement.outcomes

    async def _judged(self, unit: LedgerUnit, items: Sequence[AnyInstruction], *, now: datetime) -> Judgement:
        """Upon what is remembered of the accounts, where nothing is refused then; else upon what they are."""
        journal, actor_id = unit.ledger_journal, unit.caller.principal.user_id
        named = sorted({named_id for item in items if (named_id := _named(item)) is not None})
        keys = sorted({item.key for item in items if item.key is not None})
        if not named:
            remembered = await journal.remembered_book(_codes(items, ()), keys)
            if remembered is not None:
                judgement = judge(items, remembered, now=now, new_id=self._ids.next, actor_id=actor_id)
                if not judgement.refuses_anything:
                    return judgement
        originals = await journal.originals(named) if named else {}
        book = await journal.open_book(sorted(_codes(items, originals.values())), keys, originals)
        return judge(items, book, now=now, new_id=self._ids.next, actor_id=actor_id)

    async def post_one(self, unit: LedgerUnit, item: AnyInstruction) -> Posted:
        """Posts one item. Raises LedgerRefused, so that the caller's unit is undone, and no key with it is
        used up."""
        (outcome,) = await self.post(unit, [item])
        if isinstance(outcome, Refused):
            raise outcome.error()
        return outcome


class Holding:
    """Two-phase postings as steps: an amount is reserved on both accounts, and later posted or let go."""

    def __init__(self, *, posting: Posting) -> None:
        self._posting = posting

    async def reserve(self, unit: LedgerUnit, hold: NewHold) -> Transaction:
        """Reserves the amount; the answer's id names the hold. Raises LedgerRefused."""
        return (await self._posting.post_one(unit, hold)).transaction

    async def post(
        self, unit: LedgerUnit, hold_id: UUID, *, minor: int | None = None, key: str | None = None
    ) -> Transaction:
        """Posts the hold, or `minor` of it, and releases the rest. Raises LedgerRefused."""
        item = SettleHold(hold_id=hold_id, minor=minor, key=key)
        return (await self._posting.post_one(unit, item)).transaction

    async def void(self, unit: LedgerUnit, hold_id: UUID, *, key: str | None = None) -> Transaction:
        """Releases the whole hold. Raises LedgerRefused."""
        return (await self._posting.post_one(unit, VoidHold(hold_id=hold_id, key=key))).transaction


def _named(item: AnyInstruction) -> UUID | None:
    if isinstance(item, SettleHold | VoidHold):
        return item.hold_id
    return item.transaction_id if isinstance(item, NewReversal) else None


def _codes(items: Sequence[AnyInstruction], originals: Iterable[Transaction]) -> set[str]:
    codes: set[str] = set()
    for item in items:
        if isinstance(item, NewTransaction):
            codes.update([entry.account for entry in item.entries])
        elif isinstance(item, NewHold):
            codes.update((item.debit_account, item.credit_account))
    for original in originals:
        codes.update([entry.account for entry in original.entries])
    return codes


def _record(unit: LedgerUnit, transaction: Transaction) -> None:
    """What others want to hear of; postings as such are their own record."""
    if transaction.kind is TransactionKind.REVERSAL and transaction.reverses_id is not None:
        unit.record(
            TransactionReversed(
                occurred_at=transaction.posted_at,
                transaction_id=transaction.reverses_id,
                reversal_id=transaction.id,
                reference=transaction.reference,
            )
        )
    elif transaction.kind is TransactionKind.TIMEOUT and transaction.hold_id is not None:
        unit.record(
            HoldTimedOut(
                occurred_at=transaction.posted_at,
                hold_id=transaction.hold_id,
                transaction_id=transaction.id,
                reference=transaction.reference,
            )
        )

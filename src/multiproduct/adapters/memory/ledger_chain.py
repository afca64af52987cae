"""The chain over the ledger's journal in memory."""

import heapq
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from multiproduct.adapters.memory.ledger import LedgerSeal, LedgerStage, sums_of
from multiproduct.application.audit.ports import UnsealedTail
from multiproduct.application.ledger.ports import AsOf, Sums
from multiproduct.domain.audit import ChainHead, Seal, SealedRow
from multiproduct.domain.ledger import (
    SEAL_VERSION,
    Account,
    SealedTransaction,
    TransactionKind,
    canonical_form,
)


class MemoryLedgerChain:
    """The `LedgerChain` port."""

    def __init__(self, *, stage: LedgerStage) -> None:
        self._stage = stage

    async def head(self) -> ChainHead | None:
        """Where the chain ends."""
        return self._stage.head.get(1)

    async def has_sealed(self) -> bool:
        """Whether any transaction has a number."""
        return any(True for _ in self._stage.seals.where(lambda _row: True))

    async def unsealed(self, *, limit: int) -> Sequence[SealedTransaction]:
        """Committed transactions without a number, in the order of their ids."""
        ids = heapq.nsmallest(limit, self._stage.unsealed.where(lambda _row: True))
        found = (self._read(each) for each in ids)
        return [each for each in found if each is not None]

    async def extend(self, before: ChainHead | None, after: ChainHead, seals: Sequence[Seal]) -> bool:
        """Moves the head, then seals the transactions."""
        if self._stage.head.get(1) != before:
            return False
        self._stage.head.put(after)
        for seal in seals:
            self._stage.seals.put(LedgerSeal(seal.sequence, seal.id, seal.hash, seal.version))
            self._stage.unsealed.remove(seal.id)
        return True

    async def sealed(self, *, until: int, page: int) -> AsyncIterator[Sequence[SealedRow]]:
        """Every seal with a number of at most `until`."""
        seals = sorted(self._stage.seals.where(lambda seal: seal.sequence <= until), key=_sequence)
        for start in range(0, len(seals), page):
            yield [self._row(seal) for seal in seals[start : start + page]]

    async def beyond_head(self, *, limit: int) -> Sequence[SealedRow]:
        """Seals that have a number above the head's."""
        head = self._stage.head.get(1)
        end = head.mark.sequence if head else 0
        beyond = self._stage.seals.where(lambda seal: seal.sequence > end)
        return [self._row(seal) for seal in heapq.nsmallest(limit, beyond, key=_sequence)]

    async def tail(self) -> UnsealedTail:
        """How much is not sealed yet."""
        waiting = [
            self._stage.transactions.get(each) for each in self._stage.unsealed.where(lambda _id: True)
        ]
        moments = [each.posted_at for each in waiting if each is not None]
        return UnsealedTail(len(waiting), min(moments, default=None))

    async def forgotten(self, *, limit: int) -> Sequence[UUID]:
        """Transactions that were taken out of the line."""
        stage = self._stage
        out = stage.transactions.where(
            lambda row: not stage.seals.has("transaction", row.id) and stage.unsealed.get(row.id) is None
        )
        return [row.id for row, _ in zip(out, range(limit), strict=False)]

    async def misheld(self, *, limit: int) -> Sequence[UUID]:
        """Holds that the list of open ones has otherwise than the journal."""
        stage = self._stage
        listed = {row.id: row.expires_at for row in stage.open_holds.where(lambda _row: True)}
        ended = {row.hold_id for row in stage.transactions.where(lambda row: row.hold_id is not None)}
        holds = stage.transactions.where(lambda row: row.kind is TransactionKind.HOLD and row.id not in ended)
        journal = {row.id: row.expires_at for row in holds}
        wrong = {each for each, _ in listed.items() ^ journal.items()}
        return heapq.nsmallest(limit, wrong)

    async def unsupported(self, *, limit: int) -> Sequence[str]:
        """The codes of accounts whose sums are not those of their entries."""
        sums = sums_of(self._stage, AsOf())
        wrong = self._stage.accounts.where(lambda row: sums.get(row.code, Sums()) != _sums(row))
        return [row.code for row in heapq.nsmallest(limit, wrong, key=lambda row: row.code)]

    def _read(self, transaction_id: UUID) -> SealedTransaction | None:
        found = self._stage.transactions.get(transaction_id)
        if found is None:
            return None
        accounts = [self._stage.accounts.seen(entry.account) for entry in found.entries]
        kinds = [account.kind for account in accounts if account is not None]
        return SealedTransaction(found, kinds) if len(kinds) == len(found.entries) else None

    def _row(self, seal: LedgerSeal) -> SealedRow:
        found = self._read(seal.transaction_id)
        form = None if found is None or seal.version != SEAL_VERSION else canonical_form(found)
        return SealedRow(id=str(seal.transaction_id), sequence=seal.sequence, hash=seal.hash, form=form)


def _sequence(seal: LedgerSeal) -> int:
    return seal.sequence


def _sums(account: Account) -> Sums:
    return Sums(
        account.posted_debits, account.posted_credits, account.pending_debits, account.pending_credits
    )

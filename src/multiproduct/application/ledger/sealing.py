"""Sealing and verifying the journal: its transactions become part of a chain, and whoever changes one later
is found out."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.audit import HeadSigning, UnsealedTail
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ledger.ports import LedgerUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.audit import (
    MAX_FINDINGS,
    ChainCheck,
    ChainHead,
    Finding,
    HeadStanding,
    Mark,
    seals_of,
)
from multiproduct.domain.ledger import (
    SEAL_VERSION,
    LedgerHeadNotGenuine,
    SealedTransaction,
    canonical_form,
)

HEAD_LABEL = "ledger-head/v1"
BATCH = 1_000
"""Transactions sealed in one transaction of the database."""
MAX_BATCHES = 100
"""Of one run; the next one goes on."""
PAGE = 1_000
_EVERY_NUMBER = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerVerdict:
    """What came of a verification. `forgotten` are transactions that nobody will seal any more, or entries
    without one; `unsupported` accounts on which something else stands than their entries sum to; `misheld`
    holds that the list of open ones has otherwise than the journal."""

    head: ChainHead | None
    transactions: int
    findings: list[Finding]
    total: int
    forgotten: list[UUID]
    unsupported: list[str]
    misheld: list[UUID]
    tail: UnsealedTail

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not (self.total or self.forgotten or self.unsupported or self.misheld)


class LedgerSealing:
    """Seals whatever is not sealed, in the order of ids as far as it is committed. Any number may run at
    once: of two that read the same head one extends the chain. A head that is not genuine is never
    extended."""

    def __init__(self, *, units: Units[LedgerUnit], clock: Clock, signing: HeadSigning) -> None:
        self._units = units
        self._clock = clock
        self._signing = signing

    async def run(self) -> int:
        """Seals what there is, at most 100 batches; answers how many transactions. Raises
        LedgerHeadNotGenuine."""
        async with self._units.view(SYSTEM) as view:
            head = await view.ledger_chain.head()
            is_old = head is not None and not self._signing.is_current(head)
            if not is_old and (await view.ledger_chain.tail()).count == 0:
                return 0
        sealed = 0
        for _ in range(MAX_BATCHES):
            count = await in_unit(lambda: self._units.open(SYSTEM), self._seal_batch)
            sealed += count
            if count < BATCH:
                break
        return sealed

    async def verify(self, *, since: Mark | None = None) -> LedgerVerdict:
        """Goes along the chain as it is now, and compares the accounts with their entries. With `since`, a
        head that was kept elsewhere, the chain must go through it. Only reads."""
        check = ChainCheck(since=since)
        async with self._units.view(SYSTEM) as view:
            chain = view.ledger_chain
            head = await chain.head()
            until = head.mark.sequence if head else _EVERY_NUMBER
            async for rows in chain.sealed(until=until, page=PAGE):
                for row in rows:
                    check.take(row)
            beyond = await chain.beyond_head(limit=MAX_FINDINGS) if head else ()
            check.finish(head=head, standing=self._signing.standing(head), beyond=beyond)
            return LedgerVerdict(
                head=head,
                transactions=check.entries,
                findings=check.findings,
                total=check.total,
                forgotten=list(await chain.forgotten(limit=MAX_FINDINGS)),
                unsupported=list(await chain.unsupported(limit=MAX_FINDINGS)),
                misheld=list(await chain.misheld(limit=MAX_FINDINGS)),
                tail=await chain.tail(),
            )

    async def _seal_batch(self, unit: LedgerUnit) -> int:
        # The head goes first: what is read as unsealed after it cannot have been sealed up to it.
        head = await self._genuine_head(unit)
        waiting = await unit.ledger_chain.unsealed(limit=BATCH)
        if not waiting and (head is None or self._signing.is_current(head)):
            return 0
        mark, seals = seals_of(head.mark if head else Mark(), map(_form, waiting), version=SEAL_VERSION)
        after = self._signing.sign(mark, now=self._clock.now())
        if not await unit.ledger_chain.extend(head, after, seals):
            return 0
        await unit.commit()
        return len(seals)

    async def _genuine_head(self, unit: LedgerUnit) -> ChainHead | None:
        head = await unit.ledger_chain.head()
        if head is None and await unit.ledger_chain.has_sealed():
            # Somebody sealed the first ones since: then there is a head by now.
            head = await unit.ledger_chain.head()
            if head is None:
                raise LedgerHeadNotGenuine
        if head is not None and self._signing.standing(head) is not HeadStanding.GENUINE:
            raise LedgerHeadNotGenuine
        return head


def _form(sealed: SealedTransaction) -> tuple[UUID, bytes, bytes]:
    return sealed.transaction.id, b"", canonical_form(sealed)

"""Sealing: what was committed to the audit log becomes part of the chain."""

from uuid import UUID

from multiproduct.application.audit.ports import AuditUnit
from multiproduct.application.audit.signing import HeadSigning
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Randomness
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.audit import (
    SALT_BYTES,
    SEAL_VERSION,
    ChainHead,
    HeadNotGenuine,
    HeadStanding,
    Mark,
    canonical_form,
    personal_digest,
    seals_of,
)
from multiproduct.domain.shared import StaleAggregate

BATCH = 500
"""Entries sealed in one transaction."""
MAX_BATCHES = 40
"""Of one run; the next one goes on."""


class AuditSealing:
    """Seals whatever is not sealed, in the order of ids as far as it is committed. An entry whose transaction
    commits late is sealed later and gets a higher number: numbers are the order of sealing.

    Any number may run at once: of two that read the same head one extends the chain, and the other leaves the
    rest to it. A head that is not genuine is never extended, as signing the new one would cover up for the
    old."""

    def __init__(
        self,
        *,
        units: Units[AuditUnit],
        clock: Clock,
        randomness: Randomness,
        signing: HeadSigning,
        batch: int = BATCH,
    ) -> None:
        self._units = units
        self._clock = clock
        self._randomness = randomness
        self._signing = signing
        self._batch = batch

    async def run(self) -> int:
        """Seals what there is, at most 40 batches; answers how many entries. Raises HeadNotGenuine."""
        if not await self._has_work():
            return 0
        sealed = 0
        for _ in range(MAX_BATCHES):
            count = await in_unit(lambda: self._units.open(SYSTEM), self._seal_batch)
            sealed += count
            if count < self._batch:
                break
        return sealed

    async def vouch(self, mark: Mark) -> ChainHead:
        """Signs the head anew after a person compared it with one that was kept elsewhere: the way back where
        the secret was lost. Raises HeadNotGenuine where the chain does not end at the mark."""

        async def body(unit: AuditUnit) -> ChainHead:
            head = await unit.audit_chain.head()
            if head is None or head.mark != mark:
                raise HeadNotGenuine
            signed = self._signing.sign(mark, now=self._clock.now())
            if not await unit.audit_chain.extend(head, signed, []):
                raise StaleAggregate
            await unit.commit()
            return signed

        return await in_unit(lambda: self._units.open(SYSTEM), body)

    async def _has_work(self) -> bool:
        """Looked for without holding up writers: mostly there is nothing."""
        async with self._units.view(SYSTEM) as view:
            head = await view.audit_chain.head()
            is_old = head is not None and not self._signing.is_current(head)
            return is_old or (await view.audit_chain.tail()).count > 0

    async def _seal_batch(self, unit: AuditUnit) -> int:
        # The head goes first: what is read as unsealed after it cannot have been sealed up to it.
        head = await self._genuine_head(unit)
        entries = await unit.audit_chain.unsealed(limit=self._batch)
        if not entries and (head is None or self._signing.is_current(head)):
            return 0
        mark, seals = seals_of(head.mark if head else Mark(), map(self._form, entries), version=SEAL_VERSION)
        after = self._signing.sign(mark, now=self._clock.now())
        if not await unit.audit_chain.extend(head, after, seals):
            return 0
        await unit.commit()
        return len(seals)

    async def _genuine_head(self, unit: AuditUnit) -> ChainHead | None:
        head = await unit.audit_chain.head()
        if head is None and await unit.audit_chain.has_sealed():
            # Somebody sealed the first entries since: then there is a head by now.
            head = await unit.audit_chain.head()
            if head is None:
                raise HeadNotGenuine
        if head is not None and self._signing.standing(head) is not HeadStanding.GENUINE:
            raise HeadNotGenuine
        return head

    def _form(self, entry: AuditEntry) -> tuple[UUID, bytes, bytes]:
        salt = self._randomness.bytes(SALT_BYTES)
        return entry.id, salt, canonical_form(entry, personal_digest(entry, salt))

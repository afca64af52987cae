"""What the audit log needs: the chain in the store, and the secret that its head is signed with."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.application.ports.audit_trail import AuditEntry, AuditTrail
from multiproduct.application.ports.unit_of_work import UnitOfWork
from multiproduct.domain.audit import ChainHead, Seal, SealedRow


@dataclass(frozen=True, slots=True)
class UnsealedTail:
    """What is written and not sealed yet."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class ErasedStretch:
    """What became of some entries about a person: how many were changed, and the place to go on from, which
    only the store reads; None where there are no more."""

    changed: int
    place: object | None


class AuditChain(Protocol):
    """The chain over the audit log. Entries get a number, a hash and a salt once; nothing else of them ever
    changes, but for `erase`."""

    async def head(self) -> ChainHead | None:
        """Where the chain ends; None before the first entry is sealed."""
        ...

    async def has_sealed(self) -> bool:
        """Whether any entry has a number."""
        ...

    async def unsealed(self, *, limit: int) -> Sequence[AuditEntry]:
        """Committed entries without a number, in the order of their ids. An entry that was tampered with
        until it cannot be read is left out."""
        ...

    async def extend(self, before: ChainHead | None, after: ChainHead, seals: Sequence[Seal]) -> bool:
        """Moves the head and seals the entries; false, and nothing is done, when the head is not at `before`
        any more. One conditional statement decides, so that of any number of rivals one extends the chain;
        the head stays held until the unit ends."""
        ...

    def sealed(self, *, until: int, page: int) -> AsyncIterator[Sequence[SealedRow]]:
        """Every entry with a number of at most `until`, by number, in pages. What cannot be read comes
        too."""
        ...

    async def beyond_head(self, *, limit: int) -> Sequence[SealedRow]:
        """Entries that have a number above the head's, at this moment, or one that is no number."""
        ...

    async def tail(self) -> UnsealedTail:
        """How much is not sealed yet."""
        ...

    async def has_unsealed(self, user_id: UUID) -> bool:
        """Whether anything about a person, or done by them, is not sealed yet."""
        ...

    async def erase(self, user_id: UUID, *, limit: int, after: object | None = None) -> ErasedStretch:
        """Takes what tells of a person out of sealed entries about them and of what they did, and leaves the
        chain whole: `ip`, `user_agent`, `request_id`, `changes`, `metadata` and the salt. Looks at `limit`
        entries, in the order of their ids, from the place where the last call ended. Entries that are not
        sealed yet stay as they are, and so do those that were tampered with until they cannot be read."""
        ...

    async def forget_strangers(
        self, *, before: datetime, limit: int, after: object | None = None
    ) -> ErasedStretch:
        """Takes the same out of sealed entries that name nobody (`is_of_stranger`) and happened before a
        moment, the oldest first; else as `erase`."""
        ...


class AuditUnit(UnitOfWork, Protocol):
    """This context's slice of a unit of work."""

    @property
    def audit_trail(self) -> AuditTrail: ...
    @property
    def audit_chain(self) -> AuditChain: ...


class ChainKeys(Protocol):
    """The secrets that heads are signed with."""

    @property
    def current_id(self) -> str:
        """The id of the secret that new heads are signed with."""
        ...

    def secret(self, key_id: str, label: str) -> bytes | None:
        """32 bytes for one use (`label`) of one secret, or None when it is not known (any more)."""
        ...

"""The books of the sandbox, a gateway that is not there: kept apart from ours, as a real gateway's are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRecord:
    """What the sandbox did under a key. `moved` is how much of `minor` it took, or gave back; `related` is
    what records are found by together: a token, a payment, or the charge that a refund is of."""

    key: str
    kind: str
    related: str | None
    minor: int
    currency: str
    moved: int
    document: Mapping[str, Any] = field(hash=False)
    created_at: datetime
    version: int = 0


class SandboxBooks(Protocol):
    """Each call is a transaction of its own, committed when it returns, whatever becomes of anybody's
    unit."""

    async def add(self, record: SandboxRecord) -> bool:
        """Keeps a record unless its key is taken."""
        ...

    async def save(self, record: SandboxRecord) -> bool:
        """Writes a record over its former version, and counts up; false where somebody else did."""
        ...

    async def find(self, key: str) -> SandboxRecord | None:
        """The record by key."""
        ...

    async def related(self, to: str) -> Sequence[SandboxRecord]:
        """Those that are related to it, the oldest first."""
        ...

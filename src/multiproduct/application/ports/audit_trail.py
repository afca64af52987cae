"""What the audit log keeps, and how it is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit log. `actor_id` did it (None: nobody signed in, or the system), `user_id` is whom
    it is about. `changes` holds fields before and after; secrets never stand in it."""

    id: UUID
    occurred_at: datetime
    event: str
    action: str
    resource_type: str
    resource_id: str
    user_id: str | None
    actor_id: str | None
    actor_type: str
    ip: str | None
    user_agent: str | None
    request_id: str | None
    changes: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are wanted; None does not narrow. `since` includes its moment, `until` does not."""

    user_id: str | None = None
    actor_id: str | None = None
    action: str | None = None
    event: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditTrail(Protocol):
    """Reads the audit log. Nothing is ever changed or removed through it; commits write it."""

    async def find(
        self, wanted: AuditFilter, *, limit: int, before: UUID | None = None
    ) -> Sequence[AuditEntry]:
        """The newest matching entries first, at most `limit`, older than the entry `before`."""
        ...

    async def count(self, wanted: AuditFilter) -> int:
        """How many entries match."""
        ...

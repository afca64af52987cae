"""What the audit log answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Result(BaseModel):
    """Results are frozen."""

    model_config = ConfigDict(defer_build=True, frozen=True)


class ChangedField(Result):
    """One field that changed; secrets never stand here."""

    field: str
    before: str | None
    after: str | None


class AuditEntryView(Result):
    """One line of the audit log. `description` says in the caller's language what happened."""

    id: UUID
    created_at: datetime
    event: str
    action: str
    resource_type: str
    resource_id: str
    description: str
    user_id: str | None
    actor_id: str | None
    actor_type: str
    ip_address: str | None
    user_agent: str | None
    request_id: str | None
    changes: list[ChangedField]
    metadata: dict[str, Any]


class AuditPage(Result):
    """Some entries, the newest first, and where the next page begins (null on the last)."""

    items: list[AuditEntryView]
    next_cursor: str | None

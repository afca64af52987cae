"""What may be asked of the audit log."""

import re
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from multiproduct.application.moments import Moment
from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT
from multiproduct.application.ports.audit_trail import AuditFilter

_MAX_NAME = 100
_MAX_CURSOR = 512
_MASK = "***"
# A name, an id, a pseudonym (64 hexadecimal digits) or a moment: no address and no telephone number.
_is_plain = re.compile(
    r"[a-z][a-z_]*(\.[a-z_]+)*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}"
    r"|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)"
).fullmatch

_Name = Annotated[str, StringConstraints(max_length=_MAX_NAME, pattern=r"^[a-z0-9_.]+$")]


class Query(BaseModel):
    """Queries are frozen, and refuse fields that nobody knows."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class ReadOwnEntries(Query):
    """One's own entries, the newest first. What is left out does not narrow."""

    action: _Name | None = None
    event: _Name | None = None
    resource_type: _Name | None = None
    resource_id: str | None = Field(default=None, max_length=_MAX_NAME)
    since: Moment | None = None
    until: Moment | None = None
    cursor: str | None = Field(default=None, max_length=_MAX_CURSOR)
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)

    def filter(self, *, user_id: UUID | None, actor_id: UUID | None) -> AuditFilter:
        """What the store is asked for."""
        return AuditFilter(
            user_id=str(user_id) if user_id else None,
            actor_id=str(actor_id) if actor_id else None,
            action=self.action,
            event=self.event,
            resource_type=self.resource_type,
            resource_id=self.resource_id,
            since=self.since,
            until=self.until,
        )


class ReadAuditLog(ReadOwnEntries):
    """Everybody's entries, the newest first. What is left out does not narrow."""

    user_id: UUID | None = None
    actor_id: UUID | None = None

    @property
    def wanted(self) -> str:
        """What was asked for, in one line, for the log itself. What is no name and no id is masked: somebody
        may have looked for an address."""
        named = self.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)
        told = (f"{name}={value if _is_plain(value) else _MASK}" for name, value in sorted(named.items()))
        return " ".join(told) or "everything"

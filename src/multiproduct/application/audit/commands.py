"""What may be asked of the audit log."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT
from multiproduct.application.ports.audit_trail import AuditFilter

_MAX_NAME = 100
_MAX_CURSOR = 512


class Query(BaseModel):
    """Queries are frozen, and refuse fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReadOwnEntries(Query):
    """One's own entries, the newest first. What is left out does not narrow."""

    action: str | None = Field(default=None, max_length=_MAX_NAME)
    event: str | None = Field(default=None, max_length=_MAX_NAME)
    resource_type: str | None = Field(default=None, max_length=_MAX_NAME)
    resource_id: str | None = Field(default=None, max_length=_MAX_NAME)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
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
        """What was asked for, in one line, for the log itself."""
        named = self.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)
        return " ".join(f"{name}={value}" for name, value in sorted(named.items())) or "everything"

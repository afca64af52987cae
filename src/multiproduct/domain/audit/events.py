"""What happens to the audit log itself."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRead(Event):
    """Somebody with the permission searched the audit log. `wanted` is what they asked for, `user_id` whom
    they asked about, if anybody; `found` counts the entries that they were shown."""

    NAME = "audit.read"
    ACTION = Action.READ
    RESOURCE = "audit_log"
    CONCERNS_SECURITY = True

    wanted: str
    found: int
    user_id: UUID | None = None

    @property
    def resource_id(self) -> str:
        return self.wanted

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id) if self.user_id else None


EVENTS: tuple[type[Event], ...] = (AuditRead,)

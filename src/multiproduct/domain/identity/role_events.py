"""What happens to roles, and to who has them."""

from dataclasses import dataclass, field
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _RoleEvent(Event):
    RESOURCE = "role"

    role_id: UUID
    key: str

    @property
    def resource_id(self) -> str:
        return str(self.role_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCreated(_RoleEvent):
    """There is a new role."""

    NAME = "identity.role_created"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True

    permissions: tuple[str, ...]

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"key": (None, self.key), "permissions": (None, " ".join(self.permissions))}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanged(_RoleEvent):
    """A role's words or permissions changed; `fields` holds each before and after."""

    NAME = "identity.role_changed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True

    fields: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDeleted(_RoleEvent):
    """A role is gone. Nobody had it."""

    NAME = "identity.role_deleted"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = True

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"key": (self.key, None)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRevoked(Event):
    """A role was taken from somebody."""

    NAME = "identity.role_revoked"
    ACTION = Action.UPDATE
    RESOURCE = "user"
    CONCERNS_SECURITY = True

    user_id: UUID
    role: str
    scope: str

    @property
    def resource_id(self) -> str:
        return str(self.user_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"role": (self.role, None), "scope": (self.scope, None)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentsRead(Event):
    """Somebody looked at which roles another person has."""

    NAME = "identity.assignments_read"
    ACTION = Action.READ
    RESOURCE = "user"
    CONCERNS_SECURITY = False

    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.user_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRefused(Event):
    """Somebody who is signed in asked for what they may not. `asked` names what they asked for, `refusal`
    is the code of the error, `permission` what they lack where it is one."""

    NAME = "identity.access_refused"
    ACTION = Action.REFUSE
    RESOURCE = "access"
    CONCERNS_SECURITY = True

    asked: str
    refusal: str
    permission: str | None = None

    @property
    def resource_id(self) -> str:
        return self.asked

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        """Why: the log shows it where it shows changes."""
        told = {"refusal": self.refusal, "permission": self.permission}
        return {name: (None, value) for name, value in told.items() if value is not None}


ROLE_EVENTS: tuple[type[Event], ...] = (
    RoleCreated,
    RoleChanged,
    RoleDeleted,
    RoleRevoked,
    AssignmentsRead,
    AccessRefused,
)

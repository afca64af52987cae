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

    permissions: tuple[str, ...]

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"key": (None, self.key), "permissions": (None, " ".join(self.permissions))}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanged(_RoleEvent):
    """A role's words or permissions changed; `fields` holds each before and after."""

    NAME = "identity.role_changed"
    ACTION = Action.UPDATE

    fields: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDeleted(_RoleEvent):
    """A role is gone. Nobody had it."""

    NAME = "identity.role_deleted"
    ACTION = Action.DELETE

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"key": (self.key, None)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRevoked(Event):
    """A role was taken from somebody."""

    NAME = "identity.role_revoked"
    ACTION = Action.UPDATE
    RESOURCE = "user"

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


ROLE_EVENTS: tuple[type[Event], ...] = (RoleCreated, RoleChanged, RoleDeleted, RoleRevoked)

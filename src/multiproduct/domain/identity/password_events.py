"""What happens to passwords, besides resets. No event holds one, or its hash."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _UserEvent(Event):
    RESOURCE = "user"

    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.user_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(_UserEvent):
    """A new password took the place of the one that its owner gave."""

    NAME = "identity.password_changed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordSet(_UserEvent):
    """An account that had no password got its first."""

    NAME = "identity.password_set"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordDropped(_UserEvent):
    """A password of which nobody ever proved to have set it is no way in any more."""

    NAME = "identity.password_dropped"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UserImported(_UserEvent):
    """Somebody came over from another system. `source` is its name."""

    NAME = "identity.user_imported"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True

    source: str


PASSWORD_EVENTS: tuple[type[Event], ...] = (PasswordChanged, PasswordSet, PasswordDropped, UserImported)

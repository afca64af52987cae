"""What happens to passkeys."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _PasskeyEvent(Event):
    RESOURCE = "passkey"

    passkey_id: UUID
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.passkey_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyAdded(_PasskeyEvent):
    """Somebody can sign in with another passkey."""

    NAME = "identity.passkey_added"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRenamed(_PasskeyEvent):
    """A passkey is called otherwise."""

    NAME = "identity.passkey_renamed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRemoved(_PasskeyEvent):
    """A passkey is of no use any more."""

    NAME = "identity.passkey_removed"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyCloned(_PasskeyEvent):
    """The count of a genuine signature was not higher than the last one: there are two copies of the key. The
    passkey is suspended."""

    NAME = "identity.passkey_cloned"
    ACTION = Action.REFUSE
    CONCERNS_SECURITY = True


PASSKEY_EVENTS: tuple[type[Event], ...] = (PasskeyAdded, PasskeyRenamed, PasskeyRemoved, PasskeyCloned)

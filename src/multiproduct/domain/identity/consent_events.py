"""What happens to consents."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _ConsentEvent(Event):
    RESOURCE = "consent"

    consent_id: UUID
    user_id: UUID
    consent_kind: str
    version: str

    @property
    def resource_id(self) -> str:
        return str(self.consent_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(_ConsentEvent):
    """A person agreed to a version of a text."""

    NAME = "identity.consent_given"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(_ConsentEvent):
    """A person agrees to it no more."""

    NAME = "identity.consent_withdrawn"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False


CONSENT_EVENTS: tuple[type[Event], ...] = (ConsentGiven, ConsentWithdrawn)

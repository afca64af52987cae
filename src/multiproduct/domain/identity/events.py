"""What happens to people, their registrations and their sessions. No event holds an address or a secret."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from multiproduct.domain.identity.account_events import ACCOUNT_EVENTS
from multiproduct.domain.identity.administration_events import ADMINISTRATION_EVENTS
from multiproduct.domain.identity.consent_events import CONSENT_EVENTS
from multiproduct.domain.identity.device_key_events import DEVICE_KEY_EVENTS
from multiproduct.domain.identity.document_events import DOCUMENT_EVENTS
from multiproduct.domain.identity.passkey_events import PASSKEY_EVENTS
from multiproduct.domain.identity.password_events import PASSWORD_EVENTS
from multiproduct.domain.identity.phone_events import PHONE_EVENTS
from multiproduct.domain.identity.possession_events import POSSESSION_EVENTS
from multiproduct.domain.identity.role_events import ROLE_EVENTS
from multiproduct.domain.identity.second_factor_events import SECOND_FACTOR_EVENTS
from multiproduct.domain.identity.social_events import SOCIAL_EVENTS
from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationStarted(Event):
    """Somebody asked for an account; nobody is a user yet."""

    NAME = "identity.registration_started"
    ACTION = Action.CREATE
    RESOURCE = "registration"
    CONCERNS_SECURITY = False

    registration_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.registration_id)


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
class UserRegistered(_UserEvent):
    """A pending registration was verified and became a user."""

    NAME = "identity.user_registered"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True

    registration_id: UUID | None
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUpdated(_UserEvent):
    """Somebody's profile changed; `fields` holds each changed field before and after."""

    NAME = "identity.user_updated"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False

    fields: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted(_UserEvent):
    """A role was given to somebody, everywhere or in a scope, maybe until a moment."""

    NAME = "identity.role_granted"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True

    role: str
    scope: str = "platform"
    expires_at: datetime | None = None

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        until = self.expires_at.isoformat() if self.expires_at else None
        return {"role": (None, self.role), "scope": (None, self.scope), "expires_at": (None, until)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordWasReset(_UserEvent):
    """A new password was set by whoever holds the mailbox or telephone."""

    NAME = "identity.password_was_reset"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRefused(Event):
    """A sign-in failed. `subject_key` is the pseudonym of what was typed; `user_id` whom it names, if
    anybody."""

    NAME = "identity.sign_in_refused"
    ACTION = Action.REFUSE
    RESOURCE = "sign_in"
    CONCERNS_SECURITY = True

    subject_key: str
    user_id: UUID | None
    method: str

    @property
    def resource_id(self) -> str:
        return self.subject_key

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id) if self.user_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _SessionEvent(Event):
    RESOURCE = "session"

    session_id: UUID
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.session_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(_SessionEvent):
    """A session began; `is_first` when the person never signed in before."""

    NAME = "identity.signed_in"
    ACTION = Action.LOGIN
    CONCERNS_SECURITY = True

    methods: tuple[str, ...]
    is_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRefreshed(_SessionEvent):
    """A session's refresh token was exchanged for its successor."""

    NAME = "identity.session_refreshed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False

    counter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(_SessionEvent):
    """A session is over: by its owner, by the system, or because an old token of it turned up."""

    NAME = "identity.session_ended"
    ACTION = Action.LOGOUT
    CONCERNS_SECURITY = True

    reason: str


EVENTS: tuple[type[Event], ...] = (
    RegistrationStarted,
    UserRegistered,
    UserUpdated,
    RoleGranted,
    PasswordWasReset,
    SignInRefused,
    SignedIn,
    SessionRefreshed,
    SessionEnded,
    *ACCOUNT_EVENTS,
    *ADMINISTRATION_EVENTS,
    *PASSKEY_EVENTS,
    *PASSWORD_EVENTS,
    *PHONE_EVENTS,
    *POSSESSION_EVENTS,
    *ROLE_EVENTS,
    *DEVICE_KEY_EVENTS,
    *SECOND_FACTOR_EVENTS,
    *DOCUMENT_EVENTS,
    *CONSENT_EVENTS,
    *SOCIAL_EVENTS,
)

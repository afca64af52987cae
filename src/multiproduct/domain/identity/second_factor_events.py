"""What happens to second factors. No event holds a secret or a code."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _TotpEvent(Event):
    RESOURCE = "totp_factor"

    factor_id: UUID
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.factor_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpConfirmed(_TotpEvent):
    """An authenticator app was set up and confirmed."""

    NAME = "identity.totp_confirmed"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpRemoved(_TotpEvent):
    """An authenticator app was removed from an account."""

    NAME = "identity.totp_removed"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpLocked(_TotpEvent):
    """Ten wrong codes in a row locked an authenticator app for a while."""

    NAME = "identity.totp_locked"
    ACTION = Action.REFUSE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _OwnerEvent(Event):
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.user_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesMade(_OwnerEvent):
    """A person has new recovery codes. `replaced` is whether there were others, which are void now."""

    NAME = "identity.recovery_codes_made"
    ACTION = Action.CREATE
    RESOURCE = "recovery_codes"
    CONCERNS_SECURITY = True

    replaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeUsed(_OwnerEvent):
    """A recovery code stood in for another factor. `left` is how many are unused."""

    NAME = "identity.recovery_code_used"
    ACTION = Action.UPDATE
    RESOURCE = "recovery_codes"
    CONCERNS_SECURITY = True

    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsFactorAdded(_OwnerEvent):
    """Sign-in takes codes by text message as a second factor from now on."""

    NAME = "identity.sms_factor_added"
    ACTION = Action.CREATE
    RESOURCE = "sms_factor"
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsFactorRemoved(_OwnerEvent):
    """Sign-in takes codes by text message as a second factor no more."""

    NAME = "identity.sms_factor_removed"
    ACTION = Action.DELETE
    RESOURCE = "sms_factor"
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorAsked(Event):
    """A first factor was right; the sign-in waits for a second one."""

    NAME = "identity.second_factor_asked"
    ACTION = Action.LOGIN
    RESOURCE = "sign_in"
    CONCERNS_SECURITY = False

    sign_in_id: UUID
    user_id: UUID
    methods: tuple[str, ...]

    @property
    def resource_id(self) -> str:
        return str(self.sign_in_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppedUp(Event):
    """In a session that goes on, the person proved again who they are."""

    NAME = "identity.stepped_up"
    ACTION = Action.LOGIN
    RESOURCE = "session"
    CONCERNS_SECURITY = True

    session_id: UUID
    user_id: UUID
    methods: tuple[str, ...]

    @property
    def resource_id(self) -> str:
        return str(self.session_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


SECOND_FACTOR_EVENTS: tuple[type[Event], ...] = (
    TotpConfirmed,
    TotpRemoved,
    TotpLocked,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    SmsFactorAdded,
    SmsFactorRemoved,
    SecondFactorAsked,
    SteppedUp,
)

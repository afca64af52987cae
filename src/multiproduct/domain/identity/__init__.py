"""People: who they are, how they are reached, and the sessions in which they act."""

from multiproduct.domain.identity.addresses import EmailAddress, PhoneNumber
from multiproduct.domain.identity.ceremony import CeremonyAnswer, CeremonyChallenge, CeremonyPurpose
from multiproduct.domain.identity.device_key import DeviceKey, DeviceKeyState, KeyStorage, UserVerification
from multiproduct.domain.identity.device_key_events import (
    DeviceKeyEnrolled,
    DeviceKeyLocked,
    DeviceKeyRefused,
    DeviceKeyRenamed,
    DeviceKeyRevoked,
)
from multiproduct.domain.identity.errors import (
    CredentialRefused,
    CredentialTaken,
    EmailTaken,
    InvalidCredentials,
    LastWayIn,
    PhoneTaken,
    SessionOver,
    TokenExpired,
    TokenInvalid,
    TooManyCredentials,
    UnknownUser,
    UsernameNotChangeable,
    UsernameTaken,
)
from multiproduct.domain.identity.events import (
    EVENTS,
    PasswordWasReset,
    RegistrationStarted,
    RoleGranted,
    SessionEnded,
    SessionRefreshed,
    SignedIn,
    SignInRefused,
    UserRegistered,
    UserUpdated,
)
from multiproduct.domain.identity.passkey import Assertion, Passkey
from multiproduct.domain.identity.passkey_events import (
    PasskeyAdded,
    PasskeyCloned,
    PasskeyRemoved,
    PasskeyRenamed,
)
from multiproduct.domain.identity.pending_registration import PendingRegistration
from multiproduct.domain.identity.roles import Role, permissions_of
from multiproduct.domain.identity.session import EndReason, Refreshed, Session, SessionPolicy
from multiproduct.domain.identity.user import Gender, PostalAddress, User, UserStatus
from multiproduct.domain.identity.usernames import Username
from multiproduct.domain.identity.ways_in import WaysIn

__all__ = [
    "EVENTS",
    "Assertion",
    "CeremonyAnswer",
    "CeremonyChallenge",
    "CeremonyPurpose",
    "CredentialRefused",
    "CredentialTaken",
    "DeviceKey",
    "DeviceKeyEnrolled",
    "DeviceKeyLocked",
    "DeviceKeyRefused",
    "DeviceKeyRenamed",
    "DeviceKeyRevoked",
    "DeviceKeyState",
    "EmailAddress",
    "EmailTaken",
    "EndReason",
    "Gender",
    "InvalidCredentials",
    "KeyStorage",
    "LastWayIn",
    "Passkey",
    "PasskeyAdded",
    "PasskeyCloned",
    "PasskeyRemoved",
    "PasskeyRenamed",
    "PasswordWasReset",
    "PendingRegistration",
    "PhoneNumber",
    "PhoneTaken",
    "PostalAddress",
    "Refreshed",
    "RegistrationStarted",
    "Role",
    "RoleGranted",
    "Session",
    "SessionEnded",
    "SessionOver",
    "SessionPolicy",
    "SessionRefreshed",
    "SignInRefused",
    "SignedIn",
    "TokenExpired",
    "TokenInvalid",
    "TooManyCredentials",
    "UnknownUser",
    "User",
    "UserRegistered",
    "UserStatus",
    "UserUpdated",
    "UserVerification",
    "Username",
    "UsernameNotChangeable",
    "UsernameTaken",
    "WaysIn",
    "permissions_of",
]

"""People: who they are, how they are reached, and the sessions in which they act."""

from multiproduct.domain.identity.addresses import EmailAddress, PhoneNumber
from multiproduct.domain.identity.errors import (
    EmailTaken,
    InvalidCredentials,
    PhoneTaken,
    TokenInvalid,
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
from multiproduct.domain.identity.pending_registration import PendingRegistration
from multiproduct.domain.identity.roles import Role, permissions_of
from multiproduct.domain.identity.session import EndReason, Refreshed, Session, SessionPolicy
from multiproduct.domain.identity.user import Gender, PostalAddress, User, UserStatus
from multiproduct.domain.identity.usernames import Username

__all__ = [
    "EVENTS",
    "EmailAddress",
    "EmailTaken",
    "EndReason",
    "Gender",
    "InvalidCredentials",
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
    "SessionPolicy",
    "SessionRefreshed",
    "SignInRefused",
    "SignedIn",
    "TokenInvalid",
    "UnknownUser",
    "User",
    "UserRegistered",
    "UserStatus",
    "UserUpdated",
    "Username",
    "UsernameNotChangeable",
    "UsernameTaken",
    "permissions_of",
]

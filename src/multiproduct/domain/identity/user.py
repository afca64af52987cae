"""A user: one person's account, and what may be changed about it by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from multiproduct.domain.identity.addresses import EmailAddress, PhoneNumber
from multiproduct.domain.identity.errors import UsernameNotChangeable
from multiproduct.domain.identity.events import PasswordWasReset, RoleGranted, UserRegistered, UserUpdated
from multiproduct.domain.identity.roles import BuiltInRole
from multiproduct.domain.identity.usernames import Username
from multiproduct.domain.shared import Aggregate


class UserStatus(StrEnum):
    """Whether the account may be used."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class Gender(StrEnum):
    """As the person states it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNDISCLOSED = "undisclosed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    """An address in parts; `country` is an ISO 3166-1 alpha-2 code."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(slots=True, kw_only=True)
class User(Aggregate):
    """At least one of `email` and `phone` is set. `username_generated` marks a name that the system chose.

    `roles` are the keys of the roles that hold everywhere. Who is new comes with them; later they are what
    the assignments say, and saving a user does not change them.
    """

    id: UUID
    username: Username
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    password_hash: str | None = field(default=None, repr=False)
    first_name: str = ""
    last_name: str = ""
    gender: Gender | None = None
    date_of_birth: date | None = None
    address: PostalAddress | None = None
    avatar: str | None = None
    locale: str = "en"
    time_zone: str = "UTC"
    email_verified: bool = False
    phone_verified: bool = False
    username_generated: bool = False
    status: UserStatus = UserStatus.ACTIVE
    roles: frozenset[str] = frozenset({BuiltInRole.STANDARD_USER.value})
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None = None

    def registered(self, *, registration_id: UUID | None, now: datetime) -> None:
        """Notes that this user is new."""
        self._record(
            UserRegistered(
                occurred_at=now,
                user_id=self.id,
                registration_id=registration_id,
                username=self.username.display,
            )
        )

    @property
    def may_sign_in(self) -> bool:
        """Whether any session may begin or go on."""
        return self.status is UserStatus.ACTIVE

    def change_profile(self, changed: Mapping[str, Any], *, now: datetime) -> None:
        """Sets profile fields that differ from what they were, and notes each before and after."""
        differing = {name: value for name, value in changed.items() if getattr(self, name) != value}
        if "username" in differing:
            if not self.username_generated:
                raise UsernameNotChangeable
            self.username_generated = False
        if not differing:
            return
        before = {name: getattr(self, name) for name in differing}
        for name, value in differing.items():
            setattr(self, name, value)
        self.updated_at = now
        self._record(
            UserUpdated(
                occurred_at=now,
                user_id=self.id,
                fields={
                    name: (_shown(name, before[name]), _shown(name, value))
                    for name, value in differing.items()
                },
            )
        )

    def reset_password(self, password_hash: str, *, now: datetime) -> None:
        """Sets the hash of a new password."""
        self.password_hash = password_hash
        self.updated_at = now
        self._record(PasswordWasReset(occurred_at=now, user_id=self.id))

    def grant(self, role: BuiltInRole, *, now: datetime) -> None:
        """Gives somebody who is new a role; giving it again changes nothing. Whoever is kept already is given
        roles by assignment."""
        if role.value in self.roles:
            return
        self.roles |= {role.value}
        self.updated_at = now
        self._record(RoleGranted(occurred_at=now, user_id=self.id, role=role.value))


_MASKED = frozenset({"address", "date_of_birth"})
"""That they changed is of record; what they are is not, as the record outlives the person's data."""


def _shown(name: str, value: object) -> str | None:
    if value is None:
        return None
    if name in _MASKED:
        return "***"
    if isinstance(value, Username):
        return value.display
    return str(value)

"""A user: one person's account, and what may be changed about it by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from multiproduct.domain.identity.addresses import EmailAddress, PhoneNumber
from multiproduct.domain.identity.administration_events import UserErased, UserReinstated, UserSuspended
from multiproduct.domain.identity.contact_change import ContactKind
from multiproduct.domain.identity.errors import AccountErased, PasswordThere, UsernameNotChangeable
from multiproduct.domain.identity.events import PasswordWasReset, RoleGranted, UserRegistered, UserUpdated
from multiproduct.domain.identity.password_events import (
    PasswordChanged,
    PasswordDropped,
    PasswordSet,
    UserImported,
)
from multiproduct.domain.identity.possession_events import AddressLost, PossessionTaken
from multiproduct.domain.identity.roles import BuiltInRole
from multiproduct.domain.identity.usernames import Username
from multiproduct.domain.shared import Aggregate


class UserStatus(StrEnum):
    """Whether the account may be used."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class Admission(StrEnum):
    """What proving one of its addresses makes of somebody to an account."""

    HOLDER = "holder"
    """The address was proved before: its holder is the account's owner."""
    POSSESSION = "possession"
    """The address is proved for the first time, and the account has no other that was: it becomes the
    holder's, without anything that somebody else may have left in it."""
    STRANGER = "stranger"
    """The account is whose other address was proved, or does not have this one: it admits nobody by it."""


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
    """At least one of `email` and `phone` is set, but for whoever came from a provider that proves no address
    (see `linking`). `username_generated` marks a name that the system chose.

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
        if self._differs(changed, "username") and not self.username_generated:
            raise UsernameNotChangeable
        self.change_as_staff(changed, now=now)

    def change_as_staff(self, changed: Mapping[str, Any], *, now: datetime) -> None:
        """Like `change_profile`, but a user name that was chosen can be changed too."""
        differing = {name: value for name, value in changed.items() if self._differs(changed, name)}
        if not differing:
            return
        if "username" in differing:
            self.username_generated = False
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

    def change_password(self, password_hash: str, *, now: datetime) -> None:
        """Sets the hash of a new password of somebody who gave the old one."""
        self.password_hash = password_hash
        self.updated_at = now
        self._record(PasswordChanged(occurred_at=now, user_id=self.id))

    def set_password(self, password_hash: str, *, now: datetime) -> None:
        """Sets the hash of the first password of an account. Raises PasswordThere."""
        if self.password_hash is not None:
            raise PasswordThere
        self.password_hash = password_hash
        self.updated_at = now
        self._record(PasswordSet(occurred_at=now, user_id=self.id))

    def has_proved(self, kind: ContactKind) -> bool:
        """Whether there is an address of the kind, and it was proved."""
        if kind is ContactKind.EMAIL:
            return self.email is not None and self.email_verified
        return self.phone is not None and self.phone_verified

    def admission(self, kind: ContactKind) -> Admission:
        """What whoever proves the address of that kind is to this account."""
        if self.has_proved(kind):
            return Admission.HOLDER
        is_there = self.email is not None if kind is ContactKind.EMAIL else self.phone is not None
        is_proved_otherwise = any(self.has_proved(other) for other in ContactKind)
        return Admission.POSSESSION if is_there and not is_proved_otherwise else Admission.STRANGER

    def take_possession(self, kind: ContactKind, *, now: datetime) -> None:
        """The address, which nobody had proved, is proved now: a password that somebody left is dropped."""
        if kind is ContactKind.EMAIL:
            self.email_verified = True
        else:
            self.phone_verified = True
        self.updated_at = now
        if self.password_hash is not None:
            self.password_hash = None
            self._record(PasswordDropped(occurred_at=now, user_id=self.id))
        self._record(PossessionTaken(occurred_at=now, user_id=self.id, kind=kind.value))

    def lose_unproved(self, kind: ContactKind, *, now: datetime) -> None:
        """Takes away an address that was never proved, as its holder turned up."""
        if kind is ContactKind.EMAIL:
            self.email = None
        else:
            self.phone = None
        self.updated_at = now
        self._record(AddressLost(occurred_at=now, user_id=self.id, kind=kind.value))

    def imported(self, *, source: str, now: datetime) -> None:
        """Notes that this user came over from another system."""
        self._record(UserImported(occurred_at=now, user_id=self.id, source=source))

    def change_email(self, email: EmailAddress, *, now: datetime) -> None:
        """Sets an address that was just proved."""
        self.email = email
        self.email_verified = True
        self.updated_at = now

    def change_phone(self, phone: PhoneNumber, *, now: datetime) -> None:
        """Sets a number that was just proved."""
        self.phone = phone
        self.phone_verified = True
        self.updated_at = now

    def suspend(self, *, now: datetime) -> None:
        """From now on the account may not be used. Raises AccountErased; suspending again changes nothing."""
        if self._moves_to(UserStatus.SUSPENDED, now=now):
            self._record(UserSuspended(occurred_at=now, user_id=self.id))

    def reinstate(self, *, now: datetime) -> None:
        """The account may be used again. Raises AccountErased; an active one stays as it is."""
        if self._moves_to(UserStatus.ACTIVE, now=now):
            self._record(UserReinstated(occurred_at=now, user_id=self.id))

    def erase(self, *, now: datetime) -> None:
        """Takes everything personal away. The id stays, as a pseudonym that books and logs refer to; user
        name and addresses can be somebody else's. Raises AccountErased."""
        self._moves_to(UserStatus.DELETED, now=now)
        gone = f"deleted-{self.id.hex}"
        self.username, self.username_generated = Username(display=gone, key=gone), False
        self.email = self.phone = self.password_hash = None
        self.email_verified = self.phone_verified = False
        self.first_name = self.last_name = ""
        self.gender = self.date_of_birth = self.address = self.avatar = None
        self.locale, self.time_zone, self.last_login_at = "en", "UTC", None
        self.roles = frozenset()
        self._record(UserErased(occurred_at=now, user_id=self.id))

    def accept_invitation(self, password_hash: str, *, now: datetime) -> None:
        """Sets the password of somebody who holds the mailbox, which is proved by that."""
        self.email_verified = True
        self.set_password(password_hash, now=now)

    def _moves_to(self, status: UserStatus, *, now: datetime) -> bool:
        if self.status is UserStatus.DELETED:
            raise AccountErased
        if self.status is status:
            return False
        self.status = status
        self.updated_at = now
        return True

    def _differs(self, changed: Mapping[str, Any], name: str) -> bool:
        return name in changed and getattr(self, name) != changed[name]

    def grant(self, role: BuiltInRole, *, now: datetime) -> None:
        """Gives somebody who is new a role; giving it again changes nothing. Whoever is kept already is given
        roles by assignment."""
        if role.value in self.roles:
            return
        self.roles |= {role.value}
        self.updated_at = now
        self._record(RoleGranted(occurred_at=now, user_id=self.id, role=role.value))


_MASKED = frozenset({"address", "avatar", "date_of_birth"})
"""That they changed is of record; what they are is not, as the record outlives the person's data."""


def _shown(name: str, value: object) -> str | None:
    if value is None:
        return None
    if name in _MASKED:
        return "***"
    if isinstance(value, Username):
        return value.display
    return str(value)

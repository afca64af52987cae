"""A pending registration: what somebody asked for before they proved to own the address."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from multiproduct.domain.identity.addresses import EmailAddress, PhoneNumber
from multiproduct.domain.identity.consent import AgreedTo
from multiproduct.domain.identity.events import RegistrationStarted
from multiproduct.domain.identity.user import User
from multiproduct.domain.identity.usernames import Username
from multiproduct.domain.shared import Aggregate


@dataclass(slots=True, kw_only=True)
class PendingRegistration(Aggregate):
    """Has the id of the challenge that proves it. Several may wait for one address; the first proved one
    wins."""

    id: UUID
    email: EmailAddress | None
    phone: PhoneNumber | None
    username: Username | None
    password_hash: str | None = field(repr=False)
    first_name: str
    last_name: str
    locale: str
    time_zone: str
    created_at: datetime
    expires_at: datetime
    consents: tuple[AgreedTo, ...] = ()
    ip: str | None = field(default=None, repr=False)
    """Where it was asked from, kept only together with consents."""

    def started(self) -> None:
        """Notes that this registration is new."""
        self._record(RegistrationStarted(occurred_at=self.created_at, registration_id=self.id))

    def waits_for_the_address_of(self, other: "PendingRegistration") -> bool:
        """Whether one proof is good for both."""
        keys = [(each.email and each.email.key, each.phone and each.phone.e164) for each in (self, other)]
        return keys[0] == keys[1]

    def overlaps(self, other: "PendingRegistration") -> bool:
        """Whether both waited at one moment, so that the mail of one can be taken for that of the other."""
        return self.created_at < other.expires_at and other.created_at < self.expires_at

    def proved(self, *, user_id: UUID, username: Username, generated: bool, now: datetime) -> User:
        """The user that this registration becomes. A `generated` user name is one that nobody chose."""
        user = User(
            id=user_id,
            username=username,
            email=self.email,
            phone=self.phone,
            password_hash=self.password_hash,
            first_name=self.first_name,
            last_name=self.last_name,
            locale=self.locale,
            time_zone=self.time_zone,
            email_verified=self.email is not None,
            phone_verified=self.phone is not None,
            username_generated=generated,
            created_at=now,
            updated_at=now,
        )
        user.registered(registration_id=self.id, now=now)
        return user

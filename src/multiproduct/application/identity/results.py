"""What identity answers."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.domain.identity import BuiltInRole, Gender, User, UserStatus
from multiproduct.domain.identity.picture import picture_of

AVATARS = "/api/v1/identity/avatars/"
"""Where the service serves pictures of its own, followed by the id."""


class Result(BaseModel):
    """Results are frozen."""

    model_config = ConfigDict(defer_build=True, frozen=True)


class CodeSent(Result):
    """A code is on its way, if the address takes one. `resend_after` is in seconds."""

    challenge_id: UUID
    expires_at: datetime
    resend_after: int


class AddressView(Result):
    """A postal address."""

    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str


class UserView(Result):
    """A user as the person itself sees it. `type`, `is_staff` and `is_superuser` are read-only views of the
    roles."""

    id: UUID
    username: str
    email: str | None
    phone: str | None
    first_name: str
    last_name: str
    gender: Gender | None
    date_of_birth: date | None
    address: AddressView | None
    avatar: str | None
    locale: str
    time_zone: str
    is_email_verified: bool
    is_phone_verified: bool
    is_active: bool
    is_staff: bool
    is_superuser: bool
    type: str
    roles: list[str]
    username_changeable: bool
    created_at: datetime
    updated_at: datetime
    last_login: datetime | None

    @classmethod
    def of(cls, user: User) -> "UserView":
        """Shows a user."""
        address = user.address
        return cls(
            id=user.id,
            username=user.username.display,
            email=user.email.display if user.email else None,
            phone=str(user.phone) if user.phone else None,
            first_name=user.first_name,
            last_name=user.last_name,
            gender=user.gender,
            date_of_birth=user.date_of_birth,
            address=AddressView.model_validate(address, from_attributes=True) if address else None,
            avatar=_address_of(user.avatar),
            locale=user.locale,
            time_zone=user.time_zone,
            is_email_verified=user.email_verified,
            is_phone_verified=user.phone_verified,
            is_active=user.status is UserStatus.ACTIVE,
            is_staff=BuiltInRole.ADMIN.value in user.roles,
            is_superuser=BuiltInRole.ADMIN.value in user.roles,
            type=_type(user.roles),
            roles=sorted(user.roles),
            username_changeable=user.username_generated,
            created_at=user.created_at,
            updated_at=user.updated_at,
            last_login=user.last_login_at,
        )


class Registered(Result):
    """A registration became a user."""

    user: UserView


class Tokens(Result):
    """A session's tokens. `expires_in` is the access token's lifetime in seconds."""

    access: str = Field(repr=False)
    refresh: str = Field(repr=False)
    token_type: str = "Bearer"  # noqa: S105 - a scheme, not a secret
    expires_in: int
    user: UserView


class TokenStanding(Result):
    """A good access token's owner and end."""

    active: bool = True
    user_id: UUID
    session_id: UUID
    expires_at: datetime


class Done(Result):
    """It was done, and there is nothing to tell but that."""


class Availability(Result):
    """Whether a user name can be had. `reason` says why not: taken, reserved, or the rule it breaks."""

    username: str
    available: bool
    reason: str | None
    suggestions: list[str]


def _address_of(avatar: str | None) -> str | None:
    picture = picture_of(avatar)
    return avatar if picture is None else f"{AVATARS}{picture}"


def _type(roles: frozenset[str]) -> str:
    for role in (BuiltInRole.ADMIN, BuiltInRole.SERVICE_PROVIDER, BuiltInRole.MARKET_OWNER):
        if role.value in roles:
            return role.value
    return BuiltInRole.STANDARD_USER.value

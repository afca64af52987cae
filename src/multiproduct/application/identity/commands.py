"""What people ask identity to do, checked for shape; the domain checks the meaning."""

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from multiproduct.domain.identity import Gender

Text254 = Annotated[str, StringConstraints(max_length=254)]
Text150 = Annotated[str, StringConstraints(max_length=150)]
Phone = Annotated[str, StringConstraints(max_length=64)]
Secret = Annotated[str, StringConstraints(max_length=1024)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=128)]
RefreshToken = Annotated[str, StringConstraints(min_length=1, max_length=256)]

_is_plain_date = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


def _plain_date(value: Any) -> Any:
    """Only YYYY-MM-DD: pydantic would take a string of digits for seconds since 1970."""
    if not isinstance(value, str):
        return value
    with suppress(ValueError):
        if _is_plain_date(value):
            return date.fromisoformat(value)
    raise PydanticCustomError("date_parsing", "a date is written YYYY-MM-DD")


PlainDate = Annotated[date, BeforeValidator(_plain_date, json_schema_input_type=date)]


class Command(BaseModel):
    """Commands are frozen and refuse fields they do not know."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", hide_input_in_errors=True)


Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
"""A word of the installation's own."""
Version = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]


class GiveConsent(Command):
    """Agrees to a version of a text."""

    kind: Kind
    version: Version


class StartRegistration(Command):
    """Asks for an account: an e-mail address and a password, or a telephone number.

    Without `username` a free one is generated, which may be changed once. `consents` are what the person
    agrees to; they are kept once the address is proved.
    """

    email: Text254 | None = None
    phone: Phone | None = None
    password: Secret | None = Field(default=None, repr=False)
    username: Text150 | None = None
    first_name: Text150 = ""
    last_name: Text150 = ""
    locale: Annotated[str, StringConstraints(max_length=35)] | None = None
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = None
    consents: Annotated[list[GiveConsent], Field(max_length=20)] = []


class VerifyRegistration(Command):
    """Answers the code of a registration. `challenge_id` may be left out while the address has just one live
    code. `token` is the link token of the mail, in place of both. `username` replaces a wished name that was
    taken meanwhile.

    `password` is the one that was chosen at sign-up; it decides which registration is meant where an address
    has several. `new_password` takes its place for whoever knows none of them."""

    challenge_id: UUID | None = None
    email: Text254 | None = None
    phone: Phone | None = None
    otp: Code | None = Field(default=None, repr=False)
    token: LinkToken | None = Field(default=None, repr=False)
    username: Text150 | None = None
    password: Secret | None = Field(default=None, repr=False)
    new_password: Secret | None = Field(default=None, repr=False)


class ResendCode(Command):
    """Asks for a newer code in place of one that did not arrive, by its challenge or its address."""

    challenge_id: UUID | None = None
    email: Text254 | None = None
    phone: Phone | None = None


class SignInWithPassword(Command):
    """One of `identifier` (any of the three), `email`, `username`, `phone`, with the password."""

    identifier: Text254 | None = None
    email: Text254 | None = None
    username: Text254 | None = None
    phone: Phone | None = None
    password: Secret = Field(repr=False)


class RequestSignInCode(Command):
    """Asks for a code to sign in with, at an address the account has."""

    email: Text254 | None = None
    phone: Phone | None = None


class SignInWithCode(Command):
    """Answers a sign-in code."""

    challenge_id: UUID | None = None
    email: Text254 | None = None
    phone: Phone | None = None
    otp: Code = Field(repr=False)


class RefreshSession(Command):
    """Exchanges a refresh token for its successor and a fresh access token."""

    refresh: RefreshToken = Field(repr=False)


class SignOut(Command):
    """Ends the session of the refresh token, or that of the caller."""

    refresh: Annotated[str, StringConstraints(max_length=256)] | None = Field(default=None, repr=False)


class VerifyToken(Command):
    """Asks whether an access token is good at this moment."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=8192)] = Field(repr=False)


class RequestPasswordReset(Command):
    """Asks for a code with which a new password can be set."""

    email: Text254 | None = None
    phone: Phone | None = None


class ConfirmPasswordReset(Command):
    """Sets a new password with the code or the link token of the mail."""

    challenge_id: UUID | None = None
    email: Text254 | None = None
    phone: Phone | None = None
    otp: Code | None = Field(default=None, repr=False)
    token: LinkToken | None = Field(default=None, repr=False)
    new_password: Secret = Field(repr=False)


class CheckUsername(Command):
    """Asks whether a user name is free."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Address(Command):
    """A postal address; `country` is an ISO 3166-1 alpha-2 code."""

    line1: Annotated[str, StringConstraints(max_length=200)] = ""
    line2: Annotated[str, StringConstraints(max_length=200)] = ""
    city: Annotated[str, StringConstraints(max_length=100)] = ""
    region: Annotated[str, StringConstraints(max_length=100)] = ""
    postal_code: Annotated[str, StringConstraints(max_length=20)] = ""
    country: Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{2})?$")] = ""


class UpdateProfile(Command):
    """Changes the fields that are given and leaves the others."""

    username: Text150 | None = None
    first_name: Text150 | None = None
    last_name: Text150 | None = None
    gender: Gender | None = None
    date_of_birth: PlainDate | None = None
    address: Address | None = None
    locale: Annotated[str, StringConstraints(max_length=35)] | None = None
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = None


class CreateAdmin(Command):
    """Makes an administrator, whose address counts as verified."""

    email: Text254
    username: Text150
    password: Secret = Field(repr=False)

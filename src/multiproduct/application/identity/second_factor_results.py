"""What second factors, two-step sign-in and step-up answer."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from multiproduct.application.identity.results import Result, Tokens
from multiproduct.domain.identity import User


class SecondFactorRequired(Result):
    """The first factor was right, and nobody is signed in yet: one of `methods` has to follow within
    `expires_in` seconds, together with the token."""

    mfa_required: Literal[True] = True
    mfa_token: str = Field(repr=False)
    methods: list[str]
    expires_in: int


SignedInOrAsked = Tokens | SecondFactorRequired
"""What beginning a session leads to."""


class FactorView(Result):
    """An authenticator app as its owner sees it."""

    id: UUID
    name: str
    created_at: datetime
    confirmed_at: datetime


class SmsFactorView(Result):
    """Codes by text message to the account's number, shown masked. They are weak: whoever gets the number
    moved to a card of their own gets the codes."""

    phone: str
    added_at: datetime
    is_weak: Literal[True] = True

    @classmethod
    def of(cls, user: User, *, added_at: datetime) -> "SmsFactorView":
        """As its owner sees it."""
        return cls(phone=user.phone.masked() if user.phone is not None else "", added_at=added_at)


class SecondFactors(Result):
    """What protects an account besides its first factor. `methods` are the kinds that sign-in would take, the
    stronger ones first."""

    totp: list[FactorView]
    sms: SmsFactorView | None = None
    recovery_codes_left: int
    methods: list[str]


class TotpEnrolment(Result):
    """A new secret, shown this once. `uri` and the two images say the same; `qr_png` is base64."""

    factor_id: UUID
    secret: str = Field(repr=False)
    uri: str = Field(repr=False)
    qr_svg: str = Field(repr=False)
    qr_png: str = Field(repr=False)
    confirm_until: datetime


class TotpAdded(Result):
    """The app is confirmed. `recovery_codes` are shown this once, where there were none before."""

    factor: FactorView
    recovery_codes: list[str] = Field(repr=False)


class SmsFactorAddedAnswer(Result):
    """Texted codes are taken. `recovery_codes` are shown this once, where there were none before."""

    factor: SmsFactorView
    recovery_codes: list[str] = Field(repr=False)


class NewRecoveryCodes(Result):
    """Recovery codes, shown this once. Older ones are void."""

    recovery_codes: list[str] = Field(repr=False)


class StepUpMethods(Result):
    """How the person can prove again who they are, in this session."""

    methods: list[str]


class SteppedUpAnswer(Result):
    """The session counts as recently proved until the moment."""

    methods: list[str]
    recent_until: datetime

"""An authenticator app, and people who have one, for tests of second factors."""

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime

from tests.unit.application.identity.people import PASSWORD, a_member

from multiproduct.application.caller import Caller
from multiproduct.application.identity import (
    ConfirmTotp,
    EnrolTotp,
    SecondFactorRequired,
    SignInWithPassword,
    Tokens,
    TotpAdded,
    TotpEnrolment,
)
from multiproduct.entrypoints.library import Multiproduct

EMAIL = "tony@stark.com"


def app_code(secret: str, moment: datetime, *, steps: int = 0) -> str:
    """What an app shows (RFC 6238), worked out apart from the library that checks it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = int(moment.timestamp()) // 30 + steps
    digest = hmac.new(key, struct.pack(">Q", counter), hashlib.sha1).digest()
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


@dataclass
class Protected:
    """Somebody with an authenticator app and recovery codes, signed in where they were set up."""

    caller: Caller
    tokens: Tokens
    enrolment: TotpEnrolment
    added: TotpAdded

    def code(self, moment: datetime, *, steps: int = 0) -> str:
        """What the app shows."""
        return app_code(self.enrolment.secret, moment, steps=steps)


async def caller_of(house: Multiproduct, tokens: Tokens) -> Caller:
    """Whoever holds the tokens."""
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


async def first_step(house: Multiproduct, email: str = EMAIL) -> Tokens | SecondFactorRequired:
    """A sign-in with the right password."""
    return await house.identity.sign_in.with_password(SignInWithPassword(email=email, password=PASSWORD))


async def a_signed_in_member(house: Multiproduct, email: str = EMAIL) -> tuple[Caller, Tokens]:
    """Somebody without a second factor."""
    await a_member(house, email)
    tokens = await first_step(house, email)
    assert isinstance(tokens, Tokens)
    return await caller_of(house, tokens), tokens


async def asked(house: Multiproduct, email: str = EMAIL) -> SecondFactorRequired:
    """A sign-in that waits for the second factor."""
    answer = await first_step(house, email)
    assert isinstance(answer, SecondFactorRequired)
    return answer


async def with_an_app(house: Multiproduct, email: str = EMAIL) -> Protected:
    """Somebody who has just set up an app, whose present step is used by that."""
    caller, tokens = await a_signed_in_member(house, email)
    enrolment = await house.identity.second_factors.enrol(EnrolTotp(name="Phone"), caller)
    code = app_code(enrolment.secret, house.container.clock.now())
    added = await house.identity.second_factors.confirm(
        ConfirmTotp(factor_id=enrolment.factor_id, code=code), caller
    )
    return Protected(await caller_of(house, tokens), tokens, enrolment, added)

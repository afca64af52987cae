"""People and what they do, for tests of identity on the memory adapters."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from multiproduct.application.identity import (
    CodeSent,
    SignInWithPassword,
    StartRegistration,
    Tokens,
    UserView,
    VerifyRegistration,
)
from multiproduct.bootstrap import Overrides
from multiproduct.entrypoints.library import Multiproduct

PASSWORD = "correct horse battery staple"


@asynccontextmanager
async def open_house(overrides: Overrides | None = None) -> AsyncIterator[Multiproduct]:
    """A whole installation in memory."""
    async with Multiproduct.in_memory(overrides=overrides) as house:
        yield house


async def latest_mail(house: Multiproduct, to: str) -> str:
    """The text of the newest mail to an address, once every reaction has run."""
    await house.drain()
    assert house.container.mailbox is not None
    messages = await house.container.mailbox.messages(to)
    assert messages, f"no mail to {to}"
    return messages[0].text


async def code_for(house: Multiproduct, to: str) -> str:
    """The code in the newest mail to an address that has one: reactions run side by side, so a notice may
    come after it."""
    await house.drain()
    assert house.container.mailbox is not None
    messages = await house.container.mailbox.messages(to)
    found = (re.search(r"(?<![\w-])\d{6}(?![\w-])", message.text) for message in messages)
    code = next((each for each in found if each), None)
    assert code, "no code in the mails"
    return code.group()


async def sign_up(house: Multiproduct, email: str, username: str | None = None) -> CodeSent:
    """Asks for an account."""
    return await house.identity.registration.start(
        StartRegistration(email=email, password=PASSWORD, username=username)
    )


async def a_member(house: Multiproduct, email: str, username: str | None = None) -> UserView:
    """Somebody who signed up and proved the address."""
    sent = await sign_up(house, email, username)
    code = await code_for(house, email)
    done = await house.identity.registration.verify(
        VerifyRegistration(challenge_id=sent.challenge_id, otp=code)
    )
    return done.user


async def signed_in(house: Multiproduct, email: str) -> Tokens:
    """A session of a member."""
    return await house.identity.sign_in.with_password(SignInWithPassword(email=email, password=PASSWORD))

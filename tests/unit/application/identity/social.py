"""An installation in memory with providers on this machine, for tests of social sign-in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.servers.provider import TestProvider, running_provider
from tests.unit.application.identity.clocks import StandingClock

from multiproduct.application.caller import Caller
from multiproduct.application.identity import SocialProof, Tokens
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import Provider
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

GMAIL = {"email": "ada@gmail.com", "email_verified": True}


@asynccontextmanager
async def social_house(
    *, clock: StandingClock | None = None, **changed: Any
) -> AsyncIterator[tuple[Multiproduct, TestProvider]]:
    with running_provider() as provider:
        given = {"database_url": "memory://", "password_cost": "test", "rate_limit_profile": "unlimited"}
        if clock is not None:
            provider.now = clock.now
        named = {name: _placed(value, provider.url) for name, value in changed.items()}
        settings = Settings(_env_file=None, **{**given, **provider.settings, **named})
        async with Multiproduct.from_settings(settings, overrides=Overrides(clock=clock)) as house:
            yield house, provider


async def come_from(
    house: Multiproduct,
    provider: TestProvider,
    name: Provider = Provider.GOOGLE,
    subject: str = "subject-1",
    **claims: Any,
) -> Tokens:
    """Signs in with a genuine ID token that says what is given."""
    if name is Provider.FACEBOOK:
        claims["aud"] = provider.settings["facebook_app_id"]
    tokens = await house.identity.social_sign_in.by_token(
        name, SocialProof(id_token=provider.token(subject, **claims))
    )
    assert isinstance(tokens, Tokens)
    return tokens


async def caller_of(house: Multiproduct, tokens: Tokens) -> Caller:
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


def _placed(value: Any, url: str) -> Any:
    """A setting with the provider's address in the place of `{url}`."""
    return value.replace("{url}", url) if isinstance(value, str) else value

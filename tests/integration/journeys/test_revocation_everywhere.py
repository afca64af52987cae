"""What is revoked in one process is over in every other at once, with Redis and without."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.integration.journeys.migrated import migrated

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    CreateAdmin,
    RefreshSession,
    SignInWithPassword,
    Tokens,
    VerifyToken,
)
from multiproduct.domain.identity import SessionOver, TokenInvalid
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

EMAIL, STAFF, PASSWORD = "tony@stark.com", "pepper@stark.com", "correct horse battery staple"

Pair = tuple[Multiproduct, Multiproduct]


@pytest.fixture(params=["sqlite", "postgres", "postgres and redis"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str | None]:
    """The database, and Redis where there is one."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/two.db", None
    url = str(request.getfixturevalue("postgres_database"))
    return url, str(request.getfixturevalue("redis_database")) if "redis" in request.param else None


@pytest.fixture
async def pair(places: tuple[str, str | None], tmp_path: Path) -> AsyncIterator[Pair]:
    url, redis = places
    await migrated(url)
    settings = Settings(
        _env_file=None,
        database_url=url,
        redis_url=redis,
        mailbox_dir=tmp_path / "mailbox",
        password_cost="test",
        rate_limit_profile="unlimited",
        inline_worker=False,
    )
    async with AsyncExitStack() as stack:
        here, there = [
            await stack.enter_async_context(Multiproduct.from_settings(settings)) for _ in range(2)
        ]
        for email, make in (
            (EMAIL, here.identity.administration.create_member),
            (STAFF, here.identity.administration.create_admin),
        ):
            await make(CreateAdmin(email=email, username=email.partition("@")[0], password=PASSWORD), SYSTEM)
        yield here, there


async def signed_in(house: Multiproduct, email: str = EMAIL) -> Tokens:
    answer = await house.identity.sign_in.with_password(SignInWithPassword(email=email, password=PASSWORD))
    assert isinstance(answer, Tokens)
    return answer


async def caller_of(house: Multiproduct, tokens: Tokens) -> Caller:
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


async def is_good(house: Multiproduct, tokens: Tokens) -> bool:
    try:
        await house.identity.authenticating.verify(VerifyToken(token=tokens.access))
    except SessionOver:
        with pytest.raises(TokenInvalid):
            await house.identity.sessions.refresh(RefreshSession(refresh=tokens.refresh))
        return False
    return True


async def test_one_or_the_others_are_over_everywhere(pair: Pair) -> None:
    here, there = pair
    mine, other, third = await signed_in(here), await signed_in(there), await signed_in(there)
    for house in pair:  # every signature is remembered in both by now
        assert [await is_good(house, each) for each in (mine, other, third)] == [True] * 3
    caller = await caller_of(here, mine)
    theirs = (await caller_of(there, other)).principal.session_id
    assert theirs is not None
    await here.identity.device_sessions.revoke(theirs, caller)
    assert [await is_good(there, each) for each in (mine, other, third)] == [True, False, True]
    await here.identity.device_sessions.revoke_others(caller)
    assert [await is_good(there, each) for each in (mine, other, third)] == [True, False, False]
    await there.identity.device_sessions.revoke_all(await caller_of(there, mine))
    assert not await is_good(here, mine)


async def test_what_staff_ends_is_over_everywhere(pair: Pair) -> None:
    here, there = pair
    mine, staff = await signed_in(here), await signed_in(there, STAFF)
    person = (await caller_of(here, mine)).principal.user_id
    assert person is not None
    done = await there.identity.device_sessions.revoke_of(person, await caller_of(there, staff))
    assert done.ended == 1
    assert not await is_good(here, mine)
    assert await is_good(here, staff)

"""Changing the secret of a running installation, one process after the other, and nobody is turned away."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import jwt
import pytest
from tests.integration.journeys.migrated import migrated

from multiproduct.adapters.stdlib import key_id
from multiproduct.application.identity import (
    RefreshSession,
    RequestSignInCode,
    SignInWithCode,
    SignInWithPassword,
    StartRegistration,
    Tokens,
    VerifyRegistration,
    VerifyToken,
)
from multiproduct.domain.identity import TokenInvalid
from multiproduct.domain.shared import MultiproductError
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

PASSWORD = "correct horse battery staple"
OLD, NEW = "the-old-secret-of-the-house-long-enough", "the-new-secret-of-the-house-long-enough"
PROCESSES, CLIENTS, TURNS = 3, 4, 1
READER = "reader@stark.com"
EMAILS = [f"p{number}@stark.com" for number in range(CLIENTS)]

BEFORE = {"secret_key": OLD}
PUBLISH = {"secret_key": OLD, "next_secret_keys": NEW}
SIGN = {"secret_key": NEW, "retired_secret_keys": OLD}
RETIRE = {"secret_key": NEW}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/rotation.db"
    return str(request.getfixturevalue("postgres_database"))


class Cluster:
    """Processes of one installation, each restarted by itself. What a restarted one had under way ends as it
    began: old ones are closed with the test."""

    def __init__(self, stack: AsyncExitStack, settings: dict[str, Any]) -> None:
        self._stack = stack
        self._settings = settings
        self.houses: list[Multiproduct] = []
        self._turn = itertools.count()

    async def start(self, keys: dict[str, str]) -> None:
        for _ in range(PROCESSES):
            self.houses.append(await self._opened(keys))

    async def restart(self, number: int, keys: dict[str, str]) -> None:
        self.houses[number] = await self._opened(keys)

    def next(self) -> Multiproduct:
        """Another one each time, as a balancer picks them."""
        return self.houses[next(self._turn) % PROCESSES]

    def published(self) -> list[set[str]]:
        key_sets = [house.container.access_tokens.public_keys() for house in self.houses]
        return [{key["kid"] for key in key_set["keys"]} for key_set in key_sets]

    async def _opened(self, keys: dict[str, str]) -> Multiproduct:
        settings = Settings(_env_file=None, **self._settings, **keys)
        return await self._stack.enter_async_context(Multiproduct.from_settings(settings))


class Load:
    """Clients that sign in, refresh and show their tokens, each time to another process."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.failures: list[str] = []
        self.rounds = [0] * CLIENTS
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._client(number)) for number in range(CLIENTS)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        async with asyncio.timeout(60):
            await asyncio.gather(*self._tasks)

    async def turns(self) -> None:
        """Waits until every client has been through it all from now on."""
        wanted = [done + TURNS + 1 for done in self.rounds]
        async with asyncio.timeout(60):
            while not self.failures and any(
                done < least for done, least in zip(self.rounds, wanted, strict=True)
            ):
                await asyncio.sleep(0.005)

    async def _client(self, number: int) -> None:
        email = EMAILS[number]
        tokens = await self._signed_in(email)
        while not self._stop.is_set() and tokens is not None:
            tokens = await self._round(tokens)
            self.rounds[number] += 1
            if self.rounds[number] % 3 == 0:
                tokens = await self._signed_in(email)

    async def _signed_in(self, email: str) -> Tokens | None:
        command = SignInWithPassword(email=email, password=PASSWORD)
        return await self._noted("sign-in", self.cluster.next().identity.sign_in.with_password(command))

    async def _round(self, tokens: Tokens) -> Tokens | None:
        await self._shown_to_all(tokens)
        command = RefreshSession(refresh=tokens.refresh)
        fresh = await self._noted("refresh", self.cluster.next().identity.sessions.refresh(command))
        if fresh is not None:
            await self._shown_to_all(fresh)
        return fresh

    async def _shown_to_all(self, tokens: Tokens) -> None:
        kid = jwt.get_unverified_header(tokens.access)["kid"]
        for house, kids in zip(list(self.cluster.houses), self.cluster.published(), strict=True):
            if kid not in kids:
                self.failures.append(f"published: {kid}")
            command = VerifyToken(token=tokens.access)
            await self._noted("verify", house.identity.authenticating.verify(command))

    async def _noted(self, what: str, work: Any) -> Any:
        try:
            return await work
        except MultiproductError as error:
            self.failures.append(f"{what}: {error.code}")
            return None


@pytest.fixture
async def cluster(url: str, tmp_path: Path) -> AsyncIterator[Cluster]:
    await migrated(url)
    settings = {
        "database_url": url,
        "mailbox_dir": str(tmp_path / "mailbox"),
        "password_cost": "test",
        "rate_limit_profile": "unlimited",
        "inline_worker": False,
    }
    async with AsyncExitStack() as stack:
        cluster = Cluster(stack, settings)
        await cluster.start(BEFORE)
        house = cluster.houses[0]
        for email in (*EMAILS, READER):
            sent = await house.identity.registration.start(StartRegistration(email=email, password=PASSWORD))
            await house.identity.registration.verify(
                VerifyRegistration(challenge_id=sent.challenge_id, otp=await newest_code(house, email))
            )
        yield cluster


async def newest_code(house: Multiproduct, email: str) -> str:
    await house.drain()
    assert house.container.mailbox is not None
    for mail in await house.container.mailbox.messages(email):
        found = re.search(r"\b\d{6}\b", mail.text)
        if found:
            return found.group()
    raise AssertionError("there is no code")


async def test_a_rolling_rotation_turns_nobody_away(cluster: Cluster) -> None:
    async with Load(cluster) as load:
        await load.turns()
        for step in (PUBLISH, SIGN):
            house = cluster.houses[0]
            sent = await house.identity.sign_in.request_code(RequestSignInCode(email=READER))
            code = await newest_code(house, READER)
            for number in range(PROCESSES):
                await cluster.restart(number, step)
                await load.turns()
                assert load.failures == []
            # A code that was mailed before the step is good after it.
            command = SignInWithCode(challenge_id=sent.challenge_id, otp=code)
            assert await cluster.houses[-1].identity.sign_in.with_code(command)
        # Everybody has come by since the last process signed with the new secret: that is waited for.
        for number in range(PROCESSES):
            await cluster.restart(number, RETIRE)
            await load.turns()
            assert load.failures == []
    assert cluster.published() == [{key_id(NEW)}] * PROCESSES
    assert min(load.rounds) > PROCESSES * 3


async def test_without_publishing_first_the_load_would_notice(cluster: Cluster) -> None:
    async with Load(cluster) as load:
        await load.turns()
        await cluster.restart(0, SIGN)
        await load.turns()
    assert any(each.startswith("published: ") for each in load.failures)
    assert "verify: token_invalid" in load.failures


async def test_a_refreshed_session_outlives_the_secret_it_began_under_and_an_idle_one_does_not(
    cluster: Cluster,
) -> None:
    command = SignInWithPassword(email=READER, password=PASSWORD)
    kept, idle = [await cluster.houses[0].identity.sign_in.with_password(command) for _ in range(2)]
    await cluster.restart(1, SIGN)
    kept = await cluster.houses[1].identity.sessions.refresh(RefreshSession(refresh=kept.refresh))
    await cluster.restart(2, RETIRE)
    assert await cluster.houses[2].identity.sessions.refresh(RefreshSession(refresh=kept.refresh))
    with pytest.raises(TokenInvalid):
        await cluster.houses[2].identity.sessions.refresh(RefreshSession(refresh=idle.refresh))
    with pytest.raises(TokenInvalid):
        await cluster.houses[2].identity.authenticating.verify(VerifyToken(token=idle.access))

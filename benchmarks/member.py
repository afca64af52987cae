"""Somebody signed in to a whole installation in memory, whose clock the benchmark moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.talking import code_in
from multiproduct.application.caller import SYSTEM, Caller, Principal
from multiproduct.application.identity import (
    SignInWithPassword,
    StartRegistration,
    StepUp,
    Tokens,
    VerifyRegistration,
)
from multiproduct.bootstrap import Overrides, build
from multiproduct.domain.identity import EndReason
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

STEP = timedelta(seconds=30)
NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
EMAIL, PASSWORD = "bench.identity@example.com", "plenty of benchmark words"
MOST_SESSIONS = 1_000


class Clock:
    """Business time, which the benchmark moves from one step of TOTP to the next."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment

    def steps(self, number: int) -> list[datetime]:
        """So many moments to come, each in a step that no code was used in."""
        began = self.moment
        self.moment += number * STEP
        return [began + index * STEP for index in range(1, number + 1)]


@dataclass(kw_only=True)
class Member:
    """Somebody signed in to a whole installation in memory."""

    house: Multiproduct
    clock: Clock
    tokens: Tokens
    caller: Caller


async def a_member(house: Multiproduct, clock: Clock) -> Member:
    """Signs up, proves the address, signs in."""
    sent = await house.identity.registration.start(StartRegistration(email=EMAIL, password=PASSWORD))
    await house.drain()
    mailbox = house.container.mailbox
    assert mailbox is not None
    (mail, *_) = await mailbox.messages(EMAIL)
    code = code_in([{"text": mail.text}])
    assert code is not None
    await house.identity.registration.verify(VerifyRegistration(challenge_id=sent.challenge_id, otp=code))
    tokens = await house.identity.sign_in.with_password(SignInWithPassword(email=EMAIL, password=PASSWORD))
    assert isinstance(tokens, Tokens)
    principal = await house.identity.authenticating.principal(tokens.access)
    return Member(house=house, clock=clock, tokens=tokens, caller=Caller(principal=principal))


async def forget_sessions(member: Member) -> None:
    """Takes away those that batches before began, so that every batch finds the same."""
    principal = member.caller.principal
    assert principal.user_id is not None
    async with member.house.container.units.open_alone(SYSTEM) as unit:
        await unit.sessions.end_all(
            principal.user_id, reason=EndReason.SIGNED_OUT, now=NOON - YEAR, besides=principal.session_id
        )
        await unit.sessions.purge(before=NOON - YEAR / 2, limit=MOST_SESSIONS)
        await unit.commit()


async def proved_now(member: Member) -> Caller:
    """The member, who gives the password once more, since the clock was moved."""
    await member.house.identity.step_up.step_up(StepUp(password=PASSWORD), member.caller)
    return Caller(
        principal=Principal(
            user_id=member.caller.principal.user_id,
            session_id=member.caller.principal.session_id,
            permissions=member.caller.principal.permissions,
            authenticated_at=member.clock.now(),
        )
    )


@asynccontextmanager
async def a_member_of_a_house() -> AsyncIterator[Member]:
    """The installation runs until the end of the block; its reactions only when they are asked for."""
    clock = Clock()
    settings = Settings(
        environment="development",
        database_url="memory://",
        redis_url=None,
        broker_url=None,
        smtp_url=None,
        password_cost="test",
        inline_worker=False,
        rate_limit_profile="unlimited",
    )
    async with Multiproduct(build(settings, overrides=Overrides(clock=clock))) as house:
        yield await a_member(house, clock)

"""What a review found broken, and each promise that was made good since."""

import asyncio
import re
import threading
from concurrent.futures import CancelledError
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from tests.owing import HandTime, Owing
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import (
    PASSWORD,
    a_member,
    code_for,
    latest_mail,
    open_house,
    sign_up,
    signed_in,
)

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.idempotency import IdempotencyMismatch
from multiproduct.application.identity import (
    CheckUsername,
    ConfirmPasswordReset,
    CreateAdmin,
    RequestPasswordReset,
    RequestSignInCode,
    SignInWithCode,
    SignInWithPassword,
    SignOut,
    StartRegistration,
    UpdateProfile,
    VerifyRegistration,
)
from multiproduct.application.identity.commands import Address
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.relaying import Relaying
from multiproduct.bootstrap import Overrides, build
from multiproduct.domain.identity import TokenInvalid
from multiproduct.domain.identity.username_suggestions import candidates
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import TooManyRequests
from multiproduct.entrypoints.library import BlockingMultiproduct, Multiproduct
from multiproduct.settings import Settings

TONY = "tony@stark.com"
NEW_PASSWORD = "quite another staple horse"
PATIENCE_SECONDS = 90


def the_link_token(mail: str) -> str:
    """The token of the link in a mail."""
    found = re.search(r"/(?:reset-password|verify-email)/(\S+)", mail)
    assert found, "no link in the mail"
    return found.group(1)


def another_code(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


async def ask_for_reset(house: Multiproduct) -> tuple[str, str, str]:
    """The challenge's id, the code and the link token of a fresh request."""
    sent = await house.identity.password_reset.request(RequestPasswordReset(email=TONY))
    mail = await latest_mail(house, TONY)
    return str(sent.challenge_id), await code_for(house, TONY), the_link_token(mail)


async def reset(house: Multiproduct, **proof: str) -> None:
    """Answers a request for a reset."""
    await house.identity.password_reset.confirm(ConfirmPasswordReset(new_password=NEW_PASSWORD, **proof))


async def guess_to_death(house: Multiproduct, challenge_id: str, code: str) -> None:
    """Gives all five answers that a challenge takes, each wrong."""
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await reset(house, challenge_id=challenge_id, otp=another_code(code))


async def test_the_owners_link_works_after_a_stranger_guessed_the_code_and_the_hour_to_death() -> None:
    async with open_house() as house:
        await a_member(house, TONY)
        asked = [await ask_for_reset(house) for _ in range(2)]
        for challenge_id, code, _ in asked:
            await guess_to_death(house, challenge_id, code)
        with pytest.raises(InvalidCode):
            await reset(house, challenge_id=asked[0][0], otp=asked[0][1])
        with pytest.raises(TooManyRequests):
            await ask_for_reset(house)
        await reset(house, token=asked[1][2])
        signed = await house.identity.sign_in.with_password(
            SignInWithPassword(email=TONY, password=NEW_PASSWORD)
        )
    assert signed.user.email == TONY


async def test_a_link_works_once_and_not_after_its_time() -> None:
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        await a_member(house, TONY)
        first, second = [(await ask_for_reset(house))[2] for _ in range(2)]
        await reset(house, token=first)
        with pytest.raises(InvalidCode):
            await reset(house, token=first)
        clock.pass_by(timedelta(minutes=10))
        with pytest.raises(InvalidCode):
            await reset(house, token=second)


async def test_a_flooded_address_gets_five_mails_while_every_request_is_answered_alike() -> None:
    clock, store = StandingClock(), MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(clock=clock, store=store)) as house:
        tony = await a_member(house, TONY)
        clock.pass_by(timedelta(days=2))
        mailbox = house.container.mailbox
        assert mailbox is not None
        await house.drain()
        before = len(await mailbox.messages(TONY))
        answers = []
        for _ in range(12):
            sent = await house.identity.password_reset.request(RequestPasswordReset(email=TONY))
            answers.append(sent.model_dump(exclude={"challenge_id"}))
        await house.drain()
        assert len(await mailbox.messages(TONY)) - before == 5
        assert all(answer == answers[0] for answer in answers)
        rows = [row for row in store._store.deliveries.rows.values() if row.channel == "email"]
        told = [row.reason for row in rows if row.user_id == tony.id]
        assert told.count("enough_mails_for_now") == 7


async def test_a_password_reset_ends_the_older_codes_of_the_address() -> None:
    async with open_house() as house:
        await a_member(house, TONY)
        signing_in = await house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
        sign_in_code = await code_for(house, TONY)
        older, newer = await ask_for_reset(house), await ask_for_reset(house)
        await reset(house, challenge_id=newer[0], otp=newer[1])
        for proof in ({"challenge_id": older[0], "otp": older[1]}, {"token": older[2]}):
            with pytest.raises(InvalidCode):
                await reset(house, **proof)
        with pytest.raises(InvalidCode):
            await house.identity.sign_in.with_code(
                SignInWithCode(challenge_id=signing_in.challenge_id, otp=sign_in_code)
            )


async def test_a_password_reset_ends_the_link_of_a_code_that_was_guessed_to_death() -> None:
    async with open_house() as house:
        await a_member(house, TONY)
        older, newer = await ask_for_reset(house), await ask_for_reset(house)
        await guess_to_death(house, older[0], older[1])
        await reset(house, token=newer[2])
        with pytest.raises(InvalidCode):
            await reset(house, token=older[2])


async def test_signing_out_with_a_refresh_token_that_cannot_be_read_ends_the_callers_session() -> None:
    async with open_house() as house:
        await a_member(house, TONY)
        tokens = await signed_in(house, TONY)
        caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
        await house.identity.sessions.sign_out(SignOut(refresh="nonsense"), caller)
        with pytest.raises(TokenInvalid):
            await house.identity.authenticating.principal(tokens.access)


async def test_a_start_that_is_repeated_under_its_key_is_answered_alike_after_the_account_exists() -> None:
    command = StartRegistration(email=TONY, password=PASSWORD, username="iron.man")
    async with open_house() as house:
        first = await house.identity.registration.start(command, idempotency_key="once")
        code = await code_for(house, TONY)
        await house.identity.registration.verify(
            VerifyRegistration(challenge_id=first.challenge_id, otp=code)
        )
        await house.drain()
        mailbox = house.container.mailbox
        assert mailbox is not None
        mails = len(await mailbox.messages(TONY))
        again = await house.identity.registration.start(command, idempotency_key="once")
        await house.drain()
        assert again == first
        assert len(await mailbox.messages(TONY)) == mails


async def test_a_repeated_start_costs_nothing_of_the_limit() -> None:
    caller = Caller(ip="192.0.2.7")
    command = StartRegistration(email=TONY, password=PASSWORD)
    async with open_house() as house:
        first = await house.identity.registration.start(command, caller, idempotency_key="once")
        for _ in range(40):  # a sign-up costs one of 30 a minute
            assert first == await house.identity.registration.start(command, caller, idempotency_key="once")


async def test_a_key_of_another_network_does_not_stand_in_the_way() -> None:
    here, there = Caller(ip="192.0.2.7"), Caller(ip="198.51.100.7")
    async with open_house() as house:
        start = house.identity.registration.start
        mine = StartRegistration(email=TONY, password=PASSWORD)
        theirs = StartRegistration(email="pepper@stark.com", password=PASSWORD)
        first = await start(mine, here, idempotency_key="1")
        second = await start(theirs, there, idempotency_key="1")
        assert first.challenge_id != second.challenge_id
        with pytest.raises(IdempotencyMismatch):
            await start(theirs, here, idempotency_key="1")


async def test_the_representation_of_tokens_shows_neither() -> None:
    async with open_house() as house:
        await a_member(house, TONY)
        tokens = await signed_in(house, TONY)
    assert tokens.access not in repr(tokens)
    assert tokens.refresh not in repr(tokens)
    assert "Bearer" in repr(tokens)


@pytest.mark.parametrize("wanted", ["ada_l", "admin"])
async def test_a_popular_name_gets_four_free_suggestions_although_all_that_it_always_has_are_taken(
    wanted: str,
) -> None:
    taken = {*candidates(wanted), "ada_l"}
    async with open_house() as house:
        for number, name in enumerate(sorted(taken)):
            await house.identity.administration.create_member(
                CreateAdmin(email=f"p{number}@b.example", username=name, password=PASSWORD), SYSTEM
            )
        answer = await house.identity.usernames.check(CheckUsername(username=wanted))
    assert not answer.available
    assert len(set(answer.suggestions)) >= 4
    assert not taken & set(answer.suggestions)


async def test_address_and_date_of_birth_are_masked_in_the_audit_entry() -> None:
    async with open_house() as house:
        await a_member(house, TONY)
        tokens = await signed_in(house, TONY)
        caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
        await house.identity.profile.update(
            UpdateProfile(
                first_name="Tony",
                date_of_birth=date(1970, 5, 29),
                address=Address(line1="10880 Malibu Point", country="US"),
            ),
            caller,
        )
        async with house.container.units.view(SYSTEM) as view:
            [entry] = await view.audit_trail.find(AuditFilter(event="identity.user_updated"), limit=9)
    assert entry.changes["first_name"][1] == "Tony"
    assert entry.changes["address"][1] == entry.changes["date_of_birth"][1] == "***"
    assert "Malibu" not in str(entry)
    assert "1970" not in str(entry)


async def test_in_memory_sends_nothing_although_the_environment_names_a_mail_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MULTIPRODUCT_SMTP_URL", "smtp://127.0.0.1:1")
    assert Settings().smtp_url == "smtp://127.0.0.1:1"
    async with open_house() as house:
        await sign_up(house, TONY)
        assert await code_for(house, TONY)


async def test_the_relay_outlives_an_unforeseen_error_of_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiproduct.application.relaying._AFTER_FAILURE_SECONDS", 0)
    time = HandTime()
    owing = Owing(real_time=time)
    lease, failures = owing.todos.lease, [ZeroDivisionError("whatever it was")]

    async def fails_once(**wanted: object) -> object:
        if failures:
            raise failures.pop()
        return await lease(**wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(owing.todos, "lease", fails_once)
    relay = Relaying(todos=owing.todos, real_time=time, hand_over=owing.dispatching.run)
    await owing.order("a")
    await relay.start()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not owing.shipped:
            await asyncio.sleep(0)
    await relay.stop()
    assert failures == []
    assert owing.shipped == ["a"]


class ClosableStore(MemoryDatabase):
    """Notes that it was closed."""

    is_closed = False

    async def close(self) -> None:
        self.is_closed = True


async def test_a_container_whose_start_fails_is_closed_part_by_part() -> None:
    store = ClosableStore(real_time=SystemRealTime())
    container = build(
        Settings(database_url="memory://", redis_url=None, broker_url=None, password_cost="test"),
        overrides=Overrides(store=store),
    )

    async def fail() -> None:
        raise OSError("nobody there")

    unreachable = SimpleNamespace(
        cache=container.shared.cache,
        invalidations=container.shared.invalidations,
        limiter=container.shared.limiter,
        start=fail,
        ping=fail,
        stop=fail,  # what fails to close keeps nothing else open
    )
    with pytest.raises(OSError, match="nobody there"):
        async with Multiproduct(replace(container, shared=unreachable)):
            raise AssertionError("it opened")
    assert store.is_closed


def test_a_blocked_call_ends_when_another_thread_closes() -> None:
    blocking = BlockingMultiproduct(Multiproduct.in_memory())
    blocking.open()
    begun, seen = threading.Event(), []

    async def wait_for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    def call() -> None:
        try:
            blocking.call(wait_for_ever)
        except BaseException as error:
            seen.append(type(error))

    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    assert begun.wait(PATIENCE_SECONDS)
    blocking.close()
    caller.join(PATIENCE_SECONDS)
    assert not caller.is_alive()
    assert seen == [CancelledError]

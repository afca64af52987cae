"""Known and unknown people: the same port calls in the same order, and the same answer."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import with_an_app
from tests.unit.application.identity.people import PASSWORD, a_member, code_for, open_house

from multiproduct.adapters.passlib import HashCost, PasslibPasswordHasher
from multiproduct.application.identity import (
    ConfirmPasswordReset,
    RequestPasswordReset,
    RequestPhoneCode,
    RequestSignInCode,
    ResendCode,
    SignInByPhone,
    SignInWithCode,
    SignInWithPassword,
    StartRegistration,
)
from multiproduct.application.ports.passwords import PasswordCheck
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.domain.identity.sign_in_failures import MOST_IN_A_ROW
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import MultiproductError
from multiproduct.entrypoints.library import Multiproduct

KNOWN, UNKNOWN = "tony@stark.com", "nobody@stark.com"
Trace = list[str]


class TracedRepository:
    """Notes the name of every call."""

    def __init__(self, real: Any, name: str, trace: Trace) -> None:
        self._real, self._name, self._trace = real, name, trace

    def __getattr__(self, method: str) -> Any:
        self._trace.append(f"{self._name}.{method}")
        return getattr(self._real, method)


class TracedUnit:
    """A real unit whose repositories are traced."""

    def __init__(self, real: Any, trace: Trace) -> None:
        self._real, self._trace = real, trace

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name in {"commit", "record", "forget"}:
            self._trace.append(name)
        if name in {"caller", "commit", "record", "forget", "track"}:
            return found
        return TracedRepository(found, name, self._trace)


class TracedUnits:
    """Real units, traced."""

    def __init__(self, real: Any, trace: Trace) -> None:
        self._real, self._trace = real, trace

    def view(self, caller: Any) -> Any:
        return self._traced("view", self._real.view(caller))

    def open(self, caller: Any) -> Any:
        return self._traced("open", self._real.open(caller))

    def open_alone(self, caller: Any) -> Any:
        return self._traced("open_alone", self._real.open_alone(caller))

    @asynccontextmanager
    async def _traced(self, kind: str, opening: Any) -> AsyncIterator[TracedUnit]:
        self._trace.append(kind)
        async with opening as unit:
            yield TracedUnit(unit, self._trace)


class TracedHasher:
    """The real hasher, traced."""

    def __init__(self, trace: Trace) -> None:
        self._real = PasslibPasswordHasher(cost=HashCost.test())
        self._trace = trace

    def room(self) -> AbstractContextManager[None]:
        self._trace.append("room")
        return self._real.room()

    async def hash(self, password: str) -> str:
        self._trace.append("hash")
        return await self._real.hash(password)

    async def check(self, password: str, hashed: str | None) -> PasswordCheck:
        self._trace.append("check")
        return await self._real.check(password, hashed)


Attempt = Callable[[Multiproduct, str], Awaitable[Any]]


async def log_in(house: Multiproduct, email: str) -> Any:
    return await house.identity.sign_in.with_password(SignInWithPassword(email=email, password="wrong"))


async def log_in_after_a_hundred_failures(house: Multiproduct, email: str) -> Any:
    for _ in range(MOST_IN_A_ROW):
        with pytest.raises(InvalidCredentials):
            await log_in(house, email)
    return await log_in(house, email)


async def sign_up(house: Multiproduct, email: str) -> Any:
    return await house.identity.registration.start(StartRegistration(email=email, password=PASSWORD))


async def resend(house: Multiproduct, email: str) -> Any:
    return await house.identity.codes.resend(ResendCode(email=email))


async def ask_for_reset(house: Multiproduct, email: str) -> Any:
    return await house.identity.password_reset.request(RequestPasswordReset(email=email))


async def ask_for_sign_in_code(house: Multiproduct, email: str) -> Any:
    return await house.identity.sign_in.request_code(RequestSignInCode(email=email))


async def answer_reset_wrongly(house: Multiproduct, email: str) -> Any:
    sent = await ask_for_reset(house, email)
    return await house.identity.password_reset.confirm(
        ConfirmPasswordReset(challenge_id=sent.challenge_id, otp="x", new_password=PASSWORD + "!")
    )


async def answer_sign_in_code_wrongly(house: Multiproduct, email: str) -> Any:
    sent = await ask_for_sign_in_code(house, email)
    return await house.identity.sign_in.with_code(SignInWithCode(challenge_id=sent.challenge_id, otp="x"))


async def resend_too_soon(house: Multiproduct, email: str) -> Any:
    await ask_for_sign_in_code(house, email)
    return await house.identity.codes.resend(ResendCode(email=email))


async def ask_after_a_code_was_guessed_to_death(house: Multiproduct, email: str) -> Any:
    sent = await ask_for_sign_in_code(house, email)
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await house.identity.sign_in.with_code(SignInWithCode(challenge_id=sent.challenge_id, otp="x"))
    return await ask_for_reset(house, email)


KNOWN_NUMBER, UNKNOWN_NUMBER = "+886912345678", "+886912345679"


async def ask_for_phone_code(house: Multiproduct, number: str) -> Any:
    return await house.identity.phone_sign_in.request(RequestPhoneCode(phone=number))


async def ask_for_phone_code_under_a_key(house: Multiproduct, number: str) -> Any:
    command = RequestPhoneCode(phone=number)
    await house.identity.phone_sign_in.request(command, idempotency_key=number)
    return await house.identity.phone_sign_in.request(command, idempotency_key=number)


async def answer_phone_code_wrongly(house: Multiproduct, number: str) -> Any:
    sent = await ask_for_phone_code(house, number)
    return await house.identity.phone_sign_in.verify(SignInByPhone(challenge_id=sent.challenge_id, otp="x"))


async def answer_phone_code_wrongly_by_number(house: Multiproduct, number: str) -> Any:
    await ask_for_phone_code(house, number)
    return await house.identity.phone_sign_in.verify(SignInByPhone(phone=number, otp="x"))


async def answer_a_phone_code_that_nobody_asked_for(house: Multiproduct, number: str) -> Any:
    return await house.identity.phone_sign_in.verify(SignInByPhone(phone=number, otp="123456"))


async def ask_for_phone_codes_without_end(house: Multiproduct, number: str) -> Any:
    for _ in range(11):
        await ask_for_phone_code(house, number)


async def sign_up_by_phone(house: Multiproduct, number: str) -> Any:
    return await house.identity.registration.start(StartRegistration(phone=number))


async def ask_for_reset_by_phone(house: Multiproduct, number: str) -> Any:
    return await house.identity.password_reset.request(RequestPasswordReset(phone=number))


async def _alone(house: Multiproduct) -> None:
    """Ends what goes on by itself, whose calls would stand between those of the attempt."""
    await house.container.relay.stop()
    await house.container.scheduling.stop()


async def _observed(house: Multiproduct, attempt: Attempt, email: str, trace: Trace) -> tuple[Trace, Any]:
    trace.clear()
    try:
        answer = await attempt(house, email)
        shape: Any = sorted(type(answer).model_fields)
        shape.append(getattr(answer, "resend_after", None))
    except MultiproductError as error:
        shape = (error.code, error.kind, error.params)
    return list(trace), shape


@pytest.mark.parametrize(
    "attempt",
    [
        log_in,
        log_in_after_a_hundred_failures,
        sign_up,
        resend,
        ask_for_reset,
        ask_for_sign_in_code,
        answer_reset_wrongly,
        answer_sign_in_code_wrongly,
        resend_too_soon,
        ask_after_a_code_was_guessed_to_death,
    ],
)
async def test_known_and_unknown_people_cost_and_answer_the_same(attempt: Attempt) -> None:
    trace: Trace = []
    clock = StandingClock()
    overrides = Overrides(
        clock=clock, hasher=TracedHasher(trace), wrap_units=lambda units: TracedUnits(units, trace)
    )
    async with open_house(overrides) as house:
        await a_member(house, KNOWN)
        clock.pass_by(timedelta(days=2))  # what signing up cost the address is over
        await _alone(house)
        known = await _observed(house, attempt, KNOWN, trace)
        unknown = await _observed(house, attempt, UNKNOWN, trace)
    assert known == unknown
    assert known[0], "nothing was traced"


async def test_a_resend_after_sign_up_is_the_same_for_an_owner_and_a_stranger() -> None:
    trace: Trace = []
    overrides = Overrides(wrap_units=lambda units: TracedUnits(units, trace))
    async with open_house(overrides) as house:
        await a_member(house, KNOWN)
        await _alone(house)
        seen = []
        for email in (KNOWN, UNKNOWN):
            await sign_up(house, email)
            seen.append(await _observed(house, resend, email, trace))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "attempt",
    [
        ask_for_phone_code,
        ask_for_phone_code_under_a_key,
        answer_phone_code_wrongly,
        answer_phone_code_wrongly_by_number,
        answer_a_phone_code_that_nobody_asked_for,
        ask_for_phone_codes_without_end,
        sign_up_by_phone,
        ask_for_reset_by_phone,
    ],
)
async def test_known_and_new_numbers_cost_and_answer_the_same(attempt: Attempt) -> None:
    trace: Trace = []
    clock = StandingClock()
    overrides = Overrides(clock=clock, wrap_units=lambda units: TracedUnits(units, trace))
    async with open_house(overrides) as house:
        sent = await ask_for_phone_code(house, KNOWN_NUMBER)
        code = await code_for(house, KNOWN_NUMBER)
        await house.identity.phone_sign_in.verify(SignInByPhone(challenge_id=sent.challenge_id, otp=code))
        await ask_for_phone_code(house, UNKNOWN_NUMBER)  # texts are counted in real time, also of this one
        await house.drain()
        clock.pass_by(timedelta(days=2))  # what the first codes cost the numbers is over
        await _alone(house)
        known = await _observed(house, attempt, KNOWN_NUMBER, trace)
        unknown = await _observed(house, attempt, UNKNOWN_NUMBER, trace)
    assert known == unknown
    assert known[0], "nothing was traced"


@pytest.mark.parametrize("attempt", [log_in, ask_for_sign_in_code, answer_sign_in_code_wrongly])
async def test_a_second_factor_shows_only_after_the_first_one_was_right(attempt: Attempt) -> None:
    trace: Trace = []
    clock = StandingClock()
    overrides = Overrides(
        clock=clock, hasher=TracedHasher(trace), wrap_units=lambda units: TracedUnits(units, trace)
    )
    async with open_house(overrides) as house:
        await with_an_app(house, KNOWN)
        clock.pass_by(timedelta(days=2))  # what signing up cost the address is over
        await _alone(house)
        known = await _observed(house, attempt, KNOWN, trace)
        unknown = await _observed(house, attempt, UNKNOWN, trace)
    assert known == unknown

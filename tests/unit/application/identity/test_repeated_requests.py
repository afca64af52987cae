"""Requests that come again under their key: the first answer, one effect, and nothing secret kept."""

from datetime import timedelta

import pytest
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
from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import IdempotencyMismatch
from multiproduct.application.identity import (
    ConfirmPasswordReset,
    RequestPasswordReset,
    RequestSignInCode,
    ResendCode,
    UpdateProfile,
    VerifyRegistration,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import InvalidCredentials, UsernameTaken
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import TooManyRequests

TONY, PEPPER = "tony@stark.com", "pepper@stark.com"
NEW_PASSWORD = "quite another staple"
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def store() -> MemoryDatabase:
    return MemoryDatabase(real_time=SystemRealTime())


@pytest.fixture
async def house(clock, store):
    async with open_house(Overrides(clock=clock, store=store)) as house:
        yield house


def kept(store) -> str:
    """Everything that is kept of first answers."""
    return repr(store._store.idempotency.rows)


async def mails(house, to=TONY) -> int:
    await house.drain()
    return len(await house.container.mailbox.messages(to))


async def test_a_verification_that_is_repeated_is_answered_as_the_first_time(house, store):
    sent = await sign_up(house, TONY, "tony.s")
    command = VerifyRegistration(challenge_id=sent.challenge_id, otp=await code_for(house, TONY))
    verify = house.identity.registration.verify
    answers = [await verify(command, idempotency_key="k") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(store._store.identity.users.rows) == 1
    with pytest.raises(InvalidCode):
        await verify(command)
    with pytest.raises(IdempotencyMismatch):
        await verify(command.model_copy(update={"otp": "000000"}), idempotency_key="k")


async def test_a_verification_shows_a_repeater_the_person_as_they_were(house):
    sent = await sign_up(house, TONY)
    command = VerifyRegistration(challenge_id=sent.challenge_id, otp=await code_for(house, TONY))
    first = await house.identity.registration.verify(command, idempotency_key="k")
    tokens = await signed_in(house, TONY)
    principal = await house.identity.authenticating.principal(tokens.access)
    await house.identity.profile.update(UpdateProfile(first_name="Tony"), Caller(principal=principal))
    assert await house.identity.registration.verify(command, idempotency_key="k") == first


async def test_a_wrong_answer_that_is_repeated_under_its_key_counts_once(house, store):
    sent = await sign_up(house, TONY)
    code = await code_for(house, TONY)
    wrong = VerifyRegistration(challenge_id=sent.challenge_id, otp="x")
    for _ in range(8):
        with pytest.raises(InvalidCode):
            await house.identity.registration.verify(wrong, idempotency_key="first")
    (challenge,) = store._store.challenges.rows.values()
    assert challenge.attempts == 1
    right = wrong.model_copy(update={"otp": code})
    assert await house.identity.registration.verify(right, idempotency_key="second")


async def test_a_key_is_free_again_after_a_refusal_that_undid_everything(house, clock):
    await a_member(house, PEPPER, "pepper")
    sent = await sign_up(house, TONY)
    code = await code_for(house, TONY)
    taken = VerifyRegistration(challenge_id=sent.challenge_id, otp=code, username="pepper")
    with pytest.raises(UsernameTaken):
        await house.identity.registration.verify(taken, idempotency_key="k")
    free = taken.model_copy(update={"username": "tony.s"})
    assert await house.identity.registration.verify(free, idempotency_key="k")

    with pytest.raises(TooManyRequests) as refusal:
        await house.identity.codes.resend(ResendCode(email=TONY), idempotency_key="r")
    clock.pass_by(refusal.value.retry_after * SECOND)
    assert await house.identity.codes.resend(ResendCode(email=TONY), idempotency_key="r")


async def test_a_resend_that_is_repeated_sends_one_mail_and_leaves_its_code_good(house, clock):
    sent = await sign_up(house, TONY)
    assert await mails(house) == 1
    clock.pass_by(30 * SECOND)
    command = ResendCode(challenge_id=sent.challenge_id)
    answers = [await house.identity.codes.resend(command, idempotency_key="k") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert await mails(house) == 2
    code = await code_for(house, TONY)
    assert await house.identity.registration.verify(
        VerifyRegistration(challenge_id=sent.challenge_id, otp=code)
    )


async def test_codes_that_are_asked_for_again_are_sent_once(house, clock):
    await a_member(house, TONY)
    clock.pass_by(HOUR)
    before = await mails(house)
    for ask, command in (
        (house.identity.sign_in.request_code, RequestSignInCode(email=TONY)),
        (house.identity.password_reset.request, RequestPasswordReset(email=TONY)),
    ):
        answers = [await ask(command, idempotency_key="k") for _ in range(3)]
        assert len({answer.challenge_id for answer in answers}) == 1
        with pytest.raises(IdempotencyMismatch):
            await ask(command.model_copy(update={"email": PEPPER}), idempotency_key="k")
    assert await mails(house) == before + 2


async def test_a_stranger_to_the_service_repeats_with_the_same_effect_as_its_owner(house, store):
    await a_member(house, TONY)
    for email in (TONY, PEPPER):
        command = RequestPasswordReset(email=email)
        first = await house.identity.password_reset.request(command, idempotency_key=email)
        assert await house.identity.password_reset.request(command, idempotency_key=email) == first


async def test_a_reset_that_is_repeated_is_done_once(house, store):
    await a_member(house, TONY)
    sent = await house.identity.password_reset.request(RequestPasswordReset(email=TONY))
    code = await code_for(house, TONY)
    command = ConfirmPasswordReset(challenge_id=sent.challenge_id, otp=code, new_password=NEW_PASSWORD)
    for _ in range(2):
        assert await house.identity.password_reset.confirm(command, idempotency_key="k")
    with pytest.raises(IdempotencyMismatch):
        await house.identity.password_reset.confirm(
            command.model_copy(update={"new_password": PASSWORD + "!"}), idempotency_key="k"
        )
    with pytest.raises(InvalidCode):
        await house.identity.password_reset.confirm(command)
    with pytest.raises(InvalidCredentials):
        await signed_in(house, TONY)


async def test_nothing_secret_is_kept_of_any_first_answer(house, store):
    sent = await sign_up(house, TONY)
    code = await code_for(house, TONY)
    link = VerifyRegistration(challenge_id=sent.challenge_id, otp=code)
    await house.identity.registration.verify(link, idempotency_key="v")
    reset = await house.identity.password_reset.request(RequestPasswordReset(email=TONY), idempotency_key="r")
    reset_code = await code_for(house, TONY)
    text = await latest_mail(house, TONY)
    await house.identity.password_reset.confirm(
        ConfirmPasswordReset(challenge_id=reset.challenge_id, otp=reset_code, new_password=NEW_PASSWORD),
        idempotency_key="c",
    )
    assert len(store._store.idempotency.rows) == 3
    (user,) = store._store.identity.users.rows.values()
    secrets = [PASSWORD, NEW_PASSWORD, user.password_hash, f"'{code}'", f"'{reset_code}'"]
    secrets += [word.rpartition("/")[2] for word in text.split() if "/reset-password/" in word]
    assert len(secrets) == 6
    assert [secret for secret in secrets if secret in kept(store)] == []

"""Ways around second factors that a review found, each shut."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.software_authenticator import SoftwareAuthenticator
from tests.software_device import SoftwareDevice
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import (
    EMAIL,
    a_signed_in_member,
    app_code,
    asked,
    caller_of,
    first_step,
    with_an_app,
)
from tests.unit.application.identity.people import PASSWORD, a_member, code_for
from tests.unit.application.identity.social import come_from, social_house
from tests.unit.application.identity.test_device_keys import enrolled
from tests.unit.application.identity.test_device_keys import sign_in as sign_in_by_device
from tests.unit.application.identity.test_passkeys import made
from tests.unit.application.identity.test_phone_sign_in import NUMBER
from tests.unit.application.identity.test_phone_sign_in import sign_in as sign_in_by_phone

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    ChangeEmail,
    CompleteSignIn,
    ConfirmTotp,
    ContinueSignIn,
    CreateAdmin,
    EnrolTotp,
    RefreshSession,
    RequestSignInCode,
    SecondFactorRequired,
    SignInWithCode,
    StepUp,
    Tokens,
)
from multiproduct.application.identity.ways_in import WaysInCounting
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import LastWayIn, PhoneNumber, Role, RoleAssignment, SignInOver
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE, USERS_READ
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import StepUpRequired
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

EVERYBODYS = {OWN_PROFILE_READ, OWN_PROFILE_UPDATE}


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock: StandingClock) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.in_memory(overrides=Overrides(clock=clock)) as opened:
        yield opened


@pytest.fixture
async def strict() -> AsyncIterator[Multiproduct]:
    """An installation that has its staff prove two factors."""
    settings = Settings(
        _env_file=None, database_url="memory://", password_cost="test", staff_second_factor=True
    )
    async with Multiproduct.from_settings(settings) as opened:
        yield opened


async def _an_admin(house: Multiproduct) -> None:
    await house.identity.administration.create_admin(
        CreateAdmin(email=EMAIL, username="rooty", password=PASSWORD), SYSTEM
    )


async def _with_a_number(house: Multiproduct) -> None:
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find_by_email(EMAIL)
        assert user is not None
        user.phone, user.phone_verified = PhoneNumber.parse(NUMBER), True
        await unit.users.save(user)
        await unit.commit()


async def _by_mailed_code(house: Multiproduct) -> Tokens | SecondFactorRequired:
    sent = await house.identity.sign_in.request_code(RequestSignInCode(email=EMAIL))
    otp = await code_for(house, EMAIL)
    return await house.identity.sign_in.with_code(SignInWithCode(challenge_id=sent.challenge_id, otp=otp))


async def _signed_in(house: Multiproduct) -> tuple[Caller, Tokens]:
    tokens = await first_step(house)
    assert isinstance(tokens, Tokens)
    return await caller_of(house, tokens), tokens


async def _step_up_by_mail(house: Multiproduct, caller: Caller) -> None:
    sent = await house.identity.step_up.request_code(caller)
    otp = await code_for(house, EMAIL)
    await house.identity.step_up.step_up(StepUp(otp=otp, challenge_id=sent.challenge_id), caller)


# H2: a mailed code is no second factor


async def test_the_password_and_a_mailed_code_do_not_open_the_staff_gate(strict: Multiproduct) -> None:
    await _an_admin(strict)
    caller, tokens = await _signed_in(strict)
    await _step_up_by_mail(strict, caller)
    after = (await caller_of(strict, tokens)).principal
    assert after.methods == ("pwd", "mail")
    assert after.permissions == EVERYBODYS
    assert after.roles <= {"standard_user"}


async def test_the_password_and_a_mailed_code_do_not_pass_a_second_step(house: Multiproduct) -> None:
    caller, tokens = await a_signed_in_member(house)
    await _step_up_by_mail(house, caller)
    principal = (await caller_of(house, tokens)).principal
    assert "mfa" not in principal.methods


# L7: with the gate shut, staff can set up any second factor


async def test_staff_behind_the_gate_set_up_a_passkey_and_step_up_with_it(strict: Multiproduct) -> None:
    await _an_admin(strict)
    caller, tokens = await _signed_in(strict)
    with pytest.raises(StepUpRequired) as refused:
        caller.require(USERS_READ)
    assert refused.value.by_second_factor
    authenticator = SoftwareAuthenticator()
    await made(strict, caller, authenticator)
    offered = await strict.identity.passkey_sign_in.check_options(caller)
    await strict.identity.step_up.step_up(
        StepUp(challenge_id=offered.challenge_id, credential=authenticator.get(offered.public_key)), caller
    )
    (await caller_of(strict, tokens)).require(USERS_READ)


# M2: where there is a second factor, the password alone changes none


async def test_the_password_alone_does_not_undo_the_second_factor(
    house: Multiproduct, clock: StandingClock
) -> None:
    caller, tokens = await a_signed_in_member(house)
    key = await made(house, caller, SoftwareAuthenticator())
    clock.pass_by(timedelta(minutes=8))
    caller = await caller_of(house, tokens)
    with pytest.raises(StepUpRequired) as refused:
        await house.identity.step_up.step_up(StepUp(password=PASSWORD), caller)
    assert refused.value.methods == ("passkey", "recovery_code")
    for work in (
        house.identity.second_factors.new_recovery_codes(await caller_of(house, tokens)),
        house.identity.passkeys.remove(key.id, await caller_of(house, tokens)),
    ):
        with pytest.raises(StepUpRequired):
            await work
    assert isinstance(await first_step(house), SecondFactorRequired)


# M3: setting up an app proves nothing about who does it


async def test_confirming_an_app_needs_a_recent_proof_and_is_none(
    house: Multiproduct, clock: StandingClock
) -> None:
    caller, tokens = await a_signed_in_member(house)
    clock.pass_by(timedelta(minutes=4))
    factors = house.identity.second_factors
    shown = await factors.enrol(EnrolTotp(name="x"), caller)
    command = ConfirmTotp(factor_id=shown.factor_id, code=app_code(shown.secret, clock.now()))
    await factors.confirm(command, caller)
    principal = (await caller_of(house, tokens)).principal
    assert principal.methods == ("pwd", "otp", "mfa")
    assert principal.authenticated_at == clock.now() - timedelta(minutes=4)
    another = await factors.enrol(EnrolTotp(name="y"), await caller_of(house, tokens))
    clock.pass_by(timedelta(minutes=1))
    tokens = await house.identity.sessions.refresh(RefreshSession(refresh=tokens.refresh))
    late = ConfirmTotp(factor_id=another.factor_id, code=app_code(another.secret, clock.now()))
    with pytest.raises(StepUpRequired):
        await factors.confirm(late, await caller_of(house, tokens))


# M4: a sign-in that waits ends with what it was begun by


async def test_a_waiting_sign_in_ends_with_its_device_key(house: Multiproduct, clock: StandingClock) -> None:
    person, device = await with_an_app(house), SoftwareDevice()
    key = await enrolled(house, person.caller, device)
    waiting = await sign_in_by_device(house, device)
    assert isinstance(waiting, SecondFactorRequired)
    await house.identity.device_keys.revoke(key.id, person.caller)
    clock.pass_by(timedelta(minutes=1))
    with pytest.raises(SignInOver):
        await house.identity.second_factor_sign_in.complete(
            CompleteSignIn(mfa_token=waiting.mfa_token, code=person.code(clock.now()))
        )


async def test_a_waiting_sign_in_ends_when_its_device_key_is_locked(
    house: Multiproduct, clock: StandingClock
) -> None:
    person, device = await with_an_app(house), SoftwareDevice()
    key = await enrolled(house, person.caller, device)
    waiting = await sign_in_by_device(house, device)
    assert isinstance(waiting, SecondFactorRequired)
    async with house.container.units.open(SYSTEM) as unit:
        for _ in range(5):
            await unit.device_keys.refuse(key.id, now=clock.now())
        await unit.commit()
    with pytest.raises(SignInOver):
        await house.identity.second_factor_sign_in.complete(
            CompleteSignIn(mfa_token=waiting.mfa_token, code=person.added.recovery_codes[0])
        )


async def test_a_waiting_sign_in_ends_when_its_owner_signs_out_everywhere(house: Multiproduct) -> None:
    person = await with_an_app(house)
    waiting = await asked(house)
    await house.identity.device_sessions.revoke_all(person.caller)
    with pytest.raises(SignInOver):
        await house.identity.second_factor_sign_in.complete(
            CompleteSignIn(mfa_token=waiting.mfa_token, code=person.added.recovery_codes[0])
        )


async def test_a_waiting_sign_in_ends_when_a_factor_is_added(house: Multiproduct) -> None:
    person = await with_an_app(house)
    waiting = await asked(house)
    await made(house, person.caller, SoftwareAuthenticator())
    with pytest.raises(SignInOver):
        await house.identity.second_factor_sign_in.complete(
            CompleteSignIn(mfa_token=waiting.mfa_token, code=person.added.recovery_codes[0])
        )


# M7: what is too little for staff


async def test_staff_who_signed_in_by_a_text_may_what_everybody_may_until_they_give_more(
    house: Multiproduct,
) -> None:
    await _an_admin(house)
    await _with_a_number(house)
    tokens = await sign_in_by_phone(house)
    caller = await caller_of(house, tokens)
    assert caller.principal.methods == ("sms",)
    assert caller.principal.permissions == EVERYBODYS
    assert "admin" not in caller.principal.roles
    with pytest.raises(StepUpRequired):
        caller.require(USERS_READ)
    assert (await house.identity.step_up.methods(caller)).methods == ["password"]
    with pytest.raises(StepUpRequired):
        await house.identity.step_up.request_code(caller)
    with pytest.raises(StepUpRequired):
        await house.identity.passkeys.registration_options(caller)
    await house.identity.step_up.step_up(StepUp(password=PASSWORD), caller)
    after = await caller_of(house, tokens)
    after.require(USERS_READ)
    assert "admin" in after.principal.roles


async def test_a_role_of_the_installations_own_makes_staff_too(
    house: Multiproduct, clock: StandingClock
) -> None:
    user, now = await a_member(house, EMAIL), clock.now()
    ids = house.container.ids
    async with house.container.units.open(SYSTEM) as unit:
        role = Role.create(
            id=ids.next(), key="support", name="Support", description="", permissions=[USERS_READ], now=now
        )
        await unit.roles.add(role)
        given = RoleAssignment(user_id=user.id, role_id=role.id, role=role.key, granted_at=now)
        await unit.role_assignments.put(given)
        await unit.commit()
    tokens = await _by_mailed_code(house)
    assert isinstance(tokens, Tokens)
    principal = (await caller_of(house, tokens)).principal
    assert (principal.permissions, principal.withheld) == (EVERYBODYS, {USERS_READ})
    caller, _ = await _signed_in(house)
    caller.require(USERS_READ)


async def test_what_everybody_may_here_is_withheld_from_nobody(
    house: Multiproduct, clock: StandingClock
) -> None:
    await a_member(house, EMAIL)
    async with house.container.units.open(SYSTEM) as unit:
        (standard,) = [each for each in await unit.roles.every() if each.key == "standard_user"]
        standard.change(permissions=standard.permissions | {"shop.cart.read"}, now=clock.now())
        await unit.roles.save(standard)
        await unit.commit()
    tokens = await _by_mailed_code(house)
    assert isinstance(tokens, Tokens)
    caller = await caller_of(house, tokens)
    caller.require("shop.cart.read")
    caller.require_recent(clock.now())


async def test_a_sign_in_code_by_text_says_so(house: Multiproduct) -> None:
    await a_member(house, EMAIL)
    await _with_a_number(house)
    sent = await house.identity.sign_in.request_code(RequestSignInCode(phone=NUMBER))
    otp = await code_for(house, NUMBER)
    tokens = await house.identity.sign_in.with_code(SignInWithCode(challenge_id=sent.challenge_id, otp=otp))
    assert isinstance(tokens, Tokens)
    assert (await caller_of(house, tokens)).principal.methods == ("sms",)


async def test_the_key_of_a_device_alone_is_no_recent_proof(house: Multiproduct) -> None:
    caller, _ = await a_signed_in_member(house)
    device = SoftwareDevice()
    await enrolled(house, caller, device)
    tokens = await sign_in_by_device(house, device)
    assert isinstance(tokens, Tokens)
    by_key = await caller_of(house, tokens)
    with pytest.raises(StepUpRequired):
        await house.identity.contact_changes.request(ChangeEmail(email="thief@evil.com"), by_key)
    with pytest.raises(StepUpRequired):
        await house.identity.passkeys.registration_options(by_key)
    await house.identity.step_up.step_up(StepUp(password=PASSWORD), by_key)
    await house.identity.passkeys.registration_options(await caller_of(house, tokens))


# M8: two of one kind are one factor


async def test_a_mailed_code_and_a_recovery_code_are_not_called_two_factors(house: Multiproduct) -> None:
    person = await with_an_app(house)
    waiting = await _by_mailed_code(house)
    assert isinstance(waiting, SecondFactorRequired)
    tokens = await house.identity.second_factor_sign_in.complete(
        CompleteSignIn(mfa_token=waiting.mfa_token, code=person.added.recovery_codes[0])
    )
    assert (await caller_of(house, tokens)).principal.methods == ("mail", "otp")


async def test_a_passkey_tells_what_it_proved_as_a_second_factor(house: Multiproduct) -> None:
    caller, tokens = await a_signed_in_member(house)
    authenticator = SoftwareAuthenticator()
    await made(house, caller, authenticator)
    offered = await house.identity.passkey_sign_in.check_options(caller)
    await house.identity.step_up.step_up(
        StepUp(challenge_id=offered.challenge_id, credential=authenticator.get(offered.public_key)), caller
    )
    methods = (await caller_of(house, tokens)).principal.methods
    assert methods == ("pwd", "hwk", "user", "mfa")


# L3: an answer that was given to step up completes no sign-in


async def test_an_answer_for_a_step_up_completes_no_sign_in_nor_does_that_of_another(
    house: Multiproduct,
) -> None:
    caller, _ = await a_signed_in_member(house)
    authenticator = SoftwareAuthenticator()
    await made(house, caller, authenticator)
    first, second = await asked(house), await asked(house)
    step = house.identity.second_factor_sign_in
    for offered in (
        await house.identity.passkey_sign_in.check_options(caller),
        await step.passkey_options(ContinueSignIn(mfa_token=first.mfa_token)),
    ):
        command = CompleteSignIn(
            mfa_token=second.mfa_token,
            challenge_id=offered.challenge_id,
            credential=authenticator.get(offered.public_key),
        )
        with pytest.raises(InvalidCode):
            await step.complete(command)


# L6: an address to which nothing is sent is no way in


async def test_a_telephone_is_no_way_in_where_nothing_is_texted(house: Multiproduct) -> None:
    await a_member(house, EMAIL)
    await _with_a_number(house)
    async with house.container.units.view(SYSTEM) as view:
        user = await view.users.find_by_email(EMAIL)
        assert user is not None
        counted = [(await WaysInCounting(texts=texts).of(view, user)).count for texts in (True, False)]
    assert counted == [3, 2]


async def test_a_relay_that_forwards_no_more_is_no_way_in() -> None:
    relay = {"email": "abc@privaterelay.example", "email_verified": True}
    async with social_house() as (house, provider):
        caller = await caller_of(house, await come_from(house, provider, **relay))
        async with house.container.units.open(SYSTEM) as unit:
            user = await unit.users.find(caller.require_user())
            assert user is not None
            (account,) = await unit.social_accounts.of_user(user.id)
            user.email_verified = True
            await unit.users.save(user)
            account.mail_changed(arrives=False, now=house.container.clock.now())
            await unit.social_accounts.used(account)
            await unit.commit()
        with pytest.raises(LastWayIn):
            await house.identity.social_linking.unlink(account.id, caller)

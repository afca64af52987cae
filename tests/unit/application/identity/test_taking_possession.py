"""Proving an address that nobody had proved: nothing that a stranger left in the account is a way in, and an
account with another proved address admits nobody by one that was only claimed."""

import re

import pytest
from tests.software_authenticator import SoftwareAuthenticator
from tests.software_device import SoftwareDevice
from tests.unit.application.identity.factors import app_code, caller_of
from tests.unit.application.identity.people import (
    PASSWORD,
    a_member,
    code_for,
    open_house,
    sign_up,
    signed_in,
)
from tests.unit.application.identity.test_device_keys import enrolled
from tests.unit.application.identity.test_device_keys import sign_in as sign_in_by_device
from tests.unit.application.identity.test_importing import a_django_hash, bring, find
from tests.unit.application.identity.test_passkeys import made

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import (
    ChangeEmail,
    ChangePhone,
    ConfirmContactChange,
    ConfirmPasswordReset,
    ConfirmTotp,
    EnrolTotp,
    RequestPasswordReset,
    RequestPhoneCode,
    RequestSignInCode,
    SetPassword,
    SignInByPhone,
    SignInWithCode,
    SignInWithPassword,
    Tokens,
    VerifyRegistration,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.identity import ContactKind, InvalidCredentials
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import MultiproductError

EMAIL, NUMBER, NEW = "victim@corp.com", "+886912345678", "quite another battery staple"


async def reset(house, **address):
    sent = await house.identity.password_reset.request(RequestPasswordReset(**address))
    code = await code_for(house, next(iter(address.values())))
    await house.identity.password_reset.confirm(
        ConfirmPasswordReset(challenge_id=sent.challenge_id, otp=code, new_password=NEW)
    )


async def by_code(house, **address):
    sent = await house.identity.sign_in.request_code(RequestSignInCode(**address))
    code = await code_for(house, next(iter(address.values())))
    return await house.identity.sign_in.with_code(SignInWithCode(challenge_id=sent.challenge_id, otp=code))


async def by_phone(house, number=NUMBER):
    sent = await house.identity.phone_sign_in.request(RequestPhoneCode(phone=number))
    answer = SignInByPhone(challenge_id=sent.challenge_id, otp=await code_for(house, number))
    return await house.identity.phone_sign_in.verify(answer)


async def by_password(house, password=PASSWORD, **who):
    return await house.identity.sign_in.with_password(SignInWithPassword(password=password, **who))


async def planted(house, **row):
    """An account from elsewhere whose author knows the password, and has signed in."""
    await bring(house, {"username": "planted", "password_hash": a_django_hash(), **row})
    return await caller_of(house, await by_password(house, username="planted"))


async def written_to(house, address):
    await house.drain()
    return [message.text for message in await house.container.mailbox.messages(address)]


async def audited(house, event):
    async with house.container.units.view(SYSTEM) as view:
        return list(await view.audit_trail.find(AuditFilter(event=event), limit=50))


async def is_live(house, tokens_or_caller):
    async with house.container.units.view(SYSTEM) as view:
        session_id = tokens_or_caller.principal.session_id
        standing = await view.sessions.standing(session_id, now=house.container.clock.now())
    return standing is not None and standing.is_live


PROOFS = [
    pytest.param({"email": EMAIL}, reset, id="reset"),
    pytest.param({"email": EMAIL}, by_code, id="code by mail"),
    pytest.param({"phone": NUMBER}, by_code, id="code by text"),
    pytest.param({"phone": NUMBER}, lambda house, phone: by_phone(house, phone), id="sign-in by telephone"),
]


@pytest.mark.parametrize(("address", "prove"), PROOFS)
async def test_whoever_proves_the_address_finds_no_way_in_that_was_left_there(address, prove):
    async with open_house() as house:
        author = await planted(house, **address)
        device, authenticator = SoftwareDevice(), SoftwareAuthenticator()
        await enrolled(house, author, device)
        await made(house, author, authenticator)
        offered = await house.identity.second_factors.enrol(EnrolTotp(name="x"), author)
        code = app_code(offered.secret, house.container.clock.now())
        await house.identity.second_factors.confirm(
            ConfirmTotp(factor_id=offered.factor_id, code=code), author
        )
        waiting = await by_password(house, username="planted")
        assert not isinstance(waiting, Tokens)

        found = await prove(house, **address)

        assert found is None or isinstance(found, Tokens), "the owner is asked for a stranger's factor"
        user_id = author.principal.user_id
        async with house.container.units.view(SYSTEM) as view:
            user = await view.users.find(user_id)
            left = [
                *await view.passkeys.of_user(user_id),
                *await view.device_keys.of_user(user_id),
                *await view.totp_factors.of_user(user_id),
                *await view.recovery_codes.unused(user_id),
                *await view.social_accounts.of_user(user_id),
            ]
        assert left == []
        assert (user.email_verified, user.phone_verified) == ("email" in address, "phone" in address)
        assert not await is_live(house, author)
        with pytest.raises(InvalidCredentials):
            await by_password(house, username="planted")
        with pytest.raises(MultiproductError):
            await sign_in_by_device(house, device)
        assert len(await audited(house, "identity.possession_taken")) == 1


async def test_after_a_reset_that_proves_the_mailbox_the_new_password_lets_the_owner_in():
    async with open_house() as house:
        author = await planted(house, email=EMAIL)
        await reset(house, email=EMAIL)
        tokens = await by_password(house, NEW, email=EMAIL)
        assert tokens.user.id == author.principal.user_id
        assert tokens.user.is_email_verified
        assert any("for the first time" in text for text in await written_to(house, EMAIL))


async def test_a_proved_address_is_proved_again_without_losing_anything():
    async with open_house() as house:
        await a_member(house, EMAIL)
        caller = await caller_of(house, await signed_in(house, EMAIL))
        await enrolled(house, caller, SoftwareDevice())
        await by_code(house, email=EMAIL)
        assert await is_live(house, caller)
        assert isinstance(await by_password(house, email=EMAIL), Tokens)
        async with house.container.units.view(SYSTEM) as view:
            assert len(await view.device_keys.of_user(caller.principal.user_id)) == 1
        assert await audited(house, "identity.possession_taken") == []


async def claimed(house):
    """Somebody's own account, with a number that was never proved."""
    author = await planted(house, email="tony@stark.com", email_verified=True, phone=NUMBER)
    return author.principal.user_id


async def test_nobody_gets_a_code_at_a_number_that_was_only_claimed():
    async with open_house() as house:
        await claimed(house)
        await house.identity.sign_in.request_code(RequestSignInCode(phone=NUMBER))
        await house.identity.password_reset.request(RequestPasswordReset(phone=NUMBER))
        assert await written_to(house, NUMBER) == []


async def read_code(house, challenge_id):
    """The code of a challenge that was never sent."""
    async with house.container.units.view(SYSTEM) as view:
        challenge = await view.challenges.find(challenge_id)
    return house.identity.sign_in._code_book.code(challenge)


async def test_a_right_sign_in_code_at_a_number_that_was_only_claimed_is_answered_like_a_strangers():
    async with open_house() as house:
        await claimed(house)
        sent = await house.identity.sign_in.request_code(RequestSignInCode(phone=NUMBER))
        answer = SignInWithCode(challenge_id=sent.challenge_id, otp=await read_code(house, sent.challenge_id))
        with pytest.raises(InvalidCode):
            await house.identity.sign_in.with_code(answer)


async def test_a_right_reset_code_at_a_number_that_was_only_claimed_sets_no_password():
    async with open_house() as house:
        user_id = await claimed(house)
        sent = await house.identity.password_reset.request(RequestPasswordReset(phone=NUMBER))
        code = await read_code(house, sent.challenge_id)
        answer = ConfirmPasswordReset(challenge_id=sent.challenge_id, otp=code, new_password=NEW)
        with pytest.raises(InvalidCode):
            await house.identity.password_reset.confirm(answer)
        tokens = await by_password(house, username="planted")
        assert (tokens.user.id, tokens.user.is_phone_verified) == (user_id, False)


async def test_a_claimed_number_goes_to_its_holder_and_the_account_is_told():
    async with open_house() as house:
        user_id = await claimed(house)
        holder = await by_phone(house)
        assert holder.user.id != user_id
        assert (await find(house, "tony@stark.com")).phone is None
        assert any(
            "was removed from your account" in text for text in await written_to(house, "tony@stark.com")
        )
        assert isinstance(await by_password(house, username="planted"), Tokens)


async def test_an_account_whose_only_address_is_a_number_is_its_holders_also_after_it_was_used():
    async with open_house() as house:
        author = await planted(house, phone=NUMBER)
        tokens = await by_phone(house)
        assert tokens.user.id == author.principal.user_id
        assert tokens.user.phone == NUMBER


@pytest.mark.parametrize("squat", [{"email": "squatter@evil.com", "email_verified": True}, {}])
async def test_a_claim_keeps_nobody_from_changing_to_a_number_of_their_own(squat):
    async with open_house() as house:
        author = await planted(house, phone=NUMBER, **squat)
        await a_member(house, "tony@stark.com")
        caller = await caller_of(house, await signed_in(house, "tony@stark.com"))
        sent = await house.identity.contact_changes.request(ChangePhone(phone=NUMBER), caller)
        code = re.search(r"\b\d{6}\b", (await written_to(house, NUMBER))[0]).group()
        view = await house.identity.contact_changes.confirm(
            ContactKind.PHONE, ConfirmContactChange(challenge_id=sent.challenge_id, otp=code), caller
        )
        assert (view.phone, view.is_phone_verified) == (NUMBER, True)
        async with house.container.units.view(SYSTEM) as unit:
            assert (await unit.users.find(author.principal.user_id)).phone is None


async def test_a_claim_besides_a_proved_address_keeps_nobody_from_signing_up():
    async with open_house() as house:
        await planted(house, email=EMAIL, phone=NUMBER, phone_verified=True)
        sent = await sign_up(house, EMAIL)
        code = await code_for(house, EMAIL)
        done = await house.identity.registration.verify(
            VerifyRegistration(challenge_id=sent.challenge_id, otp=code)
        )
        assert done.user.email == EMAIL
        assert len(await audited(house, "identity.address_lost")) == 1


async def test_people_prove_an_address_of_their_own_that_came_unproved():
    async with open_house() as house:
        caller = await planted(house, email=EMAIL)
        sent = await house.identity.contact_changes.request(ChangeEmail(email=EMAIL), caller)
        code = re.search(r"\b\d{6}\b", "\n".join(await written_to(house, EMAIL))).group()
        view = await house.identity.contact_changes.confirm(
            ContactKind.EMAIL, ConfirmContactChange(challenge_id=sent.challenge_id, otp=code), caller
        )
        assert view.is_email_verified
        assert isinstance(await by_password(house, email=EMAIL), Tokens)


async def test_a_first_password_ends_other_sessions_and_voids_codes_and_changes_under_way():
    async with open_house() as house:
        other, own = (
            await caller_of(house, await by_phone(house)),
            await caller_of(house, await by_phone(house)),
        )
        sent = await house.identity.phone_sign_in.request(RequestPhoneCode(phone=NUMBER))
        code = await code_for(house, NUMBER)
        await house.identity.contact_changes.request(ChangeEmail(email="thief@evil.com"), other)
        await house.identity.password_change.set(SetPassword(new_password=NEW), own)
        assert await is_live(house, own)
        assert not await is_live(house, other)
        with pytest.raises(InvalidCode):
            await house.identity.phone_sign_in.verify(SignInByPhone(challenge_id=sent.challenge_id, otp=code))
        async with house.container.units.view(SYSTEM) as view:
            assert await view.contact_changes.open_of(own.principal.user_id, ContactKind.EMAIL) is None


async def test_a_reset_voids_codes_at_the_other_address_too():
    async with open_house() as house:
        await planted(house, email=EMAIL, email_verified=True, phone=NUMBER, phone_verified=True)
        sent = await house.identity.phone_sign_in.request(RequestPhoneCode(phone=NUMBER))
        code = await code_for(house, NUMBER)
        await reset(house, email=EMAIL)
        with pytest.raises(InvalidCode):
            await house.identity.phone_sign_in.verify(SignInByPhone(challenge_id=sent.challenge_id, otp=code))


async def test_what_was_answered_first_about_somebody_goes_when_they_are_erased():
    async with open_house() as house:
        sent = await sign_up(house, EMAIL)
        command = VerifyRegistration(challenge_id=sent.challenge_id, otp=await code_for(house, EMAIL))
        first = await house.identity.registration.verify(command, idempotency_key="k1")
        assert await house.identity.registration.verify(command, idempotency_key="k1") == first
        caller = await caller_of(house, await signed_in(house, EMAIL))
        await house.identity.erasing.erase_own(caller)
        await house.drain()
        with pytest.raises(InvalidCode):
            await house.identity.registration.verify(command, idempotency_key="k1")

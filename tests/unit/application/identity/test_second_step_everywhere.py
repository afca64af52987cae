"""Whoever has a second factor is asked for it whichever way they come, also after a reset of the password."""

from tests.software_device import SoftwareDevice
from tests.unit.application.identity.factors import EMAIL, Protected, with_an_app
from tests.unit.application.identity.people import code_for, open_house
from tests.unit.application.identity.social import social_house
from tests.unit.application.identity.test_device_keys import enrolled
from tests.unit.application.identity.test_device_keys import sign_in as sign_in_by_device
from tests.unit.application.identity.test_phone_sign_in import NUMBER
from tests.unit.application.identity.test_phone_sign_in import sign_in as sign_in_by_phone
from tests.unit.application.identity.test_social_linking import link

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import (
    ConfirmPasswordReset,
    RequestPasswordReset,
    SecondFactorRequired,
    SignInWithPassword,
    SocialProof,
)
from multiproduct.domain.identity import PhoneNumber, Provider
from multiproduct.entrypoints.library import Multiproduct

NEW = "quite another battery staple"


async def _with_a_number(house: Multiproduct, person: Protected) -> None:
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find(person.caller.require_user())
        assert user is not None
        user.phone, user.phone_verified = PhoneNumber.parse(NUMBER), True
        await unit.users.save(user)
        await unit.commit()


async def test_a_texted_code_leads_to_the_second_step() -> None:
    async with open_house() as house:
        await _with_a_number(house, await with_an_app(house))
        assert isinstance(await sign_in_by_phone(house), SecondFactorRequired)


async def test_the_key_of_a_device_leads_to_the_second_step() -> None:
    async with open_house() as house:
        person, device = await with_an_app(house), SoftwareDevice()
        await enrolled(house, person.caller, device)
        assert isinstance(await sign_in_by_device(house, device), SecondFactorRequired)


async def test_a_linked_account_leads_to_the_second_step() -> None:
    async with social_house() as (house, provider):
        await link(house, provider, (await with_an_app(house)).caller)
        answer = await house.identity.social_sign_in.by_token(
            Provider.GOOGLE, SocialProof(id_token=provider.token())
        )
        assert isinstance(answer, SecondFactorRequired)


async def test_a_new_password_does_not_stand_in_for_the_second_factor() -> None:
    async with open_house() as house:
        await with_an_app(house)
        sent = await house.identity.password_reset.request(RequestPasswordReset(email=EMAIL))
        code = await code_for(house, EMAIL)
        await house.identity.password_reset.confirm(
            ConfirmPasswordReset(challenge_id=sent.challenge_id, otp=code, new_password=NEW)
        )
        answer = await house.identity.sign_in.with_password(SignInWithPassword(email=EMAIL, password=NEW))
        assert isinstance(answer, SecondFactorRequired)
        assert answer.methods == ["totp", "recovery_code"]

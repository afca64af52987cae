"""In which language people are written to, and on whose clocks times are told."""

from datetime import UTC, datetime

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, code_for, latest_mail, open_house

from multiproduct.application.caller import Caller
from multiproduct.application.identity import (
    ConfirmPasswordReset,
    RequestPasswordReset,
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.bootstrap import Overrides

TONY = "tony@stark.com"
SPANISH, GERMAN = Caller(locale="es"), Caller(locale="de")


@pytest.fixture
async def house():
    clock = StandingClock()
    clock.moment = datetime(2030, 1, 2, 20, 5, tzinfo=UTC)
    async with open_house(Overrides(clock=clock)) as opened:
        yield opened


async def a_member_of(house, *, locale: str = "en", time_zone: str = "UTC") -> None:
    command = StartRegistration(email=TONY, password=PASSWORD, locale=locale, time_zone=time_zone)
    await house.identity.registration.start(command)
    code = await code_for(house, TONY)
    await house.identity.registration.verify(VerifyRegistration(email=TONY, otp=code))


async def mail_about_a_reset(house) -> str:
    await house.identity.password_reset.request(RequestPasswordReset(email=TONY), SPANISH)
    code = await code_for(house, TONY)
    await house.identity.password_reset.confirm(
        ConfirmPasswordReset(email=TONY, otp=code, new_password=f"{PASSWORD}, again")
    )
    return await latest_mail(house, TONY)


@pytest.mark.parametrize(
    ("locale", "time_zone", "when"),
    [
        ("en", "UTC", "January 2, 2030, 8:05 PM UTC"),
        ("en", "Asia/Taipei", "January 3, 2030, 4:05 AM (Taiwan Standard Time)"),
        ("es", "America/Mexico_City", "2 de enero de 2030, 14:05 (hora estándar central)"),
        ("zh-Hant", "Asia/Taipei", "2030年1月3日 凌晨4:05 (台北標準時間)"),
        ("fa", "Asia/Tehran", "۲ ژانویهٔ ۲۰۳۰، ۲۳:۳۵ (وقت عادی ایران)"),
    ],
)
async def test_a_time_is_told_in_the_persons_language_and_on_their_clocks(house, locale, time_zone, when):
    await a_member_of(house, locale=locale, time_zone=time_zone)
    mail = await mail_about_a_reset(house)
    assert when in mail.replace("\u202f", " ")


async def test_an_owner_is_written_to_in_the_language_of_the_account_whoever_asks(house):
    await a_member_of(house, locale="fa")
    for ask in (
        house.identity.password_reset.request(RequestPasswordReset(email=TONY), SPANISH),
        house.identity.registration.start(StartRegistration(email=TONY, password=PASSWORD), SPANISH),
    ):
        await ask
        assert "رمز" in (mail := await latest_mail(house, TONY)) or "گذرواژه" in mail


async def test_whoever_signs_up_is_written_to_in_the_language_they_chose(house):
    command = StartRegistration(email=TONY, password=PASSWORD, locale="es")
    await house.identity.registration.start(command, GERMAN)
    assert "Confirma" in await latest_mail(house, TONY)


async def test_whoever_chose_no_language_is_written_to_in_that_of_the_request(house):
    await house.identity.registration.start(StartRegistration(email=TONY, password=PASSWORD), SPANISH)
    assert "Confirma" in await latest_mail(house, TONY)

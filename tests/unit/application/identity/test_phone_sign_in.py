"""Sign-in by telephone: one way for known and new numbers, and budgets for what each text costs."""

import re
from datetime import UTC, datetime

import pytest
from tests.unit.application.identity.people import PASSWORD, a_member, open_house

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    RequestPasswordReset,
    RequestPhoneCode,
    RequestSignInCode,
    ResendCode,
    SignInByPhone,
    SignInWithCode,
    SignInWithPassword,
    StartRegistration,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.identity import EmailAddress, InvalidCredentials, PhoneNumber, User, Username
from multiproduct.domain.identity.user import UserStatus
from multiproduct.domain.otp import ChallengeIdRequired, InvalidCode
from multiproduct.domain.shared import InvalidInput, NotConfigured, TooManyRequests, Unauthenticated
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

NUMBER = "+886912345678"
SOMEWHERE = Caller(ip="203.0.113.9", locale="es")


async def texts_to(house, number=NUMBER):
    await house.drain()
    return [message.text for message in await house.container.mailbox.messages(number)]


async def ask(house, number=NUMBER, caller=SOMEWHERE):
    """Asks for a code, and reads it off the telephone."""
    sent = await house.identity.phone_sign_in.request(RequestPhoneCode(phone=number), caller)
    (text, *_) = await texts_to(house, number)
    return sent, re.search(r"\b\d{6}\b", text).group()


async def sign_in(house, number=NUMBER, caller=SOMEWHERE):
    sent, code = await ask(house, number, caller)
    return await house.identity.phone_sign_in.verify(
        SignInByPhone(challenge_id=sent.challenge_id, otp=code), caller
    )


async def keep(house, **fields):
    """A user as another system would have left one."""
    now = datetime.now(UTC)
    container = house.container
    user = User(id=container.ids.for_user(), created_at=now, updated_at=now, **fields)
    async with container.units.open(SYSTEM) as unit:
        await unit.users.add(user)
        await unit.commit()
    return user


async def find(house, user_id):
    async with house.container.units.view(SYSTEM) as view:
        return await view.users.find(user_id)


async def audited(house, event):
    async with house.container.units.view(SYSTEM) as view:
        return list(await view.audit_trail.find(AuditFilter(event=event), limit=50))


async def test_a_new_number_gets_an_account_and_the_next_time_signs_in_to_it():
    async with open_house() as house:
        first = await sign_in(house)
        assert first.user.phone == NUMBER
        assert first.user.is_phone_verified
        assert first.user.username_changeable
        assert first.user.roles == ["standard_user"]
        assert first.user.locale == "es"
        again = await sign_in(house)
        assert again.user.id == first.user.id
        principal = await house.identity.authenticating.principal(again.access)
        assert principal.methods == ("sms",)


async def test_the_text_is_short_names_the_service_and_speaks_the_callers_language():
    async with open_house() as house:
        _, code = await ask(house)
        (text,) = await texts_to(house)
        assert text == f"{code} es tu código de STARK. Caduca en 10 minutos. No lo compartas."


async def test_a_code_signs_in_once():
    async with open_house() as house:
        sent, code = await ask(house)
        answer = SignInByPhone(challenge_id=sent.challenge_id, otp=code)
        await house.identity.phone_sign_in.verify(answer, SOMEWHERE)
        with pytest.raises(InvalidCode):
            await house.identity.phone_sign_in.verify(answer, SOMEWHERE)


async def test_a_number_may_stand_for_its_only_live_code_but_not_for_one_of_two():
    async with open_house() as house:
        _, code = await ask(house)
        tokens = await house.identity.phone_sign_in.verify(
            SignInByPhone(phone="+886 912-345-678", otp=code), SOMEWHERE
        )
        assert tokens.user.phone == NUMBER
        await ask(house)
        _, code = await ask(house)
        with pytest.raises(ChallengeIdRequired):
            await house.identity.phone_sign_in.verify(SignInByPhone(phone=NUMBER, otp=code), SOMEWHERE)


async def test_a_code_is_good_for_this_purpose_alone():
    async with open_house() as house:
        await sign_in(house)
        sent, code = await ask(house)
        with pytest.raises(InvalidCode):
            await house.identity.sign_in.with_code(
                SignInWithCode(challenge_id=sent.challenge_id, otp=code), SOMEWHERE
            )
        login = await house.identity.sign_in.request_code(RequestSignInCode(phone=NUMBER), SOMEWHERE)
        (text, *_) = await texts_to(house)
        code = re.search(r"\b\d{6}\b", text).group()
        with pytest.raises(InvalidCode):
            await house.identity.phone_sign_in.verify(
                SignInByPhone(challenge_id=login.challenge_id, otp=code), SOMEWHERE
            )


async def test_a_wrong_code_is_audited_as_a_refused_sign_in_without_the_number():
    async with open_house() as house:
        sent, _ = await ask(house)
        with pytest.raises(InvalidCode):
            await house.identity.phone_sign_in.verify(
                SignInByPhone(challenge_id=sent.challenge_id, otp="x"), SOMEWHERE
            )
        (row,) = await audited(house, "identity.sign_in_refused")
        assert "912345678" not in repr(row)


async def test_somebody_who_is_suspended_gets_no_code_and_no_session():
    async with open_house() as house:
        await keep(
            house,
            username=Username.parse("tony.s"),
            phone=PhoneNumber.parse(NUMBER),
            phone_verified=True,
            status=UserStatus.SUSPENDED,
        )
        await house.identity.phone_sign_in.request(RequestPhoneCode(phone=NUMBER), SOMEWHERE)
        assert await texts_to(house) == []


async def test_a_number_that_was_only_claimed_is_lost_to_its_holder():
    async with open_house() as house:
        claimant = await keep(
            house,
            username=Username.parse("claimant"),
            email=EmailAddress.parse("claimant@stark.com"),
            email_verified=True,
            phone=PhoneNumber.parse(NUMBER),
            password_hash="$argon2id$not-looked-at",
        )
        tokens = await sign_in(house)
        assert tokens.user.id != claimant.id
        kept = await find(house, claimant.id)
        assert (kept.phone, kept.password_hash) == (None, "$argon2id$not-looked-at")


async def test_an_account_that_nobody_used_drops_its_password_when_its_number_is_proved():
    async with open_house() as house:
        hashed = await house.container.identity.password_change._hasher.hash(PASSWORD)
        planted = await keep(
            house,
            username=Username.parse("planted"),
            phone=PhoneNumber.parse(NUMBER),
            password_hash=hashed,
        )
        tokens = await sign_in(house)
        assert tokens.user.id == planted.id
        assert tokens.user.is_phone_verified
        with pytest.raises(InvalidCredentials):
            await house.identity.sign_in.with_password(SignInWithPassword(phone=NUMBER, password=PASSWORD))


async def test_an_account_that_somebody_used_without_proving_its_number_goes_to_the_numbers_holder():
    async with open_house() as house:
        hashed = await house.container.identity.password_change._hasher.hash(PASSWORD)
        used = await keep(
            house,
            username=Username.parse("used.one"),
            phone=PhoneNumber.parse(NUMBER),
            password_hash=hashed,
        )
        stranger = await house.identity.sign_in.with_password(
            SignInWithPassword(phone=NUMBER, password=PASSWORD)
        )
        tokens = await sign_in(house)
        assert tokens.user.id == used.id
        with pytest.raises(Unauthenticated):
            await house.identity.authenticating.principal(stranger.access)


@pytest.mark.parametrize("number", ["+19005550123", "+447012345678", "+881612345678"])
async def test_numbers_that_cost_or_belong_to_no_country_are_refused(number):
    async with open_house() as house:
        with pytest.raises(InvalidInput) as refusal:
            await house.identity.phone_sign_in.request(RequestPhoneCode(phone=number), SOMEWHERE)
        assert [problem.field for problem in refusal.value.problems] == ["phone"]
        assert await texts_to(house, number) == []


async def test_refusals_of_numbers_are_audited_by_pseudonym():
    async with open_house() as house:
        with pytest.raises(InvalidInput):
            await house.identity.phone_sign_in.request(RequestPhoneCode(phone="+881612345678"), SOMEWHERE)
        (row,) = await audited(house, "identity.text_request_refused")
        assert row.action == "refuse"
        assert "881612345678" not in repr(row)


async def test_only_the_countries_of_the_settings_are_texted():
    settings = in_memory(sms_countries="us,ca")
    async with Multiproduct.from_settings(settings) as house:
        with pytest.raises(InvalidInput) as refusal:
            await house.identity.phone_sign_in.request(RequestPhoneCode(phone=NUMBER), SOMEWHERE)
        (problem,) = refusal.value.problems
        assert (problem.field, problem.code) == ("phone", "phone_not_served")
        await house.identity.phone_sign_in.request(RequestPhoneCode(phone="+12025550134"), SOMEWHERE)


async def test_a_number_is_texted_ten_times_a_day_whoever_asks_and_whatever_for():
    async with open_house() as house:
        asks = [
            lambda who: house.identity.phone_sign_in.request(RequestPhoneCode(phone=NUMBER), who),
            lambda who: house.identity.sign_in.request_code(RequestSignInCode(phone=NUMBER), who),
            lambda who: house.identity.password_reset.request(RequestPasswordReset(phone=NUMBER), who),
            lambda who: house.identity.registration.start(StartRegistration(phone=NUMBER), who),
        ]
        for turn in range(10):
            await asks[turn % 4](Caller(ip=f"198.51.100.{turn}"))
        for turn, asking in enumerate(asks):
            with pytest.raises(TooManyRequests) as refusal:
                await asking(Caller(ip=f"198.51.101.{turn}"))
            assert refusal.value.params["scope"] == "text_message"
        assert len(await audited(house, "identity.text_request_refused")) == 4


async def test_a_resend_takes_from_the_same_budget_also_where_only_the_challenge_is_named():
    async with open_house() as house:
        sent = await house.identity.phone_sign_in.request(RequestPhoneCode(phone=NUMBER), SOMEWHERE)
        for turn in range(9):
            await house.identity.phone_sign_in.request(
                RequestPhoneCode(phone=NUMBER), Caller(ip=f"198.51.100.{turn}")
            )
        with pytest.raises(TooManyRequests) as refusal:
            await house.identity.codes.resend(ResendCode(challenge_id=sent.challenge_id))
        assert refusal.value.params["scope"] == "text_message"


async def test_everybody_together_has_the_budget_of_the_settings_and_is_not_told_of_it():
    async with Multiproduct.from_settings(in_memory(sms_a_day=2)) as house:
        for turn in range(2):
            standings = []
            caller = Caller(ip=f"198.51.100.{turn}", standings=standings)
            await house.identity.phone_sign_in.request(RequestPhoneCode(phone=f"+1202555013{turn}"), caller)
            assert not [standing for standing in standings if standing.limit.name.startswith("text")]
        with pytest.raises(TooManyRequests):
            await house.identity.phone_sign_in.request(RequestPhoneCode(phone="+12025550139"), SOMEWHERE)
        await house.identity.sign_in.request_code(RequestSignInCode(email="tony@stark.com"), SOMEWHERE)


async def test_an_address_asks_for_a_hundred_texts_a_day_its_whole_network_together():
    async with Multiproduct.from_settings(in_memory()) as house:
        scope = house.container.throttle._scopes["text_message"]
        assert [(rule.limit.quota, rule.limit.seconds, rule.by.value) for rule in scope.anonymous] == [
            (10, 86400, "subject"),
            (100, 86400, "address"),
            (10_000, 86400, "everybody"),
        ]


async def test_without_a_gateway_nothing_promises_a_text():
    async with Multiproduct.from_settings(in_memory(smtp_url="smtp://127.0.0.1:9")) as house:
        attempts = [
            house.identity.phone_sign_in.request(RequestPhoneCode(phone=NUMBER), SOMEWHERE),
            house.identity.phone_sign_in.verify(SignInByPhone(phone=NUMBER, otp="123456"), SOMEWHERE),
            house.identity.sign_in.request_code(RequestSignInCode(phone=NUMBER), SOMEWHERE),
            house.identity.password_reset.request(RequestPasswordReset(phone=NUMBER), SOMEWHERE),
            house.identity.registration.start(StartRegistration(phone=NUMBER), SOMEWHERE),
        ]
        for attempt in attempts:
            with pytest.raises(NotConfigured) as refusal:
                await attempt
            assert refusal.value.params == {"what": "sms"}


async def test_an_owner_by_mail_gets_codes_by_mail_all_the_same():
    async with open_house() as house:
        user = await a_member(house, "tony@stark.com")
        assert user.phone is None
        await house.identity.sign_in.request_code(RequestSignInCode(email="tony@stark.com"), SOMEWHERE)


def in_memory(**changed):
    return Settings(database_url="memory://", password_cost="test", inline_worker=True, **changed)

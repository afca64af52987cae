"""What people agree to: a log that is only added to."""

from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, code_for, open_house, signed_in
from tests.unit.application.identity.test_avatars import a_caller

from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.identity import (
    GiveConsent,
    StartRegistration,
    VerifyRegistration,
    WithdrawConsent,
)
from multiproduct.application.identity.taking_possession import make_theirs
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import ContactKind, TooManyConsents
from multiproduct.domain.identity.consent import MAX_KINDS
from multiproduct.domain.shared import NotFound, Unauthenticated

TERMS, NEWER = (GiveConsent(kind="terms", version=version) for version in ("1", "2"))
NO_TERMS = WithdrawConsent(kind="terms")
EMAIL = "pepper@stark.com"


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as opened:
        yield opened


@pytest.fixture
async def tony(house):
    caller = await a_caller(house)
    return Caller(principal=caller.principal, ip="203.0.113.7", user_agent="a browser")


async def lines(house, caller):
    seen = await house.identity.consents.mine(caller)
    return (
        [(each.kind, each.version) for each in seen.standing],
        [(each.kind, each.version, each.is_given) for each in seen.log],
    )


async def test_what_is_agreed_to_stands_until_it_is_withdrawn(house, tony):
    given = await house.identity.consents.give(TERMS, tony)
    assert (given.ip, given.source, given.is_given) == ("203.0.113.7", "own_account", True)
    assert await lines(house, tony) == ([("terms", "1")], [("terms", "1", True)])
    gone = await house.identity.consents.withdraw(NO_TERMS, tony)
    assert (gone.version, gone.is_given) == ("1", False)
    assert await lines(house, tony) == ([], [("terms", "1", False), ("terms", "1", True)])


async def test_a_newer_version_takes_the_place_of_an_older_one(house, tony):
    await house.identity.consents.give(TERMS, tony)
    await house.identity.consents.give(NEWER, tony)
    assert await lines(house, tony) == ([("terms", "2")], [("terms", "2", True), ("terms", "1", True)])


async def test_saying_the_same_again_adds_nothing(house, tony):
    first = await house.identity.consents.give(TERMS, tony)
    assert await house.identity.consents.give(TERMS, tony) == first
    gone = await house.identity.consents.withdraw(NO_TERMS, tony)
    assert await house.identity.consents.withdraw(NO_TERMS, tony) == gone
    assert len((await house.identity.consents.mine(tony)).log) == 2
    async with house.container.units.view(SYSTEM) as view:
        for event in ("identity.consent_given", "identity.consent_withdrawn"):
            assert await view.audit_trail.count(AuditFilter(event=event)) == 1


async def test_what_was_never_agreed_to_cannot_be_withdrawn(house, tony):
    with pytest.raises(NotFound):
        await house.identity.consents.withdraw(NO_TERMS, tony)
    with pytest.raises(Unauthenticated):
        await house.identity.consents.mine(ANYBODY)


async def test_nobody_agrees_to_more_than_a_hundred_kinds(house, tony):
    for number in range(MAX_KINDS):
        await house.identity.consents.give(GiveConsent(kind=f"text.{number}", version="1"), tony)
    with pytest.raises(TooManyConsents):
        await house.identity.consents.give(TERMS, tony)
    # Those that there are can still be changed.
    await house.identity.consents.give(GiveConsent(kind="text.7", version="2"), tony)
    await house.identity.consents.withdraw(WithdrawConsent(kind="text.9"), tony)


async def registered(house, clock, **answer):
    sent = await house.identity.registration.start(
        StartRegistration(
            email=EMAIL,
            password=PASSWORD,
            consents=[TERMS, GiveConsent(kind="marketing.email", version="3"), NEWER],
        ),
        Caller(ip="198.51.100.9"),
    )
    asked_at = clock.now()
    code = await code_for(house, EMAIL)
    clock.pass_by(timedelta(minutes=2))
    await house.identity.registration.verify(
        VerifyRegistration(challenge_id=sent.challenge_id, otp=code, **answer), Caller(ip="203.0.113.7")
    )
    return asked_at


async def test_what_is_agreed_to_at_sign_up_is_kept_as_of_then(house, clock):
    asked_at = await registered(house, clock)
    tokens = await signed_in(house, EMAIL)
    caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
    standing = (await house.identity.consents.mine(caller)).standing
    assert [(each.kind, each.version) for each in standing] == [("marketing.email", "3"), ("terms", "2")]
    assert {(each.at, each.ip, each.source) for each in standing} == {(asked_at, "198.51.100.9", "sign_up")}


async def test_whoever_sets_another_password_agreed_to_nothing(house, clock):
    await registered(house, clock, new_password="quite another battery staple")
    async with house.container.units.view(SYSTEM) as view:
        user = await view.users.find_by_email(EMAIL)
        assert await view.consents.of_user(user.id, limit=9) == []


async def test_an_account_that_goes_to_whoever_proves_its_address_agrees_to_nothing(house, tony):
    await house.identity.consents.give(TERMS, tony)
    user_id = tony.require_user()
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find(user_id)
        user.email_verified = False
        await make_theirs(unit, user, ContactKind.EMAIL, now=house.container.clock.now())
        await unit.commit()
    async with house.container.units.view(SYSTEM) as view:
        (newest, *_) = await view.consents.of_user(user_id, limit=9)
        assert (newest.is_given, newest.source) == (False, "taken_over")
        assert [each.is_given for each in await view.consents.standing(user_id, limit=9)] == [False]


async def test_the_log_is_exported_and_outlives_an_erasure_without_the_address(house, tony):
    await house.identity.consents.give(TERMS, tony)
    exported = await house.identity.data_export.export(tony)
    assert [each["kind"] for each in exported.data["consents"]] == ["terms"]
    await house.identity.erasing.erase_own(tony)
    async with house.container.units.view(SYSTEM) as view:
        (left,) = await view.consents.of_user(tony.require_user(), limit=9)
    assert (left.kind, left.version, left.ip, left.user_agent) == ("terms", "1", None, None)

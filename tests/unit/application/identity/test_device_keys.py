"""Device keys: enrolled, used and revoked by their owners, against a telephone in software."""

import os
from datetime import timedelta

import pytest
from tests.software_device import SoftwareDevice, b64, claims, forgeries
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, latest_mail, open_house, signed_in

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    CreateAdmin,
    EnrolDeviceKey,
    RenameKey,
    RequestDeviceKeySignIn,
    SignInWithDeviceKey,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import (
    CredentialRefused,
    CredentialTaken,
    InvalidCredentials,
    SessionOver,
    TooManyCredentials,
)
from multiproduct.domain.identity.ways_in import is_possession_alone, needs_more
from multiproduct.domain.shared import NotFound, StepUpRequired

TONY, PEPPER = "tony@stark.com", "pepper@stark.com"


async def somebody(house, email=TONY) -> Caller:
    await a_member(house, email)
    principal = await house.identity.authenticating.principal((await signed_in(house, email)).access)
    return Caller(principal=principal)


async def enrolled(house, caller, device, verification="platform", storage="hardware", **changed):
    keys = house.identity.device_keys
    offered = await keys.enrolment_options(caller)
    body = changed.pop("body", claims(verification, storage))
    signature = device.sign(device.message(offered, body, **changed))
    command = EnrolDeviceKey(
        challenge_id=offered.challenge_id,
        public_key=b64(changed.get("spki", device.spki)),
        signature=b64(signature),
        user_verification=verification,
        storage=storage,
        name="Telephone",
    )
    return await keys.enrol(command, caller)


async def offer(house, device):
    return await house.identity.device_key_sign_in.options(RequestDeviceKeySignIn(key_id=device.key_id))


async def answer(house, device, offered, signature):
    command = SignInWithDeviceKey(
        challenge_id=offered.challenge_id, key_id=device.key_id, signature=b64(signature)
    )
    return await house.identity.device_key_sign_in.sign_in(command)


async def sign_in(house, device):
    offered = await offer(house, device)
    return await answer(house, device, offered, device.sign(device.message(offered)))


async def refused(house, device, offered=None, signature=None) -> None:
    offered = offered or await offer(house, device)
    with pytest.raises(InvalidCredentials) as refusal:
        await answer(house, device, offered, signature or device.sign(device.message(offered)))
    assert str(refusal.value) == "invalid_credentials()"


async def events(house, name) -> int:
    async with house.container.units.view(SYSTEM) as view:
        return await view.audit_trail.count(AuditFilter(event=name))


@pytest.mark.parametrize(("storage", "methods"), [("hardware", ("hwk",)), ("software", ("swk",))])
async def test_a_device_is_enrolled_and_signs_its_owner_in(storage, methods):
    device = SoftwareDevice()
    async with open_house() as house:
        caller = await somebody(house)
        view = await enrolled(house, caller, device, storage=storage)
        assert (view.key_id, view.name, view.is_locked) == (device.key_id, "Telephone", False)
        tokens = await sign_in(house, device)
        assert tokens.user.id == caller.principal.user_id
        principal = await house.identity.authenticating.principal(tokens.access)
        assert principal.methods == methods
        assert is_possession_alone(principal.methods)
        (kept,) = (await house.identity.device_keys.mine(caller)).items
        assert kept.last_used_at is not None
        assert "device" in await latest_mail(house, TONY)


async def test_every_generated_forgery_is_refused_and_the_device_gets_in_between():
    device, clock = SoftwareDevice(), StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        await enrolled(house, await somebody(house), device)
        names = list(forgeries(device, await offer(house, device)))
        assert len(names) > 60
        for number, name in enumerate(names):
            offered = await offer(house, device)
            await refused(house, device, offered, forgeries(device, offered)[name])
            if number % 4 == 3:
                clock.pass_by(timedelta(seconds=30))
                assert await sign_in(house, device), "fewer than five failures in a row"


async def test_a_challenge_is_good_once_for_its_key_and_for_less_than_a_minute():
    device, other, clock = SoftwareDevice(), SoftwareDevice(), StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        caller = await somebody(house)
        await enrolled(house, caller, device)
        await enrolled(house, caller, other)
        offered = await offer(house, device)
        right = device.sign(device.message(offered))
        await refused(house, other, offered, other.sign(other.message(offered)))
        assert await answer(house, device, offered, right), "another key's answer uses nothing up"
        await refused(house, device, offered, right)
        late = await offer(house, device)
        clock.pass_by(timedelta(seconds=60))
        await refused(house, device, late)
        enrolment = await house.identity.device_keys.enrolment_options(caller)
        await refused(house, device, enrolment)
        assert await events(house, "identity.device_key_refused") == 0, "none of these was a wrong signature"


async def test_five_wrong_signatures_in_a_row_lock_the_key_for_good_and_its_owner_is_told():
    device = SoftwareDevice()
    async with open_house() as house:
        caller = await somebody(house)
        await enrolled(house, caller, device)
        for _ in range(4):
            await refused(house, device, signature=os.urandom(70))
        await sign_in(house, device)
        for _ in range(7):
            await refused(house, device, signature=os.urandom(70))
        await refused(house, device)
        assert await events(house, "identity.device_key_refused") == 9
        assert await events(house, "identity.device_key_locked") == 1
        (kept,) = (await house.identity.device_keys.mine(caller)).items
        assert kept.is_locked
        assert "Too many wrong answers" in await latest_mail(house, TONY)


async def test_an_unknown_key_is_answered_like_a_wrong_signature():
    async with open_house() as house:
        stranger = SoftwareDevice()
        offered = await offer(house, stranger)
        assert offered.purpose == "device-key.sign-in"
        await refused(house, stranger, offered)
        assert await events(house, "identity.sign_in_refused") == 1


async def test_a_key_that_asks_nobody_does_not_sign_in():
    device = SoftwareDevice()
    async with open_house() as house:
        await enrolled(house, await somebody(house), device, verification="none")
        await refused(house, device)


@pytest.mark.parametrize(
    "changed",
    [
        {"purpose": "device-key.sign-in"},
        {"rp": "evil.example"},
        {"challenge": b"\0" * 32},
        {"key_id": "ab" * 32},
        {"domain": b""},
        {"body": claims("none", "hardware")},
        {"body": claims("platform", "software")},
        {"body": b""},
        {"spki": SoftwareDevice().spki},
        {"spki": b"nonsense"},
    ],
    ids=[
        *("purpose", "relying-party", "challenge", "key-id", "domain", "no-user-check", "software-key"),
        *("no-body", "another-key", "no-key"),
    ],
)
async def test_an_enrolment_that_is_wrong_anywhere_is_refused(changed):
    async with open_house() as house:
        caller = await somebody(house)
        with pytest.raises(CredentialRefused):
            await enrolled(house, caller, SoftwareDevice(), **changed)
        assert (await house.identity.device_keys.mine(caller)).items == []


async def test_a_key_is_enrolled_once_and_never_again_after_it_was_revoked():
    device = SoftwareDevice()
    async with open_house() as house:
        tony, pepper = await somebody(house), await somebody(house, PEPPER)
        view = await enrolled(house, tony, device)
        with pytest.raises(CredentialTaken):
            await enrolled(house, pepper, device)
        await house.identity.device_keys.revoke(view.id, tony)
        with pytest.raises(CredentialTaken):
            await enrolled(house, tony, device)


async def is_live(house, tokens) -> bool:
    try:
        return await house.identity.authenticating.principal(tokens.access) is not None
    except SessionOver:
        return False


async def test_enrolling_ends_the_persons_other_sessions_and_nobody_elses():
    async with open_house() as house:
        await a_member(house, TONY)
        await a_member(house, PEPPER)
        mine, other, hers = [await signed_in(house, email) for email in (TONY, TONY, PEPPER)]
        principal = await house.identity.authenticating.principal(mine.access)
        await enrolled(house, Caller(principal=principal), SoftwareDevice())
        assert [await is_live(house, each) for each in (mine, other, hers)] == [True, False, True]


async def test_revoking_ends_the_sessions_that_the_key_began_and_the_persons_others():
    device = SoftwareDevice()
    async with open_house() as house:
        await a_member(house, TONY)
        mine = await signed_in(house, TONY)
        caller = Caller(principal=await house.identity.authenticating.principal(mine.access))
        view = await enrolled(house, caller, device)
        by_key, by_password = await sign_in(house, device), await signed_in(house, TONY)
        await house.drain()  # so that of the mails the last is about the removal
        await house.identity.device_keys.revoke(view.id, caller)
        assert [await is_live(house, each) for each in (mine, by_key, by_password)] == [True, False, False]
        assert (await house.identity.device_keys.mine(caller)).items == []
        await refused(house, device)
        assert "device was removed" in await latest_mail(house, TONY)


async def test_a_session_that_the_revoked_key_began_ends_although_it_did_the_revoking():
    device = SoftwareDevice()
    async with open_house() as house:
        view = await enrolled(house, await somebody(house), device)
        tokens = await sign_in(house, device)
        principal = await house.identity.authenticating.principal(tokens.access)
        await house.identity.device_keys.revoke(view.id, Caller(principal=principal))
        assert not await is_live(house, tokens)


async def test_only_the_owner_renames_and_revokes():
    async with open_house() as house:
        tony, pepper = await somebody(house), await somebody(house, PEPPER)
        view = await enrolled(house, tony, SoftwareDevice())
        keys = house.identity.device_keys
        for work in (keys.rename(view.id, RenameKey(name="x"), pepper), keys.revoke(view.id, pepper)):
            with pytest.raises(NotFound):
                await work
        assert (await keys.rename(view.id, RenameKey(name="Mark I"), tony)).name == "Mark I"
        await keys.revoke(view.id, tony)
        for work in (keys.rename(view.id, RenameKey(name="x"), tony), keys.revoke(view.id, tony)):
            with pytest.raises(NotFound):
                await work


async def test_enrolling_needs_a_recent_proof_and_revoking_does_not():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        caller = await somebody(house)
        view = await enrolled(house, caller, SoftwareDevice())
        clock.pass_by(timedelta(minutes=5))
        with pytest.raises(StepUpRequired):
            await house.identity.device_keys.enrolment_options(caller)
        await house.identity.device_keys.revoke(view.id, caller)


async def test_nobody_keeps_more_than_twenty():
    async with open_house() as house:
        caller = await somebody(house)
        for _ in range(20):
            await enrolled(house, caller, SoftwareDevice())
        with pytest.raises(TooManyCredentials):
            await house.identity.device_keys.enrolment_options(caller)


async def test_an_administrator_does_not_get_in_by_a_key_alone():
    device = SoftwareDevice()
    async with open_house() as house:
        await house.identity.administration.create_admin(
            CreateAdmin(email=TONY, username="iron.man", password=PASSWORD), SYSTEM
        )
        principal = await house.identity.authenticating.principal((await signed_in(house, TONY)).access)
        await enrolled(house, Caller(principal=principal), device)
        assert needs_more(principal.roles, ("hwk",))
        await refused(house, device)
        assert await events(house, "identity.sign_in_refused") == 1
        assert await events(house, "identity.device_key_refused") == 0
        assert await events(house, "identity.signed_in") == 1

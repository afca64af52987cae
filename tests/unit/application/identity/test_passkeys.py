"""Passkeys: made, used and given up by their owners, against an authenticator in software."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.software_authenticator import FLAG, KINDS, SoftwareAuthenticator
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import a_member, latest_mail, open_house, signed_in

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    AddPasskey,
    PasskeyProof,
    RenameKey,
    SignInWithPasskey,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import (
    CredentialRefused,
    CredentialTaken,
    InvalidCredentials,
    LastWayIn,
    TooManyCredentials,
    UserStatus,
)
from multiproduct.domain.shared import NotFound, StepUpRequired, Unauthenticated

TONY, PEPPER = "tony@stark.com", "pepper@stark.com"


async def somebody(house, email=TONY) -> Caller:
    await a_member(house, email)
    principal = await house.identity.authenticating.principal((await signed_in(house, email)).access)
    return Caller(principal=principal, ip="192.0.2.7")


SIGN_IN = UUID(int=7)


async def made(house, caller, authenticator, **changed):
    offered = await house.identity.passkeys.registration_options(caller)
    credential = authenticator.create(offered.public_key, **changed)
    command = AddPasskey(challenge_id=offered.challenge_id, credential=credential, name="My key")
    return await house.identity.passkeys.register(command, caller)


async def sign_in(house, authenticator, **changed):
    offered = await house.identity.passkey_sign_in.options()
    credential = authenticator.get(offered.public_key, **changed)
    command = SignInWithPasskey(challenge_id=offered.challenge_id, credential=credential)
    return await house.identity.passkey_sign_in.sign_in(command)


async def refused(house, authenticator, **changed) -> None:
    with pytest.raises(InvalidCredentials) as refusal:
        await sign_in(house, authenticator, **changed)
    assert str(refusal.value) == "invalid_credentials()"


async def events(house, name) -> int:
    async with house.container.units.view(SYSTEM) as view:
        return await view.audit_trail.count(AuditFilter(event=name))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attestation", ["none", "packed"])
async def test_somebody_makes_a_passkey_and_signs_in_with_nothing_else(kind, attestation):
    authenticator = SoftwareAuthenticator(kind=kind, attestation=attestation)
    async with open_house() as house:
        caller = await somebody(house)
        view = await made(house, caller, authenticator)
        assert (view.name, view.signs_in_alone, view.is_synced) == ("My key", True, False)
        tokens = await sign_in(house, authenticator)
        assert tokens.user.id == caller.principal.user_id
        principal = await house.identity.authenticating.principal(tokens.access)
        assert principal.methods == ("hwk", "user", "mfa")
        (kept,) = (await house.identity.passkeys.mine(caller)).items
        assert kept.last_used_at is not None
        assert "passkey" in await latest_mail(house, TONY)


async def test_options_ask_for_a_discoverable_credential_and_leave_out_those_that_there_are():
    authenticator = SoftwareAuthenticator()
    async with open_house() as house:
        caller = await somebody(house)
        await made(house, caller, authenticator)
        options = (await house.identity.passkeys.registration_options(caller)).public_key
        assert options["rp"]["id"] == "localhost"
        assert options["authenticatorSelection"]["residentKey"] == "required"
        assert [each["alg"] for each in options["pubKeyCredParams"]] == [-7, -8, -257]
        assert options["attestation"] == "none"
        (left_out,) = options["excludeCredentials"]
        assert left_out["transports"] == ["usb", "internal"]
        asked = (await house.identity.passkey_sign_in.options()).public_key
        assert asked["allowCredentials"] == []
        assert asked["userVerification"] == "required"


async def test_a_synchronised_passkey_says_so_and_may_change_whether_it_is_backed_up():
    eligible = FLAG.UP | FLAG.UV | FLAG.BE
    authenticator = SoftwareAuthenticator(flags=eligible, step=0)
    async with open_house() as house:
        caller = await somebody(house)
        await made(house, caller, authenticator)
        tokens = await sign_in(house, authenticator, flags=eligible | FLAG.BS)
        principal = await house.identity.authenticating.principal(tokens.access)
        assert principal.methods == ("swk", "user", "mfa")
        (kept,) = (await house.identity.passkeys.mine(caller)).items
        assert kept.is_synced
        await sign_in(house, authenticator)


async def test_an_authenticator_that_does_not_count_is_fine_for_ever():
    authenticator = SoftwareAuthenticator(step=0)
    async with open_house() as house:
        await made(house, await somebody(house), authenticator)
        for _ in range(3):
            assert await sign_in(house, authenticator)


@pytest.mark.parametrize(("counter", "told"), [(41, 41), (41, 40), (41, 0), (1, 1)])
async def test_a_cloned_counter_is_refused_and_the_passkey_suspended_and_its_owner_told(counter, told):
    authenticator = SoftwareAuthenticator(counter=counter - 1)
    async with open_house() as house:
        caller = await somebody(house)
        await made(house, caller, authenticator)
        await sign_in(house, authenticator)
        await refused(house, authenticator, counter=told)
        assert await events(house, "identity.passkey_cloned") == 1
        await refused(house, authenticator, counter=counter + 100)
        assert await events(house, "identity.passkey_cloned") == 1
        (kept,) = (await house.identity.passkeys.mine(caller)).items
        assert kept.is_suspended
        assert "copied" in await latest_mail(house, TONY)


async def test_nobody_without_the_key_can_have_a_passkey_suspended():
    authenticator, stranger = SoftwareAuthenticator(counter=40), SoftwareAuthenticator()
    async with open_house() as house:
        caller = await somebody(house)
        await made(house, caller, authenticator)
        await sign_in(house, authenticator)
        for told in (0, 1, 41):
            handle = authenticator.user_handle
            named = authenticator.credential_id
            await refused(house, stranger, counter=told, user_handle=handle, named=named)
        assert await events(house, "identity.passkey_cloned") == 0
        assert await sign_in(house, authenticator)


@pytest.mark.parametrize(
    "changed",
    [
        {"flags": FLAG.UP},
        {"flags": FLAG.UV},
        {"flags": FLAG.UP | FLAG.UV | FLAG.BE},
        {"flags": FLAG.UP | FLAG.UV | FLAG.BS},
        {"flags": FLAG.UP | FLAG.UV | FLAG.BE | FLAG.BS},
        {"user_handle": None},
        {"user_handle": b"somebody else's!"},
        {"origin": "http://localhost:8001"},
        {"origin": "https://localhost:8000"},
        {"origin": "http://localhost:8000.evil.example"},
        {"rp_id": "evil.example"},
        {"type": "webauthn.create"},
        {"challenge": b"\0" * 32},
        {"cross_origin": True},
        {"signature": b""},
        {"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"},
        {"named": b"unknown"},
    ],
    ids=str,
)
async def test_whatever_is_wrong_is_answered_alike(changed):
    authenticator = SoftwareAuthenticator()
    async with open_house() as house:
        await made(house, await somebody(house), authenticator)
        await refused(house, authenticator, **changed)
        assert await events(house, "identity.sign_in_refused") == 1
        assert await sign_in(house, authenticator), "the next right answer is taken"


async def test_a_challenge_is_answered_once_also_if_wrong_and_not_after_five_minutes():
    authenticator, clock = SoftwareAuthenticator(), StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        await made(house, await somebody(house), authenticator)
        for first_is_right in (True, False):
            offered = await house.identity.passkey_sign_in.options()
            first = authenticator.get(offered.public_key, **({} if first_is_right else {"signature": b"x"}))
            second = authenticator.get(offered.public_key)
            answers = []
            for credential in (first, second):
                command = SignInWithPasskey(challenge_id=offered.challenge_id, credential=credential)
                try:
                    answers.append(await house.identity.passkey_sign_in.sign_in(command) is not None)
                except InvalidCredentials:
                    answers.append(False)
            assert answers == [first_is_right, False]
        offered = await house.identity.passkey_sign_in.options()
        clock.pass_by(timedelta(minutes=5))
        late = SignInWithPasskey(
            challenge_id=offered.challenge_id, credential=authenticator.get(offered.public_key)
        )
        with pytest.raises(InvalidCredentials):
            await house.identity.passkey_sign_in.sign_in(late)


async def test_a_challenge_of_one_purpose_is_good_for_no_other():
    authenticator = SoftwareAuthenticator()
    async with open_house() as house:
        caller = await somebody(house)
        await made(house, caller, authenticator)
        check = await house.identity.passkey_sign_in.check_options(caller)
        command = SignInWithPasskey(
            challenge_id=check.challenge_id, credential=authenticator.get(check.public_key)
        )
        with pytest.raises(InvalidCredentials):
            await house.identity.passkey_sign_in.sign_in(command)
        offered = await house.identity.passkey_sign_in.options()
        proof = PasskeyProof(
            challenge_id=offered.challenge_id, credential=authenticator.get(offered.public_key)
        )
        async with house.container.units.open(SYSTEM) as unit:
            step = house.identity.passkey_checking
            user_id = caller.principal.user_id
            assert await step.check(unit, user_id, proof, now=house.container.clock.now()) is None


async def test_as_a_second_factor_it_proves_presence_and_only_its_owner():
    mine = SoftwareAuthenticator(flags=FLAG.UP, tells_handle=False)
    theirs = SoftwareAuthenticator()
    async with open_house() as house:
        tony, pepper = await somebody(house), await somebody(house, PEPPER)
        await made(house, tony, mine)
        await made(house, pepper, theirs)
        step, now = house.identity.passkey_checking, house.container.clock.now()
        for authenticator, expected in ((mine, ("hwk", "user")), (theirs, None)):
            async with house.container.units.open(SYSTEM) as unit:
                offered = await step.options(unit, tony.principal.user_id, sign_in_id=SIGN_IN, now=now)
                assert len(offered.public_key["allowCredentials"]) == 1
                proof = PasskeyProof(
                    challenge_id=offered.challenge_id, credential=authenticator.get(offered.public_key)
                )
                checked = step.check(unit, tony.principal.user_id, proof, sign_in_id=SIGN_IN, now=now)
                assert await checked == expected
                await unit.commit()
        await refused(house, mine, user_handle=mine.user_handle)


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"type": "webauthn.get"},
        {"challenge": b"\0" * 32},
        {"cross_origin": True},
        {"flags": FLAG.UV},
        {"flags": FLAG.UP | FLAG.BS},
        {"named": b"another"},
        {"credential_id": b"x" * 1024},
        {"public_key": {1: 2, 3: -7, -1: 3, -2: b"\1" * 66, -3: b"\1" * 66}},
        {"public_key": {1: 2, 3: -7, -1: 1, -2: b"\1" * 32, -3: b"\1" * 32}},
        {"public_key": {1: 2, 3: -257, -1: 1, -2: b"\1" * 32, -3: b"\1" * 32}},
        {"public_key": {1: 3, 3: -7, -1: b"\xc1" * 256, -2: b"\1\0\1"}},
        {"public_key": {1: 3, 3: -257, -1: b"\xc1" * 128, -2: b"\1\0\1"}},
        {"public_key": {1: 3, 3: -257, -1: b"\xc1" * 256, -2: b"\xff" * 256}},
        {"public_key": {1: 1, 3: -8, -1: 6, -2: b"\1" * 31}},
        {"public_key": {1: 4, 3: 5, -1: b"symmetric"}},
        {"public_key": {3: -7}},
    ],
    ids=str,
)
@pytest.mark.parametrize("attestation", ["none", "packed"])
async def test_a_registration_that_is_wrong_anywhere_is_refused(attestation, changed):
    authenticator = SoftwareAuthenticator(attestation=attestation)
    async with open_house() as house:
        caller = await somebody(house)
        with pytest.raises(CredentialRefused) as refusal:
            await made(house, caller, authenticator, **changed)
        assert str(refusal.value) == "credential_refused()"
        assert (await house.identity.passkeys.mine(caller)).items == []


async def test_a_self_attestation_with_a_wrong_signature_is_refused():
    authenticator = SoftwareAuthenticator(attestation="packed")
    async with open_house() as house:
        with pytest.raises(CredentialRefused):
            await made(house, await somebody(house), authenticator, signature=b"wrong")


async def test_a_credential_is_registered_once_and_a_challenge_answered_by_its_own_person():
    authenticator = SoftwareAuthenticator()
    async with open_house() as house:
        tony, pepper = await somebody(house), await somebody(house, PEPPER)
        await made(house, tony, authenticator)
        with pytest.raises(CredentialTaken):
            await made(house, pepper, authenticator)
        offered = await house.identity.passkeys.registration_options(tony)
        command = AddPasskey(
            challenge_id=offered.challenge_id, credential=SoftwareAuthenticator().create(offered.public_key)
        )
        with pytest.raises(CredentialRefused):
            await house.identity.passkeys.register(command, pepper)


async def test_nobody_keeps_more_than_twenty():
    async with open_house() as house:
        caller = await somebody(house)
        for _ in range(20):
            await made(house, caller, SoftwareAuthenticator(kind="EdDSA"))
        with pytest.raises(TooManyCredentials):
            await house.identity.passkeys.registration_options(caller)


async def test_adding_and_giving_up_need_a_recent_proof_and_somebody_signed_in():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        caller = await somebody(house)
        view = await made(house, caller, SoftwareAuthenticator())
        clock.pass_by(timedelta(minutes=5))
        with pytest.raises(StepUpRequired):
            await house.identity.passkeys.registration_options(caller)
        with pytest.raises(StepUpRequired):
            await house.identity.passkeys.remove(view.id, caller)
        with pytest.raises(Unauthenticated):
            await house.identity.passkeys.mine(Caller())


async def test_its_owner_renames_and_removes_it_and_nobody_else_does():
    authenticator = SoftwareAuthenticator()
    async with open_house() as house:
        tony, pepper = await somebody(house), await somebody(house, PEPPER)
        view = await made(house, tony, authenticator)
        keys = house.identity.passkeys
        for work in (keys.rename(view.id, RenameKey(name="Mine"), pepper), keys.remove(view.id, pepper)):
            with pytest.raises(NotFound):
                await work
        assert (await keys.rename(view.id, RenameKey(name=" Mark I "), tony)).name == "Mark I"
        await keys.remove(view.id, tony)
        assert (await keys.mine(tony)).items == []
        with pytest.raises(NotFound):
            await keys.remove(view.id, tony)
        await refused(house, authenticator)


async def test_the_last_way_in_is_not_given_up():
    async with open_house() as house:
        caller = await somebody(house)
        views = [await made(house, caller, SoftwareAuthenticator()) for _ in range(2)]
        second_factor = await made(house, caller, SoftwareAuthenticator(flags=FLAG.UP))
        assert not second_factor.signs_in_alone
        async with house.container.units.open(SYSTEM) as unit:
            user = await unit.users.find(caller.principal.user_id)
            user.password_hash, user.email_verified = None, False
            await unit.users.save(user)
            await unit.commit()
        await house.identity.passkeys.remove(views[0].id, caller)
        with pytest.raises(LastWayIn):
            await house.identity.passkeys.remove(views[1].id, caller)
        await house.identity.passkeys.remove(second_factor.id, caller)


async def test_somebody_suspended_stays_out():
    authenticator = SoftwareAuthenticator()
    async with open_house() as house:
        caller = await somebody(house)
        await made(house, caller, authenticator)
        async with house.container.units.open(SYSTEM) as unit:
            user = await unit.users.find(caller.principal.user_id)
            user.status = UserStatus.SUSPENDED
            await unit.users.save(user)
            await unit.commit()
        await refused(house, authenticator)


async def test_old_challenges_are_purged():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        await house.identity.passkey_sign_in.options()
        clock.pass_by(timedelta(minutes=6))
        await house.identity.purging.run()
        assert not house.container.store._store.identity.ceremony_challenges.rows

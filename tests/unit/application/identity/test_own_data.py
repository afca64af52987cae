"""What is kept about a person: handing it out, and erasing it."""

from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import a_member, latest_mail, open_house, sign_up, signed_in
from tests.unit.application.identity.role_holders import a_holder, a_holder_of

from multiproduct.adapters.contracts.builders import a_passkey, a_user_id
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.identity import (
    CheckUsername,
    CreateUser,
    PersonalDataRegistry,
    ReplaceBankDetails,
    UpdateProfile,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import (
    BeyondOwnPermissions,
    ErasureRefused,
    InvalidCredentials,
    LastAdmin,
    OwnAccount,
    TokenInvalid,
    UnknownUser,
    UsernameTaken,
    UserStatus,
)
from multiproduct.domain.identity.roles import USERS_DELETE
from multiproduct.domain.shared import Forbidden, InvalidInput, NotFound, StepUpRequired, Unauthenticated

TONY, PEPPER = "tony@stark.com", "pepper@stark.com"
IBAN = "GB82 WEST 1234 5698 7654 32"


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as opened:
        yield opened


@pytest.fixture
async def tony(house):
    await a_member(house, TONY, "iron.man")
    tokens = await signed_in(house, TONY)
    return Caller(
        principal=await house.identity.authenticating.principal(tokens.access),
        ip="192.0.2.77",
        user_agent="a rare browser",
    )


def registry_of(house) -> PersonalDataRegistry:
    return house.identity.erasing._registry


async def kept(house, user_id):
    async with house.container.units.view(SYSTEM) as view:
        return await view.users.find(user_id)


async def test_an_export_has_every_part_and_no_secret(house, tony):
    await house.identity.bank_details.replace(ReplaceBankDetails(holder="Tony", iban=IBAN), tony)
    exported = await house.identity.data_export.export(tony)
    assert set(exported.data) == {
        "profile",
        "sessions",
        "sign_in_methods",
        "roles",
        "bank_details",
        "documents",
        "consents",
        "activity",
        "messages",
        "notification_preferences",
        "notifications",
        "push_devices",
        "webhook_endpoints",
        "payments",
        "billing",
        "subscriptions",
    }
    assert exported.data["profile"]["email"] == TONY
    assert exported.data["bank_details"]["iban"] == IBAN.replace(" ", "")
    assert exported.data["sign_in_methods"]["password"] is True
    assert len(exported.data["sessions"]) == 1
    assert exported.data["messages"]
    assert "argon2" not in exported.model_dump_json()
    assert "a copy" in (await latest_mail(house, TONY)).lower()


async def test_an_export_shows_no_address_of_whoever_else_acted(house, tony):
    boss = await (await a_holder(house.container, "admin")).caller()
    staff = Caller(principal=boss.principal, ip="203.0.113.9", user_agent="staff's browser")
    await house.identity.user_listing.read(tony.principal.user_id, staff)
    exported = (await house.identity.data_export.export(tony)).model_dump_json()
    assert "identity.user_read" in exported
    assert "203.0.113.9" not in exported


async def test_sensitive_things_take_a_recent_sign_in(house, tony, clock):
    clock.pass_by(timedelta(minutes=5))
    for refused in (
        house.identity.data_export.export(tony),
        house.identity.erasing.erase_own(tony),
        house.identity.bank_details.replace(ReplaceBankDetails(holder="Tony", iban=IBAN), tony),
        house.identity.bank_details.remove(tony),
    ):
        with pytest.raises(StepUpRequired):
            await refused


async def test_an_erasure_leaves_a_pseudonym_and_nothing_personal(house, tony):
    user_id, tokens = tony.principal.user_id, await signed_in(house, TONY)
    await house.identity.profile.update(UpdateProfile(first_name="Anthony", last_name="Edward"), tony)
    await house.identity.bank_details.replace(ReplaceBankDetails(holder="Tony", iban=IBAN), tony)
    async with house.container.units.open(SYSTEM) as unit:
        await unit.passkeys.add(a_passkey(user_id=user_id))
        await unit.commit()
    await house.identity.erasing.erase_own(tony)
    user = await kept(house, user_id)
    assert (user.status, user.email, user.phone, user.password_hash) == (UserStatus.DELETED, None, None, None)
    assert (user.first_name, user.last_name, user.roles) == ("", "", frozenset())
    assert "iron" not in user.username.key
    async with house.container.units.view(SYSTEM) as view:
        assert await view.passkeys.of_user(user_id) == []
        assert await view.bank_details.find(user_id) is None
        assert (
            await view.audit_trail.count(AuditFilter(user_id=str(user_id), event="identity.user_erased")) == 1
        )
    with pytest.raises(TokenInvalid):
        await house.identity.authenticating.principal(tokens.access)
    with pytest.raises(InvalidCredentials):
        await signed_in(house, TONY)


async def test_the_last_mail_goes_to_the_address_that_was_and_then_it_is_forgotten(house, tony):
    await house.identity.erasing.erase_own(tony)
    assert "deleted" in await latest_mail(house, TONY)
    async with house.container.units.view(SYSTEM) as view:
        assert await view.farewells.find(tony.principal.user_id) is None


async def test_the_address_is_free_at_once_and_the_name_after_ninety_days(house, tony, clock):
    await house.identity.erasing.erase_own(tony)
    await house.drain()  # so that the code's mail comes after the farewell
    again = await a_member(house, TONY)
    assert again.id != tony.principal.user_id
    assert not (await house.identity.usernames.check(CheckUsername(username="iron.man"))).available
    with pytest.raises(UsernameTaken):
        await sign_up(house, PEPPER, "Iron.Man")
    clock.pass_by(timedelta(days=90))
    await a_member(house, PEPPER, "Iron.Man")


async def test_a_context_may_object_and_keep_a_name_for_ever(house, tony, clock):
    class Shop:
        reason: str | None = "open_invoices"

        async def objection(self, _unit, _user_id):
            return self.reason

        async def keeps_username(self, _unit, _user_id):
            return True

    shop = Shop()
    registry_of(house).add_veto(shop)
    with pytest.raises(ErasureRefused) as refusal:
        await house.identity.erasing.erase_own(tony)
    assert refusal.value.params == {"reason": "open_invoices"}
    assert (await kept(house, tony.principal.user_id)).status is UserStatus.ACTIVE
    shop.reason = None
    await house.identity.erasing.erase_own(tony)
    clock.pass_by(timedelta(days=9_000))
    with pytest.raises(UsernameTaken):
        await house.identity.users.create(CreateUser(email=PEPPER, username="iron.man"), SYSTEM)


async def test_staff_erases_by_permission_others_who_may_no_more_than_they(house, tony):
    user_id = tony.principal.user_id
    boss = await a_holder(house.container, "admin")
    eraser = await (
        await a_holder_of(house.container, USERS_DELETE, "identity.profile.read", "identity.profile.update")
    ).caller()
    with pytest.raises(Forbidden):
        await house.identity.erasing.erase(boss.user.id, tony)
    with pytest.raises(Unauthenticated):
        await house.identity.erasing.erase(user_id, ANYBODY)
    with pytest.raises(BeyondOwnPermissions):
        await house.identity.erasing.erase(boss.user.id, eraser)
    with pytest.raises(OwnAccount):
        await house.identity.erasing.erase(boss.user.id, await boss.caller())
    with pytest.raises(UnknownUser):
        await house.identity.erasing.erase(a_user_id(), eraser)
    await house.identity.erasing.erase(user_id, eraser)
    with pytest.raises(UnknownUser):
        await house.identity.erasing.erase(user_id, eraser)


async def test_the_last_admin_is_not_erased(house):
    boss = await a_holder(house.container, "admin")
    with pytest.raises(LastAdmin):
        await house.identity.erasing.erase_own(await boss.caller())


async def test_bank_details_are_masked_sealed_and_told_of(house, tony):
    shown = await house.identity.bank_details.replace(
        ReplaceBankDetails(holder=" Tony  Stark ", iban=IBAN.lower(), bank_name="West"), tony
    )
    assert (shown.holder, shown.account, shown.is_iban) == ("Tony Stark", "****5432", True)
    assert await house.identity.bank_details.read(tony) == shown
    async with house.container.units.view(SYSTEM) as view:
        record = await view.bank_details.find(tony.principal.user_id)
    assert b"WEST" not in record.sealed
    assert "bank details" in (await latest_mail(house, TONY)).lower()
    other = await house.identity.bank_details.replace(
        ReplaceBankDetails(holder="T", account_number="0001 2345-6789", bank_code="822"), tony
    )
    assert (other.account, other.is_iban) == ("****6789", False)
    await house.identity.bank_details.remove(tony)
    await house.identity.bank_details.remove(tony)
    with pytest.raises(NotFound):
        await house.identity.bank_details.read(tony)


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"iban": "GB82 WEST 1234 5698 7654 33"}, ["iban"]),
        ({"iban": "GB82 WEST 1234 5698 7654 3"}, ["iban"]),
        ({}, ["iban"]),
        ({"iban": IBAN, "account_number": "12345"}, ["account_number"]),
        ({"account_number": "12*45", "holder": " "}, ["holder", "account_number"]),
    ],
)
async def test_details_that_cannot_be_are_refused(house, tony, given, fields):
    with pytest.raises(InvalidInput) as refusal:
        await house.identity.bank_details.replace(ReplaceBankDetails(**({"holder": "T"} | given)), tony)
    assert [problem.field for problem in refusal.value.problems] == fields


async def test_the_audit_log_forgets_the_person_and_stays_provable(house, tony):
    user_id = tony.principal.user_id
    await house.identity.profile.update(UpdateProfile(first_name="Anthony"), tony)
    await house.identity.erasing.erase_own(tony)
    await house.drain()
    async with house.container.units.view(SYSTEM) as view:
        entries = await view.audit_trail.find(AuditFilter(user_id=str(user_id)), limit=100)
    assert {"identity.user_registered", "identity.user_updated", "identity.user_erased"} <= {
        entry.event for entry in entries
    }
    for entry in entries:
        assert (entry.ip, entry.user_agent, entry.changes) == (None, None, {})
    verdict = await house.container.audit.verifying.run()
    assert verdict.is_whole, verdict

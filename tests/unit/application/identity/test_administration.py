"""Setting people up from the inside."""

import pytest
from tests.unit.application.identity.people import PASSWORD, a_member, open_house, sign_up, signed_in

from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.identity import CreateAdmin
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.identity import EmailTaken, UsernameTaken
from multiproduct.domain.shared import Forbidden, InvalidInput, Unauthenticated

NICK = "nick@shield.gov"


@pytest.fixture
async def house():
    async with open_house() as house:
        yield house


def command(**changed) -> CreateAdmin:
    return CreateAdmin(**({"email": NICK, "username": "nick.fury", "password": PASSWORD} | changed))


async def as_caller(house, email) -> Caller:
    tokens = await signed_in(house, email)
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


async def test_the_system_makes_the_first_administrator(house):
    user = await house.identity.administration.create_admin(command(), SYSTEM)
    assert (user.type, user.is_staff, user.is_superuser) == ("admin", True, True)
    assert user.roles == ["admin", "standard_user"]
    assert (user.is_email_verified, user.username_changeable) == (True, False)
    caller = await as_caller(house, NICK)
    assert caller.principal.may("identity.user.update")


async def test_the_system_makes_members(house):
    member = await house.identity.administration.create_member(
        command(email="phil@shield.gov", username="phil"), SYSTEM
    )
    assert (member.type, member.is_staff, member.roles) == ("standard_user", False, ["standard_user"])
    async with house.container.units.view(SYSTEM) as view:
        entries = await view.audit_trail.find(AuditFilter(user_id=str(member.id)), limit=9)
    assert [(entry.event, entry.actor_type) for entry in entries] == [("identity.user_registered", "system")]


async def test_nobody_else_chooses_a_password_and_has_an_address_count_as_proved(house):
    administration = house.identity.administration
    await administration.create_admin(command(), SYSTEM)
    await a_member(house, "tony@stark.com")
    wish = command(email="phil@shield.gov", username="phil")
    for create in (administration.create_admin, administration.create_member):
        with pytest.raises(Unauthenticated):
            await create(wish, ANYBODY)
        for email in ("tony@stark.com", NICK):
            with pytest.raises(Forbidden):
                await create(wish, await as_caller(house, email))


async def test_the_role_is_of_record(house):
    user = await house.identity.administration.create_admin(command(), SYSTEM)
    async with house.container.units.view(SYSTEM) as view:
        (entry,) = await view.audit_trail.find(AuditFilter(event="identity.role_granted"), limit=9)
    assert (entry.user_id, entry.actor_type) == (str(user.id), "system")


async def test_names_and_addresses_have_one_owner(house):
    await house.identity.administration.create_admin(command(), SYSTEM)
    with pytest.raises(UsernameTaken):
        await house.identity.administration.create_member(
            command(email="other@shield.gov", username="NICK.fury"), SYSTEM
        )
    with pytest.raises(EmailTaken):
        await house.identity.administration.create_member(
            command(email="Nick@Shield.gov", username="other"), SYSTEM
        )


async def test_somebody_made_from_the_inside_outdoes_a_registration_under_way(house):
    await sign_up(house, NICK)
    await house.identity.administration.create_member(command(), SYSTEM)
    async with house.container.units.view(SYSTEM) as view:
        assert await view.users.find_by_email(NICK)
    assert (await signed_in(house, NICK)).user.username == "nick.fury"


@pytest.mark.parametrize("name", ["admin", "ab", "nick@shield.gov", "Ñick"])
async def test_a_name_may_be_one_that_nobody_could_choose(house, name):
    user = await house.identity.administration.create_admin(command(username=name), SYSTEM)
    assert user.username == name


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email": "nick"}, "email"),
        ({"username": "nick fury"}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "nick.fury.1"}, "password"),
    ],
)
async def test_what_cannot_be_is_refused(house, changed, field):
    with pytest.raises(InvalidInput) as refusal:
        await house.identity.administration.create_admin(command(**changed), SYSTEM)
    assert [problem.field for problem in refusal.value.problems] == [field]


async def test_a_claimed_name_is_no_longer_said_to_be_free(house):
    assert (await house.identity.usernames.answer("nick.fury")).available
    await house.identity.administration.create_member(command(), SYSTEM)
    await house.drain()
    assert not (await house.identity.usernames.answer("nick.fury")).available

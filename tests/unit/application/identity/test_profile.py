"""A person's own profile."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import a_member, open_house, sign_up, signed_in

from multiproduct.adapters.contracts.builders import a_user_id
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller, Principal
from multiproduct.application.identity import CheckUsername, UpdateProfile
from multiproduct.application.identity.commands import Address
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import Gender, UsernameNotChangeable, UsernameTaken
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.shared import Forbidden, InvalidInput, Unauthenticated

TONY, PEPPER = "tony@stark.com", "pepper@stark.com"


@pytest.fixture
async def house():
    async with open_house() as house:
        yield house


async def a_caller(house, email=TONY, username=None) -> Caller:
    await a_member(house, email, username)
    tokens = await signed_in(house, email)
    return Caller(principal=await house.identity.authenticating.principal(tokens.access), ip="192.0.2.1")


async def update(house, caller, **changed):
    return await house.identity.profile.update(UpdateProfile(**changed), caller)


async def updates(house):
    async with house.container.units.view(SYSTEM) as view:
        return await view.audit_trail.find(AuditFilter(event="identity.user_updated"), limit=9)


async def test_only_the_given_fields_are_changed(house):
    caller = await a_caller(house)
    changed = await update(
        house,
        caller,
        first_name="Tony",
        gender=Gender.MALE,
        date_of_birth="1970-05-29",
        address=Address(line1="10880 Malibu Point", city="Malibu", country="US"),
        locale="ZH_hant",
        time_zone="America/Los_Angeles",
    )
    assert (changed.first_name, changed.last_name, changed.gender) == ("Tony", "", Gender.MALE)
    assert (changed.date_of_birth, changed.address.city) == (date(1970, 5, 29), "Malibu")
    assert (changed.locale, changed.time_zone) == ("zh-Hant", "America/Los_Angeles")
    assert await house.identity.profile.me(caller) == changed
    again = await update(house, caller, last_name="Stark")
    assert again.model_dump(exclude={"last_name", "updated_at"}) == changed.model_dump(
        exclude={"last_name", "updated_at"}
    )


async def test_what_may_be_missing_can_be_taken_away_and_the_rest_cannot(house):
    caller = await a_caller(house)
    await update(
        house, caller, first_name="Tony", gender=Gender.MALE, date_of_birth="1970-05-29", address=Address()
    )
    changed = await update(
        house, caller, first_name=None, gender=None, date_of_birth=None, address=None, locale=None
    )
    assert (changed.first_name, changed.locale) == ("Tony", "en")
    assert (changed.gender, changed.date_of_birth, changed.address) == (None, None, None)


async def test_a_change_is_of_record_with_who_made_it(house):
    caller = await a_caller(house)
    await update(house, caller, first_name="Tony")
    (entry,) = await updates(house)
    assert entry.changes == {"first_name": ["", "Tony"]}
    assert entry.user_id == entry.actor_id == str(caller.principal.user_id)
    assert (entry.actor_type, entry.ip) == ("user", "192.0.2.1")


async def test_a_change_that_changes_nothing_is_not_of_record(house):
    caller = await a_caller(house, username="iron.man")
    await update(house, caller)
    await update(house, caller, first_name="", username="iron.man", locale="en")
    assert await updates(house) == []


async def test_a_generated_name_is_changed_once(house):
    caller = await a_caller(house)
    assert (await update(house, caller, username="Iron.Man")).username == "Iron.Man"
    with pytest.raises(UsernameNotChangeable):
        await update(house, caller, username="war.machine")
    with pytest.raises(UsernameNotChangeable):
        await update(house, caller, username="iron.man")


async def test_a_chosen_name_is_not_changed(house):
    caller = await a_caller(house, username="iron.man")
    with pytest.raises(UsernameNotChangeable):
        await update(house, caller, username="war.machine", first_name="James")
    assert (await house.identity.profile.me(caller)).first_name == ""


async def test_a_name_that_is_taken_is_refused_with_free_ones_and_may_be_tried_again(house):
    await a_member(house, PEPPER, "iron.man")
    caller = await a_caller(house)
    with pytest.raises(UsernameTaken) as refusal:
        await update(house, caller, username="Iron.Man")
    assert len(refusal.value.suggestions) >= 4
    changed = await update(house, caller, username=refusal.value.suggestions[0])
    assert changed.username == refusal.value.suggestions[0]


async def test_both_names_are_judged_anew_after_a_change():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        await both_names_are_judged_anew(house, clock)


async def both_names_are_judged_anew(house, clock):
    caller = await a_caller(house)
    before = (await house.identity.profile.me(caller)).username

    async def is_free(name: str) -> bool:
        return (await house.identity.usernames.check(CheckUsername(username=name))).available

    assert not await is_free(before)
    assert await is_free("iron.man")
    await update(house, caller, username="iron.man")
    assert not await is_free("iron.man")
    assert not await is_free(before)
    with pytest.raises(UsernameTaken):
        await sign_up(house, PEPPER, before)
    clock.pass_by(timedelta(days=90))
    await a_member(house, PEPPER, before)


async def test_another_spelling_of_a_generated_name_is_no_name_given_up(house):
    caller = await a_caller(house)
    before = (await house.identity.profile.me(caller)).username
    changed = await update(house, caller, username=before.upper())
    assert changed.username == before.upper()
    async with house.container.units.view(SYSTEM) as view:
        now = house.container.clock.now()
        assert not await view.username_tombstones.standing([before.lower()], now=now)


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"username": "admin"}, "username", "reserved_username"),
        ({"username": "a b"}, "username", "invalid_username"),
        ({"username": ""}, "username", "required"),
        ({"locale": "tlh"}, "locale", "invalid_locale"),
        ({"time_zone": "../../etc/passwd"}, "time_zone", "invalid_time_zone"),
        ({"time_zone": "europe/berlin"}, "time_zone", "invalid_time_zone"),
    ],
)
async def test_what_cannot_be_is_refused(house, changed, field, code):
    caller = await a_caller(house)
    with pytest.raises(InvalidInput) as refusal:
        await update(house, caller, **changed)
    assert [(p.field, p.code) for p in refusal.value.problems] == [(field, code)]


@pytest.mark.parametrize(
    "changed",
    [
        {"email": PEPPER},
        {"roles": ["admin"]},
        {"is_staff": True},
        {"gender": "robot"},
        {"date_of_birth": "29.05.1970"},
        {"date_of_birth": "12345"},
        {"date_of_birth": "2023-02-29"},
        {"address": {"country": "usa"}},
        {"address": {"planet": "earth"}},
        {"first_name": "x" * 151},
    ],
)
def test_what_is_no_field_of_a_profile_is_not_even_a_command(changed):
    with pytest.raises(ValidationError):
        UpdateProfile(**changed)


async def test_nobody_has_no_profile(house):
    for caller in (ANYBODY, SYSTEM):
        with pytest.raises(Unauthenticated):
            await house.identity.profile.me(caller)
        with pytest.raises(Unauthenticated):
            await update(house, caller, first_name="x")


async def test_a_principal_without_the_permission_is_refused(house):
    caller = Caller(principal=Principal(user_id=a_user_id()))
    with pytest.raises(Forbidden):
        await house.identity.profile.me(caller)
    with pytest.raises(Forbidden):
        await update(house, caller, first_name="x")


async def test_somebody_who_is_gone_has_to_sign_in(house):
    permissions = frozenset({OWN_PROFILE_READ, OWN_PROFILE_UPDATE})
    caller = Caller(principal=Principal(user_id=a_user_id(), permissions=permissions))
    with pytest.raises(Unauthenticated):
        await house.identity.profile.me(caller)
    with pytest.raises(Unauthenticated):
        await update(house, caller, first_name="x")

"""Nothing is kept for a person who was erased or suspended after their token was read."""

import pytest
from tests.unit.application.identity.people import a_member, open_house, signed_in

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import ChangeEmail, ReplaceBankDetails, UpdateProfile
from multiproduct.application.identity.avatars import Avatars
from multiproduct.application.identity.present_user import own_account
from multiproduct.domain.identity import UserStatus
from multiproduct.domain.shared import StaleAggregate, Unauthenticated

TONY = "tony@stark.com"
IBAN = "GB82 WEST 1234 5698 7654 32"


@pytest.fixture
async def house():
    async with open_house() as opened:
        yield opened


@pytest.fixture
async def tony(house):
    await a_member(house, TONY)
    tokens = await signed_in(house, TONY)
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


class Squares:
    """Makes nothing of a picture: what follows is what counts here."""

    def __init__(self, meanwhile=None) -> None:
        self._meanwhile = meanwhile

    async def squares(self, content, *, edges):
        if self._meanwhile is not None:
            await self._meanwhile()
        return [content for _ in edges]


def avatars_of(house, images) -> Avatars:
    known = house.identity.avatars
    return Avatars(
        units=house.container.units,
        clock=house.container.clock,
        ids=known._ids,
        images=images,
        storage=known._storage,
        throttle=house.container.throttle,
        max_bytes=1_000,
    )


def own_writes(house, caller):
    yield house.identity.profile.update(UpdateProfile(first_name="Back"), caller)
    yield house.identity.bank_details.replace(ReplaceBankDetails(holder="Back", iban=IBAN), caller)
    yield house.identity.bank_details.remove(caller)
    yield house.identity.avatars.remove(caller)
    yield house.identity.contact_changes.request(ChangeEmail(email="back@stark.com"), caller)
    yield avatars_of(house, Squares()).change(b"a picture", caller)


async def refuse_all(house, caller) -> None:
    for write in own_writes(house, caller):
        with pytest.raises(Unauthenticated):
            await write


async def test_nothing_lands_on_an_erased_account(house, tony):
    await house.identity.erasing.erase_own(tony)
    async with house.container.units.view(SYSTEM) as view:
        erased = await view.users.find(tony.require_user())
    await refuse_all(house, tony)
    async with house.container.units.view(SYSTEM) as view:
        assert await view.users.find(erased.id) == erased
        assert await view.bank_details.find(erased.id) is None


async def test_nothing_lands_on_a_suspended_account(house, tony):
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find(tony.require_user())
        user.suspend(now=house.container.clock.now())
        await unit.users.save(user)
        await unit.commit()
    await refuse_all(house, tony)
    async with house.container.units.view(SYSTEM) as view:
        kept = await view.users.find(user.id)
        assert (kept.status, kept.first_name) == (UserStatus.SUSPENDED, "")
        assert await view.bank_details.find(user.id) is None


async def test_a_picture_that_is_still_being_made_is_not_given_to_whoever_is_erased_meanwhile(house, tony):
    images = Squares(lambda: house.identity.erasing.erase_own(tony))
    with pytest.raises(Unauthenticated):
        await avatars_of(house, images).change(b"a picture", tony)
    async with house.container.units.view(SYSTEM) as view:
        assert (await view.users.find(tony.require_user())).avatar is None


async def test_whoever_read_the_person_before_something_was_kept_for_them_decides_again(house, tony):
    now = house.container.clock.now()
    async with house.container.units.view(SYSTEM) as view:
        read = await view.users.find(tony.require_user())
    async with house.container.units.open(tony) as unit:
        await own_account(unit, read.id, now=now)
        await unit.commit()
    async with house.container.units.open(SYSTEM) as unit:
        with pytest.raises(StaleAggregate):
            await unit.users.save(read)

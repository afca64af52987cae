"""A person's picture: taken up after its files are there, served while somebody has it, and then removed."""

import io
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import a_member, open_house, signed_in

pytest.importorskip("PIL", reason="needs Pillow (pip install 'multiproduct[files]')")

from PIL import Image

from multiproduct.adapters.memory.files import MemoryObjectStorage
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.identity.avatars import LARGE, SMALL, Avatars
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.files import FileTooLarge, NotAnImage
from multiproduct.domain.identity.picture import picture_of
from multiproduct.domain.shared import NotConfigured, NotFound, Unauthenticated, Unavailable

TONY = "tony@stark.com"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def a_png(colour=(200, 0, 0)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(out, "PNG")
    return out.getvalue()


class FailingStorage(MemoryObjectStorage):
    """Keeps the first file, and then is not to be reached."""

    def __init__(self) -> None:
        super().__init__()
        self.puts = 0

    async def put(self, key, content):
        self.puts += 1
        if self.puts > 1:
            raise Unavailable(what="media")
        await super().put(key, content)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def storage() -> MemoryObjectStorage:
    return MemoryObjectStorage()


@pytest.fixture
async def house(clock, storage):
    async with open_house(Overrides(clock=clock, storage=storage)) as house:
        yield house


async def a_caller(house, email=TONY) -> Caller:
    await a_member(house, email)
    tokens = await signed_in(house, email)
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


async def the_avatar(house, caller):
    async with house.container.units.view(SYSTEM) as view:
        return (await view.users.find(caller.principal.user_id)).avatar


async def set_avatar(house, caller, avatar):
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find(caller.principal.user_id)
        user.change_profile({"avatar": avatar}, now=house.container.clock.now())
        await unit.users.save(user)
        await unit.commit()


async def test_a_picture_is_served_in_two_sizes(house, storage):
    caller = await a_caller(house)
    view = await house.identity.avatars.change(a_png(), caller)
    picture_id = picture_of(await the_avatar(house, caller))
    assert view.avatar == f"/api/v1/identity/avatars/{picture_id}"
    assert picture_id.version == 4
    for edge in (LARGE, SMALL):
        found = await house.identity.avatars.picture(picture_id, edge, ANYBODY)
        assert found.content_type == "image/webp"
        assert Image.open(io.BytesIO(found.content)).size == (edge, edge)
    with pytest.raises(NotFound):
        await house.identity.avatars.picture(picture_id, 64, ANYBODY)


async def test_another_picture_has_another_address_and_the_old_one_is_gone(house, storage, clock):
    caller = await a_caller(house)
    await house.identity.avatars.change(a_png(), caller)
    first = picture_of(await the_avatar(house, caller))
    await house.identity.avatars.change(a_png((0, 0, 200)), caller)
    second = picture_of(await the_avatar(house, caller))
    assert first != second
    with pytest.raises(NotFound):
        await house.identity.avatars.picture(first, LARGE, ANYBODY)
    assert len(storage.keys()) == 4
    clock.pass_by(HOUR + MINUTE)
    assert await house.identity.avatar_purging.run() == 1
    assert storage.keys() == sorted(f"avatars/{second}/{edge}.webp" for edge in (LARGE, SMALL))
    assert await house.identity.avatar_purging.run() == 0


async def test_a_picture_that_is_taken_away_is_not_served_any_more(house, storage, clock):
    caller = await a_caller(house)
    await house.identity.avatars.change(a_png(), caller)
    picture_id = picture_of(await the_avatar(house, caller))
    assert (await house.identity.avatars.remove(caller)).avatar is None
    with pytest.raises(NotFound):
        await house.identity.avatars.picture(picture_id, LARGE, ANYBODY)
    clock.pass_by(HOUR + MINUTE)
    await house.identity.avatar_purging.run()
    assert storage.keys() == []


async def test_an_address_elsewhere_stays_as_it_is_until_a_picture_takes_its_place(house):
    caller = await a_caller(house)
    elsewhere = "https://lh3.example.com/a/photo=s96"
    await set_avatar(house, caller, elsewhere)
    assert (await house.identity.profile.me(caller)).avatar == elsewhere
    changed = await house.identity.avatars.change(a_png(), caller)
    assert changed.avatar.startswith("/api/v1/identity/avatars/")
    await set_avatar(house, caller, elsewhere)
    assert (await house.identity.avatars.remove(caller)).avatar is None


async def test_files_of_a_process_that_died_are_found_and_removed(clock):
    storage = FailingStorage()
    async with open_house(Overrides(clock=clock, storage=storage)) as house:
        caller = await a_caller(house)
        with pytest.raises(Unavailable):
            await house.identity.avatars.change(a_png(), caller)
        assert await the_avatar(house, caller) is None
        assert len(storage.keys()) == 1
        assert await house.identity.avatar_purging.run() == 0
        clock.pass_by(HOUR + MINUTE)
        assert await house.identity.avatar_purging.run() == 1
        assert storage.keys() == []


async def test_files_that_took_too_long_are_not_taken_up(house, clock, storage, monkeypatch):
    caller = await a_caller(house)
    put = storage.put

    async def slowly(key, content):
        await put(key, content)
        clock.pass_by(5 * MINUTE)

    monkeypatch.setattr(storage, "put", slowly)
    with pytest.raises(Unavailable):
        await house.identity.avatars.change(a_png(), caller)
    assert await the_avatar(house, caller) is None


async def test_what_is_refused_leaves_nothing_behind(house, storage):
    caller = await a_caller(house)
    for content, refusal in ((b"not a picture", NotAnImage), (b"\0" * 5_000_001, FileTooLarge)):
        with pytest.raises(refusal):
            await house.identity.avatars.change(content, caller)
    with pytest.raises(Unauthenticated):
        await house.identity.avatars.change(a_png(), ANYBODY)
    assert storage.keys() == []
    async with house.container.units.view(SYSTEM) as view:
        assert await view.pictures.unused(before=house.container.clock.now() + HOUR, limit=9) == []


async def test_without_the_packages_it_says_so(house):
    caller = await a_caller(house)
    container = house.container
    without = Avatars(
        units=container.units,
        clock=container.clock,
        ids=container.ids,
        images=None,
        storage=None,
        throttle=container.throttle,
        max_bytes=1_000,
    )
    with pytest.raises(NotConfigured):
        await without.change(a_png(), caller)
    with pytest.raises(NotConfigured):
        await without.picture(container.ids.next(), LARGE, ANYBODY)
    assert (await without.remove(caller)).avatar is None


async def test_what_the_record_shows_of_a_picture_is_that_it_changed(house):
    caller = await a_caller(house)
    await set_avatar(house, caller, "https://lh3.example.com/canary")
    await house.identity.avatars.change(a_png(), caller)
    async with house.container.units.view(SYSTEM) as view:
        entries = await view.audit_trail.find(AuditFilter(event="identity.user_updated"), limit=9)
    assert [entry.changes for entry in entries] == [{"avatar": ["***", "***"]}, {"avatar": [None, "***"]}]

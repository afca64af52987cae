"""One's inbox: pages of it, marking with exact counts, tickets, retention and personal data."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.unit.application.notifications.inboxes import Owner, an_owner

from multiproduct import Multiproduct
from multiproduct.adapters.contracts.inbox import a_new_entry
from multiproduct.application.caller import ANYBODY, SYSTEM
from multiproduct.application.notifications.inbox_commands import ListNotifications, ReadAll
from multiproduct.application.notifications.inbox_personal_data import InboxSource
from multiproduct.application.notifications.inbox_purging import KEPT
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import InvalidInput, NotFound, Unauthenticated


@pytest.fixture
async def container() -> AsyncIterator[Container]:
    async with Multiproduct.in_memory() as house:
        yield house.container


@pytest.fixture
async def owner(container: Container) -> Owner:
    return await an_owner(container)


async def test_pages_lead_from_one_to_the_next_without_a_hole(owner: Owner) -> None:
    await owner.gets(*range(1, 8))
    reading, found, cursor = owner.container.inbox.reading, [], None
    while True:
        page = await reading.notifications(ListNotifications(limit=3, cursor=cursor), owner.caller)
        found += [each.title for each in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
        await owner.gets(100 + len(found))  # what comes meanwhile moves no page
    assert found == [f"Invoice {n}" for n in range(7, 0, -1)]


@pytest.mark.parametrize("cursor", ["nonsense", "WyJhIl0", "WzEsMl0", "W3RydWVd", "Wy0xXQ"])
async def test_a_cursor_of_somebodys_own_making_is_refused(owner: Owner, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        await owner.container.inbox.reading.notifications(ListNotifications(cursor=cursor), owner.caller)


async def test_marking_moves_the_count_once_and_the_version_with_it(owner: Owner) -> None:
    await owner.gets(1, 2, 3)
    marking, (newest, *_) = owner.container.inbox.marking, await owner.listed()
    first = await marking.read(newest.id, owner.caller)
    assert first.is_read
    assert await marking.read(newest.id, owner.caller) == first
    counted = await owner.counted()
    assert (counted.unread, counted.version) == (2, 4)
    assert [each.title for each in await owner.listed(unread=True)] == ["Invoice 2", "Invoice 1"]
    again = await marking.unread(newest.id, owner.caller)
    assert (again.is_read, again.read_at) == (False, None)
    assert await marking.unread(newest.id, owner.caller) == again
    counted = await owner.counted()
    assert (counted.unread, counted.version) == (3, 5)


async def test_reading_all_up_to_an_entry_leaves_what_came_after_it(owner: Owner) -> None:
    await owner.gets(1, 2, 3)
    seen = (await owner.listed())[0]
    await owner.gets(4)
    marking = owner.container.inbox.marking
    done = await marking.read_all(ReadAll(up_to=seen.id), owner.caller)
    assert (done.marked, done.unread, done.version) == (3, 1, 5)
    assert [each.title for each in await owner.listed(unread=True)] == ["Invoice 4"]
    done = await marking.read_all(ReadAll(), owner.caller)
    assert (done.marked, done.unread, done.version) == (1, 0, 6)
    done = await marking.read_all(ReadAll(), owner.caller)
    assert (done.marked, done.unread, done.version) == (0, 0, 6)


async def test_another_persons_entry_is_not_found(owner: Owner) -> None:
    await owner.gets(1)
    (mine,) = await owner.listed()
    other = await an_owner(owner.container)
    inbox, nowhere = owner.container.inbox, UUID(int=1)
    await other.gets(7)
    for wrong in (mine.id, nowhere):
        for ask in (inbox.reading.notification, inbox.marking.read, inbox.marking.unread):
            with pytest.raises(NotFound):
                await ask(wrong, other.caller)
        with pytest.raises(NotFound):
            await inbox.marking.read_all(ReadAll(up_to=wrong), other.caller)
    assert not (await inbox.reading.notification(mine.id, owner.caller)).is_read
    assert (await owner.counted()).unread == (await other.counted()).unread == 1


async def test_nobody_has_an_inbox(owner: Owner) -> None:
    inbox = owner.container.inbox
    for caller in (ANYBODY, SYSTEM):
        with pytest.raises(Unauthenticated):
            await inbox.reading.notifications(ListNotifications(), caller)
        with pytest.raises(Unauthenticated):
            await inbox.reading.unread_count(caller)
        with pytest.raises(Unauthenticated):
            await inbox.marking.read_all(ReadAll(), caller)
        with pytest.raises(Unauthenticated):
            await inbox.ticketing.issue(caller)


async def test_somebody_who_was_never_told_anything_has_an_empty_inbox(owner: Owner) -> None:
    assert await owner.listed() == []
    counted = await owner.counted()
    assert (counted.unread, counted.version) == (0, 0)
    done = await owner.container.inbox.marking.read_all(ReadAll(), owner.caller)
    assert (done.marked, done.unread, done.version) == (0, 0, 0)


async def test_a_ticket_lets_one_in_once_and_is_stored_as_a_hash(owner: Owner) -> None:
    inbox = owner.container.inbox
    issued = await inbox.ticketing.issue(owner.caller)
    async with owner.container.units.view(SYSTEM) as view:
        assert await view.stream_tickets.take(issued.ticket, now=owner.container.clock.now()) is None
    follower = await inbox.following.by_ticket(issued.ticket)
    assert (follower.user_id, follower.session_id) == (owner.user_id, owner.holder.session.id)
    for ticket in (issued.ticket, "x" * 43, "x" * 5_000, ""):
        with pytest.raises(Unauthenticated):
            await inbox.following.by_ticket(ticket)


async def test_what_came_half_a_year_ago_goes_and_the_count_with_it(owner: Owner) -> None:
    now = owner.container.clock.now()
    for position, age in ((1, KEPT), (2, KEPT), (3, timedelta(0))):
        async with owner.container.units.open(SYSTEM) as unit:
            entry = replace(
                a_new_entry(owner.user_id, position),
                created_at=now - age - timedelta(seconds=1),
            )
            await owner.container.inbox.entries.put(unit, entry)
            await unit.commit()
    oldest = (await owner.listed())[-1]
    await owner.container.inbox.marking.read(oldest.id, owner.caller)
    assert await owner.container.inbox.purging.run() == 2
    assert [each.title for each in await owner.listed()] == ["Invoice 3"]
    counted = await owner.counted()
    assert (counted.unread, counted.version) == (1, 5)
    assert await owner.container.inbox.purging.run() == 0


async def test_the_export_of_personal_data_has_the_inbox(owner: Owner) -> None:
    await owner.gets(1, 2)
    await (await an_owner(owner.container)).gets(3)
    async with owner.container.units.view(SYSTEM) as view:
        exported = await InboxSource().export(view, owner.user_id)
    assert [each["title"] for each in exported] == ["Invoice 2", "Invoice 1"]
    assert exported[0]["data"] == {"invoice": 2, "final": True, "note": None}

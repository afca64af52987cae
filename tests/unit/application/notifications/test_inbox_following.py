"""Following an inbox: what is told, in which order, and that nothing is missed or told twice."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from tests.unit.application.notifications.inboxes import Owner, an_owner

from multiproduct import Multiproduct
from multiproduct.adapters.contracts.inbox import a_new_entry
from multiproduct.adapters.memory import MemoryInvalidations
from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.inbox_commands import ReadAll
from multiproduct.application.notifications.inbox_following import (
    MAX_CATCH_UP,
    Follower,
    InboxStream,
)
from multiproduct.application.notifications.inbox_results import EntryChanged, Frame
from multiproduct.application.notifications.inbox_watching import InboxWatch, TooManyStreams
from multiproduct.domain.identity import EndReason, SessionOver
from multiproduct.domain.notifications.inbox import InboxPosition

PATIENCE = 20.0


@pytest.fixture
async def owner() -> AsyncIterator[Owner]:
    async with Multiproduct.in_memory() as house:
        yield await an_owner(house.container)


def a_stream(owner: Owner, changed: asyncio.Event | None = None) -> InboxStream:
    follower = Follower(user_id=owner.user_id, session_id=owner.holder.session.id)
    return owner.container.inbox.following.stream(follower, changed or asyncio.Event())


async def begun(stream: InboxStream, after: str | None = None) -> Sequence[Frame]:
    position = None if after is None else InboxPosition.parse(after)
    return await stream.begin(position, heartbeat_seconds=25)


def told(frames: Sequence[Frame]) -> list[str]:
    """Each frame in short."""
    return [
        f"{each.notification.title}{' read' if each.notification.is_read else ''} @{each.position}"
        if isinstance(each, EntryChanged)
        else f"{each.type} {getattr(each, 'unread', '')} @{each.position}"  # type: ignore[union-attr] # no ping here
        for each in frames
    ]


async def test_without_a_position_the_stream_begins_now(owner: Owner) -> None:
    await owner.gets(1, 2)
    stream = a_stream(owner)
    assert told(await begun(stream)) == ["welcome  @2", "unread 2 @2"]
    await owner.gets(3)
    assert told(await stream.next(within_seconds=0)) == ["Invoice 3 @3", "unread 3 @3"]
    assert await stream.next(within_seconds=0) == []


async def test_from_a_position_on_every_change_is_told_in_order(owner: Owner) -> None:
    await owner.gets(1, 2, 3)
    stream = a_stream(owner)
    assert told(await begun(stream, "1")) == [
        "welcome  @1",
        "Invoice 2 @2",
        "Invoice 3 @3",
        "unread 3 @3",
    ]
    (newest, _, oldest) = await owner.listed()
    marking = owner.container.inbox.marking
    await marking.read(oldest.id, owner.caller)
    await owner.gets(4)
    await marking.read_all(ReadAll(up_to=newest.id), owner.caller)
    assert told(await stream.next(within_seconds=0)) == [
        "Invoice 1 read @4.1",
        "Invoice 4 @5",
        "Invoice 2 read @6.2",
        "Invoice 3 read @6.3",
        "unread 1 @6",
    ]


async def test_a_client_cut_off_amid_one_change_gets_the_rest_of_it(owner: Owner) -> None:
    await owner.gets(*range(1, 6))
    await owner.container.inbox.marking.read_all(ReadAll(), owner.caller)
    frames = await begun(a_stream(owner), "6.2")
    assert told(frames)[1:-1] == [f"Invoice {n} read @6.{n}" for n in (3, 4, 5)]


async def test_a_change_between_reading_and_waiting_wakes_the_stream(owner: Owner) -> None:
    with owner.container.inbox.following.watch.following(owner.user_id) as changed:
        stream = a_stream(owner, changed)
        await begun(stream)
        await owner.gets(1)
        assert changed.is_set()
        assert told(await stream.next(within_seconds=PATIENCE)) == ["Invoice 1 @1", "unread 1 @1"]
        waiting = asyncio.create_task(stream.next(within_seconds=PATIENCE))
        await asyncio.sleep(0)
        assert not waiting.done()
        await owner.gets(2)
        assert told(await waiting) == ["Invoice 2 @2", "unread 2 @2"]


async def test_too_many_changes_are_not_told_one_by_one(owner: Owner) -> None:
    await owner.gets(*range(1, MAX_CATCH_UP + 2))
    last = MAX_CATCH_UP + 1
    assert told(await begun(a_stream(owner), "0")) == [
        "welcome  @0",
        f"reset  @{last}",
        f"unread {last} @{last}",
    ]
    stream = a_stream(owner)
    assert len(await begun(stream, "1")) == 2 + MAX_CATCH_UP
    await owner.gets(last + 1)
    assert told(await stream.next(within_seconds=0))[0] == f"Invoice {last + 1} @{last + 1}"


async def test_a_position_that_is_yet_to_come_is_none_of_this_inbox(owner: Owner) -> None:
    await owner.gets(1)
    stream = a_stream(owner)
    assert told(await begun(stream, "99")) == ["welcome  @1", "reset  @1", "unread 1 @1"]
    await owner.gets(2)
    assert told(await stream.next(within_seconds=0)) == ["Invoice 2 @2", "unread 2 @2"]


async def test_a_session_that_is_over_is_told_nothing_more(owner: Owner) -> None:
    stream = a_stream(owner)
    await begun(stream)
    async with owner.container.units.open(SYSTEM) as unit:
        await unit.sessions.end_all(
            owner.user_id, reason=EndReason.SIGNED_OUT, now=owner.container.clock.now()
        )
        await unit.commit()
    await owner.gets(1)
    with pytest.raises(SessionOver):
        await stream.next(within_seconds=0)
    with pytest.raises(SessionOver):
        await begun(a_stream(owner))


async def test_a_unit_that_is_rolled_back_wakes_nobody(owner: Owner) -> None:
    with owner.container.inbox.following.watch.following(owner.user_id) as changed:
        async with owner.container.units.open(SYSTEM) as unit:
            await owner.container.inbox.entries.put(unit, a_new_entry(owner.user_id))
        assert not changed.is_set()
        other = await an_owner(owner.container)
        await other.gets(1)
        assert not changed.is_set()


async def test_word_of_a_change_reaches_other_processes_and_a_gap_wakes_everybody(owner: Owner) -> None:
    exchange: list[MemoryInvalidations] = []
    here, there = (MemoryInvalidations(exchange=exchange) for _ in range(2))
    watch, other = InboxWatch(invalidations=here), InboxWatch(invalidations=there)
    await here.start()
    with other.following(owner.user_id) as changed:
        await there.start()
        assert changed.is_set(), "anything may have been missed before it began to hear"
        changed.clear()
        await watch.forget([str(owner.user_id)])
        assert changed.is_set()


async def test_a_person_may_follow_on_so_many_connections_and_no_more(owner: Owner) -> None:
    watch = InboxWatch(invalidations=MemoryInvalidations(), max_streams=2)
    with watch.following(owner.user_id):
        with watch.following(owner.user_id):
            with pytest.raises(TooManyStreams), watch.following(owner.user_id):
                pass
            assert watch.streams == 2
        with watch.following(owner.user_id):
            pass
    assert watch.streams == 0

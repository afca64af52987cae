"""However many put and mark at once from several processes, the unread count is what a recount finds, on
SQLite and on PostgreSQL; and an erasure amid them leaves nothing."""

from typing import Any
from uuid import UUID

from tests.campaigns import proof_scale
from tests.integration.journeys.racing import Arena
from tests.unit.application.identity.role_holders import a_holder

from multiproduct.application.caller import SYSTEM
from multiproduct.domain.notifications.inbox import InboxCounter, InboxEntry


async def _stands(arena: Arena, user_id: UUID) -> tuple[InboxCounter, list[InboxEntry]]:
    async with arena.house.container.units.view(SYSTEM) as view:
        entries: Any = await view.inbox.page(user_id, before=None, unread_only=False, limit=10_000)
        return await view.inbox.counter(user_id), list(entries)


async def test_the_unread_count_is_what_a_recount_finds(arena: Arena) -> None:
    contenders = proof_scale(120, 1_000)
    user_id = (await a_holder(arena.house.container, "standard_user")).user.id
    outcomes = arena.race("fills_and_reads", contenders=contenders, user_id=str(user_id))
    assert outcomes == {"ok": contenders}
    counter, entries = await _stands(arena, user_id)
    assert {entry.event_position for entry in entries} == set(range(1, contenders // 2 + 1))
    assert len(entries) == contenders // 2
    unread = sum(not entry.is_read for entry in entries)
    print(f"{len(entries)} entries, {unread} unread, version {counter.version}")
    assert counter.unread == unread
    assert 0 < unread < len(entries), "the race marked some of them"
    assert len({entry.sequence for entry in entries}) == len(entries)
    assert max(entry.changed for entry in entries) <= counter.version
    assert all(entry.sequence <= entry.changed for entry in entries)


async def test_an_erasure_amid_what_comes_leaves_nothing(arena: Arena) -> None:
    contenders = proof_scale(40, 200)
    user_id = (await a_holder(arena.house.container, "standard_user")).user.id
    outcomes = arena.race(
        "fills_until_erased", contenders=contenders, user_id=str(user_id), eraser=contenders // 3
    )
    assert outcomes == {"ok": contenders}
    assert await _stands(arena, user_id) == (InboxCounter(user_id=user_id), [])

"""What every store of inboxes must do: exact counts, versions in the order of the commits, tickets used
once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from multiproduct.adapters.contracts.builders import MINUTE, NOW, UNUSUAL_TEXT, a_user, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.caller import ANYBODY
from multiproduct.application.notifications.inbox import Inbox
from multiproduct.application.notifications.inbox_ports import StreamTicket
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.notifications.inbox import (
    InboxCounter,
    InboxEntry,
    InboxPosition,
    NewInboxEntry,
)
from multiproduct.domain.shared import uuid7_from

_FIRST = InboxPosition.after(0)


class _Ids:
    """Ids as they are needed here, one after the other."""

    def for_user(self) -> UUID:
        return a_uuid()

    def next(self) -> UUID:
        return uuid7_from(milliseconds=1_700_000_000_000, randomness=a_uuid().bytes[:10])


_INBOX = Inbox(ids=_Ids())


def a_new_entry(user_id: UUID, position: int = 1, *, age: timedelta = timedelta()) -> NewInboxEntry:
    """Something that somebody is to be told."""
    return NewInboxEntry(
        user_id=user_id,
        event_position=position,
        type_key="billing.invoice_paid",
        category="billing",
        title=f"Invoice {position}",
        body="It is paid.",
        data={"invoice": position, "final": True, "note": None},
        locale="en",
        created_at=NOW - age,
    )


async def somebody(units: Units[StoreUnit]) -> UUID:
    """A person who is there."""
    user = a_user()
    await in_one_unit(units, lambda unit: unit.users.add(user))
    return user.id


async def put(units: Units[StoreUnit], new: NewInboxEntry) -> InboxEntry:
    """Puts an entry in a unit of its own."""
    entry = await in_one_unit(units, lambda unit: _INBOX.put(unit, new))
    assert entry is not None
    return entry


async def counter_of(units: Units[StoreUnit], user_id: UUID) -> InboxCounter:
    """The counter as it stands."""
    return await in_view(units, lambda unit: unit.inbox.counter(user_id))


async def _page(units: Units[StoreUnit], user_id: UUID, **wish: object) -> Sequence[InboxEntry]:
    given = {"before": None, "unread_only": False, "limit": 50} | wish
    return await in_view(units, lambda unit: unit.inbox.page(user_id, **given))  # type: ignore[arg-type] # a test's wish


class InboxContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_an_entry_is_kept_with_every_field_and_counted(self, units: Units[StoreUnit]) -> None:
        user_id = await somebody(units)
        new = replace(a_new_entry(user_id, 2**40), title=UNUSUAL_TEXT, body=UNUSUAL_TEXT * 2)
        entry = await put(units, new)
        assert (entry.sequence, entry.changed, entry.read_at) == (1, 1, None)
        assert await in_view(units, lambda unit: unit.inbox.find(user_id, entry.id)) == entry
        assert entry.title == UNUSUAL_TEXT
        assert await counter_of(units, user_id) == InboxCounter(user_id=user_id, unread=1, version=1)

    async def test_a_second_put_for_the_same_event_and_type_is_the_kept_one_and_counts_nothing(
        self, units: Units[StoreUnit]
    ) -> None:
        user_id = await somebody(units)
        first = await put(units, a_new_entry(user_id))
        assert await put(units, replace(a_new_entry(user_id), title="again")) == first
        assert await counter_of(units, user_id) == InboxCounter(user_id=user_id, unread=1, version=1)
        other = await put(units, replace(a_new_entry(user_id), type_key="other"))
        assert (other.sequence, (await counter_of(units, user_id)).unread) == (2, 2)

    async def test_rivals_who_put_the_same_keep_one(self, units: Units[StoreUnit]) -> None:
        user_id = await somebody(units)

        async def body(unit: StoreUnit) -> UUID:
            entry = await _INBOX.put(unit, a_new_entry(user_id))
            await asyncio.sleep(0)
            await unit.commit()
            assert entry is not None
            return entry.id

        assert len(set(await race(units, 10, body))) == 1
        assert await counter_of(units, user_id) == InboxCounter(user_id=user_id, unread=1, version=1)

    async def test_rivals_who_put_different_things_are_all_counted_once(
        self, units: Units[StoreUnit]
    ) -> None:
        user_id = await somebody(units)
        positions = iter(range(1, 100))

        async def body(unit: StoreUnit) -> None:
            await _INBOX.put(unit, a_new_entry(user_id, next(positions)))
            await asyncio.sleep(0)
            await unit.commit()

        await race(units, 12, body)
        found = await _page(units, user_id)
        assert sorted(entry.sequence for entry in found) == list(range(1, 13))
        assert await counter_of(units, user_id) == InboxCounter(user_id=user_id, unread=12, version=12)

    async def test_nothing_is_put_for_somebody_who_is_not_there_or_was_erased(
        self, units: Units[StoreUnit]
    ) -> None:
        user = a_user()
        await in_one_unit(units, lambda unit: unit.users.add(user))

        async def erase(unit: StoreUnit) -> None:
            found = await unit.users.find(user.id)
            assert found is not None
            found.erase(now=NOW)
            await unit.users.save(found)
            await unit.personal_rows.erase(user.id, address_keys=[])

        await put(units, a_new_entry(user.id))
        await in_one_unit(units, erase)
        for user_id in (user.id, a_uuid()):
            assert await in_one_unit(units, lambda unit: _INBOX.put(unit, a_new_entry(user_id))) is None  # noqa: B023 - awaited at once
            assert await _page(units, user_id) == []
            assert await counter_of(units, user_id) == InboxCounter(user_id=user_id)

    async def test_a_unit_that_is_not_committed_puts_nothing(self, units: Units[StoreUnit]) -> None:
        user_id = await somebody(units)
        async with units.open(ANYBODY) as unit:
            await _INBOX.put(unit, a_new_entry(user_id))
        assert await counter_of(units, user_id) == InboxCounter(user_id=user_id)
        assert await _page(units, user_id) == []

    async def test_pages_come_newest_first_and_can_be_narrowed_to_what_is_unread(
        self, units: Units[StoreUnit]
    ) -> None:
        user_id, other = await somebody(units), await somebody(units)
        mine = [await put(units, a_new_entry(user_id, n)) for n in range(1, 6)]
        await put(units, a_new_entry(other, 9))
        await in_one_unit(units, lambda unit: unit.inbox.mark_read(user_id, mine[3].id, version=6, now=NOW))
        assert [each.sequence for each in await _page(units, user_id, limit=2)] == [5, 4]
        assert [each.sequence for each in await _page(units, user_id, before=4)] == [3, 2, 1]
        unread = await _page(units, user_id, unread_only=True, limit=3)
        assert [each.sequence for each in unread] == [5, 3, 2]
        assert await in_view(units, lambda unit: unit.inbox.find(other, mine[0].id)) is None

    async def test_marking_changes_what_is_not_yet_so_and_nothing_else(self, units: Units[StoreUnit]) -> None:
        user_id, other = await somebody(units), await somebody(units)
        entry = await put(units, a_new_entry(user_id))

        async def mark(unit: StoreUnit) -> list[bool]:
            inbox = unit.inbox
            return [
                await inbox.mark_unread(user_id, entry.id, version=9),
                await inbox.mark_read(other, entry.id, version=9, now=NOW),
                await inbox.mark_read(user_id, entry.id, version=2, now=NOW),
                await inbox.mark_read(user_id, entry.id, version=9, now=NOW + MINUTE),
            ]

        assert await in_one_unit(units, mark) == [False, False, True, False]
        found = await in_view(units, lambda unit: unit.inbox.find(user_id, entry.id))
        assert found == replace(entry, read_at=NOW, changed=2)
        assert await in_one_unit(units, lambda unit: unit.inbox.mark_unread(user_id, entry.id, version=3))
        found = await in_view(units, lambda unit: unit.inbox.find(user_id, entry.id))
        assert found == replace(entry, changed=3)

    async def test_everything_up_to_a_version_is_marked(self, units: Units[StoreUnit]) -> None:
        user_id, other = await somebody(units), await somebody(units)
        for n in range(1, 5):
            await put(units, a_new_entry(user_id, n))
        await put(units, a_new_entry(other))

        async def mark(unit: StoreUnit) -> int:
            return await unit.inbox.mark_all_read(user_id, up_to=3, version=5, now=NOW)

        assert [await in_one_unit(units, mark) for _ in range(2)] == [3, 0]
        assert [each.sequence for each in await _page(units, user_id, unread_only=True)] == [4]
        assert len(await _page(units, other, unread_only=True)) == 1

    async def test_changes_come_in_their_order_after_a_position(self, units: Units[StoreUnit]) -> None:
        user_id = await somebody(units)
        entries = [await put(units, a_new_entry(user_id, n)) for n in range(1, 5)]
        await in_one_unit(units, lambda unit: unit.inbox.mark_all_read(user_id, up_to=2, version=5, now=NOW))

        async def changed(after: InboxPosition, limit: int = 50) -> list[tuple[int, int]]:
            found = await in_view(units, lambda unit: unit.inbox.changes(user_id, after=after, limit=limit))
            return [(each.changed, each.sequence) for each in found]

        assert await changed(_FIRST) == [(3, 3), (4, 4), (5, 1), (5, 2)]
        assert await changed(InboxPosition.of(entries[2]), limit=2) == [(4, 4), (5, 1)]
        assert await changed(InboxPosition(changed=5, sequence=1)) == [(5, 2)]
        assert await changed(InboxPosition.after(5)) == []

    async def test_what_is_old_is_dropped_and_what_of_it_was_unread_is_told(
        self, units: Units[StoreUnit]
    ) -> None:
        user_id, other = await somebody(units), await somebody(units)
        for n in range(1, 4):
            await put(units, a_new_entry(user_id, n, age=2 * MINUTE))
        young = await put(units, a_new_entry(user_id, 4))
        first = (await _page(units, user_id))[-1]
        await put(units, a_new_entry(other, 1))
        await in_one_unit(units, lambda unit: unit.inbox.mark_read(user_id, first.id, version=5, now=NOW))
        before = NOW - MINUTE

        async def whose(unit: StoreUnit) -> Sequence[UUID]:
            return await unit.inbox.whose_are_old(before=before, limit=10)

        async def drop(unit: StoreUnit) -> tuple[int, int]:
            return await unit.inbox.drop_old(user_id, before=before, limit=2)

        assert await in_view(units, whose) == [user_id]
        assert [await in_one_unit(units, drop) for _ in range(3)] == [(2, 1), (1, 1), (0, 0)]
        assert [each.id for each in await _page(units, user_id)] == [young.id]
        assert await in_view(units, whose) == []


class StreamTicketsContract:
    """Needs `units`, as `InboxContract` does."""

    async def test_of_many_who_use_a_ticket_one_gets_it(self, units: Units[StoreUnit]) -> None:
        ticket = _a_ticket()
        await in_one_unit(units, lambda unit: unit.stream_tickets.add(ticket))

        async def take(unit: StoreUnit) -> StreamTicket | None:
            taken = await unit.stream_tickets.take(ticket.hash, now=NOW)
            await asyncio.sleep(0)
            await unit.commit()
            return taken

        found = await race(units, 10, take)
        assert [each for each in found if each is not None] == [ticket]

    async def test_an_expired_or_unknown_ticket_is_good_for_nothing(self, units: Units[StoreUnit]) -> None:
        ticket = _a_ticket()
        await in_one_unit(units, lambda unit: unit.stream_tickets.add(ticket))
        for hash_, now in ((ticket.hash, ticket.expires_at), ("unknown", NOW)):
            taken = await in_one_unit(units, lambda unit: unit.stream_tickets.take(hash_, now=now))  # noqa: B023 - awaited at once
            assert taken is None

    async def test_purging_removes_expired_tickets(self, units: Units[StoreUnit]) -> None:
        tickets = [_a_ticket() for _ in range(3)]
        young = replace(_a_ticket(), expires_at=NOW + 2 * MINUTE)
        for ticket in (*tickets, young):
            await in_one_unit(units, lambda unit: unit.stream_tickets.add(ticket))  # noqa: B023 - awaited at once

        async def purge(unit: StoreUnit) -> int:
            return await unit.stream_tickets.purge(before=NOW + MINUTE + timedelta(seconds=1), limit=2)

        assert [await in_one_unit(units, purge) for _ in range(3)] == [2, 1, 0]
        assert await in_one_unit(units, lambda unit: unit.stream_tickets.take(young.hash, now=NOW)) == young


def _a_ticket() -> StreamTicket:
    return StreamTicket(hash=a_uuid().hex, user_id=a_uuid(), session_id=a_uuid(), expires_at=NOW + MINUTE)

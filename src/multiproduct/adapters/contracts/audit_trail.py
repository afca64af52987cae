"""What every audit log must answer: the newest matching entries first, page by page."""

from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import MINUTE, NOW, a_caller, a_user_id
from multiproduct.adapters.contracts.reacting import Led, Noted, Passed
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_view
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.audit_trail import AuditEntry, AuditFilter
from multiproduct.application.ports.unit_of_work import Units


async def _write(units: Units[StoreUnit]) -> None:
    """Seven entries: five notes a minute apart, then `Led` and the `Followed` that it leads to."""
    async with units.open(ANYBODY) as unit:
        for number in range(4):
            unit.record(Noted(occurred_at=NOW + number * MINUTE, note=str(number)))
        await unit.commit()
    async with units.open(ANYBODY) as unit:
        unit.record(Passed(occurred_at=NOW + 4 * MINUTE, note="4"))
        unit.record(Led(occurred_at=NOW + 5 * MINUTE, note="5"))
        await unit.commit()


async def _find(
    units: Units[StoreUnit], wanted: AuditFilter, *, limit: int = 100, before: UUID | None = None
) -> list[AuditEntry]:
    async def read(unit: StoreUnit) -> list[AuditEntry]:
        return list(await unit.audit_trail.find(wanted, limit=limit, before=before))

    return await in_view(units, read)


async def _count(units: Units[StoreUnit], wanted: AuditFilter) -> int:
    return await in_view(units, lambda unit: unit.audit_trail.count(wanted))


class AuditTrailContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`. Entries are newest first by their ids; `since` includes its moment.
    """

    async def test_entries_come_newest_first(self, units: Units[StoreUnit]) -> None:
        assert await _find(units, AuditFilter()) == []
        await _write(units)
        entries = await _find(units, AuditFilter())
        assert [entry.resource_id for entry in entries] == ["5", "5", "4", "3", "2", "1", "0"]
        assert [entry.event for entry in entries[:2]] == ["contract.followed", "contract.led"]
        ids = [entry.id for entry in entries]
        assert ids == sorted(ids, reverse=True)

    async def test_pages_go_on_before_the_last_entry_seen(self, units: Units[StoreUnit]) -> None:
        await _write(units)
        everything = await _find(units, AuditFilter())
        paged: list[AuditEntry] = []
        before = None
        for expected in (3, 3, 1, 0):
            page = await _find(units, AuditFilter(), limit=3, before=before)
            assert len(page) == expected
            paged += page
            before = paged[-1].id
        assert paged == everything

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (AuditFilter(user_id="user of 3"), ["3"]),
            (AuditFilter(action="refuse"), ["4"]),
            (AuditFilter(event="contract.noted"), ["3", "2", "1", "0"]),
            (AuditFilter(resource_type="note", resource_id="5"), ["5", "5"]),
            (AuditFilter(resource_type="user"), []),
            (AuditFilter(since=NOW + 4 * MINUTE), ["5", "5", "4"]),
            (AuditFilter(until=NOW + 2 * MINUTE), ["1", "0"]),
            (AuditFilter(since=NOW + MINUTE, until=NOW + 3 * MINUTE), ["2", "1"]),
            (AuditFilter(actor_id="nobody"), []),
            (AuditFilter(action="update", since=NOW + 3 * MINUTE), ["5", "3"]),
        ],
    )
    async def test_entries_are_narrowed(
        self, units: Units[StoreUnit], wanted: AuditFilter, found: list[str]
    ) -> None:
        await _write(units)
        assert [entry.resource_id for entry in await _find(units, wanted)] == found
        assert await _count(units, wanted) == len(found)

    async def test_narrowing_and_paging_go_together(self, units: Units[StoreUnit]) -> None:
        await _write(units)
        wanted = AuditFilter(event="contract.noted")
        first = await _find(units, wanted, limit=3)
        rest = await _find(units, wanted, limit=3, before=first[-1].id)
        assert [entry.resource_id for entry in (*first, *rest)] == ["3", "2", "1", "0"]

    async def test_entries_are_narrowed_to_who_did_it(self, units: Units[StoreUnit]) -> None:
        await _write(units)
        actor = a_caller()
        async with units.open(actor) as unit:
            unit.record(Noted(occurred_at=NOW, note="theirs"))
            await unit.commit()
        wanted = AuditFilter(actor_id=str(actor.require_user()))
        assert [entry.resource_id for entry in await _find(units, wanted)] == ["theirs"]
        assert await _count(units, wanted) == 1

    async def test_nothing_is_found_for_somebody_unknown(self, units: Units[StoreUnit]) -> None:
        await _write(units)
        assert await _find(units, AuditFilter(user_id=str(a_user_id()))) == []

    async def test_an_entry_that_is_changed_by_its_reader_stays_as_it_was(
        self, units: Units[StoreUnit]
    ) -> None:
        await _write(units)
        for _ in range(2):
            entry = (await _find(units, AuditFilter()))[-1]
            assert entry.changes == {"note": [None, "0"]}
            entry.changes["note"].append("more")

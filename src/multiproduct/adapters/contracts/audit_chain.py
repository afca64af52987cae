"""What every store must do with the chain over its audit log: extend it by one of any number of rivals, page
through it, and keep everything else of an entry as it was written."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from multiproduct.adapters.contracts.builders import MINUTE, NOW, a_caller, a_user_id, a_uuid
from multiproduct.adapters.contracts.reacting import Noted
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.audit.ports import ErasedStretch, UnsealedTail
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.ports.audit_trail import AuditEntry, AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.audit import (
    SEAL_VERSION,
    ChainHead,
    Mark,
    SealedRow,
    canonical_form,
    personal_digest,
    seals_of,
)
from multiproduct.domain.identity import UserUpdated
from multiproduct.domain.otp import WrongCodeGiven

_SECRET = b"s" * 32
_SALT = b"0123456789abcdef"
_STRANGER = Caller(ip="192.0.2.7", user_agent="a browser", request_id="request-8")
_OLD = tuple(NOW + number * MINUTE for number in (1, 2, 3))


async def _note(units: Units[StoreUnit], *notes: str) -> None:
    async with units.open(a_caller()) as unit:
        for number, note in enumerate(notes):
            unit.record(Noted(occurred_at=NOW + number * MINUTE, note=note))
        await unit.commit()


async def _seal(unit: StoreUnit, *, limit: int = 100) -> bool:
    """Seals as the use case does, with a salt that tests know."""
    head = await unit.audit_chain.head()
    entries = await unit.audit_chain.unsealed(limit=limit)
    forms = [(each.id, _SALT, canonical_form(each, personal_digest(each, _SALT))) for each in entries]
    mark, seals = seals_of(head.mark if head else Mark(), forms, version=SEAL_VERSION)
    return await unit.audit_chain.extend(head, _signed(mark), seals)


async def _erase(unit: StoreUnit, *, person: UUID, after: object | None) -> ErasedStretch:
    return await unit.audit_chain.erase(person, limit=2, after=after)


async def _move(unit: StoreUnit, *, before: ChainHead | None, after: ChainHead) -> bool:
    return await unit.audit_chain.extend(before, after, [])


async def _forget(unit: StoreUnit, *, limit: int, after: object | None) -> ErasedStretch:
    return await unit.audit_chain.forget_strangers(before=NOW + 5 * MINUTE, limit=limit, after=after)


def _refused(moment: datetime) -> WrongCodeGiven:
    """What somebody does who is not known yet."""
    return WrongCodeGiven(occurred_at=moment, challenge_id=a_uuid(), purpose="sign_in", attempt=1)


def _changed(user_id: UUID) -> UserUpdated:
    return UserUpdated(occurred_at=NOW, user_id=user_id, fields={"first_name": ("Ada", "Augusta")})


def _signed(mark: Mark) -> ChainHead:
    return ChainHead.sign(mark, key_id="k1", secret=_SECRET, now=NOW)


async def _sealed(units: Units[StoreUnit], *, until: int = 100, page: int = 100) -> list[list[SealedRow]]:
    async def read(unit: StoreUnit) -> list[list[SealedRow]]:
        return [list(rows) async for rows in unit.audit_chain.sealed(until=until, page=page)]

    return await in_view(units, read)


async def _entries(units: Units[StoreUnit]) -> Sequence[AuditEntry]:
    return await in_view(units, lambda unit: unit.audit_trail.find(AuditFilter(), limit=100))


class AuditChainContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_there_is_no_head_before_the_first_seal(self, units: Units[StoreUnit]) -> None:
        assert await in_view(units, lambda unit: unit.audit_chain.head()) is None
        assert await in_view(units, lambda unit: unit.audit_chain.tail()) == UnsealedTail(0, None)
        assert await _sealed(units) == []
        assert not await in_view(units, lambda unit: unit.audit_chain.has_sealed())

    async def test_what_is_committed_waits_to_be_sealed_in_the_order_of_ids(
        self, units: Units[StoreUnit]
    ) -> None:
        await _note(units, "a", "b")
        await _note(units, "c")
        waiting = await in_view(units, lambda unit: unit.audit_chain.unsealed(limit=2))
        assert [entry.resource_id for entry in waiting] == ["a", "b"]
        assert list(waiting) == list(reversed(await _entries(units)))[:2]
        assert await in_view(units, lambda unit: unit.audit_chain.tail()) == UnsealedTail(3, NOW)

    async def test_sealing_moves_the_head_and_changes_nothing_else_of_an_entry(
        self, units: Units[StoreUnit]
    ) -> None:
        await _note(units, "a", "b")
        written = await _entries(units)
        assert await in_one_unit(units, _seal)
        assert await _entries(units) == written
        (rows,) = await _sealed(units)
        forms = [
            canonical_form(entry, personal_digest(entry, _SALT))
            for entry in sorted(written, key=lambda e: e.id)
        ]
        assert [(row.sequence, row.form) for row in rows] == [(1, forms[0]), (2, forms[1])]
        head = await in_view(units, lambda unit: unit.audit_chain.head())
        assert head == _signed(Mark(2, rows[-1].hash or b""))
        assert await in_view(units, lambda unit: unit.audit_chain.has_sealed())
        assert await in_view(units, lambda unit: unit.audit_chain.tail()) == UnsealedTail(0, None)
        assert await in_view(units, lambda unit: unit.audit_chain.beyond_head(limit=9)) == []

    async def test_a_sealing_that_is_not_committed_leaves_nothing(self, units: Units[StoreUnit]) -> None:
        await _note(units, "a")
        async with units.open(a_caller()) as unit:
            assert await _seal(unit)
        assert await in_view(units, lambda unit: unit.audit_chain.head()) is None
        assert (await in_view(units, lambda unit: unit.audit_chain.tail())).count == 1

    async def test_a_head_that_moved_is_not_moved_from_where_it_was(self, units: Units[StoreUnit]) -> None:
        await _note(units, "a")
        await in_one_unit(units, _seal)
        head = await in_view(units, lambda unit: unit.audit_chain.head())
        assert head is not None
        later = _signed(Mark(2, b"h" * 32))
        others = (None, _signed(Mark(1, b"x" * 32)), _signed(Mark(2, head.mark.hash)))
        for other in others:
            assert not await in_one_unit(units, partial(_move, before=other, after=later))
        assert await in_view(units, lambda unit: unit.audit_chain.head()) == head
        assert await in_one_unit(units, partial(_move, before=head, after=later))

    async def test_of_rivals_that_read_the_same_head_one_extends_the_chain(
        self, units: Units[StoreUnit]
    ) -> None:
        await _note(units, *"abcdef")

        async def seal_one(unit: StoreUnit) -> bool:
            is_first = await _seal(unit, limit=1)
            if is_first:
                await unit.commit()
            return is_first

        sealed = 0
        while sealed < 6:
            outcomes = await race(units, 4, seal_one)
            assert any(outcomes)
            sealed += sum(outcomes)
        rows = [row for page in await _sealed(units) for row in page]
        assert [row.sequence for row in rows] == [1, 2, 3, 4, 5, 6]
        assert len({row.id for row in rows}) == 6

    async def test_sealed_entries_come_by_number_in_pages_up_to_a_number(
        self, units: Units[StoreUnit]
    ) -> None:
        await _note(units, *"abcdefg")
        await in_one_unit(units, _seal)
        pages = await _sealed(units, until=6, page=4)
        assert [[row.sequence for row in page] for page in pages] == [[1, 2, 3, 4], [5, 6]]

    async def test_what_is_numbered_beyond_the_head_is_told(self, units: Units[StoreUnit]) -> None:
        await _note(units, *"abc")
        await in_one_unit(units, _seal)
        head = await in_view(units, lambda unit: unit.audit_chain.head())
        back = _signed(Mark(1, b"h" * 32))
        await in_one_unit(units, lambda unit: unit.audit_chain.extend(head, back, []))
        beyond = await in_view(units, lambda unit: unit.audit_chain.beyond_head(limit=9))
        assert [row.sequence for row in beyond] == [2, 3]
        assert len(await in_view(units, lambda unit: unit.audit_chain.beyond_head(limit=1))) == 1

    async def test_erasing_takes_a_person_out_and_leaves_the_form(self, units: Units[StoreUnit]) -> None:
        person, other = a_user_id(), a_user_id()
        async with units.open(a_caller()) as unit:
            for user_id in (person, person, person, other):
                unit.record(_changed(user_id))
            await unit.commit()
        await in_one_unit(units, _seal)
        before = await _sealed(units)
        place: object | None = None
        for left, is_over in ((2, False), (1, True)):
            erase = partial(_erase, person=person, after=place)
            stretch = await in_one_unit(units, erase)
            assert (stretch.changed, stretch.place is None) == (left, is_over)
            place = stretch.place
        again = await in_one_unit(units, lambda unit: unit.audit_chain.erase(person, limit=2))
        assert (again.changed, again.place) == (0, None)
        after = await _sealed(units)
        assert [[row.is_erased for row in page] for page in after] == [[True, True, True, False]]
        assert [[replace(row, is_erased=False) for row in page] for page in after] == before
        for entry in await _entries(units):
            told = (entry.ip, entry.user_agent, entry.request_id, entry.changes, entry.metadata)
            is_person = entry.user_id == str(person)
            assert (told == (None, None, None, {}, {})) is is_person

    async def test_erasing_takes_a_person_out_of_what_they_did_too(self, units: Units[StoreUnit]) -> None:
        person = a_user_id()
        async with units.open(a_caller(user_id=person)) as unit:
            unit.record(Noted(occurred_at=NOW, note="about nobody"))
            await unit.commit()
        assert await in_view(units, lambda unit: unit.audit_chain.has_unsealed(person))
        await in_one_unit(units, _seal)
        stretch = await in_one_unit(units, lambda unit: unit.audit_chain.erase(person, limit=9))
        assert stretch.changed == 1
        (entry,) = await _entries(units)
        assert (entry.actor_id, entry.ip, entry.user_agent) == (str(person), None, None)

    async def test_forgetting_takes_the_oldest_of_strangers_first_and_leaves_everything_else(
        self, units: Units[StoreUnit]
    ) -> None:
        async with units.open(_STRANGER) as unit:
            for number in (3, 1, 2, 9):
                unit.record(_refused(NOW + number * MINUTE))
            unit.record(_changed(a_user_id()))
            unit.record(Noted(occurred_at=NOW, note="of another context"))
            await unit.commit()
        async with units.open(a_caller()) as unit:
            unit.record(_refused(NOW))
            await unit.commit()
        async with units.open(SYSTEM) as unit:
            unit.record(_refused(NOW))
            await unit.commit()
        written = await _entries(units)
        await in_one_unit(units, _seal)
        before = await _sealed(units)
        emptied, place = [], None
        for _ in range(2):
            forget = partial(_forget, limit=2, after=place)
            stretch = await in_one_unit(units, forget)
            emptied.append(stretch.changed)
            place = stretch.place
        assert (emptied, place) == ([2, 1], None)
        assert (await in_one_unit(units, partial(_forget, limit=9, after=None))).changed == 0
        after = await _sealed(units)
        assert [[replace(row, is_erased=False) for row in page] for page in after] == before
        changed = [each for each in await _entries(units) if each not in written]
        assert sorted(each.occurred_at for each in changed) == list(_OLD)
        for entry in changed:
            told = (entry.ip, entry.user_agent, entry.request_id, entry.changes, entry.metadata)
            assert told == (None, None, None, {}, {})
            assert (entry.actor_type, entry.user_id) == ("anonymous", None)

    async def test_the_first_stretch_of_forgetting_is_of_the_oldest(self, units: Units[StoreUnit]) -> None:
        async with units.open(_STRANGER) as unit:
            for number in (3, 1, 2):
                unit.record(_refused(NOW + number * MINUTE))
            await unit.commit()
        waiting = await in_one_unit(units, partial(_forget, limit=9, after=None))
        assert (waiting.changed, waiting.place) == (0, None)
        await in_one_unit(units, _seal)
        await in_one_unit(units, partial(_forget, limit=2, after=None))
        told = {entry.occurred_at: entry.ip for entry in await _entries(units)}
        assert told == {_OLD[0]: None, _OLD[1]: None, _OLD[2]: _STRANGER.ip}

    async def test_what_is_not_sealed_is_not_erased(self, units: Units[StoreUnit]) -> None:
        person = a_user_id()
        async with units.open(a_caller()) as unit:
            unit.record(_changed(person))
            await unit.commit()
        stretch = await in_one_unit(units, lambda unit: unit.audit_chain.erase(person, limit=9))
        assert (stretch.changed, stretch.place) == (0, None)
        assert await in_view(units, lambda unit: unit.audit_chain.has_unsealed(person))
        assert not await in_view(units, lambda unit: unit.audit_chain.has_unsealed(a_user_id()))
        await in_one_unit(units, _seal)
        assert not await in_view(units, lambda unit: unit.audit_chain.has_unsealed(person))

"""What every store of first answers must do: one rival claims a key, the others hear its answer."""

import asyncio
from dataclasses import replace

from multiproduct.adapters.contracts.builders import DAY, MINUTE, NOW, UNUSUAL_TEXT
from multiproduct.adapters.contracts.store_unit import (
    PATIENCE_SECONDS,
    StoreUnit,
    has_to_wait,
    in_one_unit,
    race,
)
from multiproduct.application.caller import ANYBODY
from multiproduct.application.idempotency import IdempotencyRecord
from multiproduct.application.ports.unit_of_work import Units

_ANSWER = {"id": 7, "text": UNUSUAL_TEXT, "nested": {"list": [1, None, True, 2.5]}}


def _record(key: str = "key", *, scope: str = "activity/somebody") -> IdempotencyRecord:
    return IdempotencyRecord(scope=scope, key=key, fingerprint="f" * 64, answer=None, expires_at=NOW + DAY)


async def _claim(units: Units[StoreUnit], record: IdempotencyRecord) -> IdempotencyRecord | None:
    return await in_one_unit(units, lambda unit: unit.idempotency.claim(record, now=NOW))


class IdempotencyContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`.
    """

    async def test_a_free_key_is_claimed_and_later_answered_as_it_was_kept(
        self, units: Units[StoreUnit]
    ) -> None:
        record = _record(UNUSUAL_TEXT)
        assert await _claim(units, record) is None
        assert await _claim(units, replace(record, fingerprint="other")) == record

    async def test_the_first_answer_is_kept(self, units: Units[StoreUnit]) -> None:
        record = _record()
        await _claim(units, record)
        await in_one_unit(
            units, lambda unit: unit.idempotency.answer(record.scope, record.key, dict(_ANSWER))
        )
        assert await _claim(units, record) == replace(record, answer=_ANSWER)

    async def test_an_answer_that_is_changed_afterwards_stays_as_it_was_kept(
        self, units: Units[StoreUnit]
    ) -> None:
        record, answer = _record(), {"list": [1]}
        await _claim(units, record)
        await in_one_unit(units, lambda unit: unit.idempotency.answer(record.scope, record.key, answer))
        answer["list"].append(2)
        for _ in range(2):
            kept = await _claim(units, record)
            assert kept is not None
            assert kept.answer == {"list": [1]}
            kept.answer["list"].append(3)

    async def test_the_same_key_in_another_scope_is_another_key(self, units: Units[StoreUnit]) -> None:
        assert await _claim(units, _record(scope="a")) is None
        assert await _claim(units, _record(scope="b")) is None
        assert await _claim(units, _record("other", scope="a")) is None

    async def test_a_record_is_kept_until_it_expires_and_then_free(self, units: Units[StoreUnit]) -> None:
        record = _record()
        await _claim(units, record)
        await in_one_unit(units, lambda unit: unit.idempotency.answer(record.scope, record.key, {"a": 1}))
        later = replace(record, fingerprint="new", expires_at=NOW + 2 * DAY)
        just_before = NOW + DAY - MINUTE
        kept = await in_one_unit(units, lambda unit: unit.idempotency.claim(later, now=just_before))
        assert kept is not None
        assert await in_one_unit(units, lambda unit: unit.idempotency.claim(later, now=NOW + DAY)) is None
        again = await in_one_unit(units, lambda unit: unit.idempotency.claim(record, now=NOW + DAY))
        assert again == later

    async def test_a_rival_waits_until_the_first_unit_ends_and_hears_its_answer(
        self, units: Units[StoreUnit]
    ) -> None:
        record = _record()
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with units.open(ANYBODY) as unit:
                assert await unit.idempotency.claim(record, now=NOW) is None
                rival = asyncio.create_task(_claim(units, record))
                assert await has_to_wait(rival)
                await unit.idempotency.answer(record.scope, record.key, {"a": 1})
                await unit.commit()
            kept = await rival
        assert kept == replace(record, answer={"a": 1})

    async def test_a_rival_takes_the_key_when_the_first_unit_is_undone(self, units: Units[StoreUnit]) -> None:
        record = _record()
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with units.open(ANYBODY) as unit:
                await unit.idempotency.claim(record, now=NOW)
                rival = asyncio.create_task(_claim(units, record))
                assert await has_to_wait(rival)
            assert await rival is None

    async def test_of_many_rivals_one_does_the_work(self, units: Units[StoreUnit]) -> None:
        record = _record()

        async def once(unit: StoreUnit) -> bool:
            kept = await unit.idempotency.claim(record, now=NOW)
            if kept is not None:
                assert kept.answer == {"a": 1}
                return False
            await asyncio.sleep(0)
            await unit.idempotency.answer(record.scope, record.key, {"a": 1})
            await unit.commit()
            return True

        assert sorted(await race(units, 30, once)) == [False] * 29 + [True]

    async def test_purging_removes_what_expired_and_no_more_than_the_limit(
        self, units: Units[StoreUnit]
    ) -> None:
        fresh = replace(_record("fresh"), expires_at=NOW + 3 * DAY)
        await _claim(units, fresh)
        for number in range(5):
            await _claim(units, _record(str(number)))
        removed = [
            await in_one_unit(units, lambda unit: unit.idempotency.purge(before=NOW + 2 * DAY, limit=2))
            for _ in range(4)
        ]
        assert removed == [2, 2, 1, 0]
        assert await _claim(units, _record("0")) is None
        assert await _claim(units, fresh) == fresh

"""Sealing the audit log from many processes, after late commits and sudden deaths: every entry once, no
gap."""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.campaigns import proof_scale
from tests.integration.adapters import sealing_racer
from tests.integration.adapters.sealing_racer import sealing_on, verifying_on

from multiproduct.adapters.contracts.builders import NOW, a_uuid
from multiproduct.adapters.contracts.reacting import Noted, contract_surroundings
from multiproduct.adapters.sql import SqliteSettings, SqlStore
from multiproduct.adapters.sql.audit import WRITE_AUDIT, audit_row
from multiproduct.adapters.sql.engine import normalised
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.audit_trail import AuditEntry, AuditFilter

PROCESSES, SEALERS_EACH, ENTRIES, BATCH = 4, 2, 400, 7
PATIENCE_SECONDS = 120
SEED = 20261121
ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["sqlite_store_url", "postgres_store_url"])
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(request.param)


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = SqlStore(url, sqlite=SqliteSettings(synchronous="NORMAL"))
    yield opened
    await opened.close()


async def _note(store: SqlStore, count: int, *, each: int = 20) -> None:
    units = store.units(contract_surroundings())
    for start in range(0, count, each):
        async with units.open(ANYBODY) as unit:
            for number in range(start, min(count, start + each)):
                unit.record(Noted(occurred_at=NOW, note=str(number)))
            await unit.commit()


async def _rows(url: str) -> list[tuple[int, str]]:
    """The number of every sealed entry and what it is about, by number."""
    engine = create_async_engine(normalised(url))
    statement = "SELECT sequence, resource_id FROM audit_entries WHERE sequence IS NOT NULL ORDER BY sequence"
    async with engine.connect() as connection:
        found = [(row[0], row[1]) for row in await connection.execute(text(statement))]
    await engine.dispose()
    return found


async def _assert_whole(store: SqlStore, url: str, count: int) -> None:
    rows = await _rows(url)
    assert [sequence for sequence, _ in rows] == list(range(1, count + 1))
    assert len({what for _, what in rows}) == count
    verdict = await verifying_on(store).run()
    assert (verdict.findings, verdict.entries, verdict.tail.count) == ([], count, 0)
    assert verdict.head is not None
    assert verdict.head.mark.sequence == count


@asynccontextmanager
async def _racer(url: str, *, sealers: int, batch: int) -> AsyncIterator[asyncio.subprocess.Process]:
    racer = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        sealing_racer.__name__,
        url,
        str(sealers),
        str(batch),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert await racer.stdout.readline() == b"ready\n"
        yield racer
    finally:
        if racer.returncode is None:
            racer.kill()
            await racer.wait()


async def test_eight_sealers_in_four_processes_seal_every_entry_once_while_others_are_written(
    store: SqlStore, url: str
) -> None:
    await _note(store, ENTRIES)
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with (
            _racer(url, sealers=SEALERS_EACH, batch=BATCH) as first,
            _racer(url, sealers=SEALERS_EACH, batch=BATCH) as second,
            _racer(url, sealers=SEALERS_EACH, batch=BATCH) as third,
            _racer(url, sealers=SEALERS_EACH, batch=BATCH) as fourth,
        ):
            racers = (first, second, third, fourth)
            for racer in racers:
                racer.stdin.write(b"go\n")
            await _note_more(store)
            told = await asyncio.gather(*(racer.communicate() for racer in racers))
            assert [racer.returncode for racer in racers] == [0] * PROCESSES
    sealed = sum(count for output, _ in told for count in json.loads(output))
    sealed += await sealing_on(store).run()
    assert sealed == ENTRIES + 40
    await _assert_whole(store, url, ENTRIES + 40)


async def _note_more(store: SqlStore) -> None:
    units = store.units(contract_surroundings())
    for number in range(40):
        async with units.open(ANYBODY) as unit:
            unit.record(Noted(occurred_at=NOW, note=f"meanwhile {number}"))
            await unit.commit()


async def test_a_sealer_that_is_killed_leaves_a_whole_chain_that_the_next_one_extends(
    store: SqlStore, url: str
) -> None:
    chance, count = random.Random(SEED), 0
    async with asyncio.timeout(proof_scale(PATIENCE_SECONDS, 30 * PATIENCE_SECONDS)):
        for _ in range(proof_scale(3, 100)):
            await _add(store, count, 300)
            count += 300
            async with _racer(url, sealers=1, batch=3) as racer:
                racer.stdin.write(b"go\n")
                await asyncio.sleep(chance.random() * 0.25)
                racer.kill()
                await racer.wait()
            verdict = await verifying_on(store).run()
            assert verdict.findings == []
            assert verdict.entries + verdict.tail.count == count
    while await sealing_on(store).run():
        pass  # a run seals 20,000 at most, and the killed ones may have left more
    await _assert_whole(store, url, count)


async def _add(store: SqlStore, start: int, count: int) -> None:
    async with store.units(contract_surroundings()).open(ANYBODY) as unit:
        for number in range(start, start + count):
            unit.record(Noted(occurred_at=NOW, note=str(number)))
        await unit.commit()


def _an_entry(id: UUID, what: str) -> AuditEntry:
    return AuditEntry(
        id=id,
        occurred_at=NOW - timedelta(minutes=1),
        event=Noted.NAME,
        action="update",
        resource_type="note",
        resource_id=what,
        user_id=None,
        actor_id=None,
        actor_type="system",
        ip=None,
        user_agent=None,
        request_id=None,
    )


async def test_a_transaction_that_commits_late_is_sealed_later_with_a_higher_number(
    postgres_store: SqlStore, postgres_store_url: str
) -> None:
    engine = create_async_engine(normalised(postgres_store_url))
    async with engine.connect() as late:
        # Its id is the smallest, and it is invisible until it commits.
        await late.execute(WRITE_AUDIT, [audit_row(_an_entry(a_uuid(), "late"))])
        await _note(postgres_store, 5)
        assert await sealing_on(postgres_store).run() == 5
        await late.commit()
    await engine.dispose()
    assert (await verifying_on(postgres_store).run()).tail.count == 1
    assert await sealing_on(postgres_store).run() == 1
    assert (await _rows(postgres_store_url))[-1] == (6, "late")
    await _assert_whole(postgres_store, postgres_store_url, 6)


async def test_an_entry_with_an_older_id_than_sealed_ones_is_sealed_after_them(
    store: SqlStore, url: str
) -> None:
    older = a_uuid()
    await _note(store, 5)
    await sealing_on(store).run()
    engine = create_async_engine(normalised(url))
    async with engine.begin() as connection:
        await connection.execute(WRITE_AUDIT, [audit_row(_an_entry(older, "from a slow clock"))])
    await engine.dispose()
    await sealing_on(store).run()
    assert (await _rows(url))[-1] == (6, "from a slow clock")
    await _assert_whole(store, url, 6)


async def test_sealing_changes_no_entry(store: SqlStore) -> None:
    await _note(store, 50)
    units = store.units(contract_surroundings())

    async def read() -> list[AuditEntry]:
        async with units.view(ANYBODY) as view:
            return list(await view.audit_trail.find(AuditFilter(), limit=200))

    before = await read()
    await sealing_on(store, batch=20).run()
    assert await read() == before

"""Every statement about inboxes uses an index on filled tables: recorded, then explained."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.integration.adapters.explaining import (
    Scan,
    Sent,
    fill_postgres,
    fill_sqlite,
    postgres_scans,
    sqlite_scans,
    statements_sent,
)

from multiproduct.adapters.contracts.builders import MINUTE, NOW, a_uuid
from multiproduct.adapters.contracts.inbox import a_new_entry, put, somebody
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit
from multiproduct.adapters.sql import SqlStore
from multiproduct.application.notifications.inbox_ports import StreamTicket
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.notifications.inbox import InboxPosition

ROWS = 10_000
TABLES = {"users", "inbox_entries", "inbox_counters", "stream_tickets"}
DROPPED = "ix_inbox_entries_created_at"
"""Without it the search for old entries must be found out, or the test would see nothing."""


async def _recorded(store: SqlStore) -> dict[str, Sent]:
    units: Units[StoreUnit] = store.units(contract_surroundings())
    with statements_sent() as sent:
        await _live_through(units)
    about = [each for each in sent.values() if any(name in each.sql for name in TABLES - {"users"})]
    return {each.sql: each for each in about}


async def _live_through(units: Units[StoreUnit]) -> None:
    user_id = await somebody(units)
    entries = [await put(units, a_new_entry(user_id, number)) for number in (1, 2, 3, 4, 1)]
    ticket = StreamTicket(hash="h", user_id=user_id, session_id=a_uuid(), expires_at=NOW + MINUTE)

    async def one_by_one(unit: StoreUnit) -> None:
        inbox, tickets = unit.inbox, unit.stream_tickets
        counter = await inbox.hold(user_id)
        assert counter is not None
        await inbox.find(user_id, entries[0].id)
        assert await inbox.mark_read(user_id, entries[0].id, version=5, now=NOW)
        assert await inbox.mark_unread(user_id, entries[0].id, version=6)
        await inbox.write(counter)
        await inbox.counter(user_id)
        await inbox.page(user_id, before=None, unread_only=False, limit=51)
        await inbox.page(user_id, before=4, unread_only=True, limit=51)
        await inbox.changes(user_id, after=InboxPosition.after(2), limit=201)
        await inbox.mark_all_read(user_id, up_to=2, version=7, now=NOW)
        await inbox.whose_are_old(before=NOW + MINUTE, limit=200)
        await inbox.drop_old(user_id, before=NOW - timedelta(days=180), limit=1_000)
        await tickets.add(ticket)
        await tickets.take("other", now=NOW)
        await tickets.purge(before=NOW, limit=1_000)
        await unit.personal_rows.erase(a_uuid(), address_keys=[])

    await in_one_unit(units, one_by_one)


def _scanned(found: Iterable[tuple[Sent, list[Scan]]]) -> str:
    return "\n\n".join(
        f"{scan.table} is read from end to end by\n{sent.sql}\n{scan.plan}"
        for sent, scans in found
        for scan in scans
    )


async def test_on_postgres_no_statement_about_inboxes_reads_a_table_from_end_to_end(
    postgres_store: SqlStore, postgres_store_url: str
) -> None:
    sent = await _recorded(postgres_store)
    engine = create_async_engine(postgres_store_url)
    async with engine.connect() as connection:
        filled = await fill_postgres(connection, ROWS, names=TABLES)
        found = [(each, await postgres_scans(connection, each)) for each in sent.values()]
        await connection.execute(text(f"DROP INDEX {DROPPED}"))
        without = [(each, await postgres_scans(connection, each)) for each in sent.values()]
        await connection.rollback()
    await engine.dispose()
    assert filled == TABLES
    assert len(sent) > 15
    assert not _scanned(found), _scanned(found)
    assert "inbox_entries is read from end to end" in _scanned(without)


async def test_on_sqlite_no_statement_about_inboxes_reads_a_table_from_end_to_end(
    sqlite_store: SqlStore, sqlite_store_url: str
) -> None:
    sent = await _recorded(sqlite_store)
    await sqlite_store.close()
    file = Path(sqlite_store_url.removeprefix("sqlite:///"))
    filled = fill_sqlite(file, ROWS, names=TABLES)
    with closing(sqlite3.connect(file)) as connection:
        found = [(each, sqlite_scans(connection, each)) for each in sent.values()]
        connection.execute(f"DROP INDEX {DROPPED}")
    with closing(sqlite3.connect(file)) as connection:  # a new one, as the first has kept its plans
        without = [(each, sqlite_scans(connection, each)) for each in sent.values()]
    assert filled == TABLES
    assert len(sent) > 15
    assert not _scanned(found), _scanned(found)
    assert "inbox_entries is read from end to end" in _scanned(without)

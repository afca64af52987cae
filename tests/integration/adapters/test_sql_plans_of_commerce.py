"""Every statement that a shop's daily life sends uses an index on filled tables: recorded, then explained."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.integration.adapters.commercial_story import live_through
from tests.integration.adapters.explaining import (
    Scan,
    Sent,
    fill_postgres,
    fill_sqlite,
    postgres_scans,
    sqlite_scans,
    statements_sent,
    tables_read,
)
from tests.subscription_house import a_subscription_house

from multiproduct.adapters.sql import SqlStore

ROWS = 10_000
DROPPED = "ix_subscriptions_due_at"
"""Without it the lease of what is due must be found out, or the test would see nothing."""
SMALL = {
    "ledger_chain": "has one row",
    "audit_chain": "has one row",
    "clock_offset": "has one row",
    "ledger_periods": "a row for each close of the books",
    "invoice_series": "a row for each seller, series and year",
    "tax_rules": "some for each country",
    "roles": "as many as an organisation thinks up",
    "jobs": "a row for each job of the program",
}
"""Tables that never have many rows, and why: they are not filled, and may be read as the database likes."""
EXCEPTIONS = {
    "SELECT count(*) AS number, min(ledger_transactions.posted_at)": (
        "counts what waits to be sealed, which is what came within the last seconds"
    ),
}
"""Parts of statements that may read a table from end to end, and why."""


async def _recorded(store: SqlStore) -> dict[str, Sent]:
    with statements_sent() as sent:
        await live_through(a_subscription_house(store))
    return sent


def _large(sent: Mapping[str, Sent]) -> set[str]:
    """The tables to be filled. Where the story left one of them empty, its plans would say nothing."""
    return {name for each in sent.values() for name in tables_read(each)} - SMALL.keys()


def _scanned(found: Iterable[tuple[Sent, list[Scan]]]) -> str:
    return "\n\n".join(
        f"{scan.table} is read from end to end by\n{sent.sql}\n{scan.plan}"
        for sent, scans in found
        for scan in scans
        if scan.table not in SMALL and not any(part in sent.sql for part in EXCEPTIONS)
    )


async def test_on_postgres_no_statement_of_a_shop_reads_a_table_from_end_to_end(
    postgres_store: SqlStore, postgres_store_url: str
) -> None:
    sent = await _recorded(postgres_store)
    engine = create_async_engine(postgres_store_url)
    async with engine.connect() as connection:
        filled = await fill_postgres(connection, ROWS, names=_large(sent))
        found = [(each, await postgres_scans(connection, each)) for each in sent.values()]
        await connection.execute(text(f"DROP INDEX {DROPPED}"))
        without = [(each, await postgres_scans(connection, each)) for each in sent.values()]
        await connection.rollback()
    await engine.dispose()
    assert filled == _large(sent)
    assert not _scanned(found), _scanned(found)
    assert "subscriptions is read from end to end" in _scanned(without)


async def test_on_sqlite_no_statement_of_a_shop_reads_a_table_from_end_to_end(
    sqlite_store: SqlStore, sqlite_store_url: str
) -> None:
    sent = await _recorded(sqlite_store)
    await sqlite_store.close()
    file = Path(sqlite_store_url.removeprefix("sqlite:///"))
    filled = fill_sqlite(file, ROWS, names=_large(sent))
    with closing(sqlite3.connect(file)) as connection:
        found = [(each, sqlite_scans(connection, each)) for each in sent.values()]
        connection.execute(f"DROP INDEX {DROPPED}")
        without = [(each, sqlite_scans(connection, each)) for each in sent.values()]
    assert filled == _large(sent)
    assert not _scanned(found), _scanned(found)
    assert "subscriptions is read from end to end" in _scanned(without)

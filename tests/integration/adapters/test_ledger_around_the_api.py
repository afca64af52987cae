"""The ledger's rules against SQL that is written around the API: every statement that would break one is
refused by the database, and many writers at once, most of them without the API, break none."""

import asyncio
import multiprocessing
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from tests.campaigns import proof_scale
from tests.integration.adapters.patient_postgres import PATIENT

from multiproduct.adapters.contracts.builders import NOW, a_uuid
from multiproduct.adapters.contracts.ledger_books import CASH, FUNDS, SALES, YEN, Books, holding, moving
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.store_unit import in_one_unit, in_view
from multiproduct.adapters.sql import SqlStore
from multiproduct.adapters.sql.engine import normalised
from multiproduct.adapters.sql.types import to_microseconds
from multiproduct.application.caller import ANYBODY
from multiproduct.application.units import in_unit
from multiproduct.domain.ledger import PeriodChange

ENTRY = (
    "INSERT INTO ledger_entries (transaction_id, position, entry_count, account_id, side, effect, minor,"
    " currency, effective_at, posted_at) VALUES (:id, :position, :count, :account, :side, :effect, :minor,"
    " :currency, :at, :at)"
)
TRANSACTION = (
    "INSERT INTO ledger_transactions (id, kind, description, effective_at, posted_at, entry_count, hold_id,"
    " reverses_id) VALUES (:id, :kind, '', :at, :at, :count, :hold, :reverses)"
)


class Intruder:
    """Writes in the database by SQL alone."""

    def __init__(self, connection: AsyncConnection, accounts: dict[str, Any]) -> None:
        self.connection = connection
        self.is_postgres = connection.dialect.name == "postgresql"
        self.ids = {code: self.value(account.id) for code, account in accounts.items()}

    def value(self, raw: Any) -> Any:
        if self.is_postgres:
            return raw
        if hasattr(raw, "hex") and not isinstance(raw, (int, float, bytes)):
            return raw.hex
        return to_microseconds(raw) if hasattr(raw, "tzinfo") else raw

    async def run(self, statement: str, **values: Any) -> None:
        given = {name: self.value(value) for name, value in values.items()}
        await self.connection.execute(text(statement), given)

    async def entries(self, id: Any, *rows: tuple[Any, ...], count: int | None = None, at: Any = NOW) -> None:
        for position, (account, side, minor, *rest) in enumerate(rows):
            currency = rest[0] if rest else "USD"
            await self.run(
                ENTRY,
                id=id,
                position=position,
                count=count or len(rows),
                account=self.ids.get(account, account),
                side=side,
                effect=rest[1] if len(rest) > 1 else "post",
                minor=minor,
                currency=currency,
                at=at,
            )

    async def transaction(
        self, id: Any, *, count: int = 2, kind: str = "posting", at: Any = NOW, hold: Any = None,
        reverses: Any = None,
    ) -> None:  # fmt: skip
        await self.run(TRANSACTION, id=id, kind=kind, at=at, count=count, hold=hold, reverses=reverses)

    async def post(self, *rows: tuple[Any, ...], **of_transaction: Any) -> None:
        own = a_uuid()
        await self.entries(own, *rows, at=of_transaction.get("at", NOW))
        await self.transaction(own, count=len(rows), **of_transaction)


async def _unbalanced(by: Intruder, kept: Any) -> None:
    await by.post(("cash", "debit", 5), ("sales", "credit", 4))


async def _unbalanced_in_one_currency(by: Intruder, kept: Any) -> None:
    await by.post(("cash", "debit", 5), ("yen", "credit", 5, "JPY"))


async def _one_entry(by: Intruder, kept: Any) -> None:
    own = a_uuid()
    await by.entries(own, ("cash", "debit", 5), count=1)
    await by.transaction(own, count=1)


async def _no_entries(by: Intruder, kept: Any) -> None:
    await by.transaction(a_uuid())


async def _no_transaction(by: Intruder, kept: Any) -> None:
    await by.entries(a_uuid(), ("cash", "debit", 5), ("sales", "credit", 5))


async def _no_transaction_and_the_count_taken_down(by: Intruder, kept: Any) -> None:
    await _no_transaction(by, kept)
    await by.run("UPDATE ledger_drafts SET entries = 0")


async def _another_number_of_entries(by: Intruder, kept: Any) -> None:
    own = a_uuid()
    await by.entries(own, ("cash", "debit", 5), ("sales", "credit", 5), count=3)
    await by.transaction(own)


async def _entries_of_one_for_another(by: Intruder, kept: Any) -> None:
    await by.entries(a_uuid(), ("cash", "debit", 5), ("sales", "credit", 5))
    await by.transaction(a_uuid())


async def _a_draft_of_its_own(by: Intruder, kept: Any) -> None:
    await by.run("INSERT INTO ledger_drafts (writer, entries) VALUES (1, -2)")
    await _no_transaction(by, kept)


async def _later_entries(by: Intruder, kept: Any) -> None:
    await by.run(
        ENTRY, id=kept["posting"], position=2, count=3, account=by.ids["cash"], side="debit", effect="post",
        minor=1, currency="USD", at=NOW,
    )  # fmt: skip


async def _later_entries_as_the_first_say(by: Intruder, kept: Any) -> None:
    await by.run(
        ENTRY, id=kept["posting"], position=1, count=2, account=by.ids["cash"], side="debit", effect="post",
        minor=1, currency="USD", at=NOW,
    )  # fmt: skip


async def _wrong_currency(by: Intruder, kept: Any) -> None:
    await by.post(("cash", "debit", 5, "JPY"), ("yen", "credit", 5, "JPY"))


async def _no_account(by: Intruder, kept: Any) -> None:
    by.ids["nowhere"] = by.value(a_uuid())
    await by.post(("nowhere", "debit", 5), ("sales", "credit", 5))


async def _overdraws(by: Intruder, kept: Any) -> None:
    await by.post(("funds", "debit", 1_000), ("sales", "credit", 1_000))


async def _overdraws_what_is_held(by: Intruder, kept: Any) -> None:
    await by.post(("funds", "debit", 90), ("sales", "credit", 90))


async def _nothing(by: Intruder, kept: Any) -> None:
    await by.post(("cash", "debit", 0), ("sales", "credit", 0))


async def _closed_period(by: Intruder, kept: Any) -> None:
    early = NOW - timedelta(days=30)
    await by.post(("cash", "debit", 1), ("sales", "credit", 1), at=early)


async def _another_moment_for_an_entry(by: Intruder, kept: Any) -> None:
    own = a_uuid()
    await by.entries(own, ("cash", "debit", 1), ("sales", "credit", 1), at=NOW - timedelta(hours=1))
    await by.transaction(own)


async def _ends_a_hold_by_more(by: Intruder, kept: Any) -> None:
    rows = [(account, side, minor, "USD", effect) for minor, effect in ((20, "release"), (21, "post"))
            for account, side in (("funds", "debit"), ("sales", "credit"))]  # fmt: skip
    await by.post(*rows, kind="settlement", hold=kept["hold"])


async def _releases_without_a_hold(by: Intruder, kept: Any) -> None:
    rows = [("funds", "debit", 5, "USD", "release"), ("sales", "credit", 5, "USD", "release")]
    await by.post(*rows)


async def _reverses_by_other_amounts(by: Intruder, kept: Any) -> None:
    await by.post(("cash", "credit", 99), ("funds", "debit", 99), kind="reversal", reverses=kept["posting"])


async def _edits_an_entry(by: Intruder, kept: Any) -> None:
    await by.run("UPDATE ledger_entries SET minor = minor + 1")


async def _deletes_entries(by: Intruder, kept: Any) -> None:
    await by.run("DELETE FROM ledger_entries")


async def _edits_a_transaction(by: Intruder, kept: Any) -> None:
    await by.run("UPDATE ledger_transactions SET description = 'something else'")


async def _deletes_transactions(by: Intruder, kept: Any) -> None:
    await by.run("DELETE FROM ledger_transactions")


async def _moves_an_account(by: Intruder, kept: Any) -> None:
    await by.run("UPDATE ledger_accounts SET posted_debits = posted_debits + 1 WHERE code = 'cash'")


async def _begins_with_a_balance(by: Intruder, kept: Any) -> None:
    await by.run(
        "INSERT INTO ledger_accounts (id, version, code, kind, currency, limit_rule, posted_debits,"
        " posted_credits, pending_debits, pending_credits, created_at) VALUES (:id, 0, 'rich', 'asset',"
        " 'USD', 'none', 100, 0, 0, 0, :at)",
        id=a_uuid(),
        at=NOW,
    )


async def _deletes_an_account(by: Intruder, kept: Any) -> None:
    await by.run("DELETE FROM ledger_accounts WHERE code = 'spare'")


async def _makes_it_another_kind(by: Intruder, kept: Any) -> None:
    await by.run("UPDATE ledger_accounts SET kind = 'expense' WHERE code = 'cash'")


async def _lifts_a_limit_on_the_way(by: Intruder, kept: Any) -> None:
    await by.run("UPDATE ledger_accounts SET limit_rule = 'credits_never_exceed_debits' WHERE code = 'funds'")


async def _closes_what_is_not_empty(by: Intruder, kept: Any) -> None:
    await by.run("UPDATE ledger_accounts SET closed_at = :at WHERE code = 'cash'", at=NOW)


async def _edits_a_closed_period(by: Intruder, kept: Any) -> None:
    await by.run("UPDATE ledger_periods SET closed_until = NULL")


async def _replaces_a_transaction(by: Intruder, kept: Any) -> None:
    if by.is_postgres:  # where an insert that meets a row becomes an update
        await by.run(
            "INSERT INTO ledger_transactions SELECT * FROM ledger_transactions ON CONFLICT (id)"
            " DO UPDATE SET description = 'other'"
        )
    await by.run("INSERT OR REPLACE INTO ledger_transactions SELECT * FROM ledger_transactions")


async def _replaces_an_entry(by: Intruder, kept: Any) -> None:
    if by.is_postgres:
        await by.run("TRUNCATE ledger_entries CASCADE")
    await by.run("INSERT OR REPLACE INTO ledger_entries SELECT * FROM ledger_entries")


ATTACKS = [
    _unbalanced,
    _unbalanced_in_one_currency,
    _one_entry,
    _no_entries,
    _no_transaction,
    _no_transaction_and_the_count_taken_down,
    _another_number_of_entries,
    _entries_of_one_for_another,
    _a_draft_of_its_own,
    _later_entries,
    _later_entries_as_the_first_say,
    _wrong_currency,
    _no_account,
    _overdraws,
    _overdraws_what_is_held,
    _nothing,
    _closed_period,
    _another_moment_for_an_entry,
    _ends_a_hold_by_more,
    _releases_without_a_hold,
    _reverses_by_other_amounts,
    _edits_an_entry,
    _deletes_entries,
    _edits_a_transaction,
    _deletes_transactions,
    _moves_an_account,
    _begins_with_a_balance,
    _deletes_an_account,
    _makes_it_another_kind,
    _lifts_a_limit_on_the_way,
    _closes_what_is_not_empty,
    _edits_a_closed_period,
    _replaces_a_transaction,
    _replaces_an_entry,
]
CODES = ("cash", "funds", "sales", "spare", "yen")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> SqlStore:
    kept: SqlStore = request.getfixturevalue(f"{request.param}_store")
    return kept


async def _prepared(store: SqlStore) -> tuple[Books, dict[str, Any]]:
    books = Books(store.units(contract_surroundings()))
    spare = type(SALES)(code="spare", kind=SALES.kind, currency="USD")
    await books.open(CASH, FUNDS, SALES, YEN, spare)
    posting = await books.write_one(moving("cash", "funds", 100))
    hold = await books.write_one(holding("funds", "sales", 20))
    await books.write(moving("cash", "sales", 3))
    close = PeriodChange.close(None, NOW - timedelta(days=20), now=NOW, actor_id=None, reason="")
    await in_one_unit(books.units, lambda unit: unit.ledger_periods.add(close))
    return books, {"posting": posting.id, "hold": hold.id}


async def _standing(books: Books) -> list[Any]:
    codes = ["cash", "funds", "sales", "spare", "yen"]
    sums = [await books.sums(code) for code in codes]
    accounts = await in_view(books.units, lambda unit: unit.ledger_accounts.found(codes))
    journal = await in_view(
        books.units, lambda unit: unit.ledger_journal.page(reference=None, before=None, limit=50)
    )
    return [sums, {code: account.limit for code, account in accounts.items()}, list(journal)]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__.strip("_"))
async def test_sql_around_the_api_is_refused(store: SqlStore, attack: Any, request: Any) -> None:
    books, kept = await _prepared(store)
    before = await _standing(books)
    name = "sqlite_store_url" if store.dialect == "sqlite" else "postgres_store_url"
    engine = create_async_engine(normalised(str(request.getfixturevalue(name))))
    accounts = await in_view(books.units, lambda unit: unit.ledger_accounts.found([*CODES]))
    try:
        with pytest.raises(DBAPIError):  # noqa: PT012 - a deferred constraint refuses at the commit
            async with engine.begin() as connection:
                if store.dialect == "sqlite":
                    await connection.exec_driver_sql("PRAGMA foreign_keys = ON")
                await attack(Intruder(connection, dict(accounts)), kept)
    finally:
        await engine.dispose()
    assert await _standing(books) == before


async def test_sql_that_keeps_to_the_rules_is_taken_like_any_posting(store: SqlStore, request: Any) -> None:
    books, _ = await _prepared(store)
    name = "sqlite_store_url" if store.dialect == "sqlite" else "postgres_store_url"
    engine = create_async_engine(normalised(str(request.getfixturevalue(name))))
    accounts = await in_view(books.units, lambda unit: unit.ledger_accounts.found([*CODES]))
    async with engine.begin() as connection:
        await Intruder(connection, dict(accounts)).post(("cash", "debit", 7), ("sales", "credit", 7))
    await engine.dispose()
    assert (await books.sums("cash"))[0] == 110
    tail = await in_view(books.units, lambda unit: unit.ledger_chain.tail())
    assert tail.count == 4


async def test_entries_that_are_undone_are_not_counted(
    postgres_store: SqlStore, postgres_store_url: str
) -> None:
    books, _ = await _prepared(postgres_store)
    accounts = await in_view(books.units, lambda unit: unit.ledger_accounts.found([*CODES]))
    engine = create_async_engine(normalised(postgres_store_url))
    async with engine.begin() as connection:
        by = Intruder(connection, dict(accounts))
        async with connection.begin_nested() as savepoint:
            await _no_transaction(by, {})
            await savepoint.rollback()
        await by.post(("cash", "debit", 7), ("sales", "credit", 7))
        left = await connection.scalar(text("SELECT sum(entries) FROM ledger_drafts"))
    async with engine.connect() as connection:
        rows = await connection.scalar(text("SELECT count(*) FROM ledger_drafts"))
    await engine.dispose()
    assert (await books.sums("cash"))[0] == 110
    assert (left, rows) == (0, 0)


WRITERS = 64
PROCESSES = 4
ROUNDS = proof_scale(6, 400)


def _write_in_a_process(url: str, seed: int) -> None:
    asyncio.run(_write_by_many(url, seed))


async def _write_by_many(url: str, seed: int) -> None:
    """Half of them by the API, half by SQL that does not ask what may be done."""
    store = SqlStore(url, postgres=PATIENT)
    books = Books(store.units(contract_surroundings()))
    dsn = urlunsplit(urlsplit(url)._replace(scheme="postgresql"))
    pool = await asyncpg.create_pool(dsn, min_size=1, max_size=4)
    raw_ids = {row["code"]: row["id"] for row in await pool.fetch("SELECT code, id FROM ledger_accounts")}
    try:
        await asyncio.gather(
            *(
                _by_sql(pool, raw_ids, seed + each) if each % 2 else _by_api(books, seed + each)
                for each in range(WRITERS // PROCESSES)
            )
        )
    finally:
        await pool.close()
        await store.close()


async def _by_api(books: Books, seed: int) -> None:
    for each in range(ROUNDS):
        number = seed * 31 + each * 7

        async def body(unit: Any, number: int = number) -> None:
            items = [
                moving("funds", "sales", number % 5 + 1),
                moving("cash", "funds", 2),
                holding("funds", "sales", 1),
            ]
            await books.posting.post(unit, items)
            await unit.commit()

        await in_unit(lambda: books.units.open(ANYBODY), body)


async def _by_sql(pool: Any, ids: dict[str, Any], seed: int) -> None:
    for each in range(ROUNDS):
        to, source = [("funds", "sales"), ("sales", "funds"), ("cash", "funds")][(seed + each) % 3]
        minor = (seed * 13 + each * 5) % 9 + 1
        # Every third does not balance, and must not get through.
        other = minor + (each % 3 == 0)
        transaction_id = a_uuid()
        try:
            async with pool.acquire() as connection, connection.transaction():
                # In one statement, which locks both accounts in one order.
                await connection.execute(
                    "INSERT INTO ledger_entries VALUES ($1, 0, 2, $2, 'debit', 'post', $4, 'USD', now(),"
                    " now()), ($1, 1, 2, $3, 'credit', 'post', $5, 'USD', now(), now())",
                    transaction_id,
                    ids[to],
                    ids[source],
                    minor,
                    other,
                )
                await connection.execute(
                    "INSERT INTO ledger_transactions (id, kind, description, effective_at, posted_at,"
                    " entry_count) VALUES ($1, 'posting', '', now(), now(), 2)",
                    transaction_id,
                )
        except asyncpg.PostgresError:
            continue  # refused


async def test_64_writers_in_several_processes_break_neither_conservation_nor_a_limit(
    postgres_store: SqlStore, postgres_store_url: str
) -> None:
    books = Books(postgres_store.units(contract_surroundings()))
    await books.open(CASH, FUNDS, SALES)
    await books.write(moving("cash", "funds", 50))
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_write_in_a_process, args=(postgres_store_url, 100 * number))
        for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    await asyncio.to_thread(lambda: [process.join(proof_scale(120, 1_200)) for process in processes])
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    sums = {code: await books.sums(code) for code in ("cash", "funds", "sales")}
    assert sum(each[0] for each in sums.values()) == sum(each[1] for each in sums.values())
    assert sum(each[2] for each in sums.values()) == sum(each[3] for each in sums.values())
    debits, credits_, pending, _ = sums["funds"]
    assert debits + pending <= credits_
    assert list(await in_view(books.units, lambda unit: unit.ledger_chain.unsupported(limit=9))) == []
    assert (await in_view(books.units, lambda unit: unit.ledger_chain.tail())).count > WRITERS

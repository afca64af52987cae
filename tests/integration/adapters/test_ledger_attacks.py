"""What a hostile stranger found that SQL around the API can do to the ledger. Each attack says why it is to
be refused; those marked as expected failures are not refused yet."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from tests.integration.adapters.test_ledger_around_the_api import (
    CODES,
    ENTRY,
    TRANSACTION,
    Intruder,
    _prepared,
)

from multiproduct.adapters.contracts.builders import NOW, a_uuid
from multiproduct.adapters.contracts.ledger_books import CASH, FUNDS, SALES, Books, moving
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.store_unit import in_one_unit, in_view
from multiproduct.adapters.sql import SqlStore
from multiproduct.adapters.sql.engine import normalised
from multiproduct.application.ledger.exporting import Exporting
from multiproduct.domain.audit import ChainHead, Mark, seals_of
from multiproduct.domain.ledger import SEAL_VERSION, canonical_form
from multiproduct.entrypoints.cli import ledger_verifier

EARLY = NOW - timedelta(days=30)
BOTH, SQLITE, POSTGRES = ("sqlite", "postgres"), ("sqlite",), ("postgres",)


@dataclass(frozen=True)
class Attack:
    """What is done, where it works, and why it should not."""

    run: Callable[[Intruder, dict[str, Any]], Awaitable[None]]
    on: tuple[str, ...]
    why: str


async def _limit_is_lifted(by: Intruder, kept: Any) -> None:
    await by.run("UPDATE ledger_accounts SET limit_rule = 'none' WHERE code = 'funds'")
    await by.post(("funds", "debit", 1_000), ("sales", "credit", 1_000))


async def _periods_are_shadowed(by: Intruder, kept: Any) -> None:
    await by.run("CREATE TEMP TABLE ledger_periods (position int, closed_until timestamptz)")
    await by.post(("cash", "debit", 1), ("sales", "credit", 1), at=EARLY)


async def _accounts_are_shadowed(by: Intruder, kept: Any) -> None:
    await by.run("CREATE TEMP TABLE ledger_accounts AS SELECT * FROM ledger_accounts")
    await by.post(("funds", "debit", 1_000), ("sales", "credit", 1_000))


async def _a_trigger_of_a_temporary_table_moves_an_account(by: Intruder, kept: Any) -> None:
    await by.run("CREATE TEMP TABLE lever (x int)")
    await by.run(
        "CREATE FUNCTION pg_temp.pull() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE ledger_accounts"
        " SET posted_debits = posted_debits + 77 WHERE code = 'cash'; RETURN NULL; END $$"
    )
    await by.run(
        "CREATE TRIGGER pull AFTER INSERT ON lever FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.pull()"
    )
    await by.run("INSERT INTO lever VALUES (1)")


async def _the_last_period_is_put_in(by: Intruder, kept: Any) -> None:
    await by.run(
        "INSERT INTO ledger_periods (position, closed_until, changed_at, reason)"
        " VALUES (2147483647, NULL, :at, '')",
        at=NOW,
    )


async def _a_moment_that_nobody_can_read(by: Intruder, kept: Any) -> None:
    if not by.is_postgres:
        await by.post(("cash", "debit", 1), ("sales", "credit", 1), at=10**18)
        return
    own = a_uuid()
    for place, (code, side) in enumerate((("cash", "debit"), ("sales", "credit"))):
        await by.run(
            ENTRY.replace(":at, :at", "'20000-01-01', now()"), id=own, position=place, count=2,
            account=by.ids[code], side=side, effect="post", minor=1, currency="USD",
        )  # fmt: skip
    await by.run(
        TRANSACTION.replace(":at, :at", "'20000-01-01', now()"), id=own, kind="posting", count=2, hold=None,
        reverses=None,
    )  # fmt: skip


async def _texts_for_amounts(by: Intruder, kept: Any) -> None:
    await by.post(("cash", "debit", "lots"), ("sales", "credit", "much"))


async def _fractions_of_a_cent(by: Intruder, kept: Any) -> None:
    await by.post(("cash", "debit", 0.5), ("sales", "credit", 0.5))


async def _endless_amounts(by: Intruder, kept: Any) -> None:
    await by.post(("cash", "debit", float("inf")), ("sales", "credit", float("inf")))


async def _more_than_64_bits(by: Intruder, kept: Any) -> None:
    for _ in range(2):
        await by.post(("cash", "debit", 2**63 - 1), ("sales", "credit", 2**63 - 1))


async def _an_overdraft_or_ignore(by: Intruder, kept: Any) -> None:
    own = a_uuid()
    await by.entries(own, ("funds", "debit", 1_000), ("sales", "credit", 1_000))
    await by.run(
        TRANSACTION.replace("INSERT", "INSERT OR IGNORE"), id=own, kind="posting", at=NOW, count=2, hold=None,
        reverses=None,
    )  # fmt: skip


async def _an_account_moves_behind_a_false_draft(by: Intruder, kept: Any) -> None:
    await by.run(f"INSERT INTO ledger_unsealed VALUES ('{'f' * 32}')")
    await by.run("UPDATE ledger_accounts SET posted_debits = posted_debits + 1 WHERE code = 'cash'")


async def _open_holds_are_forgotten(by: Intruder, kept: Any) -> None:
    await by.run("DELETE FROM ledger_open_holds")


async def _a_seal_is_put_in_the_way(by: Intruder, kept: Any) -> None:
    await by.run(
        "INSERT INTO ledger_seals (sequence, transaction_id, hash, seal_version) VALUES (1, :id, :hash, 1)",
        id=kept["posting"],
        hash=b"x" * 32,
    )


async def _a_posting_is_dated_back(by: Intruder, kept: Any) -> None:
    own = a_uuid()
    for place, (code, side) in enumerate((("cash", "debit"), ("sales", "credit"))):
        await by.run(
            ENTRY.replace(":at, :at", ":at, :past"), id=own, position=place, count=2, account=by.ids[code],
            side=side, effect="post", minor=1, currency="USD", at=NOW, past=EARLY,
        )  # fmt: skip
    await by.run(
        TRANSACTION.replace(":at, :at", ":at, :past"), id=own, kind="posting", at=NOW, past=EARLY, count=2,
        hold=None, reverses=None,
    )  # fmt: skip


async def _copied_in(by: Intruder, kept: Any) -> None:
    await by.run(
        "MERGE INTO ledger_entries e USING (SELECT 1) x ON e.minor > 0 WHEN MATCHED THEN UPDATE SET minor = 1"
    )


async def _constraints_at_once(by: Intruder, kept: Any) -> None:
    await by.run("SET CONSTRAINTS ALL IMMEDIATE")
    await by.entries(a_uuid(), ("cash", "debit", 5), ("sales", "credit", 5))


async def _everything_truncated(by: Intruder, kept: Any) -> None:
    await by.run("TRUNCATE ledger_transactions, ledger_entries, ledger_seals, ledger_chain CASCADE")


async def _another_name_for_an_account(by: Intruder, kept: Any) -> None:
    await by.run("UPDATE ledger_accounts SET code = 'cash:2' WHERE code = 'cash'")


async def _another_isolation(by: Intruder, kept: Any) -> None:
    await by.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    await by.post(("cash", "debit", 5), ("sales", "credit", 5))


async def _a_seal_behind_a_moved_head(by: Intruder, kept: Any) -> None:
    await by.run(
        "INSERT INTO ledger_chain (id, sequence, hash, sealed_at, key_id, mac)"
        " VALUES (1, 1, :hash, :at, 'k', :hash)",
        hash=b"x" * 32,
        at=NOW,
    )
    await _a_seal_is_put_in_the_way(by, kept)
    await by.run("UPDATE ledger_chain SET sequence = 0")


async def _a_draft_of_an_account_alone(by: Intruder, kept: Any) -> None:
    await by.run("INSERT INTO ledger_drafts (writer, entries) VALUES (1, 2)")
    await by.run("UPDATE ledger_accounts SET posted_debits = posted_debits + 1 WHERE code = 'cash'")


async def _a_row_in_the_place_of_another(by: Intruder, kept: Any) -> None:
    await by.run(
        "INSERT OR REPLACE INTO ledger_burned_keys (rowid, key, code, burned_at) VALUES (-1, 'a', 'b', 0)"
    )


async def _rules_are_not_enforced(by: Intruder, kept: Any) -> None:
    await by.run("PRAGMA ignore_check_constraints = ON")
    await by.post(("funds", "debit", 1_000), ("sales", "credit", 1_000))


async def _what_waits_is_forgotten(by: Intruder, kept: Any) -> None:
    await by.run("DELETE FROM ledger_unsealed")


async def _an_account_of_no_currency(by: Intruder, kept: Any) -> None:
    await by.run(
        "INSERT INTO ledger_accounts (id, version, code, kind, currency, limit_rule, posted_debits,"
        " posted_credits, pending_debits, pending_credits, created_at) VALUES (:id, 0, 'odd', 'asset',"
        " 'xx', 'none', 0, 0, 0, 0, :at)",
        id=a_uuid(),
        at=NOW,
    )


async def _a_trigger_function_is_borrowed(by: Intruder, kept: Any) -> None:
    await by.run("CREATE TEMP TABLE lever AS SELECT * FROM ledger_entries")
    await by.run(
        "CREATE TRIGGER pull AFTER INSERT ON lever REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"
        " EXECUTE FUNCTION ledger_apply_entries()"
    )
    await by.run("INSERT INTO lever SELECT * FROM ledger_entries")


REFUSED = [
    Attack(_copied_in, POSTGRES, "MERGE is an update"),
    Attack(_constraints_at_once, POSTGRES, "a constraint that is checked early is checked"),
    Attack(_everything_truncated, POSTGRES, "the journal stays"),
    Attack(_another_name_for_an_account, BOTH, "keys stay"),
    Attack(_another_isolation, POSTGRES, "others would see what was there before"),
    Attack(_limit_is_lifted, BOTH, "what an account is stays, its limit too"),
    Attack(_periods_are_shadowed, POSTGRES, "functions find their tables, not those of the session"),
    Attack(_accounts_are_shadowed, POSTGRES, "functions find their tables, not those of the session"),
    Attack(_the_last_period_is_put_in, BOTH, "a period follows on the last one"),
    Attack(_a_moment_that_nobody_can_read, BOTH, "moments are in the years 1 to 9999"),
    Attack(_texts_for_amounts, SQLITE, "amounts are integers"),
    Attack(_fractions_of_a_cent, SQLITE, "amounts are integers"),
    Attack(_endless_amounts, SQLITE, "amounts are integers"),
    Attack(_more_than_64_bits, SQLITE, "sums are integers"),
    Attack(_an_overdraft_or_ignore, SQLITE, "OR IGNORE holds for what triggers do, not for RAISE"),
    Attack(_an_account_moves_behind_a_false_draft, SQLITE, "only what is in the journal waits for its seal"),
    Attack(_open_holds_are_forgotten, BOTH, "only triggers keep the list of open holds"),
    Attack(_a_seal_is_put_in_the_way, BOTH, "no seal is beyond the head"),
    Attack(_a_seal_behind_a_moved_head, BOTH, "the head never goes back"),
    Attack(_a_draft_of_an_account_alone, SQLITE, "a draft is of a transaction that is being written"),
    Attack(_a_row_in_the_place_of_another, SQLITE, "a REPLACE by the number of a row removes one too"),
    Attack(_rules_are_not_enforced, SQLITE, "triggers refuse what CHECKs would, where these are off"),
    Attack(_what_waits_is_forgotten, BOTH, "what is not sealed waits for it"),
    Attack(_an_account_of_no_currency, BOTH, "codes and currencies are well formed"),
    Attack(_a_trigger_function_is_borrowed, POSTGRES, "functions serve their own tables"),
]
NOT_REFUSED = [
    Attack(
        _a_trigger_of_a_temporary_table_moves_an_account,
        POSTGRES,
        "whoever may write in the accounts' table can call a trigger of their own; the verification finds it",
    ),
    Attack(_a_posting_is_dated_back, BOTH, "posted_at is what the writer says; the chain tells the order"),
]


def _cases() -> list[Any]:
    cases = []
    for attacks, marks in ((REFUSED, ()), (NOT_REFUSED, None)):
        for attack in attacks:
            for name in attack.on:
                expected = pytest.mark.xfail(strict=True, raises=pytest.fail.Exception, reason=attack.why)
                case_id = f"{name}{attack.run.__name__}"
                cases.append(
                    pytest.param(name, attack, id=case_id, marks=[expected] if marks is None else marks)
                )
    return cases


@pytest.fixture
def place(request: pytest.FixtureRequest) -> tuple[SqlStore, str]:
    return request.getfixturevalue(f"{request.param}_store"), request.getfixturevalue(
        f"{request.param}_store_url"
    )


@pytest.mark.parametrize(("place", "attack"), _cases(), indirect=["place"])
async def test_an_attack_by_sql_is_refused(place: tuple[SqlStore, str], attack: Attack) -> None:
    store, url = place
    books, kept = await _prepared(store)
    accounts = await in_view(books.units, lambda unit: unit.ledger_accounts.found([*CODES]))
    engine = create_async_engine(normalised(url))
    try:
        with pytest.raises(DBAPIError):  # noqa: PT012 - a deferred constraint refuses at the commit
            async with engine.begin() as connection:
                if store.dialect == "sqlite":
                    await connection.exec_driver_sql("PRAGMA foreign_keys = ON")
                await attack.run(Intruder(connection, dict(accounts)), kept)
    finally:
        await engine.dispose()


async def test_whoever_may_only_post_moves_no_account(
    postgres_store: SqlStore, postgres_store_url: str
) -> None:
    books, kept = await _prepared(postgres_store)
    accounts = await in_view(books.units, lambda unit: unit.ledger_accounts.found([*CODES]))
    engine = create_async_engine(normalised(postgres_store_url))
    role = f"poster_{a_uuid().hex}"
    posting = "ledger_entries, ledger_transactions"
    try:
        async with engine.connect() as connection:
            by = Intruder(connection, dict(accounts))
            await by.run(f"CREATE ROLE {role}")
            await by.run(f"GRANT INSERT ON {posting} TO {role}")
            await by.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
            await by.run(f"SET LOCAL ROLE {role}")
            await by.post(("cash", "debit", 7), ("sales", "credit", 7))
            await by.run("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(DBAPIError, match="permission denied for table ledger_accounts"):
                await _a_trigger_of_a_temporary_table_moves_an_account(by, kept)
            await connection.rollback()
    finally:
        await engine.dispose()


async def test_an_account_that_was_moved_by_a_trigger_of_anybody_is_found(
    postgres_store: SqlStore, postgres_store_url: str
) -> None:
    books, kept = await _prepared(postgres_store)
    engine = create_async_engine(normalised(postgres_store_url))
    async with engine.begin() as connection:
        await _a_trigger_of_a_temporary_table_moves_an_account(Intruder(connection, {}), kept)
    await engine.dispose()
    found = await in_view(books.units, lambda unit: unit.ledger_chain.unsupported(limit=9))
    assert list(found) == ["cash"]


async def test_an_entry_moved_in_time_by_sql_is_found_in_the_exported_chain(
    postgres_store: SqlStore, postgres_store_url: str
) -> None:
    books = Books(postgres_store.units(contract_surroundings()))
    await books.open(CASH, FUNDS, SALES)
    await books.write(moving("cash", "funds", 100))

    async def seal(unit: Any) -> None:
        waiting = await unit.ledger_chain.unsealed(limit=10)
        forms = [(one.transaction.id, b"", canonical_form(one)) for one in waiting]
        mark, seals = seals_of(Mark(), forms, version=SEAL_VERSION)
        head = ChainHead.sign(mark, key_id="k", secret=b"s" * 32, now=NOW)
        assert await unit.ledger_chain.extend(None, head, seals)

    await in_one_unit(books.units, seal)
    assert await _findings(books) == []
    engine = create_async_engine(normalised(postgres_store_url))
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(
            text("UPDATE ledger_entries SET effective_at = effective_at - interval '1 year'")
        )
    await engine.dispose()
    (finding,) = await _findings(books)
    assert finding.endswith("has rows that do not fit one another")


async def _findings(books: Books) -> list[str]:
    exporting = Exporting(units=books.units)
    records = [json.loads(piece) async for piece in exporting.pieces("chain")]
    return ledger_verifier.verify(records).findings


async def test_open_holds_that_were_taken_out_of_the_list_are_found(
    postgres_store: SqlStore, postgres_store_url: str
) -> None:
    books, kept = await _prepared(postgres_store)
    assert list(await in_view(books.units, lambda unit: unit.ledger_chain.misheld(limit=9))) == []
    await _without_triggers(postgres_store_url, "DELETE FROM ledger_open_holds")
    assert list(await in_view(books.units, lambda unit: unit.ledger_chain.misheld(limit=9))) == [kept["hold"]]
    assert [finding for finding in await _findings(books) if "open holds" in finding] != []
    await _without_triggers(
        postgres_store_url,
        "INSERT INTO ledger_open_holds (hold_id, expires_at)"
        " SELECT id, CASE kind WHEN 'hold' THEN effective_at END FROM ledger_transactions",
    )
    found = await in_view(books.units, lambda unit: unit.ledger_chain.misheld(limit=9))
    assert len(found) == 3


async def test_what_cannot_be_read_does_not_keep_others_from_being_sealed(
    postgres_store: SqlStore, postgres_store_url: str
) -> None:
    books, kept = await _prepared(postgres_store)
    whole = await in_view(books.units, lambda unit: unit.ledger_chain.unsealed(limit=2))
    assert [each.transaction.id for each in whole] == [kept["posting"], kept["hold"]]
    await _without_triggers(
        postgres_store_url,
        f"UPDATE ledger_entries SET currency = 'EUR' WHERE transaction_id = '{kept['posting']}'",
    )
    left = await in_view(books.units, lambda unit: unit.ledger_chain.unsealed(limit=1))
    assert [each.transaction.id for each in left] == [kept["hold"]]
    left = await in_view(books.units, lambda unit: unit.ledger_chain.unsealed(limit=9))
    assert len(left) == 2


async def _without_triggers(url: str, statement: str) -> None:
    engine = create_async_engine(normalised(url))
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(statement))
    await engine.dispose()

"""The ledger as others see it: the stand-alone verifier against random changes by SQL, hledger and beancount
on the export, and the commands."""

import asyncio
import csv
import importlib.util
import io
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.campaigns import proof_scale
from typer.testing import CliRunner, Result

from multiproduct import Multiproduct
from multiproduct.adapters.contracts.ledger_books import CASH, FUNDS, SALES, YEN, holding, moving
from multiproduct.application.caller import SYSTEM
from multiproduct.domain.ledger import (
    NewReversal,
    NewTransaction,
    Posted,
    SettleHold,
    VoidHold,
    credit,
    debit,
)
from multiproduct.domain.shared import Currency, Money
from multiproduct.entrypoints.cli import ledger_verifier
from multiproduct.entrypoints.cli.main import app
from multiproduct.settings import Settings

SECRET = "a secret of at least thirty-two characters"
CHANGES = proof_scale(250, 10_000)
SEED = 20261121
DAY = timedelta(days=1)
ODD = 'a "quoted" ; text | with * (everything) = 夢'


async def _fill(url: str) -> None:
    mp = Multiproduct.from_settings(Settings(database_url=url, secret_key=SECRET, inline_worker=False))
    await mp.migrate()
    async with mp:
        units = mp.container.units
        async with units.open(SYSTEM) as unit:
            await mp.ledger.accounts.ensure(unit, [CASH, FUNDS, SALES, YEN])
            await unit.commit()
        write = mp.ledger.transacting.write
        now = datetime.now(UTC)
        await write(
            [
                moving("cash", "funds", 1_000 + number, key=f"k{number}", effective_at=now - number * DAY)
                for number in range(12)
            ]
        )
        yen = Money(500, Currency("JPY"))
        await write(
            [NewTransaction(entries=(debit("yen", yen), credit("yen", yen)), description=ODD, reference=ODD)]
        )
        outcomes = await write(
            [
                holding("funds", "sales", 300),
                holding("funds", "sales", 40),
                holding("funds", "sales", 7),
                moving("cash", "sales", 5),
            ]
        )
        ids = [outcome.transaction.id for outcome in outcomes if isinstance(outcome, Posted)]
        await write(
            [
                SettleHold(hold_id=ids[0], minor=250),
                VoidHold(hold_id=ids[1]),
                NewReversal(transaction_id=ids[3]),
            ]
        )
        assert await mp.ledger.sealing.run() == 20
        await write([moving("cash", "funds", 3), moving("cash", "funds", 4)])


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in SQLite with 20 sealed transactions and 2 that wait."""
    file = tmp_path_factory.mktemp("books") / "books.db"
    asyncio.run(_fill(f"sqlite:///{file}"))
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The program as it is printed, loaded from elsewhere."""
    file = tmp_path_factory.mktemp("elsewhere") / "verify_ledger.py"
    file.write_text(CliRunner().invoke(app, ["ledger", "verifier"]).stdout)
    spec = importlib.util.spec_from_file_location("verify_ledger", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _ledger(books: Path, *arguments: str) -> Result:
    environment = {"MULTIPRODUCT_DATABASE_URL": f"sqlite:///{books}", "MULTIPRODUCT_SECRET_KEY": SECRET}
    return CliRunner().invoke(app, ["ledger", *arguments], env=environment)


def _open(books: Path) -> sqlite3.Connection:
    """A copy in memory, without anything that would refuse a change."""
    connection = sqlite3.connect(":memory:")
    source = sqlite3.connect(books)
    source.backup(connection)
    source.close()
    connection.execute("PRAGMA ignore_check_constraints = ON")
    triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.commit()
    return connection


def _mark_of(connection: sqlite3.Connection) -> tuple[int, str]:
    sequence, digest = connection.execute("SELECT sequence, hash FROM ledger_chain").fetchone()
    return sequence, digest.hex()


COLUMNS = {
    "ledger_transactions": (
        "id", "kind", "key", "description", "reference", "effective_at", "posted_at", "actor_id", "hold_id",
        "reverses_id", "expires_at", "entry_count",
    ),
    "ledger_entries": (
        "transaction_id", "position", "entry_count", "account_id", "side", "effect", "minor", "currency",
        "effective_at", "posted_at",
    ),
    "ledger_seals": ("sequence", "transaction_id", "hash", "seal_version"),
    "ledger_chain": ("sequence", "hash"),
    "ledger_accounts": (
        "id", "code", "kind", "currency", "posted_debits", "posted_credits", "pending_debits",
        "pending_credits",
    ),
}  # fmt: skip
SEALED = {
    "ledger_transactions": "WHERE id IN (SELECT transaction_id FROM ledger_seals)",
    "ledger_entries": "WHERE transaction_id IN (SELECT transaction_id FROM ledger_seals)",
    "ledger_accounts": "WHERE version > 0",
}


def _pick(chance: random.Random, connection: sqlite3.Connection, table: str) -> int:
    rows = connection.execute(f"SELECT rowid FROM {table} {SEALED.get(table, '')}").fetchall()
    row: int = chance.choice(rows)[0]
    return row


def _other(chance: random.Random, column: str, value: Any) -> Any:
    if value is None:
        return chance.randbytes(16).hex() if column.endswith("_id") else 7
    if isinstance(value, int):
        return value + chance.choice([-1, 1, 10, 10**6])
    if isinstance(value, bytes):
        place = chance.randrange(len(value))
        return value[:place] + bytes([value[place] ^ (1 << chance.randrange(8))]) + value[place + 1 :]
    if re.fullmatch("[0-9a-f]{32}", value):
        return chance.randbytes(16).hex()
    choices = {"side": ["debit", "credit"], "effect": ["post", "reserve", "release"]}.get(column)
    if choices:
        return chance.choice([each for each in choices if each != value])
    return chance.choice(
        [value + "x", value[:-1] or "x", value.swapcase() if value.swapcase() != value else "y"]
    )


def edit(chance: random.Random, connection: sqlite3.Connection) -> str:
    table = chance.choice(list(COLUMNS))
    column, row = chance.choice(COLUMNS[table]), _pick(chance, connection, table)
    (value,) = connection.execute(f'SELECT "{column}" FROM {table} WHERE rowid = ?', (row,)).fetchone()
    other = _other(chance, column, value)
    connection.execute(f'UPDATE OR REPLACE {table} SET "{column}" = ? WHERE rowid = ?', (other, row))
    return f"{table}.{column} of {row}: {value!r} -> {other!r}"


def delete(chance: random.Random, connection: sqlite3.Connection) -> str:
    table = chance.choice(["ledger_transactions", "ledger_entries", "ledger_seals", "ledger_accounts", "all"])
    if table == "all":
        row = _pick(chance, connection, "ledger_seals")
        (gone,) = connection.execute(
            "SELECT transaction_id FROM ledger_seals WHERE rowid = ?", (row,)
        ).fetchone()
        _remove(connection, gone)
        return f"everything of {gone}"
    row = _pick(chance, connection, table)
    connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
    return f"{table} {row}"


def _remove(connection: sqlite3.Connection, gone: str) -> None:
    """A transaction, with the accounts as if it had never been."""
    connection.execute(
        "UPDATE ledger_accounts SET"
        " posted_debits = posted_debits - (SELECT coalesce(sum(minor), 0) FROM ledger_entries WHERE"
        " transaction_id = ?1 AND account_id = ledger_accounts.id AND side = 'debit' AND effect = 'post'),"
        " posted_credits = posted_credits - (SELECT coalesce(sum(minor), 0) FROM ledger_entries WHERE"
        " transaction_id = ?1 AND account_id = ledger_accounts.id AND side = 'credit' AND effect = 'post'),"
        " pending_debits = pending_debits - (SELECT coalesce(sum(iif(effect = 'reserve', minor, -minor)), 0)"
        " FROM ledger_entries WHERE transaction_id = ?1 AND account_id = ledger_accounts.id"
        " AND side = 'debit' AND effect <> 'post'),"
        " pending_credits = pending_credits -"
        " (SELECT coalesce(sum(iif(effect = 'reserve', minor, -minor)), 0) FROM ledger_entries"
        " WHERE transaction_id = ?1 AND account_id = ledger_accounts.id"
        " AND side = 'credit' AND effect <> 'post')",
        (gone,),
    )
    for table in ("ledger_seals", "ledger_entries"):
        connection.execute(f"DELETE FROM {table} WHERE transaction_id = ?", (gone,))
    connection.execute("DELETE FROM ledger_transactions WHERE id = ?", (gone,))


def insert(chance: random.Random, connection: sqlite3.Connection) -> str:
    template = _pick(chance, connection, "ledger_transactions")
    (old,) = connection.execute("SELECT id FROM ledger_transactions WHERE rowid = ?", (template,)).fetchone()
    new = chance.randbytes(16).hex()
    if chance.random() < 0.3:
        connection.execute(
            "INSERT INTO ledger_entries SELECT transaction_id, position + 10, entry_count, account_id, side,"
            " effect, minor, currency, effective_at, posted_at FROM ledger_entries WHERE transaction_id = ?",
            (old,),
        )
        return f"entries of {old}"
    connection.execute(
        "INSERT INTO ledger_transactions SELECT ?, kind, NULL, description, reference, effective_at,"
        " posted_at, actor_id, NULL, NULL, expires_at, entry_count FROM ledger_transactions WHERE id = ?",
        (new, old),
    )
    connection.execute(
        "INSERT INTO ledger_entries SELECT ?, position, entry_count, account_id, side, effect, minor,"
        " currency, effective_at, posted_at FROM ledger_entries WHERE transaction_id = ?",
        (new, old),
    )
    connection.execute(
        "UPDATE ledger_accounts SET"
        " posted_debits = (SELECT coalesce(sum(minor), 0) FROM ledger_entries WHERE account_id ="
        " ledger_accounts.id AND side = 'debit' AND effect = 'post'),"
        " posted_credits = (SELECT coalesce(sum(minor), 0) FROM ledger_entries WHERE account_id ="
        " ledger_accounts.id AND side = 'credit' AND effect = 'post')"
    )
    if chance.random() < 0.6:
        (last,) = connection.execute("SELECT max(sequence) FROM ledger_seals").fetchone()
        place = chance.choice([last + 1, chance.randint(1, last)])
        connection.execute("UPDATE ledger_seals SET sequence = -sequence WHERE sequence >= ?", (place,))
        connection.execute("UPDATE ledger_seals SET sequence = 1 - sequence WHERE sequence < 0")
        connection.execute("INSERT INTO ledger_seals VALUES (?, ?, ?, 1)", (place, new, chance.randbytes(32)))
        if chance.random() < 0.5:
            connection.execute("UPDATE ledger_chain SET sequence = sequence + 1")
    return f"{new} like {old}"


def truncate(chance: random.Random, connection: sqlite3.Connection) -> str:
    kept = chance.randint(0, 19)
    gone = connection.execute(
        "SELECT transaction_id FROM ledger_seals WHERE sequence > ?", (kept,)
    ).fetchall()
    for (each,) in gone:
        _remove(connection, each)
    if chance.random() < 0.5 and kept:
        connection.execute(
            "UPDATE ledger_chain SET sequence = ?1,"
            " hash = (SELECT hash FROM ledger_seals WHERE sequence = ?1)",
            (kept,),
        )
    elif chance.random() < 0.3:
        connection.execute("DELETE FROM ledger_chain")
    return f"after {kept}"


def test_the_verifier_finds_every_change_that_is_made_by_sql(books: Path, verifier: ModuleType) -> None:
    chance = random.Random(SEED)
    pristine = _open(books)
    mark = _mark_of(pristine)
    whole = verifier.verify(verifier.records_of_sqlite(pristine), mark)
    assert (whole.findings, whole.sealed, whole.unsealed) == ([], 20, 2)
    for number in range(CHANGES):
        change = (edit, edit, delete, insert, truncate)[number % 5]
        connection = sqlite3.connect(":memory:")
        pristine.row_factory = None
        pristine.backup(connection)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        what = change(chance, connection)
        found = verifier.verify(verifier.records_of_sqlite(connection), mark)
        assert found.findings, f"change {number}, {change.__name__} {what}"
        connection.close()
    pristine.close()


def test_the_verifier_needs_nothing_of_ours(books: Path, tmp_path: Path) -> None:
    program = tmp_path / "verify_ledger.py"
    program.write_text(Path(ledger_verifier.__file__).read_text())
    export = tmp_path / "books.jsonl"
    done = _ledger(books, "export", "--format", "chain")
    assert done.exit_code == 0, done.output
    export.write_text(done.stdout)
    head = _ledger(books, "head").stdout.strip()
    for file in (books, export):
        run = subprocess.run(
            [sys.executable, "-I", "-S", program, file, "--mark", head],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (run.returncode, run.stderr) == (0, ""), run.stdout
        assert run.stdout.startswith("20 sealed, 2 not sealed yet, 0 findings")
    spoiled = export.read_text().replace('"minor":1003', '"minor":1004', 2)
    export.write_text(spoiled)
    run = subprocess.run(
        [sys.executable, "-I", "-S", program, export], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 1
    assert "changed: number" in run.stdout


def test_the_command_verifies_and_tells_what_was_changed(books: Path, tmp_path: Path) -> None:
    done = _ledger(books, "verify")
    assert done.exit_code == 0, done.output
    assert "20 sealed transactions, 2 not sealed yet." in done.stdout
    copy = tmp_path / "copy.db"
    connection = _open(books)
    connection.execute("UPDATE ledger_entries SET minor = minor + 1 WHERE rowid = 3")
    connection.execute("DELETE FROM ledger_unsealed")
    connection.commit()
    kept = sqlite3.connect(copy)
    connection.backup(kept)
    kept.close()
    connection.close()
    spoiled = _ledger(copy, "verify")
    assert spoiled.exit_code == 1
    assert "edited: transaction 2" in spoiled.stdout
    assert spoiled.stdout.count("forgotten:") == 2
    assert "unsupported: account cash" in spoiled.stdout
    kept_head = _ledger(copy, "head")
    assert (kept_head.exit_code, kept_head.stdout.partition(":")[0]) == (1, "20")
    assert _ledger(books, "verify", "--since-head", f"20:{'0' * 64}").exit_code == 1


def _balances(books: Path) -> dict[str, int]:
    connection = sqlite3.connect(books)
    rows = connection.execute("SELECT code, posted_debits - posted_credits FROM ledger_accounts").fetchall()
    connection.close()
    return dict(rows)


def test_hledger_accepts_the_export_and_reports_equal_balances(books: Path, tmp_path: Path) -> None:
    hledger = shutil.which("hledger")
    if hledger is None:
        pytest.skip("no hledger: apt-get install hledger")
    journal = tmp_path / "books.journal"
    journal.write_text(_ledger(books, "export", "--format", "hledger").stdout)
    subprocess.run([hledger, "-f", journal, "check", "--strict"], check=True, timeout=60)
    told = subprocess.run(
        [hledger, "-f", journal, "balance", "--flat", "--empty", "-O", "csv", "--layout", "bare"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    for code, minor in _balances(books).items():
        shown = f"{minor}" if code == "yen" else f"{minor / 100:.2f}"
        row = next((line for line in told.splitlines() if line.startswith(f'"{code}"')), None)
        assert row is not None, told
        assert f'"{shown.removesuffix(".00") if minor == 0 else shown}"' in row, told
    spoiled = journal.read_text().replace("10.03 USD", "10.04 USD")
    journal.write_text(spoiled)
    refused = subprocess.run([hledger, "-f", journal, "check"], capture_output=True, timeout=60, check=False)
    assert refused.returncode != 0


def test_beancount_accepts_the_export_and_its_balances(books: Path, tmp_path: Path) -> None:
    check = Path(sys.executable).with_name("bean-check")
    if not check.exists():
        pytest.skip("no bean-check: pip install beancount")
    journal = tmp_path / "books.beancount"
    written = _ledger(books, "export", "--format", "beancount").stdout
    journal.write_text(written)
    done = subprocess.run([check, journal], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    cash = _balances(books)["cash"]
    assert f"balance Assets:Cash  {cash / 100:.2f} USD" in written
    journal.write_text(written.replace("10.03 USD", "10.04 USD", 1))
    done = subprocess.run([check, journal], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0


def test_every_entry_is_a_row_of_the_csv(books: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(_ledger(books, "export", "--format", "csv").stdout)))
    connection = sqlite3.connect(books)
    (number,) = connection.execute("SELECT count(*) FROM ledger_entries").fetchone()
    connection.close()
    assert len(rows) == number
    assert {row["description"] for row in rows} == {"", ODD}

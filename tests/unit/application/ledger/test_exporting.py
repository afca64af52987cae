"""What other programs are given of the ledger: nothing in it is taken for an instruction, nothing that was
done to the rows is smoothed over, and nobody who posts meanwhile spoils it."""

import csv
import io
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from multiproduct import Multiproduct
from multiproduct.adapters.contracts.ledger_books import CASH, FUNDS, SALES, moving, usd
from multiproduct.adapters.memory.ledger_chain import MemoryLedgerChain
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ledger.journal_formats import CSV_COLUMNS, Beancount, CommaSeparated, Hledger
from multiproduct.domain.ledger import (
    Account,
    AccountKind,
    AccountSpec,
    Effect,
    Entry,
    NewTransaction,
    Side,
    Transaction,
    TransactionKind,
    credit,
    debit,
)
from multiproduct.entrypoints.cli import ledger_verifier

LATE = AccountSpec(code="late", kind=AccountKind.ASSET, currency="USD")


@pytest.fixture
async def mp() -> AsyncIterator[Multiproduct]:
    async with Multiproduct.in_memory() as running:
        await _open(running, CASH, FUNDS, SALES)
        yield running


async def _open(mp: Multiproduct, *specs: AccountSpec) -> None:
    async with mp.container.units.open(SYSTEM) as unit:
        await mp.ledger.accounts.ensure(unit, specs)
        await unit.commit()


def _told(pieces: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in pieces.splitlines()]


async def _exported(mp: Multiproduct, format_name: str) -> str:
    return "".join([piece async for piece in mp.ledger.exporting.pieces(format_name)])


@pytest.mark.parametrize("format_name", ["hledger", "beancount", "csv", "chain"])
async def test_an_account_that_is_opened_and_posted_to_meanwhile_breaks_no_export(mp, format_name) -> None:
    await mp.ledger.transacting.write([moving("cash", "sales", 100)])
    pieces = mp.ledger.exporting.pieces(format_name)
    written = [await anext(pieces)]
    await _open(mp, LATE)
    await mp.ledger.transacting.write([moving("late", "sales", 7)])
    written += [piece async for piece in pieces]
    assert "".join(written).endswith("\n")


async def test_a_chain_that_is_exported_while_others_post_and_seal_is_found_whole(mp) -> None:
    await mp.ledger.transacting.write([moving("cash", "sales", 100)])
    await mp.ledger.sealing.run()
    await mp.ledger.transacting.write([moving("cash", "sales", 5)])
    pieces = mp.ledger.exporting.pieces("chain")
    written = [await anext(pieces)]
    await mp.ledger.sealing.run()
    await mp.ledger.transacting.write([moving("cash", "funds", 1)])
    written += [piece async for piece in pieces]
    found = ledger_verifier.verify(_told("".join(written)))
    assert found.findings == []


async def test_a_transaction_put_in_beside_the_line_is_found_in_the_exported_chain(mp, monkeypatch) -> None:
    await mp.ledger.transacting.write([moving("cash", "sales", 100)])
    await mp.ledger.sealing.run()
    stray = mp.container.ids.next()

    async def forgotten(self: MemoryLedgerChain, *, limit: int) -> Sequence[Any]:
        return [stray][:limit]

    monkeypatch.setattr(MemoryLedgerChain, "forgotten", forgotten)
    found = ledger_verifier.verify(_told(await _exported(mp, "chain")))
    assert found.findings == [f"put in: {stray} is neither sealed nor waits for it"]


async def test_rows_that_contradict_one_another_are_found_in_the_exported_chain(mp, monkeypatch) -> None:
    await mp.ledger.transacting.write([moving("cash", "sales", 100)])
    await mp.ledger.sealing.run()
    whole = MemoryLedgerChain._row
    monkeypatch.setattr(MemoryLedgerChain, "_row", lambda self, seal: replace(whole(self, seal), form=None))
    found = ledger_verifier.verify(_told(await _exported(mp, "chain")))
    assert [finding.endswith("has rows that do not fit one another") for finding in found.findings] == [True]


FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.mark.parametrize("text", [FORMULA, "+1", "-1", "@SUM(A1)", "'=1", "\t=1", "\r=1", "|x", "%x"])
async def test_a_spreadsheet_takes_no_text_for_a_formula(mp, text) -> None:
    wish = NewTransaction(
        entries=(debit("cash", usd(1)), credit("sales", usd(1))), description=text, reference=text, key=text
    )
    await mp.ledger.transacting.write([wish])
    rows = list(csv.DictReader(io.StringIO(await _exported(mp, "csv"), newline="")))
    assert {(row["description"], row["reference"], row["key"]) for row in rows} == {("'" + text,) * 3}


async def test_other_texts_are_in_the_csv_as_they_are(mp) -> None:
    odd = 'a "quoted", text\nof = two lines 夢'
    entries = (debit("cash", usd(1)), credit("sales", usd(1)))
    await mp.ledger.transacting.write([NewTransaction(entries=entries, description=odd)])
    rows = list(csv.DictReader(io.StringIO(await _exported(mp, "csv"), newline="")))
    assert [row["description"] for row in rows] == [odd, odd]
    assert tuple(rows[0]) == CSV_COLUMNS


MOMENTS = [
    datetime(1066, 10, 14, tzinfo=UTC),
    datetime(1969, 12, 31, tzinfo=UTC),
    datetime(2998, 12, 31, tzinfo=UTC),
]
ENDS = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)]


@pytest.mark.parametrize("moment", [*MOMENTS, *ENDS])
async def test_hledger_takes_what_took_effect_long_ago_or_is_to_come(mp, moment, tmp_path: Path) -> None:
    await mp.ledger.transacting.write([moving("cash", "sales", 100, effective_at=moment)])
    journal = tmp_path / "books.journal"
    journal.write_text(await _exported(mp, "hledger"))
    hledger = shutil.which("hledger")
    if hledger is None:
        pytest.skip("no hledger: apt-get install hledger")
    done = subprocess.run(
        [hledger, "-f", journal, "check", "--strict"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("moment", MOMENTS)
async def test_beancount_takes_what_took_effect_long_ago_or_is_to_come(mp, moment) -> None:
    loader = pytest.importorskip("beancount.loader", reason="no beancount: pip install beancount")
    await mp.ledger.transacting.write([moving("cash", "sales", 100, effective_at=moment)])
    _, errors, _ = loader.load_string(await _exported(mp, "beancount"))
    assert errors == []


def _odd_books() -> tuple[list[Account], Transaction]:
    """Accounts that the API would not open, as somebody wrote them by SQL."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    codes = [
        'evil"\n2026-01-01 open Assets:Evil USD\n  code: "',
        "a  5.00 USD ; two spaces\n    b",
        "=cmd|'x'!A1",
    ]
    accounts = [
        Account(id=ledger_id, code=code, kind=AccountKind.ASSET, currency="USD", created_at=now)
        for ledger_id, code in zip(map(_an_id, range(3)), codes, strict=True)
    ]
    amounts = ((Side.DEBIT, 1), (Side.DEBIT, 2), (Side.CREDIT, 3))
    entries = tuple(
        Entry(account.id, account.code, side, Effect.POST, minor, "USD")
        for account, (side, minor) in zip(accounts, amounts, strict=True)
    )
    one = Transaction(
        id=_an_id(9), kind=TransactionKind.POSTING, posted_at=now, effective_at=now, entries=entries
    )
    return accounts, one


def _an_id(number: int) -> UUID:
    return UUID(int=number + 1)


def _written(by: Any) -> str:
    accounts, one = _odd_books()
    return "".join([*by.begin(accounts), by.transaction(one), *by.end()])


def test_account_codes_that_sql_put_there_stay_names(tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(_written(CommaSeparated()), newline="")))
    assert [row[5] for row in rows][2] == "'=cmd|'x'!A1"
    hledger = _written(Hledger())
    assert sum(line.startswith("account ") for line in hledger.splitlines()) == 3
    program = shutil.which("hledger")
    if program is not None:
        journal = tmp_path / "books.journal"
        journal.write_text(hledger)
        subprocess.run([program, "-f", journal, "check", "--strict"], check=True, timeout=60)


def test_beancount_is_told_no_directives_by_account_codes() -> None:
    loader = pytest.importorskip("beancount.loader", reason="no beancount: pip install beancount")
    entries, errors, _ = loader.load_string(_written(Beancount()))
    assert errors == []
    assert sum(type(each).__name__ == "Open" for each in entries) == 3

"""The whole of billing over SQLite and PostgreSQL: as in memory, and what only a database can promise."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from tests.billing_house import House, a_house
from tests.campaigns import proof_scale
from tests.unit.application.billing import test_settling as settling

from multiproduct.adapters.contracts.billing import (
    BillingAccountsContract,
    InvoicesContract,
    OrdersContract,
)
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.sql import SqlStore, SqlUnits
from multiproduct.adapters.sql.tables import invoices
from multiproduct.application.billing import NewCredit
from multiproduct.domain.billing import CreditTooLarge, InvoiceBeingPaid, InvoiceNotOpen, Settlement
from multiproduct.domain.shared import Money, Unavailable

_ROOT = Path(__file__).resolve().parents[3]


class _OnSql:
    """Every story of the unit tests again, on a database."""

    @pytest.fixture
    def house(self, store: SqlStore) -> House:
        return a_house(store)

    @pytest.mark.parametrize("story", [name for name in dir(settling) if name.startswith("test_")])
    async def test_every_story_of_memory_holds(self, house: House, story: str) -> None:
        await getattr(settling, story)(house)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE invoices SET total_minor = 1, net_minor = 1",
            "UPDATE invoices SET number = 'X'",
            "UPDATE invoices SET customer_id = order_id",
            "UPDATE invoices SET paid_minor = total_minor + 1",
            "UPDATE invoices SET credited_minor = total_minor + 1",
            "UPDATE invoice_lines SET net_minor = 1",
            "UPDATE billing_movements SET minor = 1",
            "DELETE FROM invoice_lines",
            "DELETE FROM billing_movements",
        ],
    )
    async def test_sql_around_the_application_cannot_change_an_issued_invoice(
        self, house: House, store: SqlStore, statement: str
    ) -> None:
        await house.an_invoice(await house.a_customer(), 1_000)
        with pytest.raises(DBAPIError):
            await _run(store, statement)


class TestOnSqlite(_OnSql):
    @pytest.fixture
    def store(self, sqlite_store: SqlStore) -> SqlStore:
        return sqlite_store


class TestOnPostgres(_OnSql):
    @pytest.fixture
    def store(self, postgres_store: SqlStore) -> SqlStore:
        return postgres_store


async def _run(store: SqlStore, statement: str) -> Any:
    engine = store._database.writing_engine
    async with engine.connect() as connection:
        return await connection.execute(text(statement))


async def _numbers(store: SqlStore) -> list[tuple[int, Any]]:
    engine = store._database.writing_engine
    async with engine.connect() as connection:
        rows = await connection.execute(select(invoices.c.sequence, invoices.c.issued_at))
        return sorted((row.sequence, row.issued_at) for row in rows)


class _Races:
    """64 finalisers in 4 processes, of whose units some are undone and one process dies."""

    async def test_numbers_are_exactly_one_to_n(self, house: House, store: SqlStore, url: str) -> None:
        customer = await house.a_customer()
        share = proof_scale(16, 160)
        runners = [
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.integration.adapters.billing_racer",
                *(url, str(customer), str(seed), str(share), "dies" if seed == 1 else "lives"),
                cwd=_ROOT,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            for seed in range(4)
        ]
        told: list[str] = []
        for seed, runner in enumerate(runners):
            async with asyncio.timeout(240):
                out, err = await runner.communicate()
            if runner.returncode == 0:
                told += json.loads(out)
            else:
                assert (seed, runner.returncode) == (1, -signal.SIGKILL), err[-2000:]
        kept = await _numbers(store)
        assert [sequence for sequence, _ in kept] == list(range(1, len(kept) + 1))
        assert [moment for _, moment in kept] == sorted(moment for _, moment in kept)
        numbers = [each for each in told if each.startswith("INV-")]
        assert len(set(numbers)) == len(numbers) >= share
        assert {f"INV-2026-{sequence:06}" for sequence, _ in kept} >= set(numbers)
        assert "undone" in told
        assert await house.owed(customer) == await house.balance("revenue:USD")

    async def test_parallel_clients_begin_one_payment(self, house: House) -> None:
        customer = await house.a_customer()
        invoice = await house.an_invoice(customer, 1_000)
        outcomes = await asyncio.gather(*(house.pay(invoice) for _ in range(64)), return_exceptions=True)
        begun = [each for each in outcomes if isinstance(each, Settlement)]
        refused = [each for each in outcomes if isinstance(each, (InvoiceBeingPaid, InvoiceNotOpen))]
        assert (len(begun), len(refused)) == (1, 63)
        assert await house.balance("gateway:STARK_PAY:USD") == 1_000
        assert await house.owed(customer) == 0

    async def test_parallel_credits_never_exceed_the_invoice(self, house: House) -> None:
        invoice = await house.an_invoice(await house.a_customer(), 1_000)
        new = NewCredit(invoice_id=invoice.id, amount=Money(300, invoice.currency))

        async def credit() -> None:
            await house.do(lambda unit: house.billing.crediting.credit(unit, new))

        outcomes = await asyncio.gather(*(credit() for _ in range(16)), return_exceptions=True)
        assert outcomes.count(None) == 3
        assert {type(each) for each in outcomes} <= {type(None), CreditTooLarge, Unavailable}
        assert (await house.invoice(invoice.id)).credited_minor == 900


class TestRacesOnSqlite(_Races):
    @pytest.fixture
    def store(self, sqlite_store: SqlStore) -> SqlStore:
        return sqlite_store

    @pytest.fixture
    def url(self, sqlite_store_url: str) -> str:
        return sqlite_store_url

    @pytest.fixture
    def house(self, store: SqlStore) -> House:
        return a_house(store)


class TestRacesOnPostgres(_Races):
    @pytest.fixture
    def store(self, postgres_store: SqlStore) -> SqlStore:
        return postgres_store

    @pytest.fixture
    def url(self, postgres_store_url: str) -> str:
        return postgres_store_url

    @pytest.fixture
    def house(self, store: SqlStore) -> House:
        return a_house(store)


class _ContractOnSqlite:
    @pytest.fixture
    def units(self, sqlite_store: SqlStore) -> SqlUnits:
        return sqlite_store.units(contract_surroundings())


class _ContractOnPostgres:
    @pytest.fixture
    def units(self, postgres_store: SqlStore) -> SqlUnits:
        return postgres_store.units(contract_surroundings())


class TestOrdersOnSqlite(_ContractOnSqlite, OrdersContract):
    """On SQLite."""


class TestOrdersOnPostgres(_ContractOnPostgres, OrdersContract):
    """On PostgreSQL."""


class TestInvoicesOnSqlite(_ContractOnSqlite, InvoicesContract):
    """On SQLite."""


class TestInvoicesOnPostgres(_ContractOnPostgres, InvoicesContract):
    """On PostgreSQL."""


class TestAccountsOnSqlite(_ContractOnSqlite, BillingAccountsContract):
    """On SQLite."""


class TestAccountsOnPostgres(_ContractOnPostgres, BillingAccountsContract):
    """On PostgreSQL."""

"""The contract of the ledger over SQLite and PostgreSQL."""

import pytest

from multiproduct.adapters.contracts.ledger import LedgerContract
from multiproduct.adapters.contracts.ledger_chain import LedgerChainContract
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.sql import SqlStore, SqlUnits


class TestLedgerOnSqlite(LedgerContract, LedgerChainContract):
    @pytest.fixture
    def units(self, sqlite_store: SqlStore) -> SqlUnits:
        return sqlite_store.units(contract_surroundings())


class TestLedgerOnPostgres(LedgerContract, LedgerChainContract):
    @pytest.fixture
    def units(self, postgres_store: SqlStore) -> SqlUnits:
        return postgres_store.units(contract_surroundings())

"""The contracts of the inbox over SQLite and PostgreSQL."""

import pytest

from multiproduct.adapters.contracts.inbox import InboxContract, StreamTicketsContract
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.sql import SqlStore, SqlUnits


class _OnSqlite:
    @pytest.fixture
    def units(self, sqlite_store: SqlStore) -> SqlUnits:
        return sqlite_store.units(contract_surroundings())


class _OnPostgres:
    @pytest.fixture
    def units(self, postgres_store: SqlStore) -> SqlUnits:
        return postgres_store.units(contract_surroundings())


class TestInboxOnSqlite(_OnSqlite, InboxContract):
    pass


class TestInboxOnPostgres(_OnPostgres, InboxContract):
    pass


class TestStreamTicketsOnSqlite(_OnSqlite, StreamTicketsContract):
    pass


class TestStreamTicketsOnPostgres(_OnPostgres, StreamTicketsContract):
    pass

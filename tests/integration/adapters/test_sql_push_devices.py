"""The contract of push devices over SQLite and PostgreSQL."""

import pytest

from multiproduct.adapters.contracts.push_devices import PushDevicesContract
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.sql import SqlStore, SqlUnits


class TestPushDevicesOnSqlite(PushDevicesContract):
    @pytest.fixture
    def units(self, sqlite_store: SqlStore) -> SqlUnits:
        return sqlite_store.units(contract_surroundings())


class TestPushDevicesOnPostgres(PushDevicesContract):
    @pytest.fixture
    def units(self, postgres_store: SqlStore) -> SqlUnits:
        return postgres_store.units(contract_surroundings())

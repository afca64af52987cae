"""The contract of people's wishes over SQLite and PostgreSQL."""

import pytest

from multiproduct.adapters.contracts.notification_keeping import NotificationKeepingContract
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.sql import SqlStore, SqlUnits


class TestNotificationKeepingOnSqlite(NotificationKeepingContract):
    @pytest.fixture
    def units(self, sqlite_store: SqlStore) -> SqlUnits:
        return sqlite_store.units(contract_surroundings())


class TestNotificationKeepingOnPostgres(NotificationKeepingContract):
    @pytest.fixture
    def units(self, postgres_store: SqlStore) -> SqlUnits:
        return postgres_store.units(contract_surroundings())

"""SQLite and PostgreSQL keep the contracts of subscriptions and usage."""

import pytest

from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.subscriptions import SubscriptionsContract
from multiproduct.adapters.contracts.usage import UsageContract


class TestSubscriptionsOnSqlite(SubscriptionsContract):
    @pytest.fixture
    def units(self, sqlite_store):
        return sqlite_store.units(contract_surroundings())


class TestSubscriptionsOnPostgres(SubscriptionsContract):
    @pytest.fixture
    def units(self, postgres_store):
        return postgres_store.units(contract_surroundings())


class TestUsageOnSqlite(UsageContract):
    @pytest.fixture
    def units(self, sqlite_store):
        return sqlite_store.units(contract_surroundings())


class TestUsageOnPostgres(UsageContract):
    @pytest.fixture
    def units(self, postgres_store):
        return postgres_store.units(contract_surroundings())

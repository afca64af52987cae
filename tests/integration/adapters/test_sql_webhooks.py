"""The contracts of webhooks over SQLite and PostgreSQL."""

import pytest

from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.webhook_endpoints import WebhookEndpointsContract
from multiproduct.adapters.contracts.webhook_messages import WebhookMessagesContract
from multiproduct.adapters.sql import SqlStore, SqlUnits
from multiproduct.adapters.sql.todos import SqlTodoQueue


class _OnSqlite:
    @pytest.fixture
    def todo_queue(self, sqlite_store: SqlStore) -> SqlTodoQueue:
        return sqlite_store.todo_queue

    @pytest.fixture
    def units(self, sqlite_store: SqlStore) -> SqlUnits:
        return sqlite_store.units(contract_surroundings())


class _OnPostgres:
    @pytest.fixture
    def todo_queue(self, postgres_store: SqlStore) -> SqlTodoQueue:
        return postgres_store.todo_queue

    @pytest.fixture
    def units(self, postgres_store: SqlStore) -> SqlUnits:
        return postgres_store.units(contract_surroundings())


class TestWebhookEndpointsOnSqlite(_OnSqlite, WebhookEndpointsContract):
    pass


class TestWebhookEndpointsOnPostgres(_OnPostgres, WebhookEndpointsContract):
    pass


class TestWebhookMessagesOnSqlite(_OnSqlite, WebhookMessagesContract):
    pass


class TestWebhookMessagesOnPostgres(_OnPostgres, WebhookMessagesContract):
    pass

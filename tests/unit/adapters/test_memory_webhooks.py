"""The memory store keeps the contracts of webhooks."""

import pytest

from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.store_unit import StoreUnit
from multiproduct.adapters.contracts.webhook_endpoints import WebhookEndpointsContract
from multiproduct.adapters.contracts.webhook_messages import WebhookMessagesContract
from multiproduct.adapters.memory import MemoryStore, MemoryTodoQueue, MemoryUnits
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.ports.unit_of_work import Units


class _InMemory:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore(real_time=SystemRealTime())

    @pytest.fixture
    def todo_queue(self, store: MemoryStore) -> MemoryTodoQueue:
        return MemoryTodoQueue(store=store)

    @pytest.fixture
    def units(self, store: MemoryStore) -> Units[StoreUnit]:
        return MemoryUnits(store=store, surroundings=contract_surroundings())


class TestWebhookEndpoints(_InMemory, WebhookEndpointsContract):
    pass


class TestWebhookMessages(_InMemory, WebhookMessagesContract):
    pass

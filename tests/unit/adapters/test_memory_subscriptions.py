"""The memory store keeps the contracts of subscriptions and usage."""

import pytest

from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.subscriptions import SubscriptionsContract
from multiproduct.adapters.contracts.usage import UsageContract
from multiproduct.adapters.memory import MemoryStore, MemoryUnits
from multiproduct.adapters.stdlib import SystemRealTime


class TestUsage(UsageContract):
    @pytest.fixture
    def units(self):
        store = MemoryStore(real_time=SystemRealTime())
        return MemoryUnits(store=store, surroundings=contract_surroundings())


class TestSubscriptions(SubscriptionsContract):
    @pytest.fixture
    def units(self):
        store = MemoryStore(real_time=SystemRealTime())
        return MemoryUnits(store=store, surroundings=contract_surroundings())

"""The memory store keeps the contract of people's wishes."""

import pytest

from multiproduct.adapters.contracts.notification_keeping import NotificationKeepingContract
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.store_unit import StoreUnit
from multiproduct.adapters.memory import MemoryStore, MemoryUnits
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.ports.unit_of_work import Units


class TestNotificationKeeping(NotificationKeepingContract):
    @pytest.fixture
    def units(self) -> Units[StoreUnit]:
        store = MemoryStore(real_time=SystemRealTime())
        return MemoryUnits(store=store, surroundings=contract_surroundings())

"""The memory store keeps the contract of push devices."""

import pytest

from multiproduct.adapters.contracts.push_devices import PushDevicesContract
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.store_unit import StoreUnit
from multiproduct.adapters.memory import MemoryStore, MemoryUnits
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.ports.unit_of_work import Units


class TestPushDevices(PushDevicesContract):
    @pytest.fixture
    def units(self) -> Units[StoreUnit]:
        store = MemoryStore(real_time=SystemRealTime())
        return MemoryUnits(store=store, surroundings=contract_surroundings())

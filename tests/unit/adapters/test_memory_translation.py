"""The memory store keeps the contracts of translation."""

import pytest

from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.store_unit import StoreUnit
from multiproduct.adapters.contracts.translation import GlossaryTermsContract, HumanTranslationsContract
from multiproduct.adapters.memory import MemoryStore, MemoryUnits
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.ports.unit_of_work import Units


class _InMemory:
    @pytest.fixture
    def units(self) -> Units[StoreUnit]:
        store = MemoryStore(real_time=SystemRealTime())
        return MemoryUnits(store=store, surroundings=contract_surroundings())


class TestHumanTranslations(_InMemory, HumanTranslationsContract):
    pass


class TestGlossaryTerms(_InMemory, GlossaryTermsContract):
    pass

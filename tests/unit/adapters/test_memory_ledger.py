"""The contract of the ledger in memory."""

import pytest

from multiproduct.adapters.contracts.ledger import LedgerContract
from multiproduct.adapters.contracts.ledger_chain import LedgerChainContract
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.memory import MemoryDatabase, MemoryUnits
from multiproduct.adapters.stdlib import SystemRealTime


class TestLedgerInMemory(LedgerContract, LedgerChainContract):
    @pytest.fixture
    def units(self) -> MemoryUnits:
        return MemoryDatabase(real_time=SystemRealTime()).units(contract_surroundings())

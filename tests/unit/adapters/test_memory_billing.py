"""The contracts of billing's ports, in memory."""

import pytest

from multiproduct.adapters.contracts.billing import (
    BillingAccountsContract,
    InvoicesContract,
    OrdersContract,
)
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.memory.units import MemoryUnits
from multiproduct.adapters.stdlib import SystemRealTime


class _InMemory:
    @pytest.fixture
    def units(self) -> MemoryUnits:
        return MemoryDatabase(real_time=SystemRealTime()).units(contract_surroundings())


class TestOrders(_InMemory, OrdersContract):
    """In memory."""


class TestInvoices(_InMemory, InvoicesContract):
    """In memory."""


class TestBillingAccounts(_InMemory, BillingAccountsContract):
    """In memory."""

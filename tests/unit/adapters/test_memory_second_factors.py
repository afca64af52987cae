"""The memory store keeps the contracts of second factors."""

import pytest

from multiproduct.adapters.contracts.pending_sign_ins import PendingSignInsContract, SealedRowsContract
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.second_factors import RecoveryCodesContract, TotpFactorsContract
from multiproduct.adapters.contracts.sms_factors import SmsFactorsContract
from multiproduct.adapters.memory import MemoryStore, MemoryUnits
from multiproduct.adapters.stdlib import SystemRealTime


@pytest.fixture
def units() -> MemoryUnits:
    store = MemoryStore(real_time=SystemRealTime())
    return MemoryUnits(store=store, surroundings=contract_surroundings())


class TestTotpFactorsInMemory(TotpFactorsContract):
    pass


class TestRecoveryCodesInMemory(RecoveryCodesContract):
    pass


class TestPendingSignInsInMemory(PendingSignInsContract):
    pass


class TestSealedRowsInMemory(SealedRowsContract):
    pass


class TestSmsFactorsInMemory(SmsFactorsContract):
    pass

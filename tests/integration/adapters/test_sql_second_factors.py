"""The contracts of second factors, over SQLite and PostgreSQL."""

import pytest

from multiproduct.adapters.contracts.pending_sign_ins import PendingSignInsContract, SealedRowsContract
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.second_factors import RecoveryCodesContract, TotpFactorsContract
from multiproduct.adapters.contracts.sms_factors import SmsFactorsContract
from multiproduct.adapters.sql import SqlStore, SqlUnits


class _OnSqlite:
    @pytest.fixture
    def units(self, sqlite_store: SqlStore) -> SqlUnits:
        return sqlite_store.units(contract_surroundings())


class _OnPostgres:
    @pytest.fixture
    def units(self, postgres_store: SqlStore) -> SqlUnits:
        return postgres_store.units(contract_surroundings())


class TestTotpFactorsOnSqlite(_OnSqlite, TotpFactorsContract):
    pass


class TestTotpFactorsOnPostgres(_OnPostgres, TotpFactorsContract):
    pass


class TestRecoveryCodesOnSqlite(_OnSqlite, RecoveryCodesContract):
    pass


class TestRecoveryCodesOnPostgres(_OnPostgres, RecoveryCodesContract):
    pass


class TestPendingSignInsOnSqlite(_OnSqlite, PendingSignInsContract):
    pass


class TestPendingSignInsOnPostgres(_OnPostgres, PendingSignInsContract):
    pass


class TestSealedRowsOnSqlite(_OnSqlite, SealedRowsContract):
    pass


class TestSealedRowsOnPostgres(_OnPostgres, SealedRowsContract):
    pass


class TestSmsFactorsOnSqlite(_OnSqlite, SmsFactorsContract):
    pass


class TestSmsFactorsOnPostgres(_OnPostgres, SmsFactorsContract):
    pass

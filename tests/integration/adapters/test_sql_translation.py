"""The contracts of translation over SQLite and PostgreSQL."""

import pytest

from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.translation import GlossaryTermsContract, HumanTranslationsContract
from multiproduct.adapters.sql import SqlStore, SqlUnits


class _OnSqlite:
    @pytest.fixture
    def units(self, sqlite_store: SqlStore) -> SqlUnits:
        return sqlite_store.units(contract_surroundings())


class _OnPostgres:
    @pytest.fixture
    def units(self, postgres_store: SqlStore) -> SqlUnits:
        return postgres_store.units(contract_surroundings())


class TestHumanTranslationsOnSqlite(_OnSqlite, HumanTranslationsContract):
    pass


class TestHumanTranslationsOnPostgres(_OnPostgres, HumanTranslationsContract):
    pass


class TestGlossaryTermsOnSqlite(_OnSqlite, GlossaryTermsContract):
    pass


class TestGlossaryTermsOnPostgres(_OnPostgres, GlossaryTermsContract):
    pass

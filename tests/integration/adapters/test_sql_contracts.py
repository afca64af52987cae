"""The contracts of every store port, over SQLite and PostgreSQL."""

import pytest

from multiproduct.adapters.contracts.audit_chain import AuditChainContract
from multiproduct.adapters.contracts.audit_trail import AuditTrailContract
from multiproduct.adapters.contracts.catalog import PlansContract, ProductsContract
from multiproduct.adapters.contracts.catalog_coupons import CouponsContract, MetersContract
from multiproduct.adapters.contracts.ceremony_challenges import CeremonyChallengesContract
from multiproduct.adapters.contracts.challenges import ChallengesContract
from multiproduct.adapters.contracts.clock_offset import ClockOffsetContract
from multiproduct.adapters.contracts.contact_changes import ContactChangesContract
from multiproduct.adapters.contracts.deliveries import DeliveriesContract
from multiproduct.adapters.contracts.device_keys import DeviceKeysContract
from multiproduct.adapters.contracts.documents import ConsentsContract, DocumentsContract
from multiproduct.adapters.contracts.event_log import EventLogContract
from multiproduct.adapters.contracts.guess_budgets import GuessBudgetsContract
from multiproduct.adapters.contracts.idempotency import IdempotencyContract
from multiproduct.adapters.contracts.invitations import InvitationsContract
from multiproduct.adapters.contracts.jobs import JobsContract
from multiproduct.adapters.contracts.passkeys import PasskeysContract
from multiproduct.adapters.contracts.payment_calls import GatewayCallsContract
from multiproduct.adapters.contracts.payment_methods import NoticesContract, StoredMethodsContract
from multiproduct.adapters.contracts.payments import PaymentsContract
from multiproduct.adapters.contracts.pending_registrations import PendingRegistrationsContract
from multiproduct.adapters.contracts.people import PeopleContract
from multiproduct.adapters.contracts.person_erasing import (
    PersonalRowsContract,
    SealedRecordsContract,
    UsernameTombstonesContract,
)
from multiproduct.adapters.contracts.pictures import PicturesContract
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.roles import RoleAssignmentsContract, RolesContract
from multiproduct.adapters.contracts.sessions import SessionsContract
from multiproduct.adapters.contracts.sign_in_failures import SignInFailuresContract
from multiproduct.adapters.contracts.social import SocialContract
from multiproduct.adapters.contracts.todos import TodosContract
from multiproduct.adapters.contracts.unit_of_work import UnitOfWorkContract
from multiproduct.adapters.contracts.users import UsersContract
from multiproduct.adapters.sql import SqlStore, SqlUnits
from multiproduct.adapters.sql.clock_offset import SqlClockOffset
from multiproduct.adapters.sql.jobs import SqlJobLedger
from multiproduct.adapters.sql.todos import SqlTodoQueue


class _Ports:
    @pytest.fixture
    def units(self, store: SqlStore) -> SqlUnits:
        return store.units(contract_surroundings())

    @pytest.fixture
    def todo_queue(self, store: SqlStore) -> SqlTodoQueue:
        return store.todo_queue

    @pytest.fixture
    def job_ledger(self, store: SqlStore) -> SqlJobLedger:
        return store.job_ledger

    @pytest.fixture
    def clock_offset(self, store: SqlStore) -> SqlClockOffset:
        return store.clock_offset


class _OnSqlite(_Ports):
    @pytest.fixture
    def store(self, sqlite_store: SqlStore) -> SqlStore:
        return sqlite_store


class _OnPostgres(_Ports):
    @pytest.fixture
    def store(self, postgres_store: SqlStore) -> SqlStore:
        return postgres_store


class TestUnitOfWorkOnSqlite(_OnSqlite, UnitOfWorkContract):
    pass


class TestUnitOfWorkOnPostgres(_OnPostgres, UnitOfWorkContract):
    pass


class TestUsersOnSqlite(_OnSqlite, UsersContract):
    pass


class TestUsersOnPostgres(_OnPostgres, UsersContract):
    pass


class TestPendingRegistrationsOnSqlite(_OnSqlite, PendingRegistrationsContract):
    pass


class TestPendingRegistrationsOnPostgres(_OnPostgres, PendingRegistrationsContract):
    pass


class TestRolesOnSqlite(_OnSqlite, RolesContract):
    pass


class TestRolesOnPostgres(_OnPostgres, RolesContract):
    pass


class TestRoleAssignmentsOnSqlite(_OnSqlite, RoleAssignmentsContract):
    pass


class TestRoleAssignmentsOnPostgres(_OnPostgres, RoleAssignmentsContract):
    pass


class TestSessionsOnSqlite(_OnSqlite, SessionsContract):
    pass


class TestSessionsOnPostgres(_OnPostgres, SessionsContract):
    pass


class TestChallengesOnSqlite(_OnSqlite, ChallengesContract):
    pass


class TestChallengesOnPostgres(_OnPostgres, ChallengesContract):
    pass


class TestGuessBudgetsOnSqlite(_OnSqlite, GuessBudgetsContract):
    pass


class TestGuessBudgetsOnPostgres(_OnPostgres, GuessBudgetsContract):
    pass


class TestSignInFailuresOnSqlite(_OnSqlite, SignInFailuresContract):
    pass


class TestSignInFailuresOnPostgres(_OnPostgres, SignInFailuresContract):
    pass


class TestIdempotencyOnSqlite(_OnSqlite, IdempotencyContract):
    pass


class TestIdempotencyOnPostgres(_OnPostgres, IdempotencyContract):
    pass


class TestTodosOnSqlite(_OnSqlite, TodosContract):
    pass


class TestTodosOnPostgres(_OnPostgres, TodosContract):
    pass


class TestEventLogOnSqlite(_OnSqlite, EventLogContract):
    pass


class TestEventLogOnPostgres(_OnPostgres, EventLogContract):
    pass


class TestAuditChainOnSqlite(_OnSqlite, AuditChainContract):
    pass


class TestAuditChainOnPostgres(_OnPostgres, AuditChainContract):
    pass


class TestAuditTrailOnSqlite(_OnSqlite, AuditTrailContract):
    pass


class TestAuditTrailOnPostgres(_OnPostgres, AuditTrailContract):
    pass


class TestDeliveriesOnSqlite(_OnSqlite, DeliveriesContract):
    pass


class TestDeliveriesOnPostgres(_OnPostgres, DeliveriesContract):
    pass


class TestJobsOnSqlite(_OnSqlite, JobsContract):
    pass


class TestJobsOnPostgres(_OnPostgres, JobsContract):
    pass


class TestClockOffsetOnSqlite(_OnSqlite, ClockOffsetContract):
    pass


class TestClockOffsetOnPostgres(_OnPostgres, ClockOffsetContract):
    pass


class TestCeremonyChallengesOnSqlite(_OnSqlite, CeremonyChallengesContract):
    pass


class TestCeremonyChallengesOnPostgres(_OnPostgres, CeremonyChallengesContract):
    pass


class TestPasskeysOnSqlite(_OnSqlite, PasskeysContract):
    pass


class TestPasskeysOnPostgres(_OnPostgres, PasskeysContract):
    pass


class TestDeviceKeysOnSqlite(_OnSqlite, DeviceKeysContract):
    pass


class TestDeviceKeysOnPostgres(_OnPostgres, DeviceKeysContract):
    pass


class TestInvitationsOnSqlite(_OnSqlite, InvitationsContract):
    pass


class TestInvitationsOnPostgres(_OnPostgres, InvitationsContract):
    pass


class TestPeopleOnSqlite(_OnSqlite, PeopleContract):
    pass


class TestPeopleOnPostgres(_OnPostgres, PeopleContract):
    pass


class TestPersonalRowsOnSqlite(_OnSqlite, PersonalRowsContract):
    pass


class TestPersonalRowsOnPostgres(_OnPostgres, PersonalRowsContract):
    pass


class TestSealedRecordsOnSqlite(_OnSqlite, SealedRecordsContract):
    pass


class TestSealedRecordsOnPostgres(_OnPostgres, SealedRecordsContract):
    pass


class TestUsernameTombstonesOnSqlite(_OnSqlite, UsernameTombstonesContract):
    pass


class TestUsernameTombstonesOnPostgres(_OnPostgres, UsernameTombstonesContract):
    pass


class TestSocialOnSqlite(_OnSqlite, SocialContract):
    pass


class TestSocialOnPostgres(_OnPostgres, SocialContract):
    pass


class TestContactChangesOnSqlite(_OnSqlite, ContactChangesContract):
    pass


class TestContactChangesOnPostgres(_OnPostgres, ContactChangesContract):
    pass


class TestPicturesOnSqlite(_OnSqlite, PicturesContract):
    pass


class TestPicturesOnPostgres(_OnPostgres, PicturesContract):
    pass


class TestDocumentsOnSqlite(_OnSqlite, DocumentsContract):
    pass


class TestDocumentsOnPostgres(_OnPostgres, DocumentsContract):
    pass


class TestConsentsOnSqlite(_OnSqlite, ConsentsContract):
    pass


class TestConsentsOnPostgres(_OnPostgres, ConsentsContract):
    pass


class TestProductsOnSqlite(_OnSqlite, ProductsContract):
    pass


class TestProductsOnPostgres(_OnPostgres, ProductsContract):
    pass


class TestPlansOnSqlite(_OnSqlite, PlansContract):
    pass


class TestPlansOnPostgres(_OnPostgres, PlansContract):
    pass


class TestCouponsOnSqlite(_OnSqlite, CouponsContract):
    pass


class TestCouponsOnPostgres(_OnPostgres, CouponsContract):
    pass


class TestMetersOnSqlite(_OnSqlite, MetersContract):
    pass


class TestMetersOnPostgres(_OnPostgres, MetersContract):
    pass


class TestPaymentsOnSqlite(_OnSqlite, PaymentsContract):
    pass


class TestPaymentsOnPostgres(_OnPostgres, PaymentsContract):
    pass


class TestGatewayCallsOnSqlite(_OnSqlite, GatewayCallsContract):
    pass


class TestGatewayCallsOnPostgres(_OnPostgres, GatewayCallsContract):
    pass


class TestStoredMethodsOnSqlite(_OnSqlite, StoredMethodsContract):
    pass


class TestStoredMethodsOnPostgres(_OnPostgres, StoredMethodsContract):
    pass


class TestNoticesOnSqlite(_OnSqlite, NoticesContract):
    pass


class TestNoticesOnPostgres(_OnPostgres, NoticesContract):
    pass

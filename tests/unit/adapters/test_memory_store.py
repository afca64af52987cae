"""The memory store keeps every store contract, and a few promises of its own."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from multiproduct.adapters.contracts.audit_chain import AuditChainContract
from multiproduct.adapters.contracts.audit_trail import AuditTrailContract
from multiproduct.adapters.contracts.builders import NOW, a_user
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
from multiproduct.adapters.contracts.reacting import Noted, Passed, contract_surroundings
from multiproduct.adapters.contracts.roles import RoleAssignmentsContract, RolesContract
from multiproduct.adapters.contracts.sessions import SessionsContract
from multiproduct.adapters.contracts.sign_in_failures import SignInFailuresContract
from multiproduct.adapters.contracts.social import SocialContract
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.adapters.contracts.todos import TodosContract
from multiproduct.adapters.contracts.unit_of_work import UnitOfWorkContract
from multiproduct.adapters.contracts.users import UsersContract
from multiproduct.adapters.memory import (
    MemoryClockOffset,
    MemoryJobLedger,
    MemoryStore,
    MemoryTodoQueue,
    MemoryUnits,
)
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import Units


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(real_time=SystemRealTime())


@pytest.fixture
def units(store: MemoryStore) -> Units[StoreUnit]:
    return MemoryUnits(store=store, surroundings=contract_surroundings())


@pytest.fixture
def todo_queue(store: MemoryStore) -> MemoryTodoQueue:
    return MemoryTodoQueue(store=store)


@pytest.fixture
def job_ledger(store: MemoryStore) -> MemoryJobLedger:
    return MemoryJobLedger(store=store)


@pytest.fixture
def clock_offset(store: MemoryStore) -> MemoryClockOffset:
    return MemoryClockOffset(store=store)


class TestUnitOfWork(UnitOfWorkContract):
    pass


class TestChallenges(ChallengesContract):
    pass


class TestGuessBudgets(GuessBudgetsContract):
    pass


class TestSignInFailures(SignInFailuresContract):
    pass


class TestUsers(UsersContract):
    pass


class TestPendingRegistrations(PendingRegistrationsContract):
    pass


class TestRoles(RolesContract):
    pass


class TestRoleAssignments(RoleAssignmentsContract):
    pass


class TestSessions(SessionsContract):
    pass


class TestMemorySocial(SocialContract):
    pass


class TestCeremonyChallenges(CeremonyChallengesContract):
    pass


class TestPasskeys(PasskeysContract):
    pass


class TestDeviceKeys(DeviceKeysContract):
    pass


class TestContactChanges(ContactChangesContract):
    pass


class TestPictures(PicturesContract):
    pass


class TestIdempotency(IdempotencyContract):
    pass


class TestTodos(TodosContract):
    pass


class TestEventLog(EventLogContract):
    pass


class TestJobs(JobsContract):
    pass


class TestDeliveries(DeliveriesContract):
    pass


class TestAuditChain(AuditChainContract):
    pass


class TestAuditTrail(AuditTrailContract):
    pass


class TestClockOffset(ClockOffsetContract):
    pass


async def test_a_unit_opened_within_a_unit_of_the_same_task_is_refused_instead_of_waiting_for_ever(
    units: Units[StoreUnit],
) -> None:
    async with units.open(ANYBODY):
        with pytest.raises(RuntimeError, match="would wait for itself"):
            async with units.open(ANYBODY):
                raise AssertionError("a second unit was opened")
    async with asyncio.timeout(60), units.open(ANYBODY) as unit:
        await unit.commit()


async def test_a_commit_in_a_view_is_refused(units: Units[StoreUnit]) -> None:
    async with units.view(ANYBODY) as view:
        with pytest.raises(RuntimeError, match="only reads"):
            await view.commit()


def test_a_store_outlives_the_event_loop_that_wrote_it(store: MemoryStore) -> None:
    units = MemoryUnits(store=store, surroundings=contract_surroundings())
    user = a_user()

    async def write_among_rivals() -> None:
        await asyncio.gather(*(in_one_unit(units, lambda unit: unit.users.add(a_user())) for _ in range(3)))
        await in_one_unit(units, lambda unit: unit.users.add(user))

    async def write_and_read() -> object:
        await asyncio.gather(*(in_one_unit(units, lambda unit: unit.users.add(a_user())) for _ in range(3)))
        return await in_view(units, lambda unit: unit.users.find(user.id))

    asyncio.run(write_among_rivals())
    assert asyncio.run(write_and_read()) == user


def test_writing_from_two_event_loops_at_once_is_refused(store: MemoryStore) -> None:
    units = MemoryUnits(store=store, surroundings=contract_surroundings())

    async def open_one() -> None:
        async with units.open(ANYBODY):
            raise AssertionError("a unit was opened")

    async def hold_one_meanwhile() -> None:
        async with units.open(ANYBODY):
            with pytest.raises(RuntimeError, match="another event loop"):
                await asyncio.to_thread(asyncio.run, open_one())

    asyncio.run(hold_one_meanwhile())


async def test_the_installation_is_told_of_a_commit_whether_it_left_todos_and_what_to_forget(
    store: MemoryStore,
) -> None:
    told: list[tuple[bool, frozenset[str]]] = []
    surroundings = replace(
        contract_surroundings(), committed=lambda has_todos, keys: told.append((has_todos, keys))
    )
    units = MemoryUnits(store=store, surroundings=surroundings)
    for event in (Noted(occurred_at=NOW, note="x"), Passed(occurred_at=NOW, note="x")):
        async with units.open(ANYBODY) as unit:
            unit.record(event)
            unit.forget("a", "b")
            await unit.commit()
    async with units.open(ANYBODY) as unit:
        unit.record(Noted(occurred_at=NOW, note="undone"))
    assert told == [(True, frozenset("ab")), (False, frozenset("ab"))]


async def test_a_change_made_and_taken_back_in_one_unit_leaves_the_indexes_right(
    units: Units[StoreUnit],
) -> None:
    user = a_user(username="Ada")
    await in_one_unit(units, lambda unit: unit.users.add(user))
    async with units.open(ANYBODY) as unit:
        for name in ("Grace", "Ada"):
            user.username = a_user(username=name).username
            await unit.users.save(user)
        assert await unit.users.usernames_taken(["ada", "grace"]) == {"ada"}
        await unit.commit()
    async with units.view(ANYBODY) as view:
        assert await view.users.usernames_taken(["ada", "grace"]) == {"ada"}
        assert await view.users.find_by_username("ada") == user


async def test_leases_wait_for_no_writer(units: Units[StoreUnit], todo_queue: MemoryTodoQueue) -> None:
    async with units.open(ANYBODY) as unit:
        unit.record(Noted(occurred_at=NOW, note="x"))
        await unit.commit()
    now = SystemRealTime().now()
    async with asyncio.timeout(60), units.open(ANYBODY):
        assert len(await todo_queue.lease(now=now, until=now + timedelta(minutes=1), limit=10)) == 2


class TestInvitations(InvitationsContract):
    pass


class TestPeople(PeopleContract):
    pass


class TestPersonalRows(PersonalRowsContract):
    pass


class TestSealedRecords(SealedRecordsContract):
    pass


class TestUsernameTombstones(UsernameTombstonesContract):
    pass


class TestDocuments(DocumentsContract):
    pass


class TestConsents(ConsentsContract):
    pass


class TestProducts(ProductsContract):
    """Products, plans, coupons and meters in memory."""


class TestPlans(PlansContract):
    """Products, plans, coupons and meters in memory."""


class TestCoupons(CouponsContract):
    """Products, plans, coupons and meters in memory."""


class TestMeters(MetersContract):
    """Products, plans, coupons and meters in memory."""


class TestPayments(PaymentsContract):
    pass


class TestGatewayCalls(GatewayCallsContract):
    pass


class TestStoredMethods(StoredMethodsContract):
    pass


class TestNotices(NoticesContract):
    pass

"""Two workers and one lease that ran out: whoever has the lease has the effect, and nobody else does."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.integration.adapters.patient_postgres import PATIENT
from tests.owing import HandTime

from multiproduct.adapters.contracts.builders import NOW
from multiproduct.adapters.contracts.reacting import ContractIds, Noted, Passed
from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.sql import SqliteSettings, SqlStore
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import ANYBODY
from multiproduct.application.committing import Surroundings
from multiproduct.application.dispatching import Dispatching
from multiproduct.application.events import EventCatalogue
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.units import in_unit

NOTES = 20
LEASE = timedelta(seconds=1)
PATIENCE_SECONDS = 60

Store = SqlStore | MemoryDatabase


class Worker:
    """A worker on a store of its own. Its runs wait at the gate before they have their effect, which is a row
    of the audit log that names them."""

    def __init__(self, name: str, store: Store, time: HandTime) -> None:
        self.name, self.store, self.time = name, store, time
        self.gate, self.begun = asyncio.Event(), 0
        reactions = ReactionTable()
        reactions.defer(Noted, "contract.react", self._react)
        events = EventCatalogue((Noted, Passed))
        self.units = store.units(
            Surroundings(reactions=reactions, events=events, ids=ContractIds(), committed=lambda *_: None)
        )
        self.dispatching = Dispatching(
            todos=store.todo_queue, reactions=reactions, events=events, real_time=time
        )

    async def note(self) -> None:
        async with self.units.open(ANYBODY) as unit:
            for number in range(NOTES):
                unit.record(Noted(occurred_at=NOW, note=str(number)))
            await unit.commit()

    async def take_all(self) -> "asyncio.Task[list[bool]]":
        """Leases every todo, and returns when all of them run."""
        now = self.time.now()
        todos = await self.store.todo_queue.lease(now=now, until=now + LEASE, limit=NOTES)
        assert len(todos) == NOTES
        running = asyncio.ensure_future(asyncio.gather(*map(self.dispatching.run, todos)))
        while self.begun < NOTES:
            await asyncio.sleep(0.001)
        return running

    async def effects(self) -> list[str]:
        async with self.units.view(ANYBODY) as view:
            entries = await view.audit_trail.find(AuditFilter(event=Passed.NAME), limit=10 * NOTES)
        return sorted(entry.resource_id for entry in entries)

    async def _react(self, event: Noted, heard: Heard) -> None:
        self.begun += 1
        await self.gate.wait()

        async def body(unit) -> None:
            unit.record(Passed(occurred_at=NOW, note=f"{event.note} by {self.name}"))
            await unit.todos.complete(heard.todo)
            await unit.commit()

        await in_unit(lambda: self.units.open(ANYBODY), body)


@pytest.fixture(params=["memory", "sqlite_store_url", "postgres_store_url"])
def location(request: pytest.FixtureRequest) -> str | None:
    """The URL of a migrated, empty database, or None for one in memory."""
    return None if request.param == "memory" else request.getfixturevalue(request.param)


@pytest.fixture
async def open_store(location: str | None):
    """Opens the same store, as each of several processes would."""
    opened: list[SqlStore] = []
    memory = MemoryDatabase(real_time=SystemRealTime())

    def open_one() -> Store:
        if location is None:
            return memory
        opened.append(SqlStore(location, sqlite=SqliteSettings(synchronous="NORMAL"), postgres=PATIENT))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.mark.parametrize("ends_first", ["the late run", "nobody"])
async def test_a_run_that_outlives_its_lease_has_no_effect_and_its_repetition_has_one(
    open_store: Callable[[], Store], ends_first: str
) -> None:
    time = HandTime()
    late, present = Worker("late", open_store(), time), Worker("present", open_store(), time)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await late.note()
        late_runs = await late.take_all()
        time.pass_by(seconds=LEASE.total_seconds())
        present_runs = await present.take_all()
        late.gate.set()
        if ends_first == "the late run":
            await late_runs
            assert await late.effects() == []
        present.gate.set()
        assert await late_runs == [False] * NOTES
        assert await present_runs == [True] * NOTES
    assert await present.effects() == sorted(f"{number} by present" for number in range(NOTES))
    backlog = await present.store.todo_queue.backlog(now=time.now())
    assert (backlog.open, backlog.dead) == (0, 0)

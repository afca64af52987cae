"""Units of work over a memory store: one writer at a time, and views that wait for nobody."""

from collections.abc import Sequence

from multiproduct.adapters.memory.audit import MemoryAuditTrail
from multiproduct.adapters.memory.idempotency import MemoryIdempotencyRecords
from multiproduct.adapters.memory.identity import MemoryPendingRegistrations, MemorySessions, MemoryUsers
from multiproduct.adapters.memory.notifications import MemoryDeliveries
from multiproduct.adapters.memory.otp import MemoryChallenges, MemoryGuessBudgets
from multiproduct.adapters.memory.store import MemoryStore, Stage, TodoRow
from multiproduct.adapters.memory.todos import MemoryTodoCompletion
from multiproduct.application.caller import Caller
from multiproduct.application.committing import CommittingUnit, NewEvent, Surroundings
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.application.ports.todos import LoggedEvent, TodoKey


class MemoryUnit(CommittingUnit):
    """Writes to a stage of its own; the commit makes that the store's, in one step."""

    def __init__(self, *, store: MemoryStore, caller: Caller, surroundings: Surroundings) -> None:
        super().__init__(caller=caller, surroundings=surroundings)
        stage = Stage(store)
        self._store = store
        self._stage = stage
        self.challenges = MemoryChallenges(stage=stage, track=self.track)
        self.guess_budgets = MemoryGuessBudgets(stage=stage)
        self.users = MemoryUsers(stage=stage, track=self.track)
        self.pending_registrations = MemoryPendingRegistrations(stage=stage, track=self.track)
        self.sessions = MemorySessions(stage=stage, track=self.track, record=self.record)
        self.idempotency = MemoryIdempotencyRecords(stage=stage)
        self.deliveries = MemoryDeliveries(stage=stage)
        self.todos = MemoryTodoCompletion(stage=stage)
        self.audit_trail = MemoryAuditTrail(store=store)

    async def _begin(self) -> None:
        await self._store.turns.take()

    async def _log(self, events: Sequence[NewEvent], audit: Sequence[AuditEntry]) -> None:
        now = self._store.real_time.now()
        for new in events:
            position = self._store.next_position()
            self._stage.events.put(
                LoggedEvent(
                    position=position,
                    name=new.name,
                    fields=new.fields,
                    occurred_at=new.event.occurred_at,
                    request_id=new.request_id,
                )
            )
            for reaction in new.todos:
                self._stage.todos.put(TodoRow(key=TodoKey(position, reaction), due_at=now))
        for entry in audit:
            self._stage.audit.put(entry)

    async def _make_permanent(self) -> None:
        self._stage.apply()

    async def _end(self, *, committed: bool) -> None:
        # What was not committed lies on the stage, and goes with it.
        del committed
        self._store.turns.give_back()


class MemoryView(MemoryUnit):
    """Reads what is committed at that moment. What is written to it goes nowhere."""

    async def _begin(self) -> None:
        return

    async def _make_permanent(self) -> None:
        raise RuntimeError("a view only reads")

    async def _end(self, *, committed: bool) -> None:
        # It has no turn to give back.
        del committed


class MemoryUnits:
    """Opens units over one store. There is no host's transaction to join, so `open_alone` is `open`."""

    def __init__(self, *, store: MemoryStore, surroundings: Surroundings) -> None:
        self._store = store
        self._surroundings = surroundings

    def open(self, caller: Caller) -> MemoryUnit:
        """A unit that may write, one at a time. Opening another within it, in the same task, is refused."""
        return MemoryUnit(store=self._store, caller=caller, surroundings=self._surroundings)

    def open_alone(self, caller: Caller) -> MemoryUnit:
        """Like `open`."""
        return self.open(caller)

    def view(self, caller: Caller) -> MemoryView:
        """A unit that only reads what is committed, and never waits for a writer."""
        return MemoryView(store=self._store, caller=caller, surroundings=self._surroundings)

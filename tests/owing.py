"""A small installation on the memory adapter whose events are owed a reaction, for tests of who runs it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from multiproduct.adapters.memory import MemoryStore, MemoryTodoQueue, MemoryUnits
from multiproduct.adapters.stdlib import SystemIds
from multiproduct.application.caller import ANYBODY
from multiproduct.application.committing import Surroundings
from multiproduct.application.dispatching import Dispatching
from multiproduct.application.events import EventCatalogue
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.shared import Action, Event

NOON = datetime(2030, 1, 2, 12, 0, tzinfo=UTC)
SHIP = "parcels.ship"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered(Event):
    NAME = "parcels.ordered"
    ACTION = Action.CREATE
    RESOURCE = "parcel"

    parcel: str

    @property
    def resource_id(self) -> str:
        return self.parcel


class HandTime:
    """Real time that the test moves by hand."""

    def __init__(self) -> None:
        self._now = NOON

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - NOON).total_seconds()

    def pass_by(self, *, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class Owing:
    """`order` commits an event; `shipped` lists the parcels whose reaction committed its own transaction.

    `before_shipping` runs ahead of that transaction, where a test can fail or wait; `started` counts runs.
    """

    def __init__(self, *, real_time: RealTime) -> None:
        self.started: list[str] = []
        self.shipped: list[str] = []
        self.wakes: Callable[[], None] = _nobody
        self.before_shipping: Callable[[str], Awaitable[None]] = _at_once
        store = MemoryStore(real_time=real_time)
        self.reactions = ReactionTable()
        self.reactions.defer(Ordered, SHIP, self._ship)
        self.events = EventCatalogue([Ordered])
        self.units = MemoryUnits(
            store=store,
            surroundings=Surroundings(
                reactions=self.reactions, events=self.events, ids=SystemIds(), committed=self._committed
            ),
        )
        self.todos = MemoryTodoQueue(store=store)
        self.dispatching = Dispatching(
            todos=self.todos, reactions=self.reactions, events=self.events, real_time=real_time
        )

    async def order(self, *parcels: str) -> None:
        async with self.units.open(ANYBODY) as unit:
            for parcel in parcels:
                unit.record(Ordered(occurred_at=NOON, parcel=parcel))
            await unit.commit()

    async def _ship(self, event: Ordered, heard: Heard) -> None:
        self.started.append(event.parcel)
        await self.before_shipping(event.parcel)
        async with self.units.open(ANYBODY) as unit:
            await unit.todos.complete(heard.todo)
            await unit.commit()
        self.shipped.append(event.parcel)

    def _committed(self, has_todos: bool, stale: frozenset[str]) -> None:  # noqa: FBT001 - the kernel's call
        if has_todos:
            self.wakes()


def _nobody() -> None:
    return


async def _at_once(parcel: str) -> None:
    return

"""Listeners: what the program around this package does when it hears of an event."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.reactions import TodoUnit
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.units import in_unit
from multiproduct.domain.shared import Event

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Listener(Generic[E]):
    """`react(event)` is called after each commit in which an event of that type happened, also where the
    process died in between: at least once, so it has to bear being called again. Where it raises it is called
    again later, with growing pauses. `name` is like `shop.open_workspace`, and is never used for another
    thing: what is owed to it is kept by its name."""

    event: type[E]
    name: str
    react: Callable[[E], Awaitable[None]]

    def declare(self, table: ReactionTable, units: Units[Any]) -> None:
        """Declares it. Raises ValueError for a name that is taken."""

        async def run(event: E, heard: Heard) -> None:
            await self.react(event)

            async def done(unit: TodoUnit) -> None:
                await unit.todos.complete(heard.todo)
                await unit.commit()

            await in_unit(lambda: units.open(SYSTEM), done)

        table.defer(self.event, self.name, run)

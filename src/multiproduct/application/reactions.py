"""Reactions: what the contexts declare they do when they hear of an event."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from multiproduct.application.ports.todos import Todo
from multiproduct.domain.shared import Event

E = TypeVar("E", bound=Event)

MAX_JOINING_DEPTH = 5
"""How far a chain of joining reactions may reach: payment settled, invoice paid, subscription active, and
two more."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as a deferred reaction hears it: with the todo that this run has leased, which only the
    reaction's own transaction completes, and the request it came from."""

    event: Event
    todo: Todo
    request_id: str | None


Joining = Callable[[Any, Any], Awaitable[None]]
"""`(unit, event)`: runs inside the commit that writes the event. It must not commit or call out."""
Deferred = Callable[[Any, Heard], Awaitable[None]]
"""`(event, heard)`: runs later, at least once. Its last transaction calls
`unit.todos.complete(heard.todo)`."""


class ReactionTable:
    """Which reactions there are to which event. Filled at start by each context's `reactions.py`.

    Deferred reactions whose names begin with one of `unheard` are owed to no event; what is owed already is
    still run.
    """

    def __init__(self, *, unheard: tuple[str, ...] = ()) -> None:
        self._unheard = unheard
        self._joining: defaultdict[type[Event], list[Joining]] = defaultdict(list)
        self._deferred: defaultdict[type[Event], list[str]] = defaultdict(list)
        self._by_name: dict[str, Deferred] = {}

    def join(self, event: type[E], reaction: Callable[[Any, E], Awaitable[None]]) -> None:
        """Declares a reaction that is part of the transaction."""
        self._joining[event].append(reaction)

    def defer(self, event: type[E], name: str, reaction: Callable[[E, Heard], Awaitable[None]]) -> None:
        """Declares a reaction that runs after the commit. Names are `context.activity` and never reused."""
        if name in self._by_name:
            raise ValueError(f"two deferred reactions are called {name}")
        if not name.startswith(self._unheard):
            self._deferred[event].append(name)
        self._by_name[name] = reaction

    def joining(self, event: Event) -> list[Joining]:
        """The joining reactions to an event, in the order they were declared."""
        return self._joining.get(type(event), [])

    def deferred(self, event: Event) -> list[str]:
        """The names of the deferred reactions to an event."""
        return self._deferred.get(type(event), [])

    def named(self, name: str) -> Deferred | None:
        """The deferred reaction of that name, or None for one that is not declared any more."""
        return self._by_name.get(name)

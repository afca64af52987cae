"""What a commit does besides the writes themselves: reactions, the event log, todos and audit rows."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from multiproduct.application.caller import Caller
from multiproduct.application.events import EventCatalogue
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.application.ports.ids import Ids
from multiproduct.application.reactions import MAX_JOINING_DEPTH, ReactionTable
from multiproduct.domain.shared import Aggregate, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event about to be logged, with the names of the reactions that are owed to it."""

    name: str
    fields: dict[str, Any]
    event: Event
    request_id: str | None
    todos: Sequence[str]


@dataclass(slots=True, kw_only=True)
class Surroundings:
    """What every unit of one installation shares. `committed` is told after each commit whether it left todos
    and which cache keys it made stale, `witnessed` what it wrote to the audit log; both must return at
    once. `now` is business time, by which repositories judge what has expired where they are not told."""

    reactions: ReactionTable
    events: EventCatalogue
    ids: Ids
    committed: Callable[[bool, frozenset[str]], None]
    witnessed: Callable[[Sequence[AuditEntry]], None] = lambda _entries: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class CommittingUnit(ABC):
    """The part of a unit of work that every store shares. A store begins, writes rows, commits and rolls
    back."""

    def __init__(self, *, caller: Caller, surroundings: Surroundings) -> None:
        self._caller = caller
        self._surroundings = surroundings
        self._tracked: dict[int, Aggregate] = {}
        self._recorded: list[Event] = []
        self._forgotten: set[str] = set()
        self._is_committed = False

    @property
    def caller(self) -> Caller:
        """On whose behalf the unit was opened."""
        return self._caller

    async def __aenter__(self) -> Self:
        await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end(committed=self._is_committed)
        self._let_go()

    def _let_go(self) -> None:
        """Drops the repositories. As they hold the unit, and it them, they would lie there until the garbage
        collector came, which then would come often. Whoever asks for one again gets a new one."""
        own = self.__dict__
        for name in tuple(own):
            if name[0] != "_":
                del own[name]

    def track(self, aggregate: Aggregate) -> None:
        """Called by repositories for what they add or save: its events are part of the commit."""
        self._tracked[id(aggregate)] = aggregate

    def record(self, event: Event) -> None:
        """Adds a fact that no aggregate of this unit recorded."""
        self._recorded.append(event)

    def forget(self, *cache_keys: str) -> None:
        """Has cached values dropped in every process, once the unit is committed."""
        self._forgotten.update(cache_keys)

    async def commit(self) -> None:
        """Runs the joining reactions, logs what happened, and makes it all permanent."""
        if self._is_committed:
            raise RuntimeError("a unit is committed once")
        happened = await self._run_joining()
        audit = [self._audit_entry(event) for event in happened]
        if happened:
            await self._log([self._new_event(event) for event in happened], audit)
        await self._make_permanent()
        self._is_committed = True
        has_todos = any(self._surroundings.reactions.deferred(event) for event in happened)
        self._surroundings.committed(has_todos, frozenset(self._forgotten))
        self._surroundings.witnessed(audit)

    async def _run_joining(self) -> list[Event]:
        happened: list[Event] = []
        for _ in range(MAX_JOINING_DEPTH + 1):
            fresh = self._collect()
            if not fresh:
                return happened
            happened += fresh
            for event in fresh:
                for reaction in self._surroundings.reactions.joining(event):
                    await reaction(self, event)
        raise RuntimeError(f"joining reactions reach deeper than {MAX_JOINING_DEPTH}")

    def _collect(self) -> list[Event]:
        fresh, self._recorded = self._recorded, []
        for aggregate in list(self._tracked.values()):
            fresh += aggregate.collect_events()
        return fresh

    def _new_event(self, event: Event) -> NewEvent:
        return NewEvent(
            name=event.NAME,
            fields=self._surroundings.events.to_json(event),
            event=event,
            request_id=self._caller.request_id,
            todos=self._surroundings.reactions.deferred(event),
        )

    def _audit_entry(self, event: Event) -> AuditEntry:
        principal = self._caller.principal
        return AuditEntry(
            id=self._surroundings.ids.next(),
            occurred_at=event.occurred_at,
            event=event.NAME,
            action=event.ACTION.value,
            resource_type=event.RESOURCE,
            resource_id=event.resource_id,
            user_id=event.subject_user_id,
            actor_id=str(principal.user_id) if principal.user_id else None,
            actor_type="system" if principal.is_system else "user" if principal.user_id else "anonymous",
            ip=self._caller.ip,
            user_agent=self._caller.user_agent,
            request_id=self._caller.request_id,
            changes={name: list(pair) for name, pair in event.changes.items()},
        )

    @abstractmethod
    async def _begin(self) -> None:
        """Starts the transaction."""

    @abstractmethod
    async def _log(self, events: Sequence[NewEvent], audit: Sequence[AuditEntry]) -> None:
        """Writes the event log, one todo per owed reaction, and the audit rows."""

    @abstractmethod
    async def _make_permanent(self) -> None:
        """Commits the transaction. Raises TransientFailure where the store gave up on it."""

    @abstractmethod
    async def _end(self, *, committed: bool) -> None:
        """Rolls back what was not committed, and gives back what the unit held."""

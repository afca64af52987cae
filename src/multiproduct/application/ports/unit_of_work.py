"""The unit of work: everything inside it is committed together, or nothing is."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from multiproduct.application.caller import Caller
from multiproduct.domain.shared import Event, MultiproductError
from multiproduct.domain.shared.errors import Kind


class UnitOfWork(Protocol):
    """What every unit can do; a context adds the repositories it needs in its own slice.

    Promises: leaving the unit without `commit` undoes everything. `commit` runs the joining reactions, and
    writes the events, their audit rows and one todo per deferred reaction, in the same transaction.
    """

    @property
    def caller(self) -> Caller:
        """On whose behalf the unit was opened."""
        ...

    def record(self, event: Event) -> None:
        """Adds a fact that no aggregate of this unit recorded."""
        ...

    def forget(self, *cache_keys: str) -> None:
        """Has cached values dropped in every process, once the unit is committed."""
        ...

    async def commit(self) -> None:
        """Makes everything done in the unit permanent. May be called once."""
        ...


U = TypeVar("U", covariant=True)


class Units(Protocol[U]):
    """Opens units of work.

    Use cases that must leave a mark even when they refuse call `open_alone`: inside a host's transaction
    the mark could be rolled back, so units joined to one raise JoinRefused there.
    """

    def open(self, caller: Caller) -> AbstractAsyncContextManager[U]:
        """A unit that may write. On SQLite and in memory there is one at a time."""
        ...

    def open_alone(self, caller: Caller) -> AbstractAsyncContextManager[U]:
        """Like `open`, but never part of a transaction of somebody else's. Raises JoinRefused."""
        ...

    def view(self, caller: Caller) -> AbstractAsyncContextManager[U]:
        """A unit that only reads what is committed, and never waits for a writer."""
        ...


class TransientFailure(Exception):
    """The store gave up on a transaction for reasons of concurrency: a deadlock, a lock not had in time."""


class JoinRefused(MultiproductError):
    """This use case must be able to commit a refusal, so it does not join the host's transaction."""

    code = "join_refused"
    kind = Kind.CONFLICT

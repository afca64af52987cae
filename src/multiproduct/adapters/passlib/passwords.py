"""The `PasswordHasher` port: no more hashes at once than there are cores, behind a bounded queue."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil
from typing import Protocol, TypeVar

from multiproduct.adapters.passlib.accepted_hashes import is_accepted
from multiproduct.adapters.passlib.hashing import HashCost, Hashing, Judged
from multiproduct.adapters.passlib.hashing_process import HashingProcess
from multiproduct.application.ports.passwords import PasswordCheck
from multiproduct.domain.shared import Unavailable

T = TypeVar("T")

_NICENESS = 10
_GUESSED_SECONDS = 0.03
_LONGEST_PADDING = 2.0


class Workplace(Protocol):
    """Where one core hashes."""

    def hash(self, password: str) -> str:
        """A new salted hash; blocks."""
        ...

    def check(self, password: str, hashed: str | None) -> Judged:
        """Compares; blocks."""
        ...

    def close(self) -> None:
        """Lets go of what it holds. It may be used again."""
        ...


class Workshop(Protocol):
    """How the cores hash: each thread of the pool asks once for a place of its own."""

    def place(self) -> Workplace:
        """Called by the thread that is going to work there."""
        ...


class OwnThreads:
    """Hashing in the pool's threads themselves, at a lower priority than the event loop: for programs that
    the library is a part of. argon2-cffi releases the interpreter lock while it hashes."""

    def __init__(self, cost: HashCost) -> None:
        self._place = _SharedPlace(cost)

    def place(self) -> Workplace:
        """See the protocol."""
        _be_nice()
        return self._place


class OwnProcesses:
    """Hashing in processes, one a core: for servers, whose event loop is to be as quick in a storm of
    sign-ins as without one."""

    def __init__(self, cost: HashCost) -> None:
        self._cost = cost

    def place(self) -> Workplace:
        """See the protocol."""
        return HashingProcess(self._cost)


class PasslibPasswordHasher:
    """At most one hash per core runs, at most `queue` wait; beyond that the answer is Unavailable.

    `cores` are those that this process may use: where several serve on one machine, its share.
    """

    def __init__(
        self,
        *,
        cost: HashCost,
        queue: int = 50,
        cores: int | None = None,
        workshop: Callable[[HashCost], Workshop] = OwnThreads,
    ) -> None:
        self._cores = cores or os.cpu_count() or 1
        self._most_waiting = queue + self._cores
        self._waiting = 0
        self._admitted = 0
        self._workshop = workshop(cost)
        self._pool: ThreadPoolExecutor | None = None
        self._mine = threading.local()
        self._places: list[Workplace] = []
        self._seconds = _GUESSED_SECONDS
        self._slowest_foreign = 0.0

    @contextmanager
    def room(self) -> Iterator[None]:
        """See the port."""
        self._require_room(max(self._admitted, self._waiting))
        self._admitted += 1
        try:
            yield
        finally:
            self._admitted -= 1

    async def hash(self, password: str) -> str:
        """See the port."""
        return await self._run(lambda place: place.hash(password))

    async def check(self, password: str, hashed: str | None) -> PasswordCheck:
        """See the port. A refusal by a hash from elsewhere, or of another cost, does the work for nobody's
        hash too, and every refusal takes as long as the slowest of those did: whether the other hash is
        cheaper or dearer, its owner is not told apart from anybody else."""
        judged = await self._run(lambda place: place.check(password, hashed))
        if judged.is_foreign_refusal:
            self._slowest_foreign = min(max(self._slowest_foreign, judged.seconds), _LONGEST_PADDING)
        if not judged.check.matches and judged.seconds < self._slowest_foreign:
            await asyncio.sleep(self._slowest_foreign - judged.seconds)
        return judged.check

    def takes(self, hashed: str) -> bool:
        """See the port."""
        return is_accepted(hashed)

    def close(self) -> None:
        """Lets the threads go, and what they hashed with."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        places, self._places = self._places, []
        for place in places:
            place.close()

    async def _run(self, work: Callable[[Workplace], T]) -> T:
        self._require_room(self._waiting)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._cores, "passwords", initializer=self._take_place)
        self._waiting += 1
        future = self._pool.submit(lambda: work(self._mine.place))
        # Counted until the thread is done with it: a caller who went away does not free the core.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: self._call_back(loop))
        return await asyncio.wrap_future(future)

    def _require_room(self, taken: int) -> None:
        if taken >= self._most_waiting:
            raise Unavailable(what="passwords", retry_after=max(1, ceil(taken * self._seconds / self._cores)))

    def _take_place(self) -> None:
        self._mine.place = self._workshop.place()
        self._places.append(self._mine.place)

    def _call_back(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.call_soon_threadsafe(self._finished)
        except RuntimeError:
            # The loop was closed while the hash ran; nobody waits any more.
            self._finished()

    def _finished(self) -> None:
        self._waiting -= 1


class _SharedPlace(Hashing):
    """One place for all threads: the library's context may be used by any number of them."""

    def close(self) -> None:
        """There is nothing to let go."""


def _be_nice() -> None:
    # Only Linux has a priority for each thread; elsewhere the thread's id would be taken for a process.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)

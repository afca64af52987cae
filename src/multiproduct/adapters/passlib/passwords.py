"""The `PasswordHasher` port on argon2id, in a few low-priority threads with a bounded queue."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from multiproduct.application.ports.passwords import PasswordCheck
from multiproduct.domain.shared import Unavailable

if TYPE_CHECKING:
    from passlib.context import CryptContext

T = TypeVar("T")

_NICENESS = 10
_GUESSED_SECONDS = 0.03


@dataclass(frozen=True, slots=True)
class HashCost:
    """Argon2id parameters: memory in KiB, passes. Parallelism is always 1: the cores are shared out by the
    queue."""

    memory_kib: int
    passes: int

    @classmethod
    def normal(cls) -> "HashCost":
        """OWASP Password Storage Cheat Sheet, 2024: m=19 MiB, t=2, p=1 (about 30 ms on one core)."""
        return cls(19_456, 2)

    @classmethod
    def test(cls) -> "HashCost":
        """As cheap as argon2 goes; only for tests."""
        return cls(8, 1)


class PasslibPasswordHasher:
    """At most one hash per core runs, at most `queue` wait; beyond that the answer is Unavailable.

    The threads run at a lower priority than the event loop, so that a storm of sign-ins leaves requests that
    hash nothing as quick as they were. argon2-cffi releases the interpreter lock while it hashes.
    """

    def __init__(self, *, cost: HashCost, queue: int = 50, cores: int | None = None) -> None:
        self._cost = cost
        self._cores = cores or os.cpu_count() or 1
        self._most_waiting = queue + self._cores
        self._waiting = 0
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._context: CryptContext | None = None
        self._nobody: str | None = None
        self._seconds = _GUESSED_SECONDS

    async def hash(self, password: str) -> str:
        """See the port."""
        return await self._run(lambda: self._hash(password))

    async def check(self, password: str, hashed: str | None) -> PasswordCheck:
        """See the port."""
        return await self._run(lambda: self._check(password, hashed))

    def close(self) -> None:
        """Lets the threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._most_waiting:
            raise Unavailable(
                what="passwords", retry_after=max(1, ceil(self._waiting * self._seconds / self._cores))
            )
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._cores, "passwords", initializer=_be_nice)
        self._waiting += 1
        future = self._pool.submit(work)
        # Counted until the thread is done with it: a caller who went away does not free the core.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: self._call_back(loop))
        return await asyncio.wrap_future(future)

    def _call_back(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.call_soon_threadsafe(self._finished)
        except RuntimeError:
            # The loop was closed while the hash ran; nobody waits any more.
            self._finished()

    def _finished(self) -> None:
        self._waiting -= 1

    def _hash(self, password: str) -> str:
        hashed: str = self._passlib().hash(password)
        return hashed

    def _check(self, password: str, hashed: str | None) -> PasswordCheck:
        context = self._passlib()
        matches, new_hash = context.verify_and_update(password, hashed or self._nobodys_hash())
        if hashed is None or not matches:
            return PasswordCheck(matches=False)
        return PasswordCheck(matches=True, new_hash=new_hash)

    def _nobodys_hash(self) -> str:
        if self._nobody is None:
            self._nobody = self._passlib().hash(os.urandom(32).hex())
        return self._nobody

    def _passlib(self) -> "CryptContext":
        with self._lock:
            if self._context is None:
                # Imported on first use: a process that hashes nothing does without it.
                from passlib.context import CryptContext  # noqa: PLC0415

                self._context = CryptContext(
                    schemes=["argon2"],
                    argon2__type="ID",
                    argon2__memory_cost=self._cost.memory_kib,
                    argon2__time_cost=self._cost.passes,
                    argon2__parallelism=1,
                )
            return self._context


def _be_nice() -> None:
    # Only Linux has a priority for each thread; elsewhere the thread's id would be taken for a process.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)

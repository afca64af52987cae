"""The `PasswordHasher` port on argon2id, in a few low-priority threads with a bounded queue."""

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from multiproduct.adapters.passlib.accepted_hashes import is_accepted
from multiproduct.application.ports.passwords import PasswordCheck
from multiproduct.domain.shared import Unavailable

if TYPE_CHECKING:
    from passlib.context import CryptContext

T = TypeVar("T")

_log = logging.getLogger(__name__)

_NICENESS = 10
_GUESSED_SECONDS = 0.03
_LONGEST_PADDING = 2.0
_LEGACY_SCHEMES = ("bcrypt", "django_pbkdf2_sha256", "django_bcrypt_sha256", "django_bcrypt", "django_argon2")
_BCRYPT_BYTES = 72


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
        self._slowest_foreign = 0.0

    def require_room(self) -> None:
        """See the port."""
        if self._waiting >= self._most_waiting:
            raise Unavailable(
                what="passwords", retry_after=max(1, ceil(self._waiting * self._seconds / self._cores))
            )

    async def hash(self, password: str) -> str:
        """See the port."""
        return await self._run(lambda: self._hash(password))

    async def check(self, password: str, hashed: str | None) -> PasswordCheck:
        """See the port. A refusal by a hash from elsewhere, or of another cost, does the work for nobody's
        hash too, and every refusal takes as long as the slowest of those did: whether the other hash is
        cheaper or dearer, its owner is not told apart from anybody else."""
        check, seconds = await self._run(lambda: self._timed_check(password, hashed))
        if not check.matches and seconds < self._slowest_foreign:
            await asyncio.sleep(self._slowest_foreign - seconds)
        return check

    def takes(self, hashed: str) -> bool:
        """See the port."""
        return is_accepted(hashed)

    def close(self) -> None:
        """Lets the threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    async def _run(self, work: Callable[[], T]) -> T:
        self.require_room()
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

    def _timed_check(self, password: str, hashed: str | None) -> tuple[PasswordCheck, float]:
        started = time.perf_counter()
        check = self._check(password, hashed)
        seconds = time.perf_counter() - started
        if not check.matches and self._is_foreign(hashed):
            self._slowest_foreign = min(max(self._slowest_foreign, seconds), _LONGEST_PADDING)
        return check, seconds

    def _check(self, password: str, hashed: str | None) -> PasswordCheck:
        context = self._passlib()
        compared = self._nobodys_hash()
        is_somebodys = False
        if hashed is not None:
            is_somebodys = is_accepted(hashed)
            if is_somebodys:
                compared = hashed
            else:
                _log.warning("a stored password hash is of no scheme, or at no cost, that is computed")
        matches, new_hash = context.verify_and_update(_as_far_as_read(password, compared), compared)
        if not matches and is_somebodys and self._is_foreign(hashed):
            context.verify(password, self._nobodys_hash())
        if not is_somebodys or not matches:
            return PasswordCheck(matches=False)
        # What was read of the password may be less than all of it, of which the new hash is.
        return PasswordCheck(matches=True, new_hash=None if new_hash is None else context.hash(password))

    def _is_foreign(self, hashed: str | None) -> bool:
        """Whether comparing with it is other work than with a hash that is made here."""
        scheme_and_cost = self._nobodys_hash().rpartition("$")[0].rpartition("$")[0]
        return hashed is not None and not hashed.startswith(f"{scheme_and_cost}$")

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
                    schemes=["argon2", *_LEGACY_SCHEMES],
                    deprecated=list(_LEGACY_SCHEMES),
                    argon2__type="ID",
                    argon2__memory_cost=self._cost.memory_kib,
                    argon2__time_cost=self._cost.passes,
                    argon2__parallelism=1,
                )
            return self._context


def _as_far_as_read(password: str, hashed: str) -> str | bytes:
    """Plain bcrypt reads 72 bytes, and the library refuses more, which the systems that wrote the hashes did
    not. Django's bcrypt_sha256 reads all."""
    is_plain_bcrypt = hashed.startswith(("$2", "bcrypt$"))
    return password.encode()[:_BCRYPT_BYTES] if is_plain_bcrypt else password


def _be_nice() -> None:
    # Only Linux has a priority for each thread; elsewhere the thread's id would be taken for a process.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)

"""Identifiers and randomness from the operating system."""

import os
import threading
import time
from uuid import UUID

from multiproduct.domain.shared import uuid4_from, uuid7_of

_COUNTER_BITS = 74
_STEP_BYTES = 4


class SystemRandomness:
    """The system's cryptographically secure source."""

    def bytes(self, count: int) -> bytes:
        """`count` bytes that nobody can predict."""
        return os.urandom(count)


class SystemIds:
    """UUID4 for users; for the rest UUIDv7, each greater than the one before, from any thread.

    Within a millisecond, or while the clock stands or goes back, the 74 random bits count on from the last
    identifier in random steps of up to 2^32, which keeps the next one hard to guess (RFC 9562, section 6.2,
    method 2).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._milliseconds = 0
        self._counter = 0

    def for_user(self) -> UUID:
        """A UUID4."""
        return uuid4_from(os.urandom(16))

    def next(self) -> UUID:
        """A UUIDv7 that sorts after every earlier one of this process."""
        with self._lock:
            now = time.time_ns() // 1_000_000
            if now > self._milliseconds:
                self._start(now)
            else:
                self._counter += 1 + int.from_bytes(os.urandom(_STEP_BYTES), "big")
                if self._counter >> _COUNTER_BITS:
                    self._start(self._milliseconds + 1)
            return uuid7_of(self._milliseconds, self._counter)

    def _start(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds
        # The highest bit is left clear, so that there is room to count.
        self._counter = int.from_bytes(os.urandom(10), "big") >> (80 - _COUNTER_BITS + 1)

"""Identifiers and randomness that a seed decides, so that a simulation can be told again."""

from datetime import datetime
from random import Random
from uuid import UUID

from multiproduct.application.ports.clock import Clock
from multiproduct.domain.shared import uuid4_from, uuid7_of

_STEP_BITS = 32


class SeededRandomness:
    """Never for anything that has to be kept secret: whoever knows the seed knows every byte."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - a simulation is to be predictable

    def bytes(self, count: int) -> bytes:
        """The next bytes."""
        return self._random.randbytes(count)


class SeededIds:
    """UUID4 for users; for the rest UUIDv7 by the simulated clock, each greater than the one before."""

    def __init__(self, *, seed: str, clock: Clock) -> None:
        self._random = Random(seed)  # noqa: S311 - a simulation is to be predictable
        self._clock = clock
        self._moment: datetime | None = None
        self._milliseconds = 0
        self._counter = 0

    def for_user(self) -> UUID:
        """A UUID4."""
        return uuid4_from(self._random.randbytes(16))

    def next(self) -> UUID:
        """A UUIDv7 that sorts after every earlier one."""
        moment = self._clock.now()
        # The clock stands still most of the time.
        if moment is not self._moment:
            self._moment = moment
            now = int(moment.timestamp() * 1_000)
            if now > self._milliseconds:
                self._milliseconds, self._counter = now, 0
        self._counter += 1 + self._random.getrandbits(_STEP_BITS)
        return uuid7_of(self._milliseconds, self._counter)

"""What ceremonies need: the challenges that keys answer."""

from datetime import datetime
from typing import Protocol

from multiproduct.domain.identity import CeremonyAnswer, CeremonyChallenge


class CeremonyChallenges(Protocol):
    """Keeps challenges. Who uses one up is decided by one conditional statement."""

    async def add(self, challenge: CeremonyChallenge) -> None:
        """Keeps a new challenge."""
        ...

    async def consume(self, answer: CeremonyAnswer, *, now: datetime) -> CeremonyChallenge | None:
        """The challenge as it then stands, used up, if `CeremonyChallenge.takes` the answer; else None.

        Of any number of rivals one gets it. It stays used up only if the unit is committed.
        """
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes challenges that expired before the moment, at most `limit`; answers how many."""
        ...

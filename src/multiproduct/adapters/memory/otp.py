"""Challenges and guess budgets in memory."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from multiproduct.adapters.memory.store import Stage
from multiproduct.domain.otp import Challenge, GuessBudget, Purpose
from multiproduct.domain.shared import Aggregate

_NEVER = datetime.min.replace(tzinfo=UTC)


class MemoryChallenges:
    """Nothing needs to be held: there is one writer at a time."""

    def __init__(self, *, stage: Stage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.challenges
        self._track = track

    async def add(self, challenge: Challenge) -> None:
        """Keeps a new challenge."""
        self._rows.put(challenge)
        self._track(challenge)

    async def find(self, id: UUID) -> Challenge | None:
        """The challenge as it stands."""
        return self._rows.get(id)

    async def live(self, purpose: Purpose, subject: str, *, now: datetime) -> Sequence[Challenge]:
        """The live challenges of a purpose for an address key, newest first; at most two."""
        found = [row for row in self._rows.under("subject", (purpose, subject)) if row.is_live(now=now)]
        return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)[:2]

    async def take_attempt(self, id: UUID, purpose: Purpose, *, now: datetime) -> Challenge | None:
        """Counts one attempt at a live challenge of that purpose, and answers it as it then stands."""
        stored = self._rows.get(id)
        if stored is None or stored.purpose is not purpose or not stored.is_live(now=now):
            return None
        stored.attempts += 1
        self._rows.put(stored)
        return stored

    async def consume(self, challenge: Challenge) -> bool:
        """Writes `used_at`, unless it is set or the expiry was moved; false when a rival was first."""
        stored = self._rows.get(challenge.id)
        if stored is None or stored.used_at is not None or stored.expires_at != challenge.expires_at:
            return False
        stored.used_at = challenge.used_at
        self._rows.put(stored)
        self._track(challenge)
        return True

    async def void(self, challenge: Challenge) -> None:
        """Writes `voided_at`, and logs the events of a wrong answer."""
        stored = self._rows.get(challenge.id)
        if stored is not None:
            stored.voided_at = challenge.voided_at
            self._rows.put(stored)
        self._track(challenge)

    async def revoke(self, purpose: Purpose, subject: str, *, now: datetime) -> None:
        """Has every unused challenge of a purpose for an address key expire at the moment."""
        for stored in self._rows.under("subject", (purpose, subject)):
            if stored.takes_link(now=now):
                stored.voided_at = stored.expires_at = now
                self._rows.put(stored)

    async def renew(self, challenge: Challenge, *, now: datetime) -> bool:
        """Writes the new generation if the stored one is the one before and the challenge is live."""
        stored = self._rows.get(challenge.id)
        if stored is None or stored.generation != challenge.generation - 1 or not stored.is_live(now=now):
            return False
        stored.generation = challenge.generation
        self._rows.put(stored)
        self._track(challenge)
        return True

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes challenges that expired before the moment, at most `limit`; answers how many."""
        return self._rows.purge(lambda row: row.expires_at < before, limit=limit)


class MemoryGuessBudgets:
    """A budget is held by being the only writer."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.guess_budgets

    async def hold(self, key: str) -> GuessBudget:
        """The budget, an unused one if there is none."""
        return self._rows.get(key) or GuessBudget(key=key)

    async def save(self, budget: GuessBudget) -> None:
        """Writes a budget that this unit holds."""
        self._rows.put(budget)

    async def purge(self, *, idle_since: datetime, limit: int) -> int:
        """Removes budgets not touched since the moment, at most `limit`; answers how many."""
        return self._rows.purge(lambda row: _touched_at(row) < idle_since, limit=limit)


def _touched_at(budget: GuessBudget) -> datetime:
    return max(budget.moments, default=_NEVER)

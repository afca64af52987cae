"""Which scheduled job ran when, so that any number of schedulers run each once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """When a job last finished, and what came of it."""

    name: str
    next_due_at: datetime
    finished_at: datetime | None
    last_outcome: str | None


class JobLedger(Protocol):
    """Each call is a transaction of its own. Times are business time, so that a moved clock makes jobs
    due."""

    async def claim(self, name: str, *, now: datetime, next_due_at: datetime, lease_until: datetime) -> bool:
        """Takes a due job that nobody has leased, sets when it is due next, and leases it; one conditional
        statement decides. A job seen for the first time is due at once."""
        ...

    async def finish(self, name: str, *, leased_until: datetime, now: datetime, outcome: str) -> None:
        """Gives the lease back and notes what came of it. Changes nothing where the job was leased anew
        since, as it is another scheduler's then."""
        ...

    async def all(self) -> list[JobRun]:
        """Every job ever claimed, by name."""
        ...

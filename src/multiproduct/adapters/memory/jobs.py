"""The ledger of scheduled jobs in memory."""

from dataclasses import replace
from datetime import datetime

from multiproduct.adapters.memory.store import JobRow, MemoryStore
from multiproduct.application.ports.jobs import JobRun


class MemoryJobLedger:
    """Each call is one step on the loop, so of any number of schedulers in the process one claims a job."""

    def __init__(self, *, store: MemoryStore) -> None:
        self._rows = store.jobs

    async def claim(self, name: str, *, now: datetime, next_due_at: datetime, lease_until: datetime) -> bool:
        """Takes a due job that nobody has leased, sets when it is due next, and leases it."""
        row = self._rows.get(name)
        if row is None:
            run = JobRun(name=name, next_due_at=next_due_at, finished_at=None, last_outcome=None)
        elif row.run.next_due_at > now or (row.leased_until is not None and row.leased_until > now):
            return False
        else:
            run = replace(row.run, next_due_at=next_due_at)
        self._rows[name] = JobRow(run=run, leased_until=lease_until)
        return True

    async def finish(self, name: str, *, leased_until: datetime, now: datetime, outcome: str) -> None:
        """Gives the lease back, if it is the present one, and notes what came of it."""
        row = self._rows.get(name)
        if row is not None and row.leased_until == leased_until:
            run = replace(row.run, finished_at=now, last_outcome=outcome)
            self._rows[name] = JobRow(run=run, leased_until=None)

    async def all(self) -> list[JobRun]:
        """Every job ever claimed, by name."""
        return [self._rows[name].run for name in sorted(self._rows)]

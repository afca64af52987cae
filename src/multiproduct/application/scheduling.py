"""Scheduled jobs: each is run when it is due, by one of however many schedulers there are."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.jobs import JobLedger

_log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
LEASE = timedelta(minutes=15)
"""Of jobs that do not ask for another one."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done every so often. `run` answers how much it did, and takes less than `lease`, after
    which the job of a process that died is offered again."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[int]]
    lease: timedelta = LEASE


class Scheduling:
    """Claims due jobs by the business clock. Runs that were missed are caught up by one run.

    `before_beat` is awaited before each look at the clock, as the test clock is moved from other processes.
    """

    def __init__(
        self,
        *,
        ledger: JobLedger,
        clock: Clock,
        jobs: Sequence[Job],
        before_beat: Callable[[], Awaitable[None]],
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._jobs = jobs
        self._before_beat = before_beat
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def jobs(self) -> Sequence[Job]:
        """Every job there is."""
        return self._jobs

    async def start(self) -> None:
        """Begins to look for due jobs once a second."""
        # An event belongs to the loop that first waits for it, which is this one from now on.
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._loop(), name="scheduling")

    async def stop(self) -> None:
        """Starts no more jobs, and waits for the one that runs."""
        self._stopping.set()
        if self._task is not None:
            await self._task
            self._task = None

    async def run_due(self) -> list[str]:
        """Runs every due job once, here and now; answers their names."""
        await self._before_beat()
        return [job.name for job in self._jobs if await self._run_if_due(job)]

    async def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.run_due()
            except Exception:  # noqa: BLE001 - see below
                # Whatever it was, the next beat may find it mended; a scheduler that ended would tell nobody.
                _log.exception("the scheduler could not look for due jobs")
            try:
                await asyncio.wait_for(self._stopping.wait(), timeout=BEAT_SECONDS)
            except TimeoutError:
                continue

    async def _run_if_due(self, job: Job) -> bool:
        now = self._clock.now()
        until = now + job.lease
        if not await self._ledger.claim(job.name, now=now, next_due_at=now + job.every, lease_until=until):
            return False
        outcome = await self._outcome(job)
        await self._ledger.finish(job.name, leased_until=until, now=self._clock.now(), outcome=outcome)
        return True

    @staticmethod
    async def _outcome(job: Job) -> str:
        try:
            return f"done: {await job.run()}"
        except Exception as error:  # noqa: BLE001 - see the next line
            # One job's failure must not keep the others from running; the ledger shows it.
            _log.exception("a scheduled job failed", extra={"job": job.name})
            return f"failed: {type(error).__name__}: {error}"[:500]

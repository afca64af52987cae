"""Scheduled jobs: each is run when it is due, by one of however many schedulers there are."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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

    Each job runs in a task of its own, so that a slow one keeps no other waiting, and no longer than its
    lease: then it is stopped, as another process may begin it anew.

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
        self._running: dict[str, asyncio.Task[None]] = {}
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
        """Starts no more jobs, and waits for those that run."""
        self._stopping.set()
        if self._task is not None:
            await self._task
            self._task = None
        if self._running:
            await asyncio.wait(self._running.values())

    async def run_due(self) -> list[str]:
        """Runs every due job once, here and now, all at once; answers their names."""
        begun = await self._begin_due()
        if begun:
            await asyncio.wait(begun.values())
        for task in begun.values():
            task.result()
        return list(begun)

    async def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._begin_due()
            except Exception:  # noqa: BLE001 - see below
                # Whatever it was, the next beat may find it mended; a scheduler that ended would tell nobody.
                _log.exception("the scheduler could not look for due jobs")
            try:
                await asyncio.wait_for(self._stopping.wait(), timeout=BEAT_SECONDS)
            except TimeoutError:
                continue

    async def _begin_due(self) -> dict[str, asyncio.Task[None]]:
        """Begins every due job that this process is not at already."""
        await self._before_beat()
        begun: dict[str, asyncio.Task[None]] = {}
        for job in self._jobs:
            until = None if job.name in self._running else await self._claim(job)
            if until is not None:
                begun[job.name] = self._begin(job, until)
        return begun

    async def _claim(self, job: Job) -> datetime | None:
        """The end of the lease, if the job was due and nobody else has it."""
        now = self._clock.now()
        until = now + job.lease
        is_ours = await self._ledger.claim(job.name, now=now, next_due_at=now + job.every, lease_until=until)
        return until if is_ours else None

    def _begin(self, job: Job, until: datetime) -> asyncio.Task[None]:
        task = asyncio.create_task(self._carry_out(job, until), name=f"job {job.name}")
        self._running[job.name] = task
        task.add_done_callback(lambda _task: self._running.pop(job.name, None))
        return task

    async def _carry_out(self, job: Job, until: datetime) -> None:
        outcome = await self._outcome(job)
        try:
            await self._ledger.finish(job.name, leased_until=until, now=self._clock.now(), outcome=outcome)
        except Exception:  # noqa: BLE001 - whatever it was, the lease ends by itself and the job is due again
            _log.exception("what came of a scheduled job could not be written down", extra={"job": job.name})

    @staticmethod
    async def _outcome(job: Job) -> str:
        try:
            async with asyncio.timeout(job.lease.total_seconds()):
                return f"done: {await job.run()}"
        except Exception as error:  # noqa: BLE001 - see the next line
            # One job's failure must not keep the others from running; the ledger shows it.
            _log.exception("a scheduled job failed", extra={"job": job.name})
            return f"failed: {type(error).__name__}: {error}"[:500]

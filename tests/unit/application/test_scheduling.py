"""Scheduled jobs: each is run when it is due, once, whoever looks."""

import asyncio
from datetime import timedelta

import pytest
from tests.owing import HandTime

from multiproduct.adapters.memory import MemoryJobLedger, MemoryStore
from multiproduct.application.scheduling import LEASE, Job, Scheduling
from multiproduct.domain.shared import Unavailable


@pytest.fixture
def clock() -> HandTime:
    return HandTime()


@pytest.fixture
def ledger(clock: HandTime) -> MemoryJobLedger:
    return MemoryJobLedger(store=MemoryStore(real_time=clock))


class Counting:
    """A job that counts its runs, and fails while `error` is set."""

    def __init__(self, name: str = "sweep") -> None:
        self.runs = 0
        self.error: Exception | None = None
        self.job = Job(name, timedelta(hours=1), self._run)

    async def _run(self) -> int:
        self.runs += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return 7


async def _nothing() -> None:
    return


def a_scheduler(
    ledger: MemoryJobLedger, clock: HandTime, *counted: Counting, before_beat=_nothing
) -> Scheduling:
    return Scheduling(
        ledger=ledger, clock=clock, jobs=[counting.job for counting in counted], before_beat=before_beat
    )


async def test_a_new_job_is_due_at_once_and_then_once_an_interval(
    ledger: MemoryJobLedger, clock: HandTime
) -> None:
    sweep = Counting()
    scheduler = a_scheduler(ledger, clock, sweep)
    assert await scheduler.run_due() == ["sweep"]
    clock.pass_by(seconds=3599)
    assert await scheduler.run_due() == []
    clock.pass_by(seconds=1)
    assert await scheduler.run_due() == ["sweep"]
    assert sweep.runs == 2


async def test_runs_that_were_missed_are_caught_up_by_one(ledger: MemoryJobLedger, clock: HandTime) -> None:
    sweep = Counting()
    scheduler = a_scheduler(ledger, clock, sweep)
    await scheduler.run_due()
    clock.pass_by(seconds=30 * 86400)
    assert await scheduler.run_due() == ["sweep"]
    assert await scheduler.run_due() == []


async def test_of_many_schedulers_one_runs_the_job(ledger: MemoryJobLedger, clock: HandTime) -> None:
    sweep = Counting()
    ran = await asyncio.gather(*(a_scheduler(ledger, clock, sweep).run_due() for _ in range(20)))
    assert sorted(ran) == [[]] * 19 + [["sweep"]]
    assert sweep.runs == 1


async def test_what_came_of_a_job_stands_in_the_ledger(ledger: MemoryJobLedger, clock: HandTime) -> None:
    await a_scheduler(ledger, clock, Counting()).run_due()
    (run,) = await ledger.all()
    assert (run.name, run.last_outcome, run.finished_at) == ("sweep", "done: 7", clock.now())


async def test_a_job_that_fails_keeps_no_other_from_running(ledger: MemoryJobLedger, clock: HandTime) -> None:
    bad, good = Counting("bad"), Counting("good")
    bad.error = ValueError("broken")
    assert await a_scheduler(ledger, clock, bad, good).run_due() == ["bad", "good"]
    assert good.runs == 1
    assert {run.name: run.last_outcome for run in await ledger.all()} == {
        "bad": "failed: ValueError: broken",
        "good": "done: 7",
    }


async def test_a_job_whose_process_died_is_taken_over_after_its_lease(
    ledger: MemoryJobLedger, clock: HandTime
) -> None:
    now = clock.now()
    assert await ledger.claim("sweep", now=now, next_due_at=now, lease_until=now + LEASE)
    scheduler = a_scheduler(ledger, clock, Counting())
    clock.pass_by(seconds=LEASE.total_seconds() - 1)
    assert await scheduler.run_due() == []
    clock.pass_by(seconds=1)
    assert await scheduler.run_due() == ["sweep"]


async def test_a_clock_moved_by_another_process_is_read_before_each_look(
    ledger: MemoryJobLedger, clock: HandTime
) -> None:
    sweep = Counting()

    async def an_hour_passes() -> None:
        clock.pass_by(seconds=3600)

    scheduler = a_scheduler(ledger, clock, sweep, before_beat=an_hour_passes)
    await scheduler.run_due()
    assert await scheduler.run_due() == ["sweep"]


async def test_the_loop_goes_on_after_a_database_that_did_not_answer(
    ledger: MemoryJobLedger, clock: HandTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("multiproduct.application.scheduling.BEAT_SECONDS", 0.001)
    sweep = Counting()
    failures = [Unavailable(what="database"), OSError("gone")]

    async def fail_twice() -> None:
        if failures:
            raise failures.pop()

    scheduler = a_scheduler(ledger, clock, sweep, before_beat=fail_twice)
    await scheduler.start()
    async with asyncio.timeout(10):
        while not sweep.runs:
            await asyncio.sleep(0.001)
    await scheduler.stop()
    assert sweep.runs == 1


async def test_a_slow_job_keeps_no_other_from_running_when_it_is_due(
    ledger: MemoryJobLedger, clock: HandTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("multiproduct.application.scheduling.BEAT_SECONDS", 0.001)
    may_end, slow_runs, quick = asyncio.Event(), [], Counting("quick")

    async def slow() -> int:
        slow_runs.append(1)
        await may_end.wait()
        return 0

    async def an_hour_passes() -> None:
        clock.pass_by(seconds=3600)

    scheduler = Scheduling(
        ledger=ledger,
        clock=clock,
        jobs=[Job("slow", timedelta(hours=1), slow, lease=timedelta(seconds=60)), quick.job],
        before_beat=an_hour_passes,
    )
    await scheduler.start()
    async with asyncio.timeout(10):
        while quick.runs < 3:
            await asyncio.sleep(0.001)
    assert len(slow_runs) == 1, "one process is not at one job twice"
    may_end.set()
    await scheduler.stop()


async def test_a_job_is_stopped_when_its_lease_is_over(ledger: MemoryJobLedger, clock: HandTime) -> None:
    async def endless() -> int:
        await asyncio.Event().wait()
        return 0

    job = Job("endless", timedelta(hours=1), endless, lease=timedelta(seconds=0.01))
    scheduler = Scheduling(ledger=ledger, clock=clock, jobs=[job], before_beat=_nothing)
    async with asyncio.timeout(10):
        assert await scheduler.run_due() == ["endless"]
    (run,) = await ledger.all()
    assert run.last_outcome is not None
    assert run.last_outcome.startswith("failed: TimeoutError")


async def test_stopping_waits_for_the_job_that_runs(ledger: MemoryJobLedger, clock: HandTime) -> None:
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def run() -> int:
        begun.set()
        await may_end.wait()
        ended.set()
        return 0

    scheduler = Scheduling(
        ledger=ledger, clock=clock, jobs=[Job("slow", timedelta(hours=1), run)], before_beat=_nothing
    )
    await scheduler.start()
    async with asyncio.timeout(10):
        await begun.wait()
        stopping = asyncio.create_task(scheduler.stop())
        await asyncio.sleep(0)
        may_end.set()
        await stopping
    assert ended.is_set()

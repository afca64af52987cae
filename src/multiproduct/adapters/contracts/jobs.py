"""What every ledger of scheduled jobs must do: any number of schedulers run each job once."""

import asyncio
from datetime import timedelta

from multiproduct.adapters.contracts.builders import DAY, HOUR, MINUTE, NOW, UNUSUAL_TEXT
from multiproduct.adapters.contracts.store_unit import PATIENCE_SECONDS
from multiproduct.application.ports.jobs import JobLedger, JobRun


class JobsContract:
    """Needs `job_ledger`: a `JobLedger` over a store that is empty when the test begins."""

    async def test_a_job_seen_for_the_first_time_is_due_at_once(self, job_ledger: JobLedger) -> None:
        assert await job_ledger.all() == []
        assert await _claim(job_ledger, "purge")
        assert await job_ledger.all() == [
            JobRun(name="purge", next_due_at=NOW + DAY, finished_at=None, last_outcome=None)
        ]

    async def test_of_many_rivals_one_claims_a_job(self, job_ledger: JobLedger) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            first = await asyncio.gather(*(_claim(job_ledger, "purge") for _ in range(20)))
            await job_ledger.finish("purge", leased_until=NOW + HOUR, now=NOW + MINUTE, outcome="done")
            later = await asyncio.gather(*(_claim(job_ledger, "purge", after=DAY) for _ in range(20)))
        assert sorted(first) == [False] * 19 + [True]
        assert sorted(later) == [False] * 19 + [True]

    async def test_a_finished_job_is_due_again_at_its_time(self, job_ledger: JobLedger) -> None:
        await _claim(job_ledger, "purge")
        await job_ledger.finish("purge", leased_until=NOW + HOUR, now=NOW + MINUTE, outcome=UNUSUAL_TEXT)
        assert not await _claim(job_ledger, "purge", after=DAY - timedelta(microseconds=1))
        assert await job_ledger.all() == [
            JobRun(name="purge", next_due_at=NOW + DAY, finished_at=NOW + MINUTE, last_outcome=UNUSUAL_TEXT)
        ]
        assert await _claim(job_ledger, "purge", after=DAY)
        (run,) = await job_ledger.all()
        assert run.next_due_at == NOW + 2 * DAY

    async def test_a_job_under_way_is_not_claimed_until_its_lease_runs_out(
        self, job_ledger: JobLedger
    ) -> None:
        assert await job_ledger.claim("long", now=NOW, next_due_at=NOW + MINUTE, lease_until=NOW + HOUR)
        assert not await _claim(job_ledger, "long", after=HOUR - timedelta(microseconds=1))
        assert await _claim(job_ledger, "long", after=HOUR)

    async def test_a_job_whose_lease_ran_out_is_finished_by_whoever_has_it_now(
        self, job_ledger: JobLedger
    ) -> None:
        assert await job_ledger.claim("long", now=NOW, next_due_at=NOW + MINUTE, lease_until=NOW + HOUR)
        again = NOW + HOUR
        assert await job_ledger.claim("long", now=again, next_due_at=again + MINUTE, lease_until=again + HOUR)
        await job_ledger.finish("long", leased_until=NOW + HOUR, now=again + MINUTE, outcome="too late")
        (run,) = await job_ledger.all()
        assert (run.finished_at, run.last_outcome) == (None, None)
        assert not await _claim(job_ledger, "long", after=HOUR + 2 * MINUTE)
        await job_ledger.finish("long", leased_until=again + HOUR, now=again + 2 * MINUTE, outcome="done")
        (run,) = await job_ledger.all()
        assert run.last_outcome == "done"
        assert await _claim(job_ledger, "long", after=HOUR + 2 * MINUTE)

    async def test_a_job_that_finished_gives_its_lease_back(self, job_ledger: JobLedger) -> None:
        assert await job_ledger.claim("long", now=NOW, next_due_at=NOW + MINUTE, lease_until=NOW + HOUR)
        await job_ledger.finish("long", leased_until=NOW + HOUR, now=NOW, outcome="done")
        assert await _claim(job_ledger, "long", after=MINUTE)

    async def test_jobs_are_claimed_each_by_itself_and_listed_by_name(self, job_ledger: JobLedger) -> None:
        for name in ("b", "c", "a"):
            assert await _claim(job_ledger, name)
        assert [run.name for run in await job_ledger.all()] == ["a", "b", "c"]

    async def test_finishing_a_job_that_nobody_claimed_changes_nothing(self, job_ledger: JobLedger) -> None:
        await job_ledger.finish("unknown", leased_until=NOW + HOUR, now=NOW, outcome="done")
        assert await job_ledger.all() == []


async def _claim(job_ledger: JobLedger, name: str, *, after: timedelta = timedelta()) -> bool:
    now = NOW + after
    return await job_ledger.claim(name, now=now, next_due_at=now + DAY, lease_until=now + HOUR)

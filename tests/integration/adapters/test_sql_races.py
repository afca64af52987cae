"""A thousand tasks in four processes on one database: nothing is lost or counted twice, nobody is stuck."""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.integration.adapters import sql_racer

from multiproduct.adapters.contracts.builders import NOW, a_challenge
from multiproduct.adapters.contracts.reacting import Noted, contract_surroundings
from multiproduct.adapters.sql import SqlStore
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.audit_trail import AuditFilter

PROCESSES, TASKS = 4, 250
PATIENCE_SECONDS = 120
ROOT = Path(__file__).parents[3]


async def _started(url: str, *challenge_ids: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        sql_racer.__name__,
        url,
        *challenge_ids,
        str(TASKS),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def _race(url: str, *challenge_ids: str) -> Counter[str]:
    racers = [await _started(url, *challenge_ids) for _ in range(PROCESSES)]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            for racer in racers:
                assert await racer.stdout.readline() == b"ready\n"
            for racer in racers:
                racer.stdin.write(b"go\n")
            told = await asyncio.gather(*(racer.communicate() for racer in racers))
    finally:
        for racer in racers:
            if racer.returncode is None:
                racer.kill()
                await racer.wait()
    assert [racer.returncode for racer in racers] == [0] * PROCESSES
    return Counter(outcome for output, _ in told for outcome in json.loads(output))


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
async def test_a_thousand_rivals_in_four_processes_count_exactly(
    name: str,
    sqlite_store: SqlStore,
    postgres_store: SqlStore,
    sqlite_store_url: str,
    postgres_store_url: str,
) -> None:
    store, url = {
        "sqlite": (sqlite_store, sqlite_store_url),
        "postgresql": (postgres_store, postgres_store_url),
    }[name]
    units = store.units(contract_surroundings())
    right, wrong = a_challenge(), a_challenge()
    async with units.open(ANYBODY) as unit:
        await unit.challenges.add(right)
        await unit.challenges.add(wrong)
        await unit.commit()

    outcomes = await _race(url, str(right.id), str(wrong.id))

    claims = PROCESSES * (TASKS // 10)
    # A right answer ends the challenge, five wrong ones do; whoever comes later is refused.
    assert outcomes == {
        "first": 1,
        "wrong": 5,
        "refused": PROCESSES * TASKS - 6,
        "claimed": 1,
        "taken": claims - 1,
    }
    async with units.open(ANYBODY) as unit:
        assert (await unit.guess_budgets.hold(sql_racer.BUDGET)).voids == PROCESSES * TASKS
        assert await unit.audit_trail.count(AuditFilter(event=Noted.NAME)) == 6
        stored = await unit.challenges.find(wrong.id)
        assert (stored.attempts, stored.voided_at) == (5, NOW)
    assert (await store.todo_queue.backlog(now=NOW)).open == 12

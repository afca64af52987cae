"""The business time machine: the same seed tells the same story, and whatever goes wrong, the books hold."""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from tests.campaigns import proof_scale
from tests.simulation_faults import BadNights, Faults, FaultyGateway, FaultyTodos, quiet_logs
from tests.simulation_invariants import (
    owed_by_customers,
    require_active_is_paid,
    require_books_balance,
    require_charged_once,
    require_numbers_without_gaps,
    require_periods_invoiced_once,
    require_revenue_is_what_was_charged,
    rows_of,
)
from typer.testing import CliRunner

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.application.payments import Gateways
from multiproduct.bootstrap import Container, Overrides
from multiproduct.entrypoints.cli.main import app
from multiproduct.entrypoints.simulation import Behaviour, Plan, Report, Simulation, simulated
from multiproduct.entrypoints.simulation.passing_time import PassingTime

MODULE = "multiproduct.entrypoints.cli.main"
COMMAND = (MODULE, "simulate", "--subscriptions", "8", "--years", "0.3", "--seed", "3", "--json")
LIVELY = Behaviour(
    cancels=0.05,
    leaves_at_once=0.04,
    changes_plan=0.10,
    changes_seats=0.15,
    pauses=0.05,
    complains=0.04,
    replaces_card=0.06,
    comes_back=0.25,
)
"""Much happens, so that a few customers meet every case."""


async def told(plan: Plan) -> Report:
    time = PassingTime()
    container = simulated(seed=plan.seed, time=time)
    await container.start()
    try:
        return await Simulation(container=container, time=time, plan=plan).run()
    finally:
        await container.stop()


async def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    first, again, other = [await told(Plan(customers=12, years=0.5, seed=seed)) for seed in (1, 1, 2)]
    assert first == again
    assert first.ledger_root != other.ledger_root
    assert first.trial_balance == 0


def test_the_story_is_the_same_on_sqlite(tmp_path: Path) -> None:
    """On a file that must not be there yet."""
    command = [sys.executable, "-m", MODULE, "simulate", "--subscriptions", "2", "--years", "0.05", "--json"]
    in_memory = subprocess.run(command, capture_output=True, text=True, check=True)
    kept = [*command, "--database", str(tmp_path / "simulated.db")]
    on_sqlite = subprocess.run(kept, capture_output=True, text=True, check=True)
    assert json.loads(in_memory.stdout) == json.loads(on_sqlite.stdout)
    again = subprocess.run(kept, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "is there already" in again.stderr


def test_the_report_is_told_to_people_as_well() -> None:
    told = CliRunner().invoke(app, ["simulate", "--subscriptions", "2", "--years", "0.05"])
    assert told.exit_code == 0
    assert "trial balance                0.00 USD" in told.stdout
    assert "ledger root" in told.stdout


def test_the_story_is_the_same_whatever_order_a_process_keeps_its_sets_in() -> None:
    hashes = {
        subprocess.run(
            [sys.executable, "-m", *COMMAND],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(hashes) == 1


@pytest.mark.parametrize("seed", range(proof_scale(2, 40)))
async def test_the_books_hold_whatever_goes_wrong(seed: int) -> None:
    quiet_logs()
    time = PassingTime()
    faults = Faults(random=Random(f"faults {seed}"))
    store = MemoryDatabase(real_time=time)
    gateway = FaultyGateway(books=store.sandbox_books, clock=time, secret=b"of the sandbox")
    gateway.faults = faults
    store.todo_queue = FaultyTodos(store.todo_queue, faults)  # type: ignore[assignment] - it wraps one
    overrides = Overrides(store=store, gateways=Gateways([gateway]), wrap_units=faults.units)
    container = simulated(seed=seed, time=time, overrides=overrides)
    nights = BadNights(container=container, time=time, faults=faults)
    plan = Plan(customers=proof_scale(25, 100), years=1, seed=seed, behaviour=LIVELY)
    simulation = Simulation(container=container, time=time, plan=plan, night=nights)
    await container.start()
    try:
        await simulation.run()
        await nights.settle(nights=16)
        report = await simulation.report()
        await require_everything(container, simulation, report, store)
    finally:
        await container.stop()
    assert sum(faults.happened.values()) > 100


async def require_everything(
    container: Container, simulation: Simulation, report: Report, store: MemoryDatabase
) -> None:
    ids = [each.subscription_id for each in simulation.customers if each.subscription_id is not None]
    rows = await rows_of(container, ids)
    require_books_balance(rows, report)
    require_numbers_without_gaps(rows)
    require_periods_invoiced_once(rows)
    require_charged_once(rows, store)
    require_active_is_paid(rows, container.clock.now())
    require_revenue_is_what_was_charged(rows, report)
    assert report.open_receivables == owed_by_customers(rows)
    verdict = await container.ledger.sealing.verify()
    assert verdict.is_whole
    backlog = await container.todo_queue.backlog(now=container.clock.now())
    assert backlog.dead == 0

"""The command simulate: years of a company's business in minutes, on a clock and books of their own."""

import asyncio
import gc
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from multiproduct.entrypoints.cli.failures import Misconfigured, Refused, plain_failures
from multiproduct.entrypoints.cli.progress import counted_progress

if TYPE_CHECKING:
    from multiproduct.entrypoints.simulation import Plan, Report

_ALLOCATIONS = 50_000
"""Between two collections of garbage, of which there is little. Python's own number is 700."""
_SUFFIXES = {"", ".db", ".sqlite", ".sqlite3"}


def simulate(
    *,
    subscriptions: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="How many customers come in all.")
    ] = 1_000,
    years: Annotated[float, typer.Option(min=0.01, max=50, help="How many years pass.")] = 5.0,
    seed: Annotated[int, typer.Option(help="Decides everything: the same seed, the same ledger hash.")] = 1,
    database: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep it all in a new SQLite file; in memory where none is named."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Simulate years of business: sign-ups, trials, declines, changes, refunds, pauses, cancellations.

    The real use cases run on a clock of their own, with the sandbox gateway. No setting, no database and no
    mail server of the installation is touched. Memory grows with the invoices, by about 20 KB each; with
    --database it does not.

    Examples: multiproduct simulate

    multiproduct simulate --subscriptions 10000 --years 5 --seed 1

    multiproduct simulate --subscriptions 200 --years 2 --database var/simulated.db --json
    """
    with plain_failures():
        report = _simulated(subscriptions, years, seed, database)
        typer.echo(json.dumps(report.as_json(), indent=2) if as_json else _shown(report))


def _simulated(subscriptions: int, years: float, seed: int, database: Path | None) -> "Report":
    from multiproduct.entrypoints.simulation import Plan  # noqa: PLC0415 - not for --help

    plan = Plan(customers=subscriptions, years=years, seed=seed)
    url = None if database is None else _new(database)
    # Gateways that break off and refusals are what is simulated, not what somebody has to be told of.
    logging.getLogger("multiproduct").setLevel(logging.CRITICAL)
    # What there is stays until the end: to look through it again and again took a sixth of the time.
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
    with counted_progress("days") as told:
        return asyncio.run(_run(plan, url, told))


def _new(database: Path) -> str:
    """The URL of a file that is not there yet. Raises Refused, Misconfigured."""
    if database.suffix not in _SUFFIXES:
        raise Misconfigured(f"--database is a file such as simulated.db, not {database.name}")
    if not database.absolute().parent.parent.is_dir():
        raise Misconfigured(f"--database: there is no folder {database.parent.parent}")
    if database.exists():
        raise Refused(f"{database} is there already: a simulation wants a file of its own")
    database.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{database}"


async def _run(plan: "Plan", database_url: str | None, told: Callable[[int, int], None]) -> "Report":
    from multiproduct.bootstrap import migrate  # noqa: PLC0415 - not for --help
    from multiproduct.entrypoints.simulation import PassingTime, Simulation, simulated  # noqa: PLC0415 - likewise

    time = PassingTime()
    if database_url is None:
        container = simulated(seed=plan.seed, time=time)
    else:
        container = simulated(seed=plan.seed, time=time, database_url=database_url)
        await asyncio.to_thread(migrate, container.settings)
    try:
        await container.start()
        return await Simulation(container=container, time=time, plan=plan).run(told)
    finally:
        await container.stop()


def _shown(report: "Report") -> str:
    def money(minor: int) -> str:
        return f"{minor / 100:,.2f} {report.currency}"

    rows = (
        ("customers who came", f"{report.customers:,}"),
        ("subscriptions at the end", f"{report.subscriptions:,}"),
        ("subscription-years", f"{report.subscription_years:,}"),
        ("monthly recurring revenue", money(report.mrr)),
        ("churn of customers, a month", f"{report.customer_churn:.2%}"),
        ("churn of revenue, a month", f"{report.revenue_churn:.2%}"),
        ("revenue", money(report.revenue)),
        ("refunds", money(report.refunds)),
        ("open receivables", money(report.open_receivables)),
        ("bad debts", money(report.bad_debts)),
        ("customers' funds", money(report.customer_funds)),
        ("invoices", f"{report.invoices:,}"),
        ("ledger transactions", f"{report.transactions:,}"),
        ("trial balance", money(report.trial_balance)),
        ("ledger root", report.ledger_root),
    )
    return "\n".join(f"{name:28} {figure}" for name, figure in rows)

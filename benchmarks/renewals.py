"""Renewals of due subscriptions a second by the watchdog, and whether its memory grows with their number."""

import json
import os
from typing import Any

from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report, microseconds, rate
from benchmarks.journeys import finished
from benchmarks.servers import clean_environment, migrate

FEW = 1_000
MANY, MANY_QUICK = 5_000, 2_000
WANTED = "BENCH_RENEWALS"
"""How many the large run has, where the environment says so; the goal is told of 100,000."""
DATABASE = "bench_renewals"
PATIENCE = 3 * 3600.0
FLAT = 1.1
"""By how much the larger run may hold more at most."""


def run(bench: Bench) -> Report:
    many = int(os.environ.get(WANTED) or bench.number(MANY, MANY_QUICK))
    report = Report(name="renewals", title="one process, PostgreSQL, each to the end of its payment")
    few, all_of_them = renewed(bench, min(FEW, many // 2)), renewed(bench, many)
    for done in (few, all_of_them):
        cpu = microseconds(done["cpu"] / done["renewed"] * 1e6)
        report.row(
            f"renewals of {done['renewed']:,}",
            f"{rate(done['renewed'] / done['seconds'])}, {cpu} CPU each",
            raw=done,
        )
        report.row(f"most memory held in {done['renewed']:,}", f"{done['peak_kib'] / 1024:.0f} MiB")
    grown = all_of_them["peak_kib"] / few["peak_kib"]
    report.ceiling(
        f"memory of {all_of_them['renewed']:,} / of {few['renewed']:,}",
        f"{grown:.2f}",
        measured=grown,
        below=FLAT,
        unit="",
    )
    report.row(
        "rate of the many / of the few",
        "",
        ratio=(all_of_them["renewed"] / all_of_them["seconds"]) / (few["renewed"] / few["seconds"]),
    )
    report.notes.append(
        "A renewal is an order, an invoice with its number, a charge of a stored card by the sandbox, and "
        f"the next period, with their postings, events and audit rows. {WANTED}=100000 measures the goal."
    )
    return report


def renewed(bench: Bench, number: int) -> dict[str, Any]:
    """What a fresh process renews on a fresh database. Raises CannotMeasure."""
    bench.say(f"renewing {number:,}")
    settings = bench.fresh_settings(
        DATABASE, MULTIPRODUCT_PASSWORD_COST="test", MULTIPRODUCT_INLINE_WORKER="false"
    )
    migrate(settings)
    output = finished(["benchmarks.renewing", str(number)], None, clean_environment(settings), PATIENCE)
    done: dict[str, Any] = json.loads(output)
    if done["renewed"] != number:
        raise CannotMeasure(f"{done['renewed']} of {number} were looked after")
    return done

"""Subscription-years that the business time machine lets pass in a second, at two sizes."""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.figures import Report, rate

SMALL, LARGE = 100, 400
YEARS = 2.0


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run; `seconds` are of the processor."""

    subscription_years: float
    invoices: int
    root: str
    seconds: float
    peak_mib: int


def run(bench: Bench) -> Report:
    report = Report(
        name="simulation", title=f"{SMALL} and {LARGE} customers, {YEARS:g} years, in memory, one process"
    )
    years = YEARS / 4 if bench.quick else YEARS
    runs = []
    for customers in (SMALL, LARGE):
        bench.say(f"{customers} customers")
        runs.append(simulated(customers, years))
    small, large = runs
    for customers, each in zip((SMALL, LARGE), runs, strict=True):
        report.row(
            f"{customers} customers",
            f"{rate(each.subscription_years / each.seconds)} subscription-years, "
            f"{rate(each.invoices / each.seconds)} invoices, {each.peak_mib} MiB",
        )
    growth = (large.invoices / large.seconds) / (small.invoices / small.seconds)
    report.row(f"invoices a second, {LARGE} to {SMALL} customers", "", ratio=growth)
    report.notes.append(f"ledger roots {small.root[:16]} and {large.root[:16]}: the same in every run")
    return report


def simulated(customers: int, years: float) -> Run:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "multiproduct.entrypoints.cli.main", "simulate", "--json"]
    command += ["--subscriptions", str(customers), "--years", str(years), "--seed", "1"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads(done.stdout)
    return Run(
        subscription_years=told["subscription_years"],
        invoices=told["invoices"],
        root=told["ledger_root"],
        seconds=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        peak_mib=after.ru_maxrss // 1024,
    )

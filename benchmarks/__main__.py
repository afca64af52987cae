"""`python -m benchmarks [NAME ...]`: runs the benchmarks and prints ratios; it asserts nothing."""

import argparse
import contextlib
import importlib
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report, show
from benchmarks.load import wrk_path
from benchmarks.servers import OUTPUT

BENCHMARKS = {
    "imports": "the time of `import multiproduct`",
    "identity": "tokens, codes of apps, device keys and permissions against the bare library calls",
    "username_check": "against a bare ASGI function and the Django peer; p99 at half load",
    "surge": "50,000 checks over as many connections as the machine takes",
    "journeys": "sign-up, verify and login against the same SQL by bare asyncpg",
    "ledger": "transfers in batches and one by one against pgbench TPC-B on the same server",
    "purchases": "purchases from the order to active against the same SQL by bare asyncpg",
    "renewals": "renewal of due subscriptions: rate, and memory from a thousand on",
    "login_storm": "username checks while sign-ins come at ten times capacity",
    "memory": "what each process holds at rest",
    "invoices_pdf": "PDF invoices a second in each language, against a bare document of the same library",
    "inbox": "entries and exact unread counts under concurrent writes, against the same SQL by bare asyncpg",
    "notifications": "people told a second, and mails rendered, against the same SQL and bare Jinja2",
    "translation": "negotiations a second against a dictionary; what 100 warm translated texts add",
    "webhooks": "webhook deliveries a second, against bare posts by httpx2",
    "simulation": "subscription-years a second of the business time machine, in memory",
    "usernames_million": "plans and times of the username statements on 1,000,000 users",
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"any of: {', '.join(BENCHMARKS)} (default: all)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="shorter runs: rough figures in about three minutes"
    )
    parser.add_argument("--list", action="store_true", help="say what there is, and end")
    parser.add_argument("--product-url", help="measure a product already served at this loopback URL")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    return given


def _teller(progress: Progress, task: TaskID, name: str) -> Callable[[str], None]:
    return lambda text: progress.update(task, description=f"{name}: {text}")


def measure(name: str, bench: Bench) -> Report:
    """One benchmark's report; a missing part or a failure becomes a row of it."""
    try:
        report: Report = importlib.import_module(f"benchmarks.{name}").run(bench)
    except CannotMeasure as reason:
        report = Report(name=name, title=BENCHMARKS[name])
        report.missing(name, str(reason))
    except Exception as error:
        report = Report(name=name, title=BENCHMARKS[name])
        report.missing(name, f"{type(error).__name__}: {error}")
        report.notes.append(traceback.format_exc())
    return report


def machine() -> dict[str, Any]:
    """What the figures belong to."""
    return {
        "python": platform.python_version(),
        "kernel": platform.release(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "generator": "wrk" if wrk_path() else "python",
    }


def save(reports: list[Report], bench: Bench, started: float) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    latest = {
        "machine": machine(),
        "quick": bench.quick,
        "seconds": time.monotonic() - started,
        "reports": [
            {"name": report.name, "title": report.title, "rows": [vars(row) for row in report.rows]}
            | {"notes": report.notes}
            for report in reports
        ],
    }
    (OUTPUT / "latest.json").write_text(json.dumps(latest, indent=1, default=str))


def main() -> int:
    given = arguments()
    console = Console() if sys.stdout.isatty() else Console(width=140)
    if given.list:
        for name, text in BENCHMARKS.items():
            console.print(f"{name:20} {text}", highlight=False, soft_wrap=True)
        return 0
    names = given.names or list(BENCHMARKS)
    started = time.monotonic()
    reports: list[Report] = []
    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("", total=len(names))
        with contextlib.ExitStack() as servers:
            bench = Bench(
                quick=given.quick, product_url=given.product_url, say=lambda _: None, open_servers=servers
            )
            for name in names:
                bench.say = _teller(progress, task, name)
                reports.append(measure(name, bench))
                show(reports[-1], progress.console)
                save(reports, bench, started)
                progress.advance(task)
    console.print(
        f"{time.monotonic() - started:.0f} s, load by {machine()['generator']}; var/bench/latest.json"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What each process of the product holds at rest, and after its first journey."""

import contextlib
import time

from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report
from benchmarks.load import get, post
from benchmarks.machine import memory, process_tree
from benchmarks.requests_of_checks import PATH, name
from benchmarks.servers import Served, product_process, product_server
from benchmarks.talking import exchange, json_bytes

BELOW_MB = 130
REST = 3.0


def run(bench: Bench) -> Report:
    report = Report(name="memory", title="per process, in 10^6 bytes")
    settings = bench.fresh_settings("bench_memory")
    with contextlib.ExitStack() as servers:
        bench.say("processes at rest")
        web = servers.enter_context(product_server(settings, name="product_memory"))
        beside = {
            program: started
            for program in ("worker", "scheduler")
            if (started := start(program, settings, servers, report))
        }
        time.sleep(REST)
        report_tree(report, "serve", web, goal=True)
        for program, served in beside.items():
            report_tree(report, program, served, goal=True)
        use_once(web.port)
        time.sleep(REST)
        report_tree(report, "serve, after a sign-up, a sign-in and a check", web, goal=False)
    report.notes.append(
        "RSS counts pages shared with other processes in full, PSS divides them; the goal is for RSS."
    )
    return report


def start(
    program: str, settings: dict[str, str], servers: contextlib.ExitStack, report: Report
) -> Served | None:
    try:
        return servers.enter_context(product_process(program, settings))
    except CannotMeasure as reason:
        report.missing(program, str(reason))
        return None


def report_tree(report: Report, label: str, served: Served, *, goal: bool) -> None:
    """One row a process, the program's first one first."""
    if served.root is None:
        report.missing(label, "the server's process is not known")
        return
    for number, pid in enumerate(process_tree(served.root), 1):
        with contextlib.suppress(OSError):
            held = memory(pid)
            shown = f"RSS {held.rss:.0f} MB" + (f", PSS {held.pss:.0f} MB" if held.pss is not None else "")
            raw = {"rss_mb": held.rss, "pss_mb": held.pss, "command": held.command}
            heading = f"{label}, process {number}"
            if goal:
                report.ceiling(heading, shown, measured=held.rss, below=BELOW_MB, unit="MB", raw=raw)
            else:
                report.row(heading, shown, raw=raw)


def use_once(port: int) -> None:
    """One of each kind of request, whatever it answers, so that what loads on first use is loaded."""
    account = {
        "email": "memory@example.com",
        "password": "a correct horse battery",
        "username": "memory.bench",
    }
    sign_in = {"email": account["email"], "password": account["password"]}
    for request in (
        get(port, PATH + name(0)),
        post(port, "/api/v1/identity/registration", json_bytes(account)),
        post(port, "/api/v1/identity/sign-in", json_bytes(sign_in)),
    ):
        exchange(port, request)

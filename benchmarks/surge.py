"""Fifty thousand username checks at once, over as many connections as the machine takes."""

import asyncio

import asyncpg

from benchmarks.bench import Bench
from benchmarks.figures import Report, milliseconds, rate
from benchmarks.load import Measured, each_once
from benchmarks.machine import allow_many_files
from benchmarks.requests_of_checks import from_many_clients
from benchmarks.servers import product_server

REQUESTS = 50_000
NAMES = 400
RESERVE = 1000
"""Open files left to the server and the client for everything that is not a connection of the surge."""
PORTS = 27_000
"""Connections one client address can have to one port (the kernel's ephemeral range, less a reserve)."""
CACHE_SHARE = 0.99
EXPECTED = {200, 429}


def run(bench: Bench) -> Report:
    report = Report(
        name="surge", title=f"{REQUESTS:,} checks of {NAMES} names, caches cold, 100 a minute a client"
    )
    connections = min(REQUESTS, PORTS, allow_many_files() - RESERVE)
    settings = bench.fresh_settings(
        "bench_surge", MULTIPRODUCT_RATE_LIMIT_PROFILE="multiproduct", MULTIPRODUCT_TRUSTED_PROXIES="1"
    )
    with product_server(settings, attached=bench.product_url, name="product_surge") as product:
        database = bench.backing.database("bench_surge")
        before = asyncio.run(reads_of_users(database))
        bench.say(f"{REQUESTS:,} requests over {connections:,} connections")
        requests = from_many_clients(product.port, names=NAMES, number=REQUESTS)
        surge = each_once(product.port, requests, root=product.root, connections=connections)
        report_surge(report, surge, connections)
        if not bench.product_url:
            bench.say("waiting for PostgreSQL's statistics")
            scans = asyncio.run(settled_reads_of_users(database)) - before
            report_cache(report, scans, surge.answers)
    return report


def report_surge(report: Report, surge: Measured, connections: int) -> None:
    only_expected = not surge.errors and set(surge.statuses) <= EXPECTED and surge.answers == REQUESTS
    report.row(f"answers over {connections:,} connections", rate(surge.rate), raw=surge.raw())
    report.row("how they ended", surge.statuses_shown(), goal="200 or 429, each answered", met=only_expected)
    report.row("slowest", f"p50 {milliseconds(surge.p50_ms)}, last {milliseconds(surge.max_ms)}")


def report_cache(report: Report, scans: int, answers: int) -> None:
    served = 1 - scans / answers if answers else 0.0
    report.goal(
        "answered without reading the users' table", f"{scans:,} reads", measured=served, at_least=CACHE_SHARE
    )


async def reads_of_users(database: str) -> int:
    """How often the users' table or an index of it was scanned since the database began."""
    connection = await asyncpg.connect(database)
    try:
        found = await connection.fetchval(
            "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) "
            "FROM pg_stat_user_tables WHERE relname = 'users'"
        )
        return int(found or 0)
    finally:
        await connection.close()


async def settled_reads_of_users(database: str) -> int:
    """The same once every idle connection has handed in its counts (PostgreSQL does so within 10 s)."""
    await asyncio.sleep(11)
    return await reads_of_users(database)

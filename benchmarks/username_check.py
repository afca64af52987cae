"""The username check against a bare ceiling and the Django peer, under the real limit, and at half load."""

import contextlib
import math
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report, count, microseconds, milliseconds, rate
from benchmarks.load import Measured, steady, throughput
from benchmarks.machine import cpu_seconds
from benchmarks.peers.drf_peer import drf_peer
from benchmarks.requests_of_checks import RECORDED, from_many_clients, from_one_client, record_answer
from benchmarks.servers import Served, bare_server, product_server

TITLE = "one worker process on one core"
PROMISED = 50_000
OF_BARE = 0.8
OF_PEER = 40
HALF_LOAD_P99_MS = 2.0
LATE_MS = 0.5
"""Above this, the generator's own lateness is told, because the latencies are then partly its own."""
OTHERS = 0.1
"""Above this share of the server's core, what other programs used is told."""


def run(bench: Bench) -> Report:
    report = Report(name="username_check", title=TITLE)
    product = against_bare(bench, report)
    limited = under_the_real_limit(bench, report) if product else 0.0
    against_peer(bench, report, product, limited)
    if product:
        workers = math.ceil(PROMISED / product)
        report.row(
            f"workers for {PROMISED:,}/s",
            f"{workers}",
            raw={"workers": workers, "machines_of_2_cores": math.ceil(workers / 2)},
        )
        report.notes.append(
            f"{PROMISED:,} checks a second take {workers} workers, one a core: {math.ceil(workers / 2)} "
            "machines like this one with 2 cores each, the load coming from elsewhere."
        )
    return report


def against_bare(bench: Bench, report: Report) -> float:
    """Product and ceiling in turns; returns the product's rate, 0 without a product."""
    with contextlib.ExitStack() as servers:
        product, answer_file = product_or_none(bench, report, servers)
        bare = servers.enter_context(bare_server(answer_file))
        if product is None:
            alone = [full_speed(bench, bare) for _ in range(bench.number(3, 2))]
            report_alone(report, "bare ASGI function (a recorded answer)", alone)
            half_load(
                bench, report, "bare ASGI function", bare, median(m.rate for m in alone) / 2, goal=False
            )
            return 0.0
        pairs = interleaved(bench, report, product, bare)
        report_pairs(report, pairs)
        product_rate = median(ours.rate for ours, _ in pairs)
        half_load(bench, report, "product", product, product_rate / 2, goal=True)
        half_load(bench, report, "bare ASGI function", bare, product_rate / 2, goal=False)
        return product_rate


def product_or_none(
    bench: Bench, report: Report, servers: contextlib.ExitStack
) -> tuple[Served | None, Path]:
    """The product with limits out of the way and its recorded answer, or the reason in the report."""
    try:
        settings = {} if bench.product_url else bench.fresh_settings("bench_checks")
        bench.say("starting the product")
        product = servers.enter_context(product_server(settings, attached=bench.product_url))
        return product, record_answer(product.port)
    except CannotMeasure as reason:
        report.missing("product", str(reason))
        return None, RECORDED


def full_speed(bench: Bench, server: Served) -> Measured:
    requests = from_one_client(server.port)
    return throughput(server.port, requests, seconds=bench.seconds(4, 1.5), root=server.root)


def interleaved(
    bench: Bench, report: Report, product: Served, bare: Served
) -> list[tuple[Measured, Measured]]:
    """Runs in turns, the order swapped each time, after one discarded run of each."""
    full_speed(bench, product), full_speed(bench, bare)
    pairs = []
    idle, idle_time = 0.0, 0.0
    for turn in range(bench.number(5, 3)):
        bench.say(f"product and ceiling in turns, {turn + 1}")
        ours = full_speed(bench, product) if turn % 2 == 0 else None
        before = cpu_seconds(product.root) if product.root else 0.0
        theirs = full_speed(bench, bare)
        idle += (cpu_seconds(product.root) if product.root else 0.0) - before
        idle_time += theirs.seconds
        pairs.append((ours or full_speed(bench, product), theirs))
    report.notes.append(
        f"Load by {pairs[0][0].generator}. While the ceiling ran, the idle product used "
        f"{100 * idle / idle_time:.1f} % of the core they share."
    )
    return pairs


def report_pairs(report: Report, pairs: list[tuple[Measured, Measured]]) -> None:
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    report_alone(report, "product, limits at 10^9", ours)
    report_alone(report, "bare ASGI function, same answer", theirs)
    report.goal(
        f"throughput of product / bare, median of {len(pairs)}",
        "",
        measured=median(a.rate / b.rate for a, b in pairs),
        at_least=OF_BARE,
    )
    if all(a.cpu_us and b.cpu_us for a, b in pairs):
        report.goal(
            f"processor time of bare / product, median of {len(pairs)}",
            "",
            measured=median(b.cpu_us / a.cpu_us for a, b in pairs),
            at_least=OF_BARE,
        )


def report_alone(report: Report, label: str, runs: list[Measured]) -> None:
    """Throughput and processor time per request of one server, with anything but plain answers told."""
    middle = median(run.cpu_us for run in runs)
    report.row(
        label,
        f"{rate(median(run.rate for run in runs))}, {microseconds(middle)} CPU each",
        raw={"runs": [run.raw() for run in runs]},
    )
    odd = [run.statuses_shown() for run in runs if run.errors or set(run.statuses) - {200}]
    if odd:
        report.notes.append(f"{label}: not only 200: {'; '.join(odd)}")
    note_others(report, label, runs)


def half_load(
    bench: Bench, report: Report, label: str, server: Served, offered: float, *, goal: bool
) -> None:
    bench.say(f"{label} at half load")
    requests = from_one_client(server.port)
    steady(server.port, requests, rate=offered, seconds=1, root=server.root)
    run = steady(server.port, requests, rate=offered, seconds=bench.seconds(6, 2), root=server.root)
    shown = f"p50 {milliseconds(run.p50_ms)}, p99 {milliseconds(run.p99_ms)}"
    heading = f"{label} at {count(offered)}/s offered"
    if goal:
        report.ceiling(
            heading, shown, measured=run.p99_ms, below=HALF_LOAD_P99_MS, unit="ms p99", raw=run.raw()
        )
    else:
        report.row(heading, shown, raw=run.raw())
    if run.lag_p99_ms > LATE_MS:
        report.notes.append(
            f"{heading}: the generator itself was late by {milliseconds(run.lag_p99_ms)} at its p99, "
            "which the latencies include."
        )
    note_others(report, heading, [run])


def note_others(report: Report, label: str, runs: list[Measured]) -> None:
    """Says so where somebody else had a good part of the server's core."""
    most = max((run.others or 0.0 for run in runs), default=0.0)
    if most > OTHERS:
        report.notes.append(f"{label}: up to {100 * most:.0f} % of the server's core went to other programs.")


def under_the_real_limit(bench: Bench, report: Report) -> float:
    """100 checks a minute for each of 20,000 addresses, seen through one trusted proxy."""
    if bench.product_url:
        report.missing("real limit over 20,000 addresses", "the attached server's settings are its own")
        return 0.0
    try:
        settings = bench.fresh_settings(
            "bench_checks",
            MULTIPRODUCT_RATE_LIMIT_PROFILE="multiproduct",
            MULTIPRODUCT_TRUSTED_PROXIES="1",
        )
        bench.say("the real limit over 20,000 addresses")
        with product_server(settings, name="product_limited") as product:
            requests = from_many_clients(product.port)
            throughput(product.port, requests, seconds=1, root=product.root)
            seconds = bench.seconds(4, 1.5)
            runs = [
                throughput(product.port, requests, seconds=seconds, root=product.root)
                for _ in range(bench.number(3, 2))
            ]
    except CannotMeasure as reason:
        report.missing("real limit over 20,000 addresses", str(reason))
        return 0.0
    report_alone(report, "product, 100 a minute, 20,000 addresses", runs)
    return median(run.rate for run in runs)


def against_peer(bench: Bench, report: Report, product: float, limited: float) -> None:
    bench.say("the Django peer (its environment is made on first use)")
    try:
        with drf_peer(bench.backing) as peer:
            requests = from_many_clients(peer.port)
            throughput(peer.port, requests, seconds=bench.seconds(3, 2), root=peer.root)
            runs = [
                throughput(peer.port, requests, seconds=bench.seconds(5, 2), root=peer.root)
                for _ in range(bench.number(3, 2))
            ]
    except CannotMeasure as reason:
        report.missing("Django peer", str(reason))
        return
    report_alone(report, "Django peer, 100 a minute, 20,000 addresses", runs)
    peer_rate = median(run.rate for run in runs)
    for label, ours in (("limits at 10^9", product), ("both 100 a minute, 20,000 addresses", limited)):
        if ours:
            report.goal(f"product / peer, {label}", "", measured=ours / peer_rate, at_least=OF_PEER)
    report.notes.append(
        "The peer's synchronous gunicorn worker closes every connection, as it does in the source system; "
        "opening them again is part of its rate."
    )

"""The username check against a bare ceiling and the Django peer, under the real limit, and at half load."""

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report, count, microseconds, milliseconds, rate
from benchmarks.load import Measured, paced, throughput
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


@dataclass(frozen=True, slots=True)
class Middle:
    """The medians of one server's runs: answers a second, and microseconds of processor time an answer."""

    rate: float
    cpu_us: float

    @classmethod
    def of(cls, runs: Sequence[Measured]) -> "Middle":
        return cls(median(run.rate for run in runs), median(run.cpu_us for run in runs))


def run(bench: Bench) -> Report:
    report = Report(name="username_check", title=TITLE)
    product, bare = against_bare(bench, report)
    against_peer(bench, report, product, bare)
    if product:
        report_workers(report, product.rate)
    return report


def report_workers(report: Report, product: float) -> None:
    workers = math.ceil(PROMISED / product)
    machines = math.ceil(workers / 2)
    report.row(
        f"workers for {PROMISED:,}/s", f"{workers}", raw={"workers": workers, "machines_of_2_cores": machines}
    )
    report.notes.append(
        f"{PROMISED:,} checks a second take {workers} workers, one a core: {machines} machines like this one "
        "with 2 cores each, the load coming from elsewhere."
    )


def against_bare(bench: Bench, report: Report) -> tuple[Middle | None, Middle]:
    """Product (None where there is none) and ceiling, in turns."""
    with contextlib.ExitStack() as servers:
        product, answer_file = product_or_none(bench, report, servers)
        bare = servers.enter_context(bare_server(answer_file))
        if product is None:
            bench.say("the ceiling alone")
            alone = [full_speed(bench, bare) for _ in range(bench.number(3, 2))]
            report_alone(report, "bare ASGI function (a recorded answer)", alone)
            half_load(bench, report, "bare ASGI function", bare, Middle.of(alone).rate / 2, goal=False)
            return None, Middle.of(alone)
        pairs = interleaved(bench, report, product, bare)
        report_pairs(report, pairs)
        ours, theirs = Middle.of([pair[0] for pair in pairs]), Middle.of([pair[1] for pair in pairs])
        half_load(bench, report, "product", product, ours.rate / 2, goal=True)
        half_load(bench, report, "bare ASGI function", bare, ours.rate / 2, goal=False)
        return ours, theirs


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
    paced(server.port, requests, rate=offered, seconds=1, root=server.root)
    run = paced(server.port, requests, rate=offered, seconds=bench.seconds(6, 2), root=server.root)
    shown = f"p50 {milliseconds(run.p50_ms)}, p99 {milliseconds(run.p99_ms)}"
    heading = f"{label} at {count(run.rate)}/s (half is {count(offered)}/s), load by {run.generator}"
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


def against_peer(bench: Bench, report: Report, unlimited: Middle | None, bare: Middle) -> None:
    """Product and peer in turns, both with 100 checks a minute for each of 20,000 addresses."""
    with contextlib.ExitStack() as servers:
        product = limited_product(bench, report, servers) if unlimited else None
        bench.say("the Django peer (its environment is made on first use)")
        try:
            peer = servers.enter_context(drf_peer(bench.backing))
        except CannotMeasure as reason:
            report.missing("Django peer", str(reason))
            peer = None
        ours, theirs = in_turns(bench, product, peer)
    if ours:
        report_alone(report, "product, 100 a minute, 20,000 addresses", ours)
        report.row("throughput of that / bare", "", ratio=Middle.of(ours).rate / bare.rate)
    if theirs:
        report_alone(report, "Django peer, 100 a minute, 20,000 addresses", theirs)
        report.notes.append(
            "The peer's synchronous gunicorn worker closes every connection, as the source system does; "
            "opening them again is part of its rate."
        )
    if ours and theirs:
        report_peer(report, list(zip(ours, theirs, strict=True)))


def limited_product(bench: Bench, report: Report, servers: contextlib.ExitStack) -> Served | None:
    """The product as clients behind one trusted proxy meet it, or the reason in the report."""
    label = "product, 100 a minute, 20,000 addresses"
    if bench.product_url:
        report.missing(label, "the attached server's settings are its own")
        return None
    settings = bench.fresh_settings(
        "bench_checks", MULTIPRODUCT_RATE_LIMIT_PROFILE="multiproduct", MULTIPRODUCT_TRUSTED_PROXIES="1"
    )
    bench.say("the real limit over 20,000 addresses")
    try:
        return servers.enter_context(product_server(settings, name="product_limited"))
    except CannotMeasure as reason:
        report.missing(label, str(reason))
        return None


def in_turns(
    bench: Bench, product: Served | None, peer: Served | None
) -> tuple[list[Measured], list[Measured]]:
    """Runs of each that is there, after a discarded one; an absent one has none."""
    seconds = bench.seconds(4, 2)
    both: tuple[list[Measured], list[Measured]] = ([], [])
    requests = [from_many_clients(server.port) if server else [] for server in (product, peer)]
    for turn in range(1 + bench.number(3, 2)):
        bench.say(f"20,000 addresses, product and peer in turns, {turn}")
        for server, sent, runs in zip((product, peer), requests, both, strict=True):
            if server:
                runs.append(throughput(server.port, sent, seconds=seconds, root=server.root))
    return both[0][1:], both[1][1:]


def report_peer(report: Report, pairs: list[tuple[Measured, Measured]]) -> None:
    report.goal(
        f"throughput of product / peer, median of {len(pairs)}",
        "",
        measured=median(a.rate / b.rate for a, b in pairs),
        at_least=OF_PEER,
    )
    if all(a.cpu_us and b.cpu_us for a, b in pairs):
        report.row(
            f"processor time of peer / product, median of {len(pairs)}",
            "",
            ratio=median(b.cpu_us / a.cpu_us for a, b in pairs),
        )

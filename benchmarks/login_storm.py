"""Sign-ins at ten times what the cores can hash, beside username checks at a modest rate."""

from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report, milliseconds, rate
from benchmarks.load import Measured, Running, RunningWrk, pacing, post, run_client, steady_plan
from benchmarks.machine import cores
from benchmarks.requests_of_checks import from_one_client
from benchmarks.servers import Served, product_server
from benchmarks.talking import json_bytes

SIGN_IN = "/api/v1/identity/sign-in"
TIMES_CAPACITY = 10
CHECKS_A_SECOND = 200.0
BELOW_MS = 20.0
STORM_CONNECTIONS = 512
HASHED = {200, 401}
"""Sign-ins that had their password hashed; the storm's addresses are nobody's, which costs the same."""


def run(bench: Bench) -> Report:
    report = Report(name="login_storm", title="argon2 at real cost, server on every core")
    settings = bench.fresh_settings("bench_storm")
    with product_server(
        settings, attached=bench.product_url, cores=set(cores()), name="product_storm"
    ) as product:
        bench.say("what the cores can hash")
        capacity = hashing_capacity(bench, product)
        report.row("sign-ins, two a core at a time", rate(capacity), raw={"capacity": capacity})
        bench.say("checks without a storm")
        calm = modest_checks(product, bench.seconds(5, 2)).begin().finish()
        report.row(f"checks in calm, load by {calm.generator}", in_words(calm), raw=calm.raw())
        bench.say("the storm")
        storm, checks = in_storm(bench, product, capacity * TIMES_CAPACITY)
    report_storm(report, storm, checks, capacity)
    return report


def sign_ins(port: int, number: int) -> list[bytes]:
    bodies = [
        json_bytes({"email": f"storm{index}@example.com", "password": f"not the password {index}"})
        for index in range(number)
    ]
    return [post(port, SIGN_IN, body) for body in bodies]


def hashing_capacity(bench: Bench, product: Served) -> float:
    """Hashed sign-ins a second by a closed loop of two a core. Raises CannotMeasure when none was hashed."""
    plan = {
        "port": product.port,
        "requests": sign_ins(product.port, 500),
        "connections": 2 * len(cores()),
        "seconds": bench.seconds(6, 3),
    }
    measured = run_client(plan, root=product.root)
    if not hashed(measured):
        raise CannotMeasure(f"sign-ins answer {measured.statuses_shown()}")
    return hashed(measured) / measured.seconds


def in_storm(bench: Bench, product: Served, offered: float) -> tuple[Measured, Measured]:
    """Both loads beside each other, for the same time."""
    seconds = bench.seconds(15, 5)
    requests = sign_ins(product.port, max(1000, int(offered * seconds)))
    storm = Running(steady_plan(product.port, requests, offered, seconds, STORM_CONNECTIONS, spin=False))
    checks = modest_checks(product, seconds)
    storm.begin()
    checks.begin()
    return storm.finish(), checks.finish()


def modest_checks(product: Served, seconds: float) -> Running | RunningWrk:
    requests = from_one_client(product.port)
    return pacing(product.port, requests, rate=CHECKS_A_SECOND, seconds=seconds, connections=16)


def hashed(measured: Measured) -> int:
    return sum(measured.statuses.get(status, 0) for status in HASHED)


def in_words(measured: Measured) -> str:
    return f"p50 {milliseconds(measured.p50_ms)}, p99 {milliseconds(measured.p99_ms)}"


def report_storm(report: Report, storm: Measured, checks: Measured, capacity: float) -> None:
    report.ceiling(
        "checks in the storm",
        in_words(checks),
        measured=checks.p99_ms,
        below=BELOW_MS,
        unit="ms p99",
        raw=checks.raw(),
    )
    report.row(
        "sign-ins hashed in the storm",
        rate(hashed(storm) / storm.seconds),
        ratio=hashed(storm) / storm.seconds / capacity,
        raw=storm.raw(),
    )
    refused, told = storm.statuses.get(503, 0), storm.told_to_retry.get(503, 0)
    report.row(
        "sign-ins refused with 503",
        f"{100 * refused / max(1, storm.answers):.0f} %, {told:,} of {refused:,} with Retry-After",
        goal="every 503 with Retry-After",
        met=told == refused,
    )
    strange = set(storm.statuses) - HASHED - {503}
    report.row(
        "how sign-ins ended", storm.statuses_shown(), goal="401 or 503", met=not strange and not storm.errors
    )
    if checks.errors or set(checks.statuses) != {200}:
        report.notes.append(f"Checks did not all end well: {checks.statuses_shown()}")
    report.notes.append(
        f"The storm was {TIMES_CAPACITY} times what was hashed before; its ratio compares hashing in the "
        "storm with that. The generators share the cores with the server here."
    )

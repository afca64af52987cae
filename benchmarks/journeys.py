"""Sign-up, verify and login a second over HTTP, against the same SQL by bare asyncpg."""

import json
import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.accounts import SIGN_IN, SIGN_UP, VERIFY, account, sign_in_body, verify_body
from benchmarks.bench import Bench
from benchmarks.capture import STEPS
from benchmarks.figures import CannotMeasure, Report, microseconds, rate
from benchmarks.load import Measured, each_once, post
from benchmarks.machine import client_cores, pinned, server_cores
from benchmarks.servers import (
    OUTPUT,
    PROJECT,
    Served,
    clean_environment,
    migrate,
    product_process,
    product_server,
)
from benchmarks.talking import codes_from_mailbox, json_bytes

CONNECTIONS = 10
"""As many as the product keeps to PostgreSQL by default, for the HTTP clients and for bare asyncpg alike."""
CAPTURING = 180.0
REPLAYING = 60.0
DATABASE = "bench_journeys"
REPLAYED = "bench_replayed"


def run(bench: Bench) -> Report:
    report = Report(name="journeys", title=f"{CONNECTIONS} at a time, one server process on one core")
    cheap = over_http(bench, report, "test", bench.number(400, 100))
    over_http(bench, report, "normal", bench.number(60, 20))
    try:
        bare = bare_sql(bench, bench.number(400, 100))
    except CannotMeasure as reason:
        report.missing("same SQL by bare asyncpg", str(reason))
        return report
    for step, done in bare.items():
        report_bare(report, step, done, cheap.get(step))
    return report


def over_http(bench: Bench, report: Report, cost: str, number: int) -> dict[str, Measured]:
    """The three steps of `number` journeys in turn, codes read from the mailbox in between, untimed."""
    try:
        settings = bench.fresh_settings(DATABASE, MULTIPRODUCT_PASSWORD_COST=cost)
        bench.say(f"{number} journeys over HTTP, hash at {cost} cost")
        with (
            product_server(settings, name=f"product_journeys_{cost}") as product,
            product_process("worker", settings, cores=client_cores()),
        ):
            measured = three_steps(product, number)
    except CannotMeasure as reason:
        report.missing(f"journeys, hash at {cost} cost", str(reason))
        return {}
    for step, done in measured.items():
        shown = f"{rate(done.rate)}, {microseconds(done.cpu_us)} CPU each"
        report.row(f"{step} over HTTP, hash at {cost} cost", shown, raw=done.raw())
    return measured


def three_steps(product: Served, number: int) -> dict[str, Measured]:
    people = range(number)
    sign_up = step(product, SIGN_UP, [account(index) for index in people])
    challenges = [json.loads(sign_up.bodies[index])["challenge_id"] for index in people]
    codes = codes_from_mailbox(product.port, [account(index)["email"] for index in people])
    bodies = [verify_body(challenge, code) for challenge, code in zip(challenges, codes, strict=True)]
    verify = step(product, VERIFY, bodies)
    login = step(product, SIGN_IN, [sign_in_body(index) for index in people])
    return dict(zip(STEPS, (sign_up, verify, login), strict=True))


def step(product: Served, path: str, bodies: list[dict[str, str]]) -> Measured:
    """One step for everybody. Raises CannotMeasure when any of it was refused."""
    requests = [post(product.port, path, json_bytes(body)) for body in bodies]
    done = each_once(product.port, requests, root=product.root, connections=CONNECTIONS, keep_bodies=True)
    if done.errors or any(status >= 300 for status in done.statuses):
        example = next(iter(done.bodies.values()), b"")[:200]
        raise CannotMeasure(f"{path} ended in {done.statuses_shown()}, for example {example!r}")
    return done


def bare_sql(bench: Bench, number: int) -> dict[str, dict[str, Any]]:
    """What each step's statements cost alone, replayed on a copy of the database as it was before."""
    settings = bench.fresh_settings(DATABASE, MULTIPRODUCT_PASSWORD_COST="test")
    settings.pop("MULTIPRODUCT_REDIS_URL")
    migrate(settings)
    url = bench.backing.new_database(REPLAYED, template=DATABASE)
    bench.say(f"capturing the SQL of {number} journeys")
    captured = bare_statements("journeys", str(number), settings)
    done = {}
    for name in STEPS:
        bench.say(f"replaying the SQL of {name}")
        done[name] = replayed(url, captured[name])
    return done


def bare_statements(kind: str, subject: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """What the product itself executes, captured from a run of it in one process of its own.

    A list of transactions (see capture.Transaction) for each request, by step. Raises CannotMeasure.
    """
    OUTPUT.mkdir(parents=True, exist_ok=True)
    file = OUTPUT / f"captured_{kind}.pickle"
    finished(["benchmarks.capture", kind, subject, str(file)], None, clean_environment(settings), CAPTURING)
    captured: dict[str, Any] = pickle.loads(file.read_bytes())
    return captured


def replayed(url: str, journeys: list[Any], warming: Sequence[Any] = ()) -> dict[str, Any]:
    """Seconds and statements of the journeys by bare asyncpg on the server's core. Raises CannotMeasure."""
    job = pickle.dumps(
        {"url": url, "connections": CONNECTIONS, "journeys": journeys, "warming": list(warming)}
    )
    with pinned(server_cores()):
        output = finished(["benchmarks.replay"], job, clean_environment({}), REPLAYING)
    done: dict[str, Any] = pickle.loads(output)
    return done | {"journeys": len(journeys)}


def finished(module: list[str], job: bytes | None, env: dict[str, str], seconds: float) -> bytes:
    """The standard output of one of our modules run to its end. Raises CannotMeasure."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", *module],
            input=job,
            env=env,
            cwd=PROJECT,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CannotMeasure(f"{module[0]} took more than {seconds:.0f} s") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise CannotMeasure(f"{module[0]} failed: {said[-1][:300] if said else 'without a word'}")
    return done.stdout


def report_bare(report: Report, name: str, done: dict[str, Any], http: Measured | None) -> None:
    a_second = done["journeys"] / done["seconds"]
    each = done["statements"] / done["journeys"]
    cpu = done["cpu"] / done["journeys"] * 1e6
    report.row(
        f"{name}, the same SQL by bare asyncpg",
        f"{rate(a_second)}, {microseconds(cpu)} CPU each, {each:.1f} statements",
        raw=done,
    )
    if http:
        report.row(f"{name}, HTTP at test cost / bare SQL", "", ratio=http.rate / a_second)
    if done["failures"]:
        report.notes.append(f"{name}: statements failed when replayed: {done['failures']}")

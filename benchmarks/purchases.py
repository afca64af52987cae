"""Purchases a second over HTTP, each from the order to an active subscription, against the same SQL by bare
asyncpg, in turns."""

import json
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bench import Bench
from benchmarks.buyers import PURCHASES, is_active, purchase_body, purchase_headers
from benchmarks.figures import CannotMeasure, Report, microseconds, rate
from benchmarks.journeys import CONNECTIONS, bare_statements, finished, replayed
from benchmarks.load import Measured, each_once, post
from benchmarks.servers import OUTPUT, Served, clean_environment, migrate, product_server
from benchmarks.talking import json_bytes

ROUNDS, ROUNDS_QUICK = 7, 3
EACH, EACH_QUICK = 120, 25
"""Purchases of one round, by each side."""
WARMING = 10
"""Before each round, by each side: a replay's connections are new, and know no statement yet."""
DATABASE, REPLAYED = "bench_purchases", "bench_purchases_replayed"
MAKING = 400.0
GOAL = 0.4
SECRET = "a secret of at least thirty-two characters"

Buyer = dict[str, str]


def run(bench: Bench) -> Report:
    rounds, each = bench.number(ROUNDS, ROUNDS_QUICK), bench.number(EACH, EACH_QUICK)
    report = Report(
        name="purchases",
        title=f"{CONNECTIONS} at a time, one server process on one core, median of {rounds} rounds of {each}",
    )
    # Redis carries no part of a purchase but the limits of who asks too often.
    settings = bench.fresh_settings(
        DATABASE,
        MULTIPRODUCT_PASSWORD_COST="test",
        # What purchases leave to be done afterwards, mails above all, is for other processes to do.
        MULTIPRODUCT_INLINE_WORKER="false",
        MULTIPRODUCT_SECRET_KEY=SECRET,
        # The issuer of the buyers' tokens, which a server would name after its port.
        MULTIPRODUCT_BASE_URL="http://127.0.0.1:8000",
        MULTIPRODUCT_ACCESS_TOKEN_MINUTES="600",
    )
    migrate(settings)
    turn = WARMING + each
    half = rounds * turn
    bench.say(f"making {2 * half} buyers")
    made = buyers(settings, 2 * half)
    url = bench.backing.new_database(REPLAYED, template=DATABASE)
    bench.say(f"capturing the SQL of {half} purchases")
    captured = bare_statements("purchases", str(written(made[half:])), settings)["purchase"]
    measured: list[Measured] = []
    bare: list[dict[str, Any]] = []
    with product_server(settings, name="product_purchases") as product:
        for number in range(rounds):
            bench.say(f"round {number + 1} of {rounds}")
            of_turn = slice(number * turn, (number + 1) * turn)
            sold, copied = made[of_turn], captured[of_turn]
            if number % 2:
                bare.append(replayed(url, copied[WARMING:], copied[:WARMING]))
            buy(product, sold[:WARMING])
            measured.append(buy(product, sold[WARMING:]))
            if not number % 2:
                bare.append(replayed(url, copied[WARMING:], copied[:WARMING]))
    tell(report, measured, bare, captured)
    return report


def buyers(settings: dict[str, str], number: int) -> list[Buyer]:
    """People with cards and a plan for sale, in the database of the settings. Raises CannotMeasure."""
    file = OUTPUT / "buyers.json"
    finished(["benchmarks.buyers", str(number), str(file)], None, clean_environment(settings), MAKING)
    made: list[Buyer] = json.loads(file.read_text())
    return made


def written(some: list[Buyer]) -> Path:
    file = OUTPUT / "buyers_captured.json"
    file.write_text(json.dumps(some))
    return file


def buy(product: Served, some: list[Buyer]) -> Measured:
    """Each of them buys. Raises CannotMeasure unless all of them have an active subscription then."""
    requests = [
        post(product.port, PURCHASES, json_bytes(purchase_body(buyer)), headers=purchase_headers(buyer))
        for buyer in some
    ]
    done = each_once(product.port, requests, root=product.root, connections=CONNECTIONS, keep_bodies=True)
    refused = [body for body in done.bodies.values() if b'"active"' not in body or not is_active(body)]
    if done.errors or refused or len(done.bodies) != len(some):
        raise CannotMeasure(f"purchases ended in {done.statuses_shown()}, for example {refused[:1]!r}")
    return done


def tell(report: Report, measured: list[Measured], bare: list[dict[str, Any]], captured: list[Any]) -> None:
    rates = [done["journeys"] / done["seconds"] for done in bare]
    ratios = [http.rate / sql for http, sql in zip(measured, rates, strict=True)]
    cpu = median(done.cpu_us for done in measured)
    report.goal(
        "purchases over HTTP",
        f"{rate(median(done.rate for done in measured))}, {microseconds(cpu)} CPU each",
        measured=median(ratios),
        at_least=GOAL,
        raw={"ratios": ratios, "http": [done.raw() for done in measured], "bare": bare},
    )
    own = median(done["cpu"] / done["journeys"] for done in bare) * 1e6
    report.row("the same SQL by bare asyncpg", f"{rate(median(rates))}, {microseconds(own)} CPU each")
    last = captured[-1]
    statements = sum(len(each["statements"]) for each in last)
    transactions = [each for each in last if not each["autocommit"]]
    report.row("statements of a purchase", str(statements))
    report.row("transactions of a purchase", str(len(transactions)))
    report.row("round trips of a purchase, at least", str(statements + 2 * len(transactions)))
    report.notes.append(f"ratios of the rounds: {', '.join(f'{ratio:.2f}' for ratio in sorted(ratios))}")
    failures = [done["failures"] for done in bare if done["failures"]]
    if failures:
        report.notes.append(f"statements failed when replayed: {failures}")
    report.notes.append(
        "PostgreSQL, the client and whatever else runs share the other core. What a purchase leaves to be "
        "done (mails, webhooks) is for a worker, which does not run here."
    )

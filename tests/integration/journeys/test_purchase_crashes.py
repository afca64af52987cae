"""A purchase, and a renewal, that dies at every step: tried again, it is had once and paid for once."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import anyio
import httpx2
import pytest
from tests.campaigns import proof_is_asked
from tests.integration.journeys.commerce import (
    PRICE,
    Books,
    Shop,
    as_person,
    buy,
    open_shop,
    opened_shop_house,
    settings_of,
)
from tests.integration.journeys.crashing import COMMIT, FOLDER_VARIABLE, GATEWAY
from tests.integration.journeys.installation import Installation
from tests.servers import empty_redis

ROOT = Path(__file__).resolve().parents[3]
WITHIN_SECONDS = 60.0
MOST_STEPS = 1_000
PURCHASE_STEPS = (
    f"{COMMIT} before",
    f"{COMMIT} after",
    f"{GATEWAY} before charge",
    f"{GATEWAY} after charge",
    "settlements.find",
    "todos.complete",
)
"""Where a sample dies: before and after the order is committed, before the gateway is told and before its
answer is heard, while it is settled, and in a reaction."""
RENEWAL_STEPS = (
    "invoices.add",
    f"{COMMIT} after",
    f"{GATEWAY} before charge",
    f"{GATEWAY} after charge",
    "settlements.save",
)


class MortalInstallation(Installation):
    """An installation whose processes die at the step they are told."""

    command = (sys.executable, "-m", "tests.integration.journeys.crashing")

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(
            folder,
            PYTHONPATH=os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
            MULTIPRODUCT_TODO_LEASE_SECONDS="5",
            **{FOLDER_VARIABLE: str(folder)},
            **environment,
        )
        self.has_worker = "MULTIPRODUCT_REDIS_URL" in environment

    def start(self) -> None:
        if self.has_worker:
            self.start_worker()
        self.start_server()

    def kill_all(self) -> None:
        for name in list(self._processes):
            self.kill(name)

    @property
    def is_dead(self) -> bool:
        return any(process.poll() is not None for process in self._processes.values())

    def arm(self, step: str) -> None:
        """From now on, whoever reaches the step of this number or name dies."""
        (self.folder / "points").unlink(missing_ok=True)
        (self.folder / "armed").write_text(step)

    def disarm(self) -> str | None:
        """The step at which somebody died, if anybody did."""
        (self.folder / "armed").unlink()
        points = self.folder / "points"
        reached = points.read_text().splitlines() if points.exists() else []
        return next((each.removesuffix(" died") for each in reached if each.endswith(" died")), None)

    def start_watchdog(self) -> "Watchdog":
        """A process that looks after subscriptions when it is told."""
        return Watchdog([*self.command, "look_after"], self)


class Watchdog:
    """Looks after subscriptions, in a process of its own."""

    def __init__(self, command: list[str], house: Installation) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=house.folder,
            env=house.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def __enter__(self) -> Self:
        assert self._line() == "ready"
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait(30)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def looks_after(self) -> bool:
        """Does what is due; false if it died of it."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self._line() == "done"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


async def _until_quiet_or_dead(house: MortalInstallation, books: Books) -> None:
    """Waits until every reaction is done, or somebody died."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while not house.is_dead and not await books.is_quiet():
        assert time.monotonic() < deadline, house.log("server") + house.log("worker")
        await anyio.sleep(0.05)


@pytest.fixture(params=["sqlite", "postgres_worker_redis"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MortalInstallation]:
    more = {}
    if request.param != "sqlite":
        more["MULTIPRODUCT_DATABASE_URL"] = str(request.getfixturevalue("postgres_database"))
        more["MULTIPRODUCT_REDIS_URL"] = str(request.getfixturevalue("redis_database"))
    with MortalInstallation(tmp_path, MULTIPRODUCT_TEST_CLOCK="true", **more) as installed:
        yield installed


@pytest.fixture
async def books(house: MortalInstallation) -> AsyncIterator[Books]:
    opened = Books(house.environment["MULTIPRODUCT_DATABASE_URL"])
    yield opened
    await opened.close()


@pytest.fixture
async def shop(house: MortalInstallation) -> AsyncIterator[Shop]:
    url = house.environment["MULTIPRODUCT_DATABASE_URL"]
    settings = settings_of(url, house.folder, base_url=house.base_url, test_clock=True)
    async with opened_shop_house(settings) as library:
        yield await open_shop(library)


def _steps(named: Sequence[str]) -> Iterator[str]:
    """The steps to die at, and last one that is never reached. In a proof each, one after the other."""
    if proof_is_asked():
        yield from (str(number) for number in range(1, MOST_STEPS))
    else:
        yield from (*named, str(MOST_STEPS))


async def _buys_until_somebody_dies(
    house: MortalInstallation, books: Books, token: str, order: dict[str, Any], key: str
) -> None:
    with httpx2.Client(base_url=house.base_url, timeout=30) as http:
        try:
            answer = buy(http, token, order, key=key)
        except httpx2.TransportError:
            return
        assert answer.status_code == 201, answer.text
    await _until_quiet_or_dead(house, books)


async def test_what_is_bought_while_everything_dies_is_had_once_and_paid_for_once(
    house: MortalInstallation, books: Books, shop: Shop
) -> None:
    died_at: list[str | None] = []
    house.start()
    for step in _steps(PURCHASE_STEPS):
        buyer, key = await shop.customer(), str(uuid4())
        await _until_quiet_or_dead(house, books)
        house.arm(step)
        await _buys_until_somebody_dies(house, books, buyer.token, shop.order(), key)
        died_at.append(house.disarm())
        if died_at[-1] is not None:
            house.kill_all()
            await books.end_leases()
            if house.has_worker:
                await empty_redis(house.environment["MULTIPRODUCT_REDIS_URL"])
            house.start()
        with httpx2.Client(base_url=house.base_url, timeout=30) as http:
            again = buy(http, buyer.token, shop.order(), key=key)
            assert again.status_code == 201, again.text
            await _until_quiet_or_dead(house, books)
            last = buy(http, buyer.token, shop.order(), key=key).json()
        assert last["order_id"] == again.json()["order_id"]
        assert (last["payment"]["status"], last["subscriptions"][0]["status"]) == ("succeeded", "active")
        await books.require_one_purchase(buyer.user.id)
        await books.require_balance()
        if died_at[-1] is None and step.isdecimal():
            break
    assert died_at[-1] is None, "the story has more steps than were tried"
    assert set(PURCHASE_STEPS) <= set(died_at)


async def test_renewals_that_die_at_every_step_are_billed_once_for_each_period(
    house: MortalInstallation, books: Books, shop: Shop
) -> None:
    subscribers = [(await shop.customer()).user.id for _ in range(3)]
    bought = [(await shop.bought(each, await shop.card(each))).subscriptions[0] for each in subscribers]
    died_at: list[str | None] = []
    with contextlib.ExitStack() as watchdogs:
        watchdog = watchdogs.enter_context(house.start_watchdog())
        for period, step in enumerate(_steps(RENEWAL_STEPS), start=2):
            await _to_the_end_of(shop, bought[-1].id, subscribers[-1])
            house.arm(step)
            survived = watchdog.looks_after()
            died_at.append(house.disarm())
            assert survived is (died_at[-1] is None)
            if not survived:
                await books.end_leases()
                watchdog = watchdogs.enter_context(house.start_watchdog())
                assert watchdog.looks_after()
            for user_id, subscription in zip(subscribers, bought, strict=True):
                await _require_periods(books, user_id, subscription.id, period)
            await books.require_balance()
            if survived and step.isdecimal():
                break
    assert died_at[-1] is None, "the story has more steps than were tried"
    assert set(RENEWAL_STEPS) <= set(died_at)


async def _require_periods(books: Books, user_id: UUID, subscription_id: UUID, periods: int) -> None:
    """Each period is billed once, paid once, and told once."""
    assert await books.charged(user_id) == [PRICE] * periods
    charges = await books.subscription_charges(subscription_id)
    assert [(each.number, each.status) for each in charges] == [
        (number, "paid") for number in range(1, periods + 1)
    ]
    told = await books.audited(user_id)
    assert (told["subscriptions.renewed"], told["billing.invoice_paid"]) == (periods - 1, periods)


async def _to_the_end_of(shop: Shop, subscription_id: UUID, user_id: UUID) -> None:
    """Business time goes on to the moment after the present period."""
    container = shop.house.container
    await container.refresh_clock()
    found = await container.subscriptions.tending.read(subscription_id, as_person(user_id))
    assert found.period_end is not None
    await container.clock_offset.advance(found.period_end - container.clock.now() + timedelta(seconds=1))
    await container.refresh_clock()

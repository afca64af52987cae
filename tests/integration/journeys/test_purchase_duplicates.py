"""The same purchase 64 times at once over HTTP: one order, one invoice, one charge, one subscription."""

import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import anyio
import httpx2
import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.commerce import (
    Books,
    Shop,
    buy,
    open_shop,
    opened_shop_house,
    settings_of,
)
from tests.integration.journeys.installation import Installation

CLIENTS = 64
ROUNDS = proof_scale(1, 20)
WITHIN_SECONDS = 60.0
LATER = frozenset({"unavailable", "idempotency_unfinished"})
"""Answers that ask to come again."""
TOO_LATE = frozenset({"already_subscribed", "payment_under_way"})


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    is_sqlite = request.param == "sqlite"
    url = None if is_sqlite else str(request.getfixturevalue("postgres_database"))
    more = {} if url is None else {"MULTIPRODUCT_DATABASE_URL": url}
    with Installation(tmp_path, **more) as installed:
        installed.start_server(workers=1 if is_sqlite else 2)
        yield installed


@pytest.fixture
async def books(house: Installation) -> AsyncIterator[Books]:
    opened = Books(house.environment["MULTIPRODUCT_DATABASE_URL"])
    yield opened
    await opened.close()


@pytest.fixture
async def shop(house: Installation) -> AsyncIterator[Shop]:
    url = house.environment["MULTIPRODUCT_DATABASE_URL"]
    async with opened_shop_house(settings_of(url, house.folder, base_url=house.base_url)) as library:
        yield await open_shop(library)


class Crowd:
    """Clients, each with a connection of its own, who all send at the same moment."""

    def __init__(self, base_url: str, shop: Shop, token: str) -> None:
        self._base_url = base_url
        self._order = shop.order()
        self._token = token
        self._start = threading.Barrier(CLIENTS)

    def buys(self, keys: list[str | None]) -> list[httpx2.Response]:
        """What each was answered in the end."""
        with ThreadPoolExecutor(CLIENTS) as clients:
            return list(clients.map(self._buy, keys))

    def _buy(self, key: str | None) -> httpx2.Response:
        with httpx2.Client(base_url=self._base_url, timeout=60) as http:
            # The connection is there before the race begins.
            http.get("/livez")
            self._start.wait(30)
            deadline = time.monotonic() + WITHIN_SECONDS
            while True:
                answer = buy(http, self._token, self._order, key=key)
                is_over = answer.status_code == 201 or answer.json()["code"] not in LATER
                if is_over or time.monotonic() > deadline:
                    return answer
                time.sleep(0.1)


KINDS = ("one key", "a key each", "no key")


def _keys(kind: str) -> list[str | None]:
    one = str(uuid4())
    kinds: dict[str, list[str | None]] = {
        "one key": [one] * CLIENTS,
        "a key each": [str(uuid4()) for _ in range(CLIENTS)],
        "no key": [None] * CLIENTS,
    }
    return kinds[kind]


async def test_of_64_clients_who_buy_the_same_at_once_one_buys_it(
    house: Installation, books: Books, shop: Shop
) -> None:
    for kind in KINDS * ROUNDS:
        buyer = await shop.customer()
        crowd = Crowd(house.base_url, shop, buyer.token)
        answers = await anyio.to_thread.run_sync(crowd.buys, _keys(kind))
        bought = [each.json() for each in answers if each.status_code == 201]
        refused = Counter(each.json()["code"] for each in answers if each.status_code != 201)
        assert len({each["order_id"] for each in bought}) == 1, (kind, refused)
        assert len({each["invoice_number"] for each in bought}) == 1
        # Who has the key of the first is answered as the first; others are told that they have it already.
        assert set(refused) <= (frozenset() if kind == "one key" else TOO_LATE), (kind, refused)
        await _until_quiet(house, books)
        await books.require_one_purchase(buyer.user.id)
        await books.require_balance()


async def _until_quiet(house: Installation, books: Books) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not await books.is_quiet():
        assert time.monotonic() < deadline, house.log("server")
        await anyio.sleep(0.05)

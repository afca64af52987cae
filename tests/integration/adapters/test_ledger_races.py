"""Two at once on one ledger. One closes the books and an account while the other posts to accounts that it
remembers: what is committed after the close is refused, and what was told is what is in the tables. One is
refused with a key by which the other posts: the key is used up or posted, not both."""

import asyncio
import multiprocessing
from datetime import timedelta
from multiprocessing.connection import Connection

import pytest
from tests.campaigns import proof_scale
from tests.integration.adapters.patient_postgres import PATIENT
from tests.integration.adapters.test_ledger_memory import SHOP, Patient

from multiproduct.adapters.contracts.builders import NOW
from multiproduct.adapters.contracts.ledger_books import CASH, FUNDS, SALES, Books, holding, moving
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.adapters.sql import SqlStore
from multiproduct.application.caller import ANYBODY, SYSTEM
from multiproduct.domain.ledger import MAX_MINOR, PeriodChange, Posted, Refused, SettleHold

POSTERS = 4
MOST_ROUNDS = 5_000
RACES = proof_scale(2, 30)
EARLY = NOW - timedelta(days=2)
WHOLE = ["posted", "posted", "posted"]


def _post_in_a_process(url: str, told: Connection) -> None:
    asyncio.run(_post_until_closed(url, told))


async def _post_until_closed(url: str, told: Connection) -> None:
    """Tells how many of its postings were early, and how many to the shop."""
    store = SqlStore(url, postgres=PATIENT)
    books = Patient(store.units(contract_surroundings()))
    counts = {"early": 0, "shop": 0}
    assert await books.write(moving("cash", "sales", 1), moving("shop", "cash", 1), moving("cash", "shop", 1))
    counts["shop"] += 2
    told.send("begun")

    async def post(number: int) -> None:
        for each in range(MOST_ROUNDS):
            items = [
                moving("shop", "cash", 1),
                moving("cash", "shop", 1),
                moving("cash", "sales", 1, effective_at=EARLY, key=f"{number}:{each}" if each % 2 else None),
            ]
            codes = await books.write(*items)
            counts["shop"] += codes[:2].count("posted")
            counts["early"] += codes[2] == "posted"
            assert codes[0] == codes[1]
            if codes == ["account_closed", "account_closed", "period_closed"]:
                return
            await asyncio.sleep(0.001 * (number + each % 5))
        raise AssertionError("the closes were never seen")

    try:
        await asyncio.gather(*(post(number) for number in range(POSTERS)))
        told.send(counts)
    finally:
        await store.close()


@pytest.mark.parametrize("race", range(RACES))
async def test_what_one_process_closes_another_that_remembers_it_open_posts_to_no_more(
    postgres_store: SqlStore, postgres_store_url: str, race: int
) -> None:
    context = multiprocessing.get_context("spawn")
    books = Patient(postgres_store.units(contract_surroundings()))
    await books.open(CASH, SALES, SHOP)
    mine, theirs = context.Pipe()
    process = context.Process(target=_post_in_a_process, args=(postgres_store_url, theirs))
    process.start()
    assert await asyncio.to_thread(mine.poll, 60)
    assert mine.recv() == "begun"
    async with asyncio.timeout(60):
        while not await _early(books):
            await asyncio.sleep(0.01)
    await asyncio.sleep(race % 3 * 0.1)
    change = PeriodChange(position=1, closed_until=NOW, changed_at=NOW, actor_id=None, reason="")
    await in_one_unit(books.units, lambda unit: unit.ledger_periods.add(change))
    early = await _early(books)
    entries = await _close_the_shop(books)
    assert await asyncio.to_thread(mine.poll, 60)
    assert mine.recv() == {"early": early, "shop": entries}
    await asyncio.to_thread(process.join, 60)
    assert process.exitcode == 0
    assert await _early(books) == early
    found = await in_view(books.units, lambda unit: unit.ledger_accounts.found(["shop"]))
    assert found["shop"].version == entries
    assert list(await in_view(books.units, lambda unit: unit.ledger_chain.unsupported(limit=9))) == []


async def _early(books: Books) -> int:
    """How many transactions there are before the close."""

    async def count(unit: StoreUnit) -> int:
        pages = [page async for page in unit.ledger_journal.every(page=1_000)]
        return sum(one.effective_at == EARLY for page in pages for one in page)

    return await in_view(books.units, count)


async def _close_the_shop(books: Books) -> int:
    """Answers how many entries it had."""
    for _ in range(MOST_ROUNDS):
        account = (await in_view(books.units, lambda unit: unit.ledger_accounts.found(["shop"])))["shop"]
        account.close(now=NOW)
        if await in_one_unit(books.units, lambda unit, account=account: unit.ledger_accounts.close(account)):
            return account.version
    raise AssertionError("the shop moved all the time")


async def test_a_key_that_was_refused_is_never_posted_by_a_rival(postgres_store: SqlStore) -> None:
    books = Patient(postgres_store.units(contract_surroundings()))
    await books.open(CASH, FUNDS, SALES)
    await books.write(moving("cash", "funds", 100))
    async with books.units.open(SYSTEM) as holding_unit, books.units.open(ANYBODY) as refused_unit:
        (held,) = await books.posting.post(holding_unit, [holding("funds", "sales", 20)])
        assert isinstance(held, Posted)
        wish = SettleHold(hold_id=held.transaction.id, key="k")
        (refused,) = await books.posting.post(refused_unit, [wish])
        assert isinstance(refused, Refused)
        await holding_unit.commit()
        again = asyncio.create_task(books.write(wish))
        done, _ = await asyncio.wait([again], timeout=0.2)
        assert not done
        await refused_unit.commit()
    assert await again == ["key_already_failed"]


async def test_a_key_that_is_being_posted_is_not_refused_to_a_rival(postgres_store: SqlStore) -> None:
    books = Patient(postgres_store.units(contract_surroundings()))
    await books.open(CASH, FUNDS, SALES)
    await books.write(moving("cash", "funds", 100))
    async with books.units.open(SYSTEM) as posting_unit:
        (held,) = await books.posting.post(posting_unit, [holding("funds", "sales", 20)])
        assert isinstance(held, Posted)
        wish = SettleHold(hold_id=held.transaction.id, key="k")
        (posted,) = await books.posting.post(posting_unit, [wish])
        assert isinstance(posted, Posted)
        again = asyncio.create_task(books.write(wish))
        done, _ = await asyncio.wait([again], timeout=0.2)
        assert not done
        await posting_unit.commit()
    assert await again == ["exists"]


async def test_a_key_is_used_up_while_a_rival_waits_with_accounts_that_it_remembers(
    postgres_store: SqlStore,
) -> None:
    books = Patient(postgres_store.units(contract_surroundings()))
    rival = Patient(postgres_store.units(contract_surroundings()))
    await books.open(CASH, FUNDS, SALES)
    await books.write(moving("cash", "funds", 100), moving("cash", "sales", 1))
    late = moving("cash", "sales", MAX_MINOR, key="k")
    async with books.units.open(SYSTEM) as refused_unit:
        _, refused = await books.posting.post(refused_unit, [moving("cash", "funds", 1), late])
        assert isinstance(refused, Refused)
        again = asyncio.create_task(rival.write(moving("cash", "sales", 2, key="k")))
        done, _ = await asyncio.wait([again], timeout=0.2)
        assert not done
        await refused_unit.commit()
    assert await again == ["key_already_failed"]

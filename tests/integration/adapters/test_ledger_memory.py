"""What a process remembers of ledger accounts never changes what comes of a batch: whatever others did since
is found out by the database, and the batch is judged again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from multiproduct.adapters.contracts.builders import NOW
from multiproduct.adapters.contracts.ledger_books import CASH, FUNDS, SALES, Books, holding, moving
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.adapters.sql import SqlStore
from multiproduct.adapters.sql.ledger_memory import MOST_ACCOUNTS, AccountMemory
from multiproduct.application.caller import SYSTEM
from multiproduct.application.units import in_unit
from multiproduct.domain.ledger import (
    MAX_MINOR,
    Account,
    AccountKind,
    AccountSpec,
    AnyInstruction,
    Limit,
    PeriodChange,
)

SHOP = AccountSpec(code="shop", kind=AccountKind.ASSET, currency="USD")


class Patient(Books):
    """Books that try again, as every use case does."""

    async def write(self, *items: AnyInstruction) -> list[str]:
        async def body(unit: StoreUnit) -> list[str]:
            outcomes = await self.posting.post(unit, items)
            await unit.commit()
            return [outcome.code.value for outcome in outcomes]

        return await in_unit(lambda: self.units.open(SYSTEM), body)


@pytest.fixture
async def books(postgres_store: SqlStore) -> Books:
    """Of a process that has posted to its accounts before, and remembers those without a limit."""
    books = Patient(postgres_store.units(contract_surroundings()))
    await books.open(CASH, FUNDS, SALES, SHOP)
    assert await books.write(moving("cash", "sales", 7), moving("cash", "funds", 50)) == ["posted", "posted"]
    return books


@pytest.fixture
def rival(postgres_store: SqlStore) -> Books:
    """Another process on the same database."""
    return Patient(postgres_store.units(contract_surroundings()))


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_a_batch_upon_what_is_remembered_is_one_statement(books: Books) -> None:
    with statements() as asked:
        assert await books.write(moving("cash", "sales", 1), moving("sales", "cash", 1)) == ["posted"] * 2
    assert len(asked) == 1
    assert await books.sums("cash") == (58, 1, 0, 0)


async def test_accounts_that_a_process_posts_to_for_the_first_time_are_read_and_not_held(
    books: Books, rival: Books
) -> None:
    assert await rival.write(moving("cash", "sales", 1)) == ["posted"]
    with statements() as asked:
        assert await rival.write(moving("cash", "shop", 1), moving("shop", "sales", 1)) == ["posted"] * 2
    assert [each.split(" ")[0] for each in asked] == ["SELECT", "WITH"]
    assert "FOR NO KEY UPDATE" not in asked[0]
    assert await books.sums("shop") == (1, 1, 0, 0)


async def test_accounts_that_are_not_as_remembered_are_held_once(books: Books, rival: Books) -> None:
    assert await books.write(moving("shop", "cash", 5), moving("cash", "shop", 5)) == ["posted", "posted"]
    await _close(rival, "shop")
    with statements() as asked:
        assert await books.write(moving("shop", "cash", 5), moving("cash", "sales", 5))
        assert await books.write(moving("cash", "sales", 5)) == ["posted"]
    assert sum("FOR NO KEY UPDATE" in statement for statement in asked) == 1


async def test_accounts_are_moved_before_a_key_is_taken(books: Books) -> None:
    with statements() as asked:
        assert await books.write(moving("cash", "sales", 1, key="k")) == ["posted"]
    written = [each.split("(")[0] for each in asked if "INSERT" in each]
    assert written == ["INSERT INTO ledger_entries ", "INSERT INTO ledger_transactions "]


async def test_accounts_with_a_limit_are_held_before_anything_is_judged(books: Books) -> None:
    with statements() as asked:
        assert await books.write(moving("funds", "sales", 51)) == ["exceeds_limit"]
        assert await books.write(moving("funds", "sales", 50)) == ["posted"]
    assert sum("FOR NO KEY UPDATE" in statement for statement in asked) == 2


async def test_an_account_that_a_rival_closed_is_closed(books: Books, rival: Books) -> None:
    assert await books.write(moving("shop", "cash", 5), moving("cash", "shop", 5)) == ["posted", "posted"]
    await _close(rival, "shop")
    assert await books.write(moving("shop", "cash", 5), moving("cash", "sales", 5)) == [
        "account_closed",
        "posted",
    ]
    assert await books.sums("shop") == (5, 5, 0, 0)


async def test_a_period_that_a_rival_closed_is_closed(books: Books, rival: Books) -> None:
    early = moving("cash", "sales", 5, effective_at=NOW - timedelta(days=2))
    assert await books.write(early) == ["posted"]
    change = PeriodChange(position=1, closed_until=NOW, changed_at=NOW, actor_id=None, reason="")
    await in_one_unit(rival.units, lambda unit: unit.ledger_periods.add(change))
    assert await books.write(early) == ["period_closed"]
    change = PeriodChange(position=2, closed_until=None, changed_at=NOW, actor_id=None, reason="")
    await in_one_unit(rival.units, lambda unit: unit.ledger_periods.add(change))
    assert await books.write(early) == ["posted"]


async def test_sums_of_more_than_64_bits_are_refused(books: Books) -> None:
    most = MAX_MINOR - 7
    assert await books.write(moving("shop", "sales", most)) == ["posted"]
    assert await books.write(moving("shop", "sales", 1)) == ["balance_too_large"]
    assert await books.write(moving("shop", "cash", 8)) == ["balance_too_large"]
    assert await books.write(moving("shop", "cash", 7)) == ["posted"]


async def test_sums_of_more_than_64_bits_are_refused_in_the_second_batch_of_a_unit_too(books: Books) -> None:
    async def body(unit: StoreUnit) -> list[str]:
        outcomes = [
            *await books.posting.post(unit, [moving("cash", "sales", 1)]),
            *await books.posting.post(unit, [moving("cash", "sales", MAX_MINOR)]),
        ]
        await unit.commit()
        return [outcome.code.value for outcome in outcomes]

    assert await in_unit(lambda: books.units.open(SYSTEM), body) == ["posted", "balance_too_large"]


async def test_what_is_posted_and_what_is_reserved_share_the_64_bits(books: Books) -> None:
    half = MAX_MINOR // 2 + 1
    assert await books.write(holding("shop", "cash", half)) == ["posted"]
    assert await books.write(moving("shop", "cash", half)) == ["balance_too_large"]
    assert await books.write(moving("shop", "cash", half - 1)) == ["posted"]


async def test_a_key_that_a_rival_used_exists(books: Books, rival: Books) -> None:
    assert await rival.write(moving("cash", "sales", 5, key="k")) == ["posted"]
    assert await books.write(moving("cash", "sales", 5, key="k")) == ["exists"]
    assert await books.write(moving("cash", "sales", 6, key="k")) == ["exists_with_different_content"]


async def test_accounts_whose_opening_was_undone_are_opened_again(books: Books) -> None:
    new = AccountSpec(code="new", kind=AccountKind.ASSET, currency="USD")

    async def open_and_post(unit: StoreUnit) -> None:
        await books.accounts.ensure(unit, [new])
        for _ in range(2):
            await books.posting.post(unit, [moving("new", "cash", 1)])

    async with books.units.open(SYSTEM) as undone:
        await open_and_post(undone)
    assert await books.write(moving("new", "cash", 1)) == ["account_not_found"]
    async with books.units.open(SYSTEM) as kept:
        await open_and_post(kept)
        await kept.commit()
    assert await books.sums("new") == (2, 0, 0, 0)


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    memory = AccountMemory()
    for number in range(MOST_ACCOUNTS + 1):
        memory.keep([_account(number)], closed_until=None)
    assert memory.book({"a:1"}) is None
    assert memory.book({f"a:{MOST_ACCOUNTS}"}) is not None


def test_nothing_is_read_for_a_batch_that_holds_its_accounts_anyway() -> None:
    memory = AccountMemory()
    limited = _account(2)
    limited.limit = Limit.DEBITS_NEVER_EXCEED_CREDITS
    memory.keep([_account(1), limited], closed_until=None)
    assert memory.unknown({"a:1"}) == frozenset()
    assert memory.unknown({"a:1", "a:3"}) == {"a:3"}
    assert memory.unknown({"a:2", "a:3"}) == frozenset()
    assert memory.book({"a:1", "a:2"}) is None


def test_what_was_found_otherwise_is_remembered_again_once_it_was_held() -> None:
    memory = AccountMemory()
    memory.keep([_account(1)], closed_until=None)
    memory.forget({"a:1"})
    assert memory.unknown({"a:1"}) == frozenset()
    assert memory.book({"a:1"}) is None
    memory.keep([_account(1)], closed_until=None)
    assert memory.book({"a:1"}) is not None


def _account(number: int) -> Account:
    spec = AccountSpec(code=f"a:{number}", kind=AccountKind.ASSET, currency="USD")
    return Account.open(spec, id=UUID(int=number), now=NOW)


async def _close(books: Books, code: str) -> None:
    account = (await in_view(books.units, lambda unit: unit.ledger_accounts.found([code])))[code]
    account.close(now=NOW)
    assert await in_one_unit(books.units, lambda unit: unit.ledger_accounts.close(account))

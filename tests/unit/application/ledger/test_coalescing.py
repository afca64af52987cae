"""Group commit: what is asked for at once is written together, and everybody hears of their own."""

import asyncio

import pytest

from multiproduct.adapters.contracts.ledger_books import moving
from multiproduct.application.ledger import coalescing
from multiproduct.application.ledger.coalescing import Coalescing
from multiproduct.domain.ledger import Refused, ResultCode
from multiproduct.domain.shared import Unavailable


class Writer:
    """Notes the batches, and answers each item by its key."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.failure: BaseException | None = None

    async def write(self, items):
        self.batches.append([item.key for item in items])
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return [Refused(ResultCode.UNBALANCED, item.key) for item in items]


def item(key):
    return moving("a", "b", 1, key=key)


async def test_what_comes_while_a_batch_is_written_is_the_next_batch() -> None:
    writer = Writer()
    together = Coalescing(writer.write)
    asked = [asyncio.create_task(together.post(item("first")))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asked += [asyncio.create_task(together.post(item(f"later {n}"))) for n in range(3)]
    await asyncio.sleep(0)
    writer.gate.set()
    outcomes = await asyncio.gather(*asked)
    assert [outcome.account for outcome in outcomes] == ["first", "later 0", "later 1", "later 2"]
    assert writer.batches == [["first"], ["later 0", "later 1", "later 2"]]


async def test_a_batch_that_fails_fails_for_those_in_it_and_for_nobody_else() -> None:
    writer = Writer()
    writer.failure = Unavailable(what="database")
    writer.gate.set()
    together = Coalescing(writer.write)
    with pytest.raises(Unavailable):
        await together.post(item("one"))
    writer.failure = None
    assert (await together.post(item("two"))).account == "two"


async def test_whoever_is_cancelled_before_the_batch_begins_has_nothing_written() -> None:
    writer = Writer()
    together = Coalescing(writer.write)
    first = asyncio.create_task(together.post(item("first")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone = asyncio.create_task(together.post(item("gone")))
    stays = asyncio.create_task(together.post(item("stays")))
    await asyncio.sleep(0)
    gone.cancel()
    writer.gate.set()
    assert (await first).account == "first"
    assert (await stays).account == "stays"
    assert writer.batches == [["first"], ["stays"]]


async def test_there_is_room_for_so_many(monkeypatch) -> None:
    monkeypatch.setattr(coalescing, "MAX_WAITING", 2)
    writer = Writer()
    together = Coalescing(writer.write)
    asked = [asyncio.create_task(together.post(item(str(n)))) for n in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await together.post(item("too many"))
    writer.gate.set()
    await asyncio.gather(*asked)

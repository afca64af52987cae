"""What every store must do with the ledger's chain: tell what waits to be sealed, and let one of any number
of rivals seal it."""

from functools import partial

from multiproduct.adapters.contracts.builders import (
    NOW,
)
from multiproduct.adapters.contracts.ledger_books import (
    CASH,
    FUNDS,
    SALES,
    Books,
    holding,
    moving,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.audit import ChainHead, Mark, SealedRow, seals_of
from multiproduct.domain.ledger import (
    SEAL_VERSION,
    canonical_form,
)

_SECRET = b"s" * 32


class LedgerChainContract:
    """Needs `units`, as the ledger's contract does."""

    async def test_what_is_sealed_can_be_gone_along(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS, SALES)
        written = [await books.write_one(moving("cash", "funds", 9)) for _ in range(3)]
        written.append(await books.write_one(holding("funds", "sales", 2)))
        assert (await in_view(units, lambda unit: unit.ledger_chain.tail())).count == 4
        assert not await in_view(units, lambda unit: unit.ledger_chain.has_sealed())
        assert await in_one_unit(units, partial(_seal, limit=3))
        assert await in_one_unit(units, partial(_seal, limit=3))
        (rows,) = await in_view(units, _sealed)
        assert [(row.sequence, row.id) for row in rows] == [
            (number, str(transaction.id)) for number, transaction in enumerate(written, start=1)
        ]
        assert all(row.form is not None for row in rows)
        head = await in_view(units, lambda unit: unit.ledger_chain.head())
        assert head is not None
        assert head.mark == Mark(4, rows[-1].hash or b"")
        assert (await in_view(units, lambda unit: unit.ledger_chain.tail())).count == 0
        assert await in_view(units, lambda unit: unit.ledger_chain.has_sealed())
        for looked_for in (
            lambda unit: unit.ledger_chain.forgotten(limit=9),
            lambda unit: unit.ledger_chain.unsupported(limit=9),
            lambda unit: unit.ledger_chain.misheld(limit=9),
            lambda unit: unit.ledger_chain.beyond_head(limit=9),
        ):
            assert list(await in_view(units, looked_for)) == []

    async def test_of_rivals_that_read_the_same_head_one_extends_the_chain(
        self, units: Units[StoreUnit]
    ) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS)
        await books.write(*(moving("cash", "funds", 1) for _ in range(5)))

        async def seal_one(unit: StoreUnit) -> bool:
            is_first = await _seal(unit, limit=1)
            if is_first:
                await unit.commit()
            return is_first

        sealed = 0
        while sealed < 5:
            outcomes = await race(units, 3, seal_one)
            assert any(outcomes)
            sealed += sum(outcomes)
        (rows,) = await in_view(units, _sealed)
        assert [row.sequence for row in rows] == [1, 2, 3, 4, 5]


async def _sealed(unit: StoreUnit) -> list[list[SealedRow]]:
    return [list(rows) async for rows in unit.ledger_chain.sealed(until=100, page=100)]


async def _seal(unit: StoreUnit, *, limit: int) -> bool:
    head = await unit.ledger_chain.head()
    waiting = await unit.ledger_chain.unsealed(limit=limit)
    forms = [(each.transaction.id, b"", canonical_form(each)) for each in waiting]
    mark, seals = seals_of(head.mark if head else Mark(), forms, version=SEAL_VERSION)
    after = ChainHead.sign(mark, key_id="k1", secret=_SECRET, now=NOW)
    return await unit.ledger_chain.extend(head, after, seals)

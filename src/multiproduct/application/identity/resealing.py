"""Sealing anew what lies sealed under older secrets, so that these can be retired."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.second_factor_ports import SealedRow
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit

BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """What a run came to: rows sealed anew, and rows that no present or older secret opens."""

    renewed: int = 0
    unreadable: int = 0


class Resealing:
    """One pass over every sealed column, in batches of 200 rows, each a transaction of its own. What is
    written meanwhile is sealed under the present secret anyhow. A second run finds nothing to do."""

    def __init__(self, *, units: Units[IdentityUnit], sealing: Sealing) -> None:
        self._units = units
        self._sealing = sealing

    async def run(self) -> Resealed:
        """Seals anew. Only once it says that nothing is unreadable may older secrets be retired."""
        async with self._units.view(SYSTEM) as view:
            tables = sorted(view.sealed_rows)
        total = Resealed()
        for table in tables:
            place: UUID | None = UUID(int=0)
            while place is not None:
                place, total = await self._batch(table, place, total)
        return total

    async def _batch(self, table: str, place: UUID, total: Resealed) -> tuple[UUID | None, Resealed]:
        async def body(unit: IdentityUnit) -> tuple[UUID | None, Resealed]:
            rows = await unit.sealed_rows[table].after(place, limit=BATCH)
            stale = [row for row in rows if not self._sealing.is_current(row.sealed)]
            outcomes = [await self._renew(unit, table, row) for row in stale]
            await unit.commit()
            counted = Resealed(
                renewed=total.renewed + outcomes.count(True),
                unreadable=total.unreadable + outcomes.count(None),
            )
            return (rows[-1].id if len(rows) == BATCH else None), counted

        return await in_unit(lambda: self._units.open(SYSTEM), body)

    async def _renew(self, unit: IdentityUnit, table: str, row: SealedRow) -> bool | None:
        """Whether it was sealed anew; None for what cannot be opened."""
        secret = self._sealing.open(row.sealed, purpose=row.purpose)
        if secret is None:
            return None
        sealed = self._sealing.seal(secret, purpose=row.purpose)
        return await unit.sealed_rows[table].replace(row, sealed)

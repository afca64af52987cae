"""The test clock's offset in a table of one row."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from multiproduct.adapters.sql.lanes import Database
from multiproduct.adapters.sql.tables.shared import clock_offset
from multiproduct.adapters.sql.upserting import in_each_dialect

_MICROSECOND = timedelta(microseconds=1)
_o = clock_offset.c


def _advancing(inserting: Any) -> Any:
    statement = inserting(clock_offset)
    return statement.on_conflict_do_update(
        index_elements=[_o.id], set_={"microseconds": _o.microseconds + statement.excluded.microseconds}
    ).returning(_o.microseconds)


_ADVANCE = in_each_dialect(_advancing)
_READ = select(_o.microseconds)


class SqlClockOffset:
    """The `ClockOffset` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> timedelta:
        """The present offset."""
        microseconds = (await self._database.read(_READ)).scalar()
        return (microseconds or 0) * _MICROSECOND

    async def advance(self, by: timedelta) -> timedelta:
        """Moves the clock forward; answers the new offset. Raises ValueError for a negative step."""
        if by < timedelta():
            raise ValueError("the clock never goes back")
        advanced = await self._database.alone(
            _ADVANCE[self._database.dialect], {"id": 1, "microseconds": by // _MICROSECOND}
        )
        microseconds: int = advanced.scalar_one()
        return microseconds * _MICROSECOND

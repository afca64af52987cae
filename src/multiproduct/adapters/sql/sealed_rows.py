"""Sealed columns, read in the order of their rows and written anew when the secret changes."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Integer, bindparam, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.application.identity.second_factor_ports import SealedRow

Purpose = Callable[[UUID, UUID], str]


class SqlSealedRows:
    """The `SealedRows` port over one column of a table that has `id` and `user_id`."""

    def __init__(self, lane: Lane, column: Column[Any], purpose: Purpose) -> None:
        """`purpose` is told the user's and the row's id."""
        table = column.table
        self._lane = lane
        self._purpose = purpose
        self._after = (  # the primary key
            select(table.c.id, table.c.user_id, column.label("sealed"))
            .where(table.c.id > bindparam("of_id"))
            .order_by(table.c.id)
            .limit(bindparam("most", type_=Integer))
        )
        self._replace = (  # the primary key
            update(table)
            .where(table.c.id == bindparam("of_id"), column == bindparam("before"))
            .values({column.name: bindparam("anew")})
        )

    async def after(self, id: UUID, *, limit: int) -> Sequence[SealedRow]:
        """Rows after an id."""
        rows = await self._lane.run(self._after, {"of_id": id, "most": limit})
        return [SealedRow(row.id, self._purpose(row.user_id, row.id), row.sealed) for row in rows]

    async def replace(self, row: SealedRow, sealed: bytes) -> bool:
        """Writes the new sealing unless the old one is not there any more."""
        written = await self._lane.run(self._replace, {"of_id": row.id, "before": row.sealed, "anew": sealed})
        return written.rowcount == 1

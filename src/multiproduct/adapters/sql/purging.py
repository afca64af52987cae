"""Removing rows that are over, a few at a time, without waiting for rows that somebody holds."""

from datetime import datetime

from sqlalchemy import ColumnElement, Executable, Integer, Table, bindparam, delete, select, tuple_

from multiproduct.adapters.sql.lanes import Lane


def purge_of(table: Table, over: ColumnElement[bool]) -> Executable:
    """Deletes at most `:most` rows for which `over` holds, and answers a key of each.

    The rows are chosen in a CTE, which PostgreSQL runs once (a subquery could be run again for each row,
    and so choose more than the limit), and locked there, so that none can change between choice and removal.
    """
    keys = list(table.primary_key.columns)
    doomed = (
        select(*keys)
        .where(over)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("doomed")
    )
    chosen = select(*(doomed.c[key.name] for key in keys))
    which = keys[0].in_(chosen) if len(keys) == 1 else tuple_(*keys).in_(chosen)
    # Answered, because SQLite's driver does not count the rows of a statement that begins with a CTE.
    return delete(table).where(which).returning(keys[0])


async def purge(lane: Lane, statement: Executable, *, before: datetime, limit: int) -> int:
    """Runs a statement of `purge_of` whose `over` compares with `:before`; answers how many rows went."""
    return len((await lane.run(statement, {"before": before, "most": limit})).all())

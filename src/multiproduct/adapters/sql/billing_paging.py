"""Pages of billing's documents: the latest first, by a row value that both databases look up in an index."""

from typing import Any

from sqlalchemy import Column, Select, bindparam, select, tuple_
from sqlalchemy.sql.schema import Table

from multiproduct.application.billing.ports import Place, Wanted


def page_of(
    table: Table, moment: Column[Any], wanted: Wanted, *, after: Place | None, limit: int
) -> Select[tuple[Any, ...]]:
    """By (customer_id, moment, id), (status, moment, id) or (moment, id)."""
    columns = table.c
    statement = select(table)
    if wanted.customer_id is not None:
        statement = statement.where(columns.customer_id == wanted.customer_id)
    if wanted.status is not None and "status" in columns:
        statement = statement.where(columns.status == wanted.status)
    if wanted.order_id is not None and "order_id" in columns:
        statement = statement.where(columns.order_id == wanted.order_id)
    if wanted.subscription_id is not None and "subscription_id" in columns:
        statement = statement.where(columns.subscription_id == wanted.subscription_id)
    if after is not None:
        place = tuple_(
            bindparam("after_at", after.at, type_=moment.type),
            bindparam("after_id", after.id, type_=columns.id.type),
        )
        statement = statement.where(tuple_(moment, columns.id) < place)
    return statement.order_by(moment.desc(), columns.id.desc()).limit(limit)

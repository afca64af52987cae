"""The sandbox's books in a table of their own."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from multiproduct.adapters.sql.lanes import Database
from multiproduct.adapters.sql.tables.payments import sandbox_records
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.payments.sandbox_books import SandboxRecord

_c = sandbox_records.c
_ADD = in_each_dialect(  # pk_sandbox_records
    lambda inserting: inserting(sandbox_records).on_conflict_do_nothing(index_elements=[_c.key])
)
_SAVE = (  # pk_sandbox_records
    update(sandbox_records)
    .where(_c.key == bindparam("of_key"), _c.version == bindparam("of_version"))
    .values(
        version=_c.version + 1,
        moved=bindparam("new_moved"),
        document=bindparam("new_document", type_=_c.document.type),
    )
)
_FIND = select(sandbox_records).where(_c.key == bindparam("of_key"))  # pk_sandbox_records
_RELATED = (  # ix_sandbox_records_related
    select(sandbox_records).where(_c.related == bindparam("to")).order_by(_c.created_at, _c.key)
)


class SqlSandboxBooks:
    """The `SandboxBooks` port: each call is a transaction of its own, on a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, record: SandboxRecord) -> bool:
        """Keeps a record unless its key is taken."""
        row = {
            "key": record.key,
            "version": record.version,
            "kind": record.kind,
            "related": record.related,
            "minor": record.minor,
            "currency": record.currency,
            "moved": record.moved,
            "document": dict(record.document),
            "created_at": record.created_at,
        }
        return (await self._database.alone(_ADD[self._database.dialect], row)).rowcount == 1

    async def save(self, record: SandboxRecord) -> bool:
        """Writes a record over its former version."""
        parameters = {
            "of_key": record.key,
            "of_version": record.version,
            "new_moved": record.moved,
            "new_document": dict(record.document),
        }
        return (await self._database.alone(_SAVE, parameters)).rowcount == 1

    async def find(self, key: str) -> SandboxRecord | None:
        """The record by key."""
        row = (await self._database.read(_FIND, {"of_key": key})).first()
        return None if row is None else _record(row)

    async def related(self, to: str) -> Sequence[SandboxRecord]:
        """Those that are related to it."""
        return [_record(row) for row in await self._database.read(_RELATED, {"to": to})]


def _record(row: Row[Any]) -> SandboxRecord:
    return SandboxRecord(
        key=row.key,
        kind=row.kind,
        related=row.related,
        minor=row.minor,
        currency=row.currency,
        moved=row.moved,
        document=row.document,
        created_at=row.created_at,
        version=row.version,
    )

"""First answers by idempotency key, in a table."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.shared import idempotency
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.idempotency import IdempotencyRecord

_i = idempotency.c


def _claiming(inserting: Any) -> Any:
    # Where the record is kept and good, nothing is updated and no row answered, but the row is locked.
    statement = inserting(idempotency)
    return statement.on_conflict_do_update(
        index_elements=[_i.scope, _i.key],
        set_={
            "fingerprint": statement.excluded.fingerprint,
            "answer": statement.excluded.answer,
            "about": statement.excluded.about,
            "expires_at": statement.excluded.expires_at,
        },
        where=_i.expires_at <= bindparam("at", type_=_i.expires_at.type),
    ).returning(_i.fingerprint)


_CLAIM = in_each_dialect(_claiming)  # pk_idempotency
_ANSWER = (  # pk_idempotency
    update(idempotency)
    .where(_i.scope == bindparam("of_scope"), _i.key == bindparam("of_key"))
    .values(answer=bindparam("first_answer"), about=bindparam("first_about"))
)
_KEPT = select(idempotency).where(_i.scope == bindparam("of_scope"), _i.key == bindparam("of_key"))
_PURGE = purge_of(idempotency, _i.expires_at < bindparam("before"))  # ix_idempotency_expires_at


class SqlIdempotencyRecords:
    """The `IdempotencyRecords` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def claim(self, record: IdempotencyRecord, *, now: datetime) -> IdempotencyRecord | None:
        """Keeps the record if its key is free or expired, else answers what is kept."""
        claimed = await self._lane.run(
            _CLAIM[self._lane.dialect],
            {
                "scope": record.scope,
                "key": record.key,
                "fingerprint": record.fingerprint,
                "answer": record.answer,
                "about": record.about,
                "expires_at": record.expires_at,
                "at": now,
            },
        )
        if claimed.first() is not None:
            return None
        kept = (await self._lane.run(_KEPT, {"of_scope": record.scope, "of_key": record.key})).one()
        return _record(kept)

    async def find(self, scope: str, key: str, *, now: datetime) -> IdempotencyRecord | None:
        """What is kept and not expired."""
        kept = (await self._lane.run(_KEPT, {"of_scope": scope, "of_key": key})).first()
        return _record(kept) if kept is not None and kept.expires_at > now else None

    async def answer(self, scope: str, key: str, answer: dict[str, Any], *, about: str | None = None) -> None:
        """Stores the first answer."""
        found = {"of_scope": scope, "of_key": key, "first_answer": answer, "first_about": about}
        await self._lane.run(_ANSWER, found)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes expired records."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)


def _record(row: Any) -> IdempotencyRecord:
    return IdempotencyRecord(
        scope=row.scope,
        key=row.key,
        fingerprint=row.fingerprint,
        answer=row.answer,
        about=row.about,
        expires_at=row.expires_at,
    )

"""The chain over the audit log in tables. Its rows are read with care: somebody may have changed them."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Column, Dialect, RowMapping, bindparam, func, or_, select, type_coerce, update
from sqlalchemy.types import NullType

from multiproduct.adapters.sql.lanes import Lane, Result
from multiproduct.adapters.sql.tables.audit import STRANGERS, audit_chain, audit_entries
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.audit.ports import ErasedStretch, UnsealedTail
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.domain.audit import ChainHead, Mark, Seal, SealedRow, personal_digest, sealed_form

_a, _h = audit_entries.c, audit_chain.c
_ENTRY = (
    "id", "occurred_at", "event", "action", "resource_type", "resource_id", "user_id", "actor_id",
    "actor_type", "ip", "user_agent", "request_id", "changes", "metadata",
)  # fmt: skip
_BEFORE_ALL = -(2**63)
_LONGEST_ID = 100
_UNREADABLE = object()
_ANY = NullType()


def _raw(*columns: Column[Any]) -> list[Any]:
    """Columns as the driver gives them: SQLite keeps anything anywhere, and one odd value must not keep the
    others of its page from being read."""
    return [type_coerce(column, _ANY).label(column.name) for column in columns]


_HEAD = select(audit_chain).where(_h.id == 1)  # pk_audit_chain
_HAS_SEALED = select(_a.sequence).where(_a.sequence.is_not(None)).limit(1)  # uq_audit_entries_sequence
_UNSEALED = (  # ix_audit_entries_unsealed
    select(*_raw(*audit_entries.columns))
    .where(_a.sequence.is_(None))
    .order_by(_a.id)
    .limit(bindparam("of_limit"))
)
_TAIL = select(  # ix_audit_entries_unsealed
    func.count().label("number"), type_coerce(func.min(_a.occurred_at), _ANY).label("occurred_at")
).where(_a.sequence.is_(None))
_SEALED = (  # uq_audit_entries_sequence
    select(*_raw(*audit_entries.columns))
    .where(
        type_coerce(_a.sequence, _ANY) >= bindparam("last"),
        or_(
            type_coerce(_a.sequence, _ANY) > bindparam("last"),
            type_coerce(_a.id, _ANY) > bindparam("last_id"),
        ),
        _a.sequence <= bindparam("until"),
    )
    .order_by(_a.sequence, _a.id)
    .limit(bindparam("of_limit"))
)
_BEYOND = (  # uq_audit_entries_sequence
    select(*_raw(*audit_entries.columns))
    .where(_a.sequence > func.coalesce(select(_h.sequence).where(_h.id == 1).scalar_subquery(), 0))
    .order_by(_a.sequence, _a.id)
    .limit(bindparam("of_limit"))
)
_BEGIN = in_each_dialect(
    lambda inserting: inserting(audit_chain).on_conflict_do_nothing(index_elements=[_h.id]).returning(_h.id)
)
_MOVE = (  # pk_audit_chain
    update(audit_chain)
    .where(
        _h.id == 1,
        _h.sequence == bindparam("from_sequence"),
        _h.hash == bindparam("from_hash"),
        _h.mac == bindparam("from_mac"),
    )
    .returning(_h.id)
)
_SEAL = (  # pk_audit_entries
    update(audit_entries)
    .where(_a.id == bindparam("of_id"), _a.sequence.is_(None))
    .values(
        sequence=bindparam("to_sequence"),
        sealed_hash=bindparam("to_hash"),
        salt=bindparam("to_salt"),
        seal_version=bindparam("to_version"),
    )
)
_names_person = or_(_a.user_id == bindparam("of_user"), _a.actor_id == bindparam("of_user"))
_UNSEALED_ABOUT = (  # ix_audit_entries_unsealed
    select(_a.event).where(_names_person, _a.sequence.is_(None)).limit(1)
)
_ABOUT = (  # ix_audit_entries_user_id_id, ix_audit_entries_actor_id_id
    select(*_raw(*audit_entries.columns))
    .where(_names_person, _a.sequence.is_not(None), _a.personal_digest.is_(None))
    .order_by(_a.id)
    .limit(bindparam("of_limit"))
)
_ABOUT_AFTER = _ABOUT.where(type_coerce(_a.id, _ANY) > bindparam("after_id"))
_OF_STRANGERS = (  # ix_audit_entries_strangers
    select(*_raw(*audit_entries.columns))
    .where(STRANGERS, _a.sequence.is_not(None), _a.occurred_at < bindparam("before"))
    .order_by(_a.occurred_at, _a.id)
    .limit(bindparam("of_limit"))
)
_OF_STRANGERS_AFTER = _OF_STRANGERS.where(
    type_coerce(_a.occurred_at, _ANY) >= bindparam("after_moment"),
    or_(
        type_coerce(_a.occurred_at, _ANY) > bindparam("after_moment"),
        type_coerce(_a.id, _ANY) > bindparam("after_id"),
    ),
)
_ERASE = (  # pk_audit_entries
    update(audit_entries)
    .where(_a.id == bindparam("of_id"), _a.personal_digest.is_(None))
    .values(
        personal_digest=bindparam("to_digest"),
        salt=None,
        ip=None,
        user_agent=None,
        request_id=None,
        changes={},
        metadata={},
    )
)


class SqlAuditChain:
    """The `AuditChain` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def head(self) -> ChainHead | None:
        """Where the chain ends."""
        row = (await self._lane.run(_HEAD)).first()
        if row is None:
            return None
        mark = Mark(row.sequence, row.hash)
        return ChainHead(mark=mark, sealed_at=row.sealed_at, key_id=row.key_id, mac=row.mac)

    async def has_sealed(self) -> bool:
        """Whether any entry has a number."""
        return (await self._lane.run(_HAS_SEALED)).first() is not None

    async def unsealed(self, *, limit: int) -> Sequence[AuditEntry]:
        """Committed entries without a number."""
        found = await self._lane.run(_UNSEALED, {"of_limit": limit})
        return [stored.entry for stored in _stored(found) if stored.entry is not None]

    async def extend(self, before: ChainHead | None, after: ChainHead, seals: Sequence[Seal]) -> bool:
        """Moves the head, then seals the entries."""
        values = {
            "sequence": after.mark.sequence,
            "hash": after.mark.hash,
            "sealed_at": after.sealed_at,
            "key_id": after.key_id,
            "mac": after.mac,
        }
        if before is None:
            moved = await self._lane.run(_BEGIN[self._lane.dialect], {"id": 1, **values})
        else:
            moved = await self._lane.run(
                _MOVE.values(**values),
                {
                    "from_sequence": before.mark.sequence,
                    "from_hash": before.mark.hash,
                    "from_mac": before.mac,
                },
            )
        if moved.first() is None:
            return False
        if seals:
            await self._lane.run(_SEAL, [_seal_values(seal) for seal in seals])
        return True

    async def sealed(self, *, until: int, page: int) -> AsyncIterator[Sequence[SealedRow]]:
        """Every entry with a number of at most `until`."""
        last: Any = _BEFORE_ALL
        last_id: Any = None
        while True:
            found = _stored(
                await self._lane.run(
                    _SEALED, {"last": last, "last_id": last_id, "until": until, "of_limit": page}
                )
            )
            if found:
                yield [stored.row for stored in found]
            if len(found) < page:
                return
            last, last_id = found[-1].place

    async def beyond_head(self, *, limit: int) -> Sequence[SealedRow]:
        """Entries that have a number above the head's."""
        return [stored.row for stored in _stored(await self._lane.run(_BEYOND, {"of_limit": limit}))]

    async def tail(self) -> UnsealedTail:
        """How much is not sealed yet."""
        found = await self._lane.run(_TAIL)
        row = found.one()
        read = _read(_a.occurred_at, row.occurred_at, found.dialect)
        return UnsealedTail(row.number, None if read is _UNREADABLE else read)

    async def has_unsealed(self, user_id: UUID) -> bool:
        """Whether anything about a person, or done by them, is not sealed yet."""
        return (await self._lane.run(_UNSEALED_ABOUT, {"of_user": str(user_id)})).first() is not None

    async def erase(self, user_id: UUID, *, limit: int, after: object | None = None) -> ErasedStretch:
        """Takes what tells of a person out of sealed entries."""
        values = {"of_user": str(user_id), "of_limit": limit}
        if after is None:
            found = _stored(await self._lane.run(_ABOUT, values))
        else:
            found = _stored(await self._lane.run(_ABOUT_AFTER, {**values, "after_id": after}))
        erased = await self._empty(found)
        return ErasedStretch(erased, found[-1].place[1] if len(found) == limit else None)

    async def forget_strangers(
        self, *, before: datetime, limit: int, after: object | None = None
    ) -> ErasedStretch:
        """Takes what tells of a person out of sealed entries that name nobody."""
        values: dict[str, Any] = {"before": before, "of_limit": limit}
        if after is None:
            found = _stored(await self._lane.run(_OF_STRANGERS, values))
        else:
            moment, last_id = cast("tuple[Any, Any]", after)
            values |= {"after_moment": moment, "after_id": last_id}
            found = _stored(await self._lane.run(_OF_STRANGERS_AFTER, values))
        emptied = await self._empty(found)
        return ErasedStretch(emptied, found[-1].moment_and_id if len(found) == limit else None)

    async def _empty(self, found: "Sequence[_Stored]") -> int:
        erased = [
            {"of_id": stored.entry.id, "to_digest": personal_digest(stored.entry, stored.salt)}
            for stored in found
            if stored.entry is not None and stored.salt is not None
        ]
        if erased:
            await self._lane.run(_ERASE, erased)
        return len(erased)


def _seal_values(seal: Seal) -> dict[str, Any]:
    return {
        "of_id": seal.id,
        "to_sequence": seal.sequence,
        "to_hash": seal.hash,
        "to_salt": seal.salt,
        "to_version": seal.version,
    }


class _Stored:
    """One row of the audit log as the driver gave it, and what of it can be read."""

    def __init__(self, raw: RowMapping, dialect: Dialect) -> None:
        self.place = (raw["sequence"], raw["id"])
        self.moment_and_id = (raw["occurred_at"], raw["id"])
        read = {column.name: _read(column, raw[column.name], dialect) for column in audit_entries.columns}
        self.salt: bytes | None = read["salt"]
        self.entry = (
            None if _UNREADABLE in read.values() else AuditEntry(**{name: read[name] for name in _ENTRY})
        )
        self._id = raw["id"] if read["id"] is _UNREADABLE else read["id"]
        self._read = read

    @property
    def row(self) -> SealedRow:
        """The row as the chain sees it."""
        sequence, stored = self._read["sequence"], self._read["sealed_hash"]
        return SealedRow(
            id=str(self._id)[:_LONGEST_ID],
            sequence=sequence if isinstance(sequence, int) else None,
            hash=stored if isinstance(stored, bytes) else None,
            form=self._form(),
            event=self.entry.event if self.entry else "",
            persons=(self.entry.user_id, self.entry.actor_id) if self.entry else (None, None),
            actor_type=self.entry.actor_type if self.entry else "",
            occurred_at=self.entry.occurred_at if self.entry else None,
            is_erased=self._read["personal_digest"] is not None,
        )

    def _form(self) -> bytes | None:
        if self.entry is None:
            return None
        read = self._read
        return sealed_form(
            self.entry, version=read["seal_version"], salt=read["salt"], erased=read["personal_digest"]
        )


def _stored(found: Result) -> list[_Stored]:
    return [_Stored(row, found.dialect) for row in found.mappings()]


def _read(column: Column[Any], raw: Any, dialect: Dialect) -> Any:
    """What a column's type makes of what the driver gave, or `_UNREADABLE`."""
    process = column.type.dialect_impl(dialect).result_processor(dialect, None)
    if raw is None or process is None:
        return raw
    try:
        return process(raw)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return _UNREADABLE

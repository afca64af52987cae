"""Documents and consents in tables."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, bindparam, delete, func, insert, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.documents import consents, documents
from multiproduct.domain.identity import Consent, ConsentSource, Document, DocumentState, Scan
from multiproduct.domain.shared import Aggregate

Track = Callable[[Aggregate], None]

_d = documents.c
_MOVED = (
    "unused_since", "state", "format", "size", "scan", "submitted_at", "reviewed_at", "reviewed_by", "reason",
    "valid_until",
)  # fmt: skip
_ADD = insert(documents)
_FIND = select(documents).where(_d.id == bindparam("of_id"))  # pk_documents
_OF_USER = (  # ix_documents_user_id_created_at
    select(documents)
    .where(_d.user_id == bindparam("of_user"), _d.unused_since.is_(None))
    .order_by(_d.created_at.desc(), _d.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_COUNT = select(func.count()).where(  # ix_documents_user_id_created_at
    _d.user_id == bindparam("of_user"), _d.removed.is_(False)
)
_MOVE = (  # pk_documents
    update(documents)
    .where(
        _d.id == bindparam("of_id"),
        _d.state == bindparam("from_state"),
        _d.removed.is_(False),
        or_(_d.unused_since.is_(None), _d.unused_since > bindparam("begun_after")),
    )
    .values({name: bindparam(f"new_{name}", type_=_d[name].type) for name in _MOVED})
)
_REMOVE = (  # pk_documents
    update(documents)
    .where(_d.id == bindparam("of_id"), _d.removed.is_(False))
    .values(removed=True, unused_since=bindparam("at"), name="", reason=None)
)
_DROP_ALL = (  # ix_documents_user_id_created_at
    update(documents)
    .where(_d.user_id == bindparam("of_user"))
    .values(
        removed=True,
        unused_since=func.coalesce(_d.unused_since, bindparam("at", type_=_d.unused_since.type)),
        name="",
        reason=None,
    )
)
_UNUSED = (  # ix_documents_unused_since
    select(documents)
    .where(_d.unused_since < bindparam("before"))
    .order_by(_d.unused_since)
    .limit(bindparam("most", type_=Integer))
)
_FORGET = (  # pk_documents
    delete(documents)
    .where(_d.id.in_(bindparam("ids", expanding=True)), _d.unused_since < bindparam("before"))
    .returning(_d.id)
)

_c = consents.c
_newer = consents.alias("newer")
_ADD_CONSENT = insert(consents)
_STANDING = (  # ix_consents_user_id_at
    select(consents)
    .where(
        _c.user_id == bindparam("of_user"),
        ~select(_newer.c.id)
        .where(
            _newer.c.user_id == _c.user_id,
            _newer.c.kind == _c.kind,
            or_(_newer.c.at > _c.at, (_newer.c.at == _c.at) & (_newer.c.id > _c.id)),
        )
        .exists(),
    )
    .order_by(_c.kind)
    .limit(bindparam("most", type_=Integer))
)
_LOG = (  # ix_consents_user_id_at
    select(consents)
    .where(_c.user_id == bindparam("of_user"))
    .order_by(_c.at.desc(), _c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_ANONYMISE = (  # ix_consents_user_id_at
    update(consents).where(_c.user_id == bindparam("of_user")).values(ip=None, user_agent=None)
)


class SqlDocuments:
    """The `Documents` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, document: Document) -> None:
        """Keeps a new one."""
        row = {name: _stored(getattr(document, name)) for name in _MOVED}
        own = {name: getattr(document, name) for name in ("id", "user_id", "kind", "name", "created_at")}
        await self._lane.run(_ADD, {**row, **own, "removed": False})
        self._track(document)

    async def find(self, id: UUID) -> Document | None:
        """As it stands."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else _document(row)

    async def of_user(self, user_id: UUID, *, limit: int) -> Sequence[Document]:
        """Those that can be read, the newest first."""
        return [_document(row) for row in await self._lane.run(_OF_USER, {"of_user": user_id, "most": limit})]

    async def count(self, user_id: UUID) -> int:
        """How many there are, less removed ones."""
        count: int = (await self._lane.run(_COUNT, {"of_user": user_id})).scalar_one()
        return count

    async def move(self, document: Document, *, from_state: DocumentState, begun_after: datetime) -> bool:
        """Writes it if the stored one has the state."""
        values = {f"new_{name}": _stored(getattr(document, name)) for name in _MOVED}
        keys = {"of_id": document.id, "from_state": from_state.value, "begun_after": begun_after}
        if (await self._lane.run(_MOVE, {**keys, **values})).rowcount != 1:
            return False
        self._track(document)
        return True

    async def remove(self, document: Document) -> bool:
        """Marks it as removed, unless it is."""
        removed = await self._lane.run(_REMOVE, {"of_id": document.id, "at": document.unused_since})
        if removed.rowcount != 1:
            return False
        self._track(document)
        return True

    async def drop_all(self, user_id: UUID, *, now: datetime) -> None:
        """Marks all of a person as removed."""
        await self._lane.run(_DROP_ALL, {"of_user": user_id, "at": now})

    async def unused(self, *, before: datetime, limit: int) -> Sequence[Document]:
        """Those that were unused before the moment."""
        return [_document(row) for row in await self._lane.run(_UNUSED, {"before": before, "most": limit})]

    async def forget(self, ids: Sequence[UUID], *, before: datetime) -> int:
        """Removes rows of unused ones."""
        return len((await self._lane.run(_FORGET, {"ids": list(ids), "before": before})).all())


class SqlConsents:
    """The `Consents` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def add(self, consent: Consent) -> None:
        """Adds a line."""
        await self._lane.run(
            _ADD_CONSENT, {column.name: _stored(getattr(consent, column.name)) for column in consents.columns}
        )

    async def standing(self, user_id: UUID, *, limit: int) -> Sequence[Consent]:
        """The newest line of each kind."""
        return [_consent(row) for row in await self._lane.run(_STANDING, {"of_user": user_id, "most": limit})]

    async def of_user(self, user_id: UUID, *, limit: int) -> Sequence[Consent]:
        """The log, the newest line first."""
        return [_consent(row) for row in await self._lane.run(_LOG, {"of_user": user_id, "most": limit})]

    async def anonymise(self, user_id: UUID) -> None:
        """Takes address and browser out."""
        await self._lane.run(_ANONYMISE, {"of_user": user_id})


def _stored(value: Any) -> Any:
    return value.value if isinstance(value, (DocumentState, Scan, ConsentSource)) else value


def _document(row: Row[Any]) -> Document:
    return Document(
        id=row.id,
        user_id=row.user_id,
        kind=row.kind,
        name=row.name,
        created_at=row.created_at,
        unused_since=row.unused_since,
        state=DocumentState(row.state),
        format=row.format,
        size=row.size,
        scan=Scan(row.scan),
        submitted_at=row.submitted_at,
        reviewed_at=row.reviewed_at,
        reviewed_by=row.reviewed_by,
        reason=row.reason,
        valid_until=row.valid_until,
    )


def _consent(row: Row[Any]) -> Consent:
    return Consent(
        id=row.id,
        user_id=row.user_id,
        kind=row.kind,
        version=row.version,
        is_given=row.is_given,
        at=row.at,
        source=ConsentSource(row.source),
        ip=row.ip,
        user_agent=row.user_agent,
    )

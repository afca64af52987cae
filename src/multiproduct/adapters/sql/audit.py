"""The audit log in a table."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, insert, select

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.audit import audit_entries
from multiproduct.application.ports.audit_trail import AuditEntry, AuditFilter

_a = audit_entries.c

WRITE_AUDIT = insert(audit_entries)


class SqlAuditTrail:
    """The `AuditTrail` port. One index each serves a person, an actor, an action, an event and a resource, in
    the order of pages: ix_audit_entries_user_id_id, ..._actor_id_id, ..._action_id, ..._event_id,
    ..._resource_type_resource_id_id; moments ix_audit_entries_occurred_at_id; else pk_audit_entries."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def find(
        self, wanted: AuditFilter, *, limit: int, before: UUID | None = None
    ) -> Sequence[AuditEntry]:
        """The newest matching entries first."""
        statement = select(audit_entries).where(*_conditions(wanted)).order_by(_a.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(_a.id < before)
        return [audit_entry(row) for row in await self._lane.run(statement)]

    async def count(self, wanted: AuditFilter) -> int:
        """How many entries match."""
        statement = select(func.count()).select_from(audit_entries).where(*_conditions(wanted))
        count: int = (await self._lane.run(statement)).scalar_one()
        return count


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    equal = (
        (_a.user_id, wanted.user_id),
        (_a.actor_id, wanted.actor_id),
        (_a.action, wanted.action),
        (_a.event, wanted.event),
        (_a.resource_type, wanted.resource_type),
        (_a.resource_id, wanted.resource_id),
    )
    yield from (column == value for column, value in equal if value is not None)
    if wanted.since is not None:
        yield _a.occurred_at >= wanted.since
    if wanted.until is not None:
        yield _a.occurred_at < wanted.until


def audit_row(entry: AuditEntry) -> dict[str, Any]:
    """The entry as `WRITE_AUDIT` takes it."""
    return {
        "id": entry.id,
        "occurred_at": entry.occurred_at,
        "event": entry.event,
        "action": entry.action,
        "resource_type": entry.resource_type,
        "resource_id": entry.resource_id,
        "user_id": entry.user_id,
        "actor_id": entry.actor_id,
        "actor_type": entry.actor_type,
        "ip": entry.ip,
        "user_agent": entry.user_agent,
        "request_id": entry.request_id,
        "changes": entry.changes,
        "metadata": entry.metadata,
    }


def audit_entry(row: Row[Any]) -> AuditEntry:
    """The entry in a row."""
    return AuditEntry(
        id=row.id,
        occurred_at=row.occurred_at,
        event=row.event,
        action=row.action,
        resource_type=row.resource_type,
        resource_id=row.resource_id,
        user_id=row.user_id,
        actor_id=row.actor_id,
        actor_type=row.actor_type,
        ip=row.ip,
        user_agent=row.user_agent,
        request_id=row.request_id,
        changes=row.changes,
        metadata=row.metadata,
    )

"""Webhook endpoints in tables, with their sealed secrets."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Integer, Row, Table, bindparam, delete, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.webhooks import webhook_endpoints, webhook_messages, webhook_secrets
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.shared import Aggregate, StaleAggregate
from multiproduct.domain.webhooks import DisabledFor, Endpoint, Health, Options, Ordering, Secret

_e = webhook_endpoints.c
_m = webhook_messages.c
_s = webhook_secrets.c
_KEPT = ("id", "owner_id", "slot", "created_at")
_OF_SENDER = ("failing_since", "last_failed_at", "paused_until")
_ADD = in_each_dialect(lambda into: into(webhook_endpoints).on_conflict_do_nothing())
_SAVE = (  # pk_webhook_endpoints
    update(webhook_endpoints)
    .where(_e.id == bindparam("of_id"), _e.version == bindparam("of_version"))
    .values(
        {
            column.name: bindparam(f"new_{column.name}", type_=column.type)
            for column in webhook_endpoints.columns
            if column.name not in (*_KEPT, *_OF_SENDER)
        }
    )
)
_REMOVE = delete(webhook_endpoints).where(_e.id == bindparam("of_id"))  # pk_webhook_endpoints
_REMOVE_ALL = (  # uq_webhook_endpoints_slot
    delete(webhook_endpoints).where(_e.owner_id == bindparam("of_owner")).returning(_e.id)
)
_FIND = select(webhook_endpoints).where(_e.id == bindparam("of_id"))  # pk_webhook_endpoints
_OF_OWNERS = (  # uq_webhook_endpoints_slot
    select(webhook_endpoints)
    .where(_e.owner_id.in_(bindparam("owners", expanding=True)))
    .order_by(_e.created_at, _e.id)
)
_DUE = (  # pk_webhook_endpoints, and ix_webhook_messages_due for each
    select(_e.id)
    .where(
        _e.id > bindparam("after"),
        _e.id.not_in(bindparam("excluded", expanding=True)),
        _e.disabled_for.is_(None),
        or_(_e.paused_until.is_(None), _e.paused_until <= bindparam("now")),
        select(_m.id)
        .where(
            _m.endpoint_id == _e.id,
            _m.next_attempt_at.is_not(None),
            _m.next_attempt_at <= bindparam("now"),
            or_(_m.leased_until.is_(None), _m.leased_until <= bindparam("now")),
        )
        .exists(),
    )
    .order_by(_e.id)
    .limit(bindparam("most", type_=Integer))
)
_NOTE = (  # pk_webhook_endpoints
    update(webhook_endpoints)
    .where(_e.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}", type_=_e[name].type) for name in _OF_SENDER})
)


def _upsert(into: Callable[[Table], Any]) -> Executable:
    # What is sealed is left as it is: it may have been sealed anew since it was read.
    adding = into(webhook_secrets)
    statement: Executable = adding.on_conflict_do_update(
        index_elements=["id"], set_={"expires_at": adding.excluded.expires_at}
    )
    return statement


_WRITE_SECRETS = in_each_dialect(_upsert)  # pk_webhook_secrets
_SECRETS = (  # ix_webhook_secrets_endpoint_id
    select(webhook_secrets)
    .where(_s.endpoint_id.in_(bindparam("endpoints", expanding=True)))
    .order_by(_s.expires_at.is_(None), _s.expires_at, _s.id)
)
_DROP_SECRETS = delete(webhook_secrets).where(  # ix_webhook_secrets_endpoint_id
    _s.endpoint_id == bindparam("of_endpoint"), _s.id.not_in(bindparam("kept", expanding=True))
)


class SqlWebhookEndpoints:
    """The `Endpoints` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, endpoint: Endpoint) -> None:
        """Keeps a new one, unless its slot is taken."""
        health = _health_row(endpoint.health, endpoint.paused_until)
        added = await self._lane.run(_ADD[self._lane.dialect], {**_row(endpoint), **health})
        if added.rowcount != 1:
            raise StaleAggregate(id=str(endpoint.id))
        await self._lane.run(_WRITE_SECRETS[self._lane.dialect], _secret_rows(endpoint))
        self._track(endpoint)

    async def save(self, endpoint: Endpoint) -> None:
        """Writes one with its secrets, unless it is stale."""
        values = {f"new_{name}": value for name, value in _row(endpoint).items() if name not in _KEPT}
        values["new_version"] = endpoint.version + 1
        parameters = {"of_id": endpoint.id, "of_version": endpoint.version, **values}
        if (await self._lane.run(_SAVE, parameters)).rowcount != 1:
            raise StaleAggregate(id=str(endpoint.id))
        endpoint.version += 1
        kept = [each.id for each in endpoint.secrets]
        await self._lane.run(_DROP_SECRETS, {"of_endpoint": endpoint.id, "kept": kept})
        await self._lane.run(_WRITE_SECRETS[self._lane.dialect], _secret_rows(endpoint))
        self._track(endpoint)

    async def remove(self, endpoint: Endpoint) -> None:
        """Removes one; what hangs on it goes along."""
        await self._lane.run(_REMOVE, {"of_id": endpoint.id})
        self._track(endpoint)

    async def remove_all(self, owner_id: UUID) -> int:
        """Removes all of an owner likewise."""
        return len((await self._lane.run(_REMOVE_ALL, {"of_owner": owner_id})).all())

    async def find(self, id: UUID) -> Endpoint | None:
        """One by id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else (await self._with_secrets([row]))[0]

    async def of_owners(self, owner_ids: Collection[UUID]) -> Sequence[Endpoint]:
        """All of these owners."""
        return await self._with_secrets((await self._lane.run(_OF_OWNERS, {"owners": list(owner_ids)})).all())

    async def due(
        self, *, now: datetime, after: UUID, excluded: Collection[UUID], limit: int
    ) -> Sequence[UUID]:
        """Endpoints with something to send."""
        parameters = {"now": now, "after": after, "excluded": list(excluded), "most": limit}
        return list((await self._lane.run(_DUE, parameters)).scalars())

    async def note(self, id: UUID, *, health: Health, paused_until: datetime | None) -> None:
        """Writes what the sender learned."""
        values = {f"new_{name}": value for name, value in _health_row(health, paused_until).items()}
        await self._lane.run(_NOTE, {"of_id": id, **values})

    async def _with_secrets(self, rows: Sequence[Row[Any]]) -> list[Endpoint]:
        if not rows:
            return []
        found = (await self._lane.run(_SECRETS, {"endpoints": [row.id for row in rows]})).all()
        return [_endpoint(row, [each for each in found if each.endpoint_id == row.id]) for row in rows]


def _row(endpoint: Endpoint) -> dict[str, Any]:
    options = endpoint.options
    return {
        "id": endpoint.id,
        "version": endpoint.version,
        "owner_id": endpoint.owner_id,
        "slot": endpoint.slot,
        "url": options.url,
        "events": list(options.events),
        "description": options.description,
        "ordering": options.ordering.value,
        "permissions": sorted(options.permissions),
        "made_by": endpoint.made_by,
        "disabled_for": None if endpoint.disabled_for is None else endpoint.disabled_for.value,
        "disabled_at": endpoint.disabled_at,
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
    }


def _health_row(health: Health, paused_until: datetime | None) -> Mapping[str, datetime | None]:
    return {
        "failing_since": health.failing_since,
        "last_failed_at": health.last_failed_at,
        "paused_until": paused_until,
    }


def _secret_rows(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "endpoint_id": endpoint.id,
            "user_id": endpoint.owner_id,
            "sealed": each.sealed,
            "created_at": each.created_at,
            "expires_at": each.expires_at,
        }
        for each in endpoint.secrets
    ]


def _endpoint(row: Row[Any], secrets: Iterable[Row[Any]]) -> Endpoint:
    return Endpoint(
        id=row.id,
        version=row.version,
        owner_id=row.owner_id,
        slot=row.slot,
        options=Options(
            url=row.url,
            events=tuple(row.events),
            description=row.description,
            ordering=Ordering(row.ordering),
            permissions=frozenset(row.permissions),
        ),
        secrets=tuple(
            Secret(id=each.id, sealed=each.sealed, created_at=each.created_at, expires_at=each.expires_at)
            for each in secrets
        ),
        made_by=row.made_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        disabled_for=None if row.disabled_for is None else DisabledFor(row.disabled_for),
        disabled_at=row.disabled_at,
        health=Health(row.failing_since, row.last_failed_at),
        paused_until=row.paused_until,
    )

"""Devices that notifications are pushed to, in a table."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from multiproduct.adapters.sql.failures import is_taken_key
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.push_devices import push_devices
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.notifications.push_device import PushDevice, PushKind, SealedToken
from multiproduct.domain.shared import Aggregate, StaleAggregate

_d = push_devices.c
_KEPT = ("id", "user_id", "slot", "kind", "registered_at")
_is_that_version = (_d.id == bindparam("of_id")) & (_d.version == bindparam("of_version"))
_ADD = in_each_dialect(lambda into: into(push_devices).on_conflict_do_nothing())
_SAVE = (  # pk_push_devices
    update(push_devices)
    .where(_is_that_version)
    .values(
        {
            column.name: bindparam(f"new_{column.name}", type_=column.type)
            for column in push_devices.columns
            if column.name not in _KEPT
        }
    )
)
_REMOVE = delete(push_devices).where(_is_that_version)  # pk_push_devices
_FIND = select(push_devices).where(_d.id == bindparam("of_id"))  # pk_push_devices
_WITH_TOKEN = select(push_devices).where(  # uq_push_devices_token_digest
    _d.token_digest == bindparam("of_digest")
)
_OF_USER = (  # uq_push_devices_slot
    select(push_devices)
    .where(_d.user_id == bindparam("of_user"))
    .order_by(_d.refreshed_at.desc(), _d.id.desc())
)
_PURGE = purge_of(push_devices, _d.refreshed_at < bindparam("before"))  # ix_push_devices_refreshed_at


class SqlPushDevices:
    """The `PushDevices` port. Unique indexes decide whose a token is."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, device: PushDevice) -> None:
        """Keeps a new one, unless its token or slot is taken."""
        if (await self._lane.run(_ADD[self._lane.dialect], _row(device))).rowcount != 1:
            raise StaleAggregate(id=str(device.id))
        self._track(device)

    async def save(self, device: PushDevice) -> None:
        """Writes one, unless it is stale or its token is taken."""
        values = {f"new_{name}": value for name, value in _row(device).items() if name not in _KEPT}
        values["new_version"] = device.version + 1
        try:
            saved = await self._lane.run(_SAVE, {"of_id": device.id, "of_version": device.version, **values})
        except IntegrityError as error:
            if is_taken_key(error):
                raise StaleAggregate(id=str(device.id)) from error
            raise
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(device.id))
        device.version += 1
        self._track(device)

    async def remove(self, device: PushDevice) -> None:
        """Removes one, unless it is stale."""
        parameters = {"of_id": device.id, "of_version": device.version}
        if (await self._lane.run(_REMOVE, parameters)).rowcount != 1:
            raise StaleAggregate(id=str(device.id))
        self._track(device)

    async def find(self, id: UUID) -> PushDevice | None:
        """One by id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else _device(row)

    async def with_token(self, digest: str) -> PushDevice | None:
        """The one that has the token."""
        row = (await self._lane.run(_WITH_TOKEN, {"of_digest": digest})).first()
        return None if row is None else _device(row)

    async def of_user(self, user_id: UUID) -> Sequence[PushDevice]:
        """All of a person, those refreshed last first."""
        return [_device(row) for row in await self._lane.run(_OF_USER, {"of_user": user_id})]

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those last refreshed before the moment."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)


def _row(device: PushDevice) -> dict[str, Any]:
    return {
        "id": device.id,
        "version": device.version,
        "user_id": device.user_id,
        "slot": device.slot,
        "kind": device.kind.value,
        "token_digest": device.token.digest,
        "sealed": device.token.sealed,
        "name": device.name,
        "locale": device.locale,
        "session_id": device.session_id,
        "registered_at": device.registered_at,
        "refreshed_at": device.refreshed_at,
    }


def _device(row: Row[Any]) -> PushDevice:
    return PushDevice(
        id=row.id,
        version=row.version,
        user_id=row.user_id,
        slot=row.slot,
        kind=PushKind(row.kind),
        token=SealedToken(digest=row.token_digest, sealed=row.sealed),
        name=row.name,
        locale=row.locale,
        session_id=row.session_id,
        registered_at=row.registered_at,
        refreshed_at=row.refreshed_at,
    )

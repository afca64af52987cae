"""The delivery log in a table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, func, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.notifications import deliveries
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.notifications.deliveries import Delivery, DeliveryFilter, DeliveryStatus

_d = deliveries.c

_BEGIN = in_each_dialect(  # uq_deliveries_owed
    lambda inserting: inserting(deliveries).on_conflict_do_nothing(
        index_elements=[_d.event_position, _d.recipient_key, _d.type_key, _d.channel]
    )
)
_BEGIN_ALL = in_each_dialect(  # uq_deliveries_owed
    lambda inserting: (
        inserting(deliveries)
        .on_conflict_do_nothing(index_elements=[_d.event_position, _d.recipient_key, _d.type_key, _d.channel])
        .returning(_d.id)
    )
)
_KEPT = select(deliveries).where(  # uq_deliveries_owed
    _d.event_position == bindparam("of_position"),
    _d.recipient_key == bindparam("of_recipient", type_=_d.recipient_key.type),
    _d.type_key == bindparam("of_type"),
    _d.channel == bindparam("of_channel"),
)
_FIND = select(deliveries).where(_d.id == bindparam("of_id"))  # pk_deliveries
_NEW_REASON = func.coalesce(bindparam("new_reason", type_=_d.reason.type), _d.reason)
_SETTLE = (  # pk_deliveries
    update(deliveries)
    .where(_d.id == bindparam("of_id"))
    .values(status=bindparam("new_status"), reason=_NEW_REASON, settled_at=bindparam("at"))
)
_MOVE = (  # pk_deliveries
    update(deliveries)
    .where(_d.id == bindparam("of_id"), _d.status == bindparam("old_status"))
    .values(status=bindparam("new_status"), reason=_NEW_REASON, settled_at=bindparam("at"))
)
_PURGE = purge_of(deliveries, _d.created_at < bindparam("before"))  # ix_deliveries_created_at
_OF_USER = (  # ix_deliveries_user_id_created_at
    select(deliveries)
    .where(_d.user_id == bindparam("of_user"))
    .order_by(_d.created_at.desc(), _d.id.desc())
    .limit(bindparam("most"))
)


class SqlDeliveries:
    """The `Deliveries` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def begin(self, delivery: Delivery) -> Delivery:
        """Keeps the delivery if nothing like it is kept, else answers the kept one."""
        begun = await self._lane.run(_BEGIN[self._lane.dialect], _row(delivery))
        return delivery if begun.rowcount == 1 else await self._kept(delivery)

    async def begin_all(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """The same for several; answers what is kept of each, in their order."""
        if not deliveries:
            return []
        rows = await self._lane.run(_BEGIN_ALL[self._lane.dialect], [_row(each) for each in deliveries])
        begun = set(rows.scalars())
        return [each if each.id in begun else await self._kept(each) for each in deliveries]

    async def find(self, id: UUID) -> Delivery | None:
        """The delivery of that id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).one_or_none()
        return None if row is None else _delivery(row)

    async def move(
        self, id: UUID, *, before: DeliveryStatus, after: DeliveryStatus, reason: str | None, now: datetime
    ) -> bool:
        """Notes a step, if the delivery stands as told."""
        moved = await self._lane.run(
            _MOVE,
            {
                "of_id": id,
                "old_status": before.value,
                "new_status": after.value,
                "new_reason": reason,
                "at": now if after.is_settled else None,
            },
        )
        return moved.rowcount == 1

    async def settle(self, id: UUID, *, status: DeliveryStatus, reason: str | None, now: datetime) -> None:
        """Notes how a delivery ended; without a reason it keeps the one it began with."""
        await self._lane.run(
            _SETTLE, {"of_id": id, "new_status": status.value, "new_reason": reason, "at": now}
        )

    async def _kept(self, delivery: Delivery) -> Delivery:
        kept = await self._lane.run(
            _KEPT,
            {
                "of_position": delivery.event_position,
                "of_recipient": delivery.recipient_key,
                "of_type": delivery.type_key,
                "of_channel": delivery.channel,
            },
        )
        return _delivery(kept.one())

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that were begun before the moment."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)

    async def of_user(self, user_id: UUID, *, limit: int) -> Sequence[Delivery]:
        """What was sent to a user, the newest first."""
        rows = await self._lane.run(_OF_USER, {"of_user": user_id, "most": limit})
        return [_delivery(row) for row in rows]

    async def page(
        self, wanted: DeliveryFilter, *, before: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[Delivery]:
        """Those that are wanted, the newest first."""
        # ix_deliveries_user_id_created_at for one person's, else ix_deliveries_created_at.
        query = select(deliveries).order_by(_d.created_at.desc(), _d.id.desc()).limit(limit)
        given = (
            (_d.user_id, wanted.user_id),
            (_d.type_key, wanted.type_key),
            (_d.channel, wanted.channel),
            (_d.status, wanted.status.value if wanted.status is not None else None),
        )
        for column, value in given:
            if value is not None:
                query = query.where(column == value)
        if before is not None:
            at, id_ = before
            query = query.where(
                _d.created_at <= at, or_(_d.created_at < at, and_(_d.created_at == at, _d.id < id_))
            )
        return [_delivery(row) for row in await self._lane.run(query)]


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "event_position": delivery.event_position,
        "type_key": delivery.type_key,
        "channel": delivery.channel,
        "user_id": delivery.user_id,
        "recipient": delivery.recipient,
        "recipient_key": delivery.recipient_key,
        "status": delivery.status.value,
        "reason": delivery.reason,
        "layer": delivery.layer,
        "created_at": delivery.created_at,
        "settled_at": delivery.settled_at,
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        event_position=row.event_position,
        type_key=row.type_key,
        channel=row.channel,
        user_id=row.user_id,
        recipient=row.recipient,
        status=DeliveryStatus(row.status),
        reason=row.reason,
        layer=row.layer,
        created_at=row.created_at,
        settled_at=row.settled_at,
    )

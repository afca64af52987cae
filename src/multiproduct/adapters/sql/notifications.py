"""The delivery log in a table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.notifications import deliveries
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus

_d = deliveries.c

_BEGIN = in_each_dialect(  # uq_deliveries_event_position_channel
    lambda inserting: inserting(deliveries).on_conflict_do_nothing(
        index_elements=[_d.event_position, _d.channel]
    )
)
_KEPT = select(deliveries).where(  # uq_deliveries_event_position_channel
    _d.event_position == bindparam("of_position"), _d.channel == bindparam("of_channel")
)
_SETTLE = (  # pk_deliveries
    update(deliveries)
    .where(_d.id == bindparam("of_id"))
    .values(
        status=bindparam("new_status"),
        reason=func.coalesce(bindparam("new_reason", type_=_d.reason.type), _d.reason),
        settled_at=bindparam("at"),
    )
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
        """Keeps the delivery if its event position and channel have none, else answers the kept one."""
        begun = await self._lane.run(_BEGIN[self._lane.dialect], _row(delivery))
        if begun.rowcount == 1:
            return delivery
        kept = await self._lane.run(
            _KEPT, {"of_position": delivery.event_position, "of_channel": delivery.channel}
        )
        return _delivery(kept.one())

    async def settle(self, id: UUID, *, status: DeliveryStatus, reason: str | None, now: datetime) -> None:
        """Notes how a delivery ended; without a reason it keeps the one it began with."""
        await self._lane.run(
            _SETTLE, {"of_id": id, "new_status": status.value, "new_reason": reason, "at": now}
        )

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that were begun before the moment."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)

    async def of_user(self, user_id: UUID, *, limit: int) -> Sequence[Delivery]:
        """What was sent to a user, the newest first."""
        rows = await self._lane.run(_OF_USER, {"of_user": user_id, "most": limit})
        return [_delivery(row) for row in rows]


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "event_position": delivery.event_position,
        "type_key": delivery.type_key,
        "channel": delivery.channel,
        "user_id": delivery.user_id,
        "recipient": delivery.recipient,
        "status": delivery.status.value,
        "reason": delivery.reason,
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
        created_at=row.created_at,
        settled_at=row.settled_at,
    )

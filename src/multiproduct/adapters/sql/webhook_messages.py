"""Messages to webhook endpoints in tables, and what came of each attempt."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, bindparam, exists, insert, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.log import todos
from multiproduct.adapters.sql.tables.webhooks import webhook_attempts, webhook_messages
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.webhooks.event_types import REACTIONS
from multiproduct.application.webhooks.ports import MessageFilter, Settlement
from multiproduct.domain.webhooks import Attempt, AttemptKind, Message, MessageState

_FIRST_PLACE = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
_m = webhook_messages.c
_a = webhook_attempts.c
_t = todos.c
_earlier = webhook_messages.alias("earlier")
_ADD = in_each_dialect(
    lambda into: into(webhook_messages).on_conflict_do_nothing().returning(webhook_messages.c.id)
)
_FIND = select(webhook_messages).where(_m.id == bindparam("of_id"))  # pk_webhook_messages
_PAGE = (  # ix_webhook_messages_created_at, or pk_webhook_messages
    select(webhook_messages)
    .where(
        _m.endpoint_id == bindparam("of_endpoint"),
        _m.id < bindparam("before"),
        or_(bindparam("of_state", type_=_m.state.type).is_(None), _m.state == bindparam("of_state")),
        or_(bindparam("of_type", type_=_m.event_type.type).is_(None), _m.event_type == bindparam("of_type")),
    )
    .order_by(_m.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_ATTEMPTS = (  # ix_webhook_attempts_message_id
    select(webhook_attempts)
    .where(_a.message_id == bindparam("of_message"))
    .order_by(_a.number.desc())
    .limit(bindparam("most", type_=Integer))
)
_ADD_ATTEMPTS = insert(webhook_attempts)
_is_free = or_(_m.leased_until.is_(None), _m.leased_until <= bindparam("now"))
# An earlier one with the key is pending, or may still be made.
_is_kept_waiting = or_(
    exists().where(
        _earlier.c.endpoint_id == _m.endpoint_id,
        _earlier.c.order_key == _m.order_key,
        _earlier.c.sequence < _m.sequence,
        _earlier.c.next_attempt_at.is_not(None),
    ),
    exists().where(
        _t.position < _m.sequence,
        _t.reaction.startswith(REACTIONS, autoescape=True),
        _t.buried_at.is_(None),
    ),
)
_due = (
    select(_m.id)
    .where(
        _m.endpoint_id == bindparam("of_endpoint"),
        _m.next_attempt_at.is_not(None),
        _m.next_attempt_at <= bindparam("now"),
        _is_free,
        or_(_m.order_key.is_(None), ~_is_kept_waiting),
    )
    .order_by(_m.next_attempt_at, _m.sequence, _m.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE = (  # ix_webhook_messages_due, ix_webhook_messages_ordered, pk_todos
    update(webhook_messages)
    .where(_m.id.in_(select(_due.c.id)))
    .values(leased_until=bindparam("until"))
    .returning(*_m)
)
_SETTLE = (  # pk_webhook_messages
    update(webhook_messages)
    .where(_m.id == bindparam("of_id"), _m.leased_until == bindparam("of_lease"))
    .values(
        leased_until=None,
        attempts=_m.attempts + 1,
        **{
            name: bindparam(f"new_{name}", type_=_m[name].type)
            for name in ("state", "tries", "next_attempt_at", "settled_at")
        },
    )
    .returning(_m.attempts)
)
_ANEW = {
    "state": MessageState.PENDING.value,
    "kind": AttemptKind.MANUAL.value,
    "tries": 0,
    "settled_at": None,
    "leased_until": None,
    "next_attempt_at": bindparam("now"),
}
_REPLAY = (  # pk_webhook_messages
    update(webhook_messages).where(_m.id == bindparam("of_id"), _is_free).values(_ANEW)
)
_old = (
    select(_m.id)
    .where(
        _m.endpoint_id == bindparam("of_endpoint"),
        _m.created_at >= bindparam("since"),
        _m.created_at < bindparam("until"),
        _m.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(_m.created_at, _m.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("old")
)
_REPLAY_RANGE = (  # ix_webhook_messages_created_at
    update(webhook_messages).where(_m.id.in_(select(_old.c.id))).values(_ANEW).returning(_m.id)
)
_PURGE = purge_of(webhook_messages, _m.created_at < bindparam("before"))  # ix_webhook_messages_age


class SqlWebhookMessages:
    """The `Messages` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def add(self, messages: Sequence[Message]) -> int:
        """Keeps those that are not there."""
        if not messages:
            return 0
        rows = [_row(each) for each in messages]
        return len((await self._lane.run(_ADD[self._lane.dialect], rows)).all())

    async def find(self, id: UUID) -> Message | None:
        """One by id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else _message(row)

    async def page(self, wanted: MessageFilter, *, before: UUID | None, limit: int) -> Sequence[Message]:
        """The newest first."""
        parameters = {
            "of_endpoint": wanted.endpoint_id,
            "of_state": None if wanted.state is None else wanted.state.value,
            "of_type": wanted.event_type,
            "before": before or _FIRST_PLACE,
            "most": limit,
        }
        return [_message(row) for row in await self._lane.run(_PAGE, parameters)]

    async def attempts(self, message_id: UUID, *, limit: int) -> Sequence[Attempt]:
        """The newest first."""
        rows = await self._lane.run(_ATTEMPTS, {"of_message": message_id, "most": limit})
        return [_attempt(row) for row in rows]

    async def lease(
        self, endpoint_id: UUID, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Message]:
        """Leases what is due, the longest due first."""
        parameters = {"of_endpoint": endpoint_id, "now": now, "until": until, "most": limit}
        leased = [_message(row) for row in await self._lane.run(_LEASE, parameters)]
        return sorted(leased, key=lambda each: (each.next_attempt_at or now, each.sequence, each.id))

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Writes what came of attempts whose lease holds."""
        attempts = []
        for each in settlements:
            parameters = {
                "of_id": each.message_id,
                "of_lease": each.leased_until,
                "new_state": each.state.value,
                "new_tries": each.tries,
                "new_next_attempt_at": each.next_attempt_at,
                "new_settled_at": each.settled_at,
            }
            number = (await self._lane.run(_SETTLE, parameters)).scalar()
            if number is not None:
                attempts.append(_attempt_row(each.attempt, number))
        if attempts:
            await self._lane.run(_ADD_ATTEMPTS, attempts)
        return len(attempts)

    async def replay(self, id: UUID, *, now: datetime) -> bool:
        """Makes one due again."""
        return (await self._lane.run(_REPLAY, {"of_id": id, "now": now})).rowcount == 1

    async def replay_range(
        self,
        endpoint_id: UUID,
        *,
        since: datetime,
        until: datetime,
        states: Collection[MessageState],
        now: datetime,
        limit: int,
    ) -> int:
        """Makes those of a range due again."""
        parameters = {
            "of_endpoint": endpoint_id,
            "since": since,
            "until": until,
            "states": [each.value for each in states],
            "now": now,
            "most": limit,
        }
        return len((await self._lane.run(_REPLAY_RANGE, parameters)).all())

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes old ones; their attempts go along."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)


def _row(message: Message) -> dict[str, Any]:
    return {column.name: _stored(getattr(message, column.name)) for column in webhook_messages.columns}


def _stored(value: Any) -> Any:
    return value.value if isinstance(value, (MessageState, AttemptKind)) else value


def _message(row: Row[Any]) -> Message:
    fields = {column.name: getattr(row, column.name) for column in webhook_messages.columns}
    return Message(**fields | {"state": MessageState(row.state), "kind": AttemptKind(row.kind)})


def _attempt_row(attempt: Attempt, number: int) -> dict[str, Any]:
    fields = {column.name: getattr(attempt, column.name) for column in webhook_attempts.columns}
    return fields | {"kind": attempt.kind.value, "number": number}


def _attempt(row: Row[Any]) -> Attempt:
    fields = {column.name: getattr(row, column.name) for column in webhook_attempts.columns}
    return Attempt(**fields | {"kind": AttemptKind(row.kind)})

"""What was billed for subscriptions, and what was used, in tables."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Integer, Row, Tuple, bindparam, select, text, tuple_, update
from sqlalchemy.exc import IntegrityError

from multiproduct.adapters.sql.failures import is_taken_key
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.subscription_rows import terms_document, terms_of
from multiproduct.adapters.sql.tables.subscriptions import BILLED, subscription_charges, usage_events
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.application.subscriptions.ports import UsagePlace
from multiproduct.domain.subscriptions import Charge, ChargeKind, ChargeStatus, UsageEvent

_c, _u = subscription_charges.c, usage_events.c

_ADD = in_each_dialect(  # uq_subscription_charges_period
    lambda inserting: inserting(subscription_charges).on_conflict_do_nothing(
        index_elements=["subscription_id", "number"], index_where=BILLED
    )
)
_SAVE = (  # pk_subscription_charges
    update(subscription_charges)
    .where(_c.id == bindparam("of_id"))
    .values(
        number=bindparam("new_number"),
        invoice_id=bindparam("new_invoice_id"),
        credited=bindparam("new_credited"),
        status=bindparam("new_status"),
    )
)
_OF_ORDER = (  # ix_subscription_charges_order_id
    select(subscription_charges).where(_c.order_id == bindparam("of_order")).order_by(_c.id)
)
_OF_SUBSCRIPTION = (  # ix_subscription_charges_subscription_id
    select(subscription_charges)
    .where(_c.subscription_id == bindparam("of_subscription"))
    .order_by(_c.created_at.desc(), _c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_unbilled = (_u.subscription_id == bindparam("of_subscription")) & text("billed_in IS NULL")
_place = tuple_(_u.happened_at, _u.event_id)


def _at(name: str) -> Tuple:
    return tuple_(
        bindparam(f"{name}_at", type_=_u.happened_at.type), bindparam(f"{name}_id", type_=_u.event_id.type)
    )


_is_before = _u.happened_at < bindparam("before")
_is_after = _place > _at("after")
_LAST = (  # ix_usage_events_unbilled
    select(_u.happened_at, _u.event_id)
    .where(_unbilled, _is_before)
    .order_by(_u.happened_at, _u.event_id)
    .limit(1)
    .offset(bindparam("most_but_one", type_=Integer))
)
_LAST_AFTER = _LAST.where(_is_after)
_CLAIM = (  # ix_usage_events_unbilled
    update(usage_events).where(_unbilled, _is_before).values(billed_in=bindparam("of_order")).returning(*_u)
)
_CLAIM_TO = _CLAIM.where(_place <= _at("last"))
_CLAIM_AFTER = _CLAIM.where(_is_after)
_CLAIM_AFTER_TO = _CLAIM_TO.where(_is_after)
_UNBILL = (  # ix_usage_events_billed_in
    update(usage_events).where(_u.billed_in == bindparam("of_order")).values(billed_in=None)
)


class SqlCharges:
    """The `Charges` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def add(self, charge: Charge) -> bool:
        """Keeps a new one, unless its period is billed already."""
        row = {column.name: getattr(charge, column.name) for column in _c}
        row |= {
            "kind": charge.kind.value,
            "status": charge.status.value,
            "terms": terms_document(charge.terms),
        }
        return (await self._lane.run(_ADD[self._lane.dialect], row)).rowcount == 1

    async def save(self, charge: Charge) -> None:
        """Writes what may change of it. Raises TransientFailure."""
        values = {
            "of_id": charge.id,
            "new_number": charge.number,
            "new_invoice_id": charge.invoice_id,
            "new_credited": charge.credited,
            "new_status": charge.status.value,
        }
        try:
            await self._lane.run(_SAVE, values)
        except IntegrityError as error:
            if not is_taken_key(error):
                raise
            raise TransientFailure("another charge billed the period") from error

    async def of_order(self, order_id: UUID) -> Sequence[Charge]:
        """Those of an order."""
        return [_charge(row) for row in await self._lane.run(_OF_ORDER, {"of_order": order_id})]

    async def of_subscription(self, subscription_id: UUID, *, limit: int) -> Sequence[Charge]:
        """The newest first."""
        found = await self._lane.run(_OF_SUBSCRIPTION, {"of_subscription": subscription_id, "most": limit})
        return [_charge(row) for row in found]


class SqlUsageEvents:
    """The `UsageEvents` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def record(self, events: Sequence[UsageEvent]) -> frozenset[tuple[UUID, str]]:
        """Keeps those that are new."""
        rows: dict[tuple[UUID, str], dict[str, Any]] = {}
        for event in events:
            rows.setdefault((event.subscription_id, event.event_id), _usage_row(event))
        if not rows:
            return frozenset()
        kept = await self._lane.run(_record(self._lane.dialect, list(rows.values())))
        return frozenset((row.subscription_id, row.event_id) for row in kept)

    async def claim(
        self,
        subscription_id: UUID,
        *,
        before: datetime,
        after: UsagePlace | None,
        limit: int,
        order_id: UUID,
    ) -> Sequence[UsageEvent]:
        """Notes that an order bills those that are in none, and answers them. Where a page ends is looked up
        before: a subquery in the update has PostgreSQL read all that is unbilled for each page."""
        values: dict[str, Any] = {"of_subscription": subscription_id, "before": before}
        if after is not None:
            values |= {"after_at": after.happened_at, "after_id": after.event_id}
        ending = _LAST if after is None else _LAST_AFTER
        last = (await self._lane.run(ending, {**values, "most_but_one": limit - 1})).first()
        if last is None:
            claiming = _CLAIM if after is None else _CLAIM_AFTER
        else:
            claiming = _CLAIM_TO if after is None else _CLAIM_AFTER_TO
            values |= {"last_at": last.happened_at, "last_id": last.event_id}
        claimed = await self._lane.run(claiming, {**values, "of_order": order_id})
        return sorted(map(_usage_event, claimed), key=lambda each: (each.happened_at, each.event_id))

    async def unbill(self, order_id: UUID) -> None:
        """Has them be billed anew."""
        await self._lane.run(_UNBILL, {"of_order": order_id})


def _record(dialect: str, rows: list[dict[str, Any]]) -> Executable:  # pk_usage_events
    """One statement for all rows: with RETURNING a list of parameters would not tell which were new."""
    key = [_u.subscription_id, _u.event_id]
    return in_each_dialect(
        lambda inserting: (
            inserting(usage_events).values(rows).on_conflict_do_nothing(index_elements=key).returning(*key)
        )
    )[dialect]


def _charge(row: Row[Any]) -> Charge:
    return Charge(
        id=row.id,
        subscription_id=row.subscription_id,
        number=row.number,
        kind=ChargeKind(row.kind),
        invoice_id=row.invoice_id,
        order_id=row.order_id,
        minor=row.minor,
        currency=row.currency,
        created_at=row.created_at,
        credited=row.credited,
        status=ChargeStatus(row.status),
        terms=terms_of(row.terms),
    )


def _usage_row(event: UsageEvent) -> dict[str, Any]:
    return {
        "subscription_id": event.subscription_id,
        "event_id": event.event_id,
        "meter": event.meter,
        "value": str(event.value),
        "unique_value": event.unique,
        "happened_at": event.happened_at,
        "recorded_at": event.recorded_at,
        "billed_in": event.billed_in,
    }


def _usage_event(row: Row[Any]) -> UsageEvent:
    return UsageEvent(
        subscription_id=row.subscription_id,
        event_id=row.event_id,
        meter=row.meter,
        value=Decimal(row.value),
        unique=row.unique_value,
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
        billed_in=row.billed_in,
    )

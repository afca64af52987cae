"""Orders, invoices and their numbers in tables."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Integer,
    Row,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from multiproduct.adapters.sql.billing_paging import page_of
from multiproduct.adapters.sql.billing_rows import invoice_of, invoice_row, line_row, order_of, order_row
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.billing import invoice_lines, invoice_series, invoices, orders
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.billing.ports import Place, Wanted
from multiproduct.domain.billing import (
    Invoice,
    InvoiceStatus,
    Order,
    OrderInvoiced,
    OrderStatus,
    PeriodInvoiced,
    Series,
    Subject,
    TakenNumber,
)
from multiproduct.domain.billing.invoice import OWED
from multiproduct.domain.shared import Aggregate, StaleAggregate

_o, _i, _l, _s = orders.c, invoices.c, invoice_lines.c, invoice_series.c
_ORDER_FOR_GOOD = frozenset({"id", "number", "customer_id", "currency", "created_at", "leased_until"})
_INVOICE_CHANGES = (
    *("version", "status", "series", "year", "sequence", "number", "issued_at", "due_at", "paid_minor"),
    *("credited_minor", "returned_minor", "paid_at", "closed_at", "is_overdue", "next_reminder_at"),
    "settlement_id",
)

_ADD_ORDER = insert(orders)
_SAVE_ORDER = (  # pk_orders
    update(orders)
    .where(_o.id == bindparam("of_id"), _o.version == bindparam("of_version"))
    .values(
        {column.name: bindparam(f"new_{column.name}") for column in _o if column.name not in _ORDER_FOR_GOOD}
        | {"leased_until": None}
    )
)
_FIND_ORDER = select(orders).where(_o.id == bindparam("of_id"))  # pk_orders
_EXPIRED = (  # ix_orders_waiting
    select(_o.id)
    .where(
        text("status IN ('pending', 'failed') AND expires_at IS NOT NULL"),
        _o.status.in_(bindparam("statuses", expanding=True)),
        _o.expires_at <= bindparam("at"),
        or_(_o.leased_until.is_(None), _o.leased_until <= bindparam("leased_at", type_=_o.leased_until.type)),
    )
    .order_by(_o.expires_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE_EXPIRED = (
    update(orders)
    .where(_o.id.in_(select(_EXPIRED.c.id)))
    .values(leased_until=bindparam("until"))
    .returning(_o.id)
)

# Of an order that has an invoice already nothing is written, and the transaction goes on.
_ADD_INVOICE = in_each_dialect(
    lambda inserting: inserting(invoices).on_conflict_do_nothing(
        index_elements=[_i.order_id], index_where=text("status <> 'void'")
    )
)
_ADD_COVERING = in_each_dialect(
    lambda inserting: inserting(invoice_lines).on_conflict_do_nothing(
        index_elements=[_l.subject_kind, _l.subject_id, _l.period_start],
        index_where=text("covers_period AND NOT is_void"),
    )
)
_COVERING = select(_l.invoice_id).where(  # uq_invoice_lines_period
    text("covers_period AND NOT is_void"),
    _l.subject_kind == bindparam("of_kind"),
    _l.subject_id == bindparam("of_subject"),
    _l.period_start == bindparam("beginning"),
)
_ADD_LINES = insert(invoice_lines)
_SAVE_INVOICE = (  # pk_invoices
    update(invoices)
    .where(_i.id == bindparam("of_id"), _i.version == bindparam("of_version"))
    .values({name: bindparam(f"new_{name}") for name in _INVOICE_CHANGES} | {"leased_until": None})
)
_VOID_LINES = (  # uq_invoice_lines_invoice_id_position
    update(invoice_lines)
    .where(_l.invoice_id == bindparam("of_invoice"), _l.covers_period, ~_l.is_void)
    .values(is_void=True)
)
_FIND_INVOICES = select(invoices).where(_i.id.in_(bindparam("ids", expanding=True)))  # pk_invoices
_OF_ORDER = (  # ix_invoices_order_id_created_at
    select(invoices)
    .where(_i.order_id == bindparam("of_order"))
    .order_by((_i.status == InvoiceStatus.VOID.value).asc(), _i.created_at.desc(), _i.id.desc())
    .limit(1)
)
_LINES = (  # uq_invoice_lines_invoice_id_position
    select(invoice_lines)
    .where(_l.invoice_id.in_(bindparam("ids", expanding=True)))
    .order_by(_l.invoice_id, _l.position)
)
_TAKE = (  # pk_invoices
    update(invoices)
    .where(
        _i.id.in_(bindparam("ids", expanding=True)),
        _i.settlement_id.is_(None),
        _i.status.in_(sorted(status.value for status in OWED)),
    )
    .values(settlement_id=bindparam("by_settlement"), version=_i.version + 1)
)
_TO_REMIND = (  # ix_invoices_to_remind
    select(_i.id)
    .where(
        text("next_reminder_at IS NOT NULL"),
        _i.next_reminder_at <= bindparam("at"),
        or_(_i.leased_until.is_(None), _i.leased_until <= bindparam("leased_at", type_=_i.leased_until.type)),
    )
    .order_by(_i.next_reminder_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE_REMINDERS = (
    update(invoices)
    .where(_i.id.in_(select(_TO_REMIND.c.id)))
    .values(leased_until=bindparam("until"))
    .returning(_i.id)
)
_COUNT = select(func.count()).where(  # ix_invoices_customer_id_created_at_id
    _i.customer_id == bindparam("of_customer"), _i.status == bindparam("in_status")
)

# The row of the series stays held until the unit ends, so that whoever is next takes what is left of it.
_TAKE_NUMBER = in_each_dialect(  # pk_invoice_series
    lambda inserting: (
        inserting(invoice_series)
        .on_conflict_do_update(
            index_elements=[_s.seller, _s.name, _s.year],
            set_={
                "last_sequence": _s.last_sequence + 1,
                "last_issued_at": case(
                    (
                        inserting(invoice_series).excluded.last_issued_at > _s.last_issued_at,
                        inserting(invoice_series).excluded.last_issued_at,
                    ),
                    else_=_s.last_issued_at,
                ),
            },
        )
        .returning(_s.last_sequence, _s.last_issued_at)
    )
)

Track = Callable[[Aggregate], None]


class SqlOrders:
    """The `Orders` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, order: Order) -> None:
        """Keeps a new order."""
        await self._lane.run(_ADD_ORDER, order_row(order))
        self._track(order)

    async def save(self, order: Order) -> None:
        """Writes it, unless it is stale."""
        row = order_row(order) | {"version": order.version + 1}
        values = {f"new_{name}": value for name, value in row.items() if name not in _ORDER_FOR_GOOD}
        saved = await self._lane.run(_SAVE_ORDER, {"of_id": order.id, "of_version": order.version, **values})
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(order.id))
        order.version += 1
        self._track(order)

    async def find(self, id: UUID) -> Order | None:
        """The order by id."""
        row = (await self._lane.run(_FIND_ORDER, {"of_id": id})).first()
        return None if row is None else order_of(row)

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[Order]:
        """The latest first."""
        rows = await self._lane.run(page_of(orders, _o.created_at, wanted, after=after, limit=limit))
        return [order_of(row) for row in rows]

    async def lease_expired(
        self,
        statuses: Sequence[OrderStatus],
        *,
        now: datetime,
        leased_at: datetime,
        until: datetime,
        limit: int,
    ) -> Sequence[UUID]:
        """Takes those whose time is over and that nobody has."""
        given = {"statuses": [status.value for status in statuses], "at": now, "leased_at": leased_at}
        leased = await self._lane.run(_LEASE_EXPIRED, {**given, "until": until, "most": limit})
        return list(leased.scalars())


class SqlInvoices:
    """The `Invoices` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, invoice: Invoice) -> None:
        """Keeps a new invoice with its lines, unless its order or a period has one. Where a period has, what
        was written of the invoice is undone with the caller's unit."""
        added = await self._lane.run(_ADD_INVOICE[self._lane.dialect], invoice_row(invoice))
        if added.rowcount != 1:
            raise OrderInvoiced
        rows = [line_row(invoice.id, line) for line in invoice.lines]
        for row in rows:
            if row["covers_period"]:
                covering = await self._lane.run(_ADD_COVERING[self._lane.dialect], row)
                if covering.rowcount != 1:
                    raise PeriodInvoiced
        others = [row for row in rows if not row["covers_period"]]
        if others:
            await self._lane.run(_ADD_LINES, others)
        self._track(invoice)

    async def save(self, invoice: Invoice) -> None:
        """Writes what may change, unless it is stale."""
        row = invoice_row(invoice) | {"version": invoice.version + 1}
        values = {f"new_{name}": row[name] for name in _INVOICE_CHANGES}
        saved = await self._lane.run(
            _SAVE_INVOICE, {"of_id": invoice.id, "of_version": invoice.version, **values}
        )
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(invoice.id))
        if invoice.is_taken_back:
            await self._lane.run(_VOID_LINES, {"of_invoice": invoice.id})
        invoice.version += 1
        self._track(invoice)

    async def find(self, id: UUID) -> Invoice | None:
        """The invoice with its lines."""
        found = await self.find_many([id])
        return found[0] if found else None

    async def find_many(self, ids: Sequence[UUID]) -> Sequence[Invoice]:
        """Those that there are, in the order of the ids."""
        rows = (await self._lane.run(_FIND_INVOICES, {"ids": list(ids)})).all()
        found = {invoice.id: invoice for invoice in await self._whole(rows)}
        return [found[id_] for id_ in ids if id_ in found]

    async def of_order(self, order_id: UUID) -> Invoice | None:
        """The one that counts, else the last void one."""
        rows = (await self._lane.run(_OF_ORDER, {"of_order": order_id})).all()
        found = await self._whole(rows)
        return found[0] if found else None

    async def is_covered(self, subject: Subject, period_start: datetime) -> bool:
        """Whether an invoice covers the period."""
        values = {"of_kind": subject.kind, "of_subject": subject.id, "beginning": period_start}
        return (await self._lane.run(_COVERING, values)).first() is not None

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[Invoice]:
        """The latest first."""
        statement = page_of(invoices, _i.created_at, wanted, after=after, limit=limit)
        return await self._whole((await self._lane.run(statement)).all())

    async def take(self, ids: Sequence[UUID], settlement_id: UUID) -> int:
        """Has a payment of them be under way."""
        taken = await self._lane.run(_TAKE, {"ids": sorted(ids), "by_settlement": settlement_id})
        return taken.rowcount

    async def lease_reminders(
        self, *, now: datetime, leased_at: datetime, until: datetime, limit: int
    ) -> Sequence[UUID]:
        """Takes those whose reminder is due and that nobody has."""
        given = {"at": now, "leased_at": leased_at, "until": until, "most": limit}
        return list((await self._lane.run(_LEASE_REMINDERS, given)).scalars())

    async def count(self, customer_id: UUID, status: InvoiceStatus) -> int:
        """How many a customer has in a status."""
        given = {"of_customer": customer_id, "in_status": status.value}
        return int((await self._lane.run(_COUNT, given)).scalar_one())

    async def _whole(self, rows: Sequence[Row[Any]]) -> list[Invoice]:
        if not rows:
            return []
        lines: defaultdict[UUID, list[Row[Any]]] = defaultdict(list)
        for line in await self._lane.run(_LINES, {"ids": [row.id for row in rows]}):
            lines[line.invoice_id].append(line)
        return [invoice_of(row, lines[row.id]) for row in rows]


class SqlNumbers:
    """The `Numbers` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def take(self, series: Series, *, at: datetime) -> TakenNumber:
        """The next number of the series."""
        row = {
            "seller": series.seller,
            "name": series.name,
            "year": series.year,
            "last_sequence": 1,
            "last_issued_at": at,
        }
        taken = (await self._lane.run(_TAKE_NUMBER[self._lane.dialect], row)).one()
        return TakenNumber(series=series, sequence=taken.last_sequence, issued_at=taken.last_issued_at)

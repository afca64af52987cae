"""Credit notes, settlements, tax rules, customers and what changed what they owe, in tables."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, insert, or_, select, update

from multiproduct.adapters.sql.billing_paging import page_of
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.billing import (
    billing_customers,
    billing_movements,
    credit_notes,
    settlement_allocations,
    settlements,
    tax_rules,
)
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.billing.ports import Place, Wanted
from multiproduct.domain.billing import (
    Allocation,
    CreditLine,
    CreditNote,
    Customer,
    Movement,
    MovementKind,
    RefundTo,
    Settlement,
    SettlementStatus,
    TaxRule,
)
from multiproduct.domain.shared import Aggregate, Currency, StaleAggregate

_n, _s, _a = credit_notes.c, settlements.c, settlement_allocations.c
_t, _c, _m = tax_rules.c, billing_customers.c, billing_movements.c
Track = Callable[[Aggregate], None]

_ADD_NOTE = insert(credit_notes)
_SAVE_NOTE = (  # pk_credit_notes
    update(credit_notes)
    .where(_n.id == bindparam("of_id"), _n.version == bindparam("of_version"))
    .values(
        version=_n.version + 1,
        refund_minor=bindparam("new_refund"),
        refunded_minor=bindparam("new_refunded"),
    )
)
_FIND_NOTE = select(credit_notes).where(_n.id == bindparam("of_id"))  # pk_credit_notes
_NOTES_OF = (  # ix_credit_notes_invoice_id_issued_at
    select(credit_notes).where(_n.invoice_id == bindparam("of_invoice")).order_by(_n.issued_at, _n.sequence)
)
_ADD_SETTLEMENT = insert(settlements)
_ADD_ALLOCATIONS = insert(settlement_allocations)
_SAVE_SETTLEMENT = (  # pk_settlements
    update(settlements)
    .where(_s.id == bindparam("of_id"), _s.version == bindparam("of_version"))
    .values(
        version=_s.version + 1,
        payment_id=bindparam("new_payment_id"),
        status=bindparam("new_status"),
        received_minor=bindparam("new_received_minor"),
        failure=bindparam("new_failure"),
        ended_at=bindparam("new_ended_at"),
    )
)
_SAVE_ALLOCATION = (  # pk_settlement_allocations
    update(settlement_allocations)
    .where(_a.settlement_id == bindparam("of_settlement"), _a.position == bindparam("of_position"))
    .values(allocated_minor=bindparam("new_allocated"))
)
_FIND_SETTLEMENT = select(settlements).where(_s.id == bindparam("of_id"))  # pk_settlements
_SETTLEMENTS_OF = (  # ix_settlement_allocations_invoice_id, pk_settlements
    select(settlements)
    .where(_s.id.in_(select(_a.settlement_id).where(_a.invoice_id == bindparam("of_invoice"))))
    .order_by(_s.created_at.desc(), _s.id.desc())
)
_ALLOCATIONS = (  # pk_settlement_allocations
    select(settlement_allocations)
    .where(_a.settlement_id.in_(bindparam("ids", expanding=True)))
    .order_by(_a.settlement_id, _a.position)
)
_ADD_RULE = insert(tax_rules)
_SAVE_RULE = (  # pk_tax_rules
    update(tax_rules)
    .where(_t.id == bindparam("of_id"), _t.version == bindparam("of_version"))
    .values(version=_t.version + 1, valid_until=bindparam("new_valid_until"))
)
_FIND_RULE = select(tax_rules).where(_t.id == bindparam("of_id"))  # pk_tax_rules
_RULES_OF = select(tax_rules).where(  # ix_tax_rules_country_region_tax_class_valid_from
    _t.country == bindparam("of_country"),
    _t.valid_from <= bindparam("at"),
    or_(_t.valid_until.is_(None), _t.valid_until > bindparam("at")),
)
_EVERY_RULE = select(tax_rules).order_by(_t.country, _t.region, _t.tax_class, _t.valid_from, _t.id)
_FIND_CUSTOMER = select(billing_customers).where(_c.id == bindparam("of_id"))  # pk_billing_customers
_ADD_CUSTOMER = in_each_dialect(
    lambda inserting: inserting(billing_customers).on_conflict_do_nothing(index_elements=[_c.id])
)
_SAVE_CUSTOMER = (  # pk_billing_customers
    update(billing_customers)
    .where(_c.id == bindparam("of_id"), _c.version == bindparam("of_version"))
    .values({column.name: bindparam(f"new_{column.name}") for column in _c if column.name != "id"})
)
_REMOVE_CUSTOMER = billing_customers.delete().where(_c.id == bindparam("of_id"))  # pk_billing_customers
_ADD_MOVEMENT = insert(billing_movements)
_BALANCE = select(
    func.coalesce(func.sum(_m.minor), 0)
).where(  # ix_billing_movements_customer_id_currency_at_id
    _m.customer_id == bindparam("of_customer"), _m.currency == bindparam("in_currency")
)
_BALANCE_BEFORE = _BALANCE.where(_m.at < bindparam("before"))
_BETWEEN = (  # ix_billing_movements_customer_id_currency_at_id
    select(billing_movements)
    .where(
        _m.customer_id == bindparam("of_customer"),
        _m.currency == bindparam("in_currency"),
        _m.at >= bindparam("since"),
        _m.at < bindparam("until"),
    )
    .order_by(_m.at, _m.id)
)
_CURRENCIES = (  # ix_billing_movements_customer_id_currency_at_id
    select(_m.currency).where(_m.customer_id == bindparam("of_customer")).distinct().order_by(_m.currency)
)


class SqlCreditNotes:
    """The `CreditNotes` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, note: CreditNote) -> None:
        """Keeps a new one."""
        row = {column.name: getattr(note, column.name) for column in _n}
        row |= {
            "currency": note.currency.code,
            "refund_to": note.refund_to.value,
            "lines": [asdict(line) | {"line_id": str(line.line_id)} for line in note.lines],
        }
        await self._lane.run(_ADD_NOTE, row)
        self._track(note)

    async def save(self, note: CreditNote) -> None:
        """Writes how its refund stands, unless it is stale."""
        given = {"of_id": note.id, "of_version": note.version}
        given |= {"new_refund": note.refund_minor, "new_refunded": note.refunded_minor}
        saved = await self._lane.run(_SAVE_NOTE, given)
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(note.id))
        note.version += 1
        self._track(note)

    async def find(self, id: UUID) -> CreditNote | None:
        """The credit note by id."""
        row = (await self._lane.run(_FIND_NOTE, {"of_id": id})).first()
        return None if row is None else _note(row)

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[CreditNote]:
        """The latest first."""
        rows = await self._lane.run(page_of(credit_notes, _n.issued_at, wanted, after=after, limit=limit))
        return [_note(row) for row in rows]

    async def of_invoice(self, invoice_id: UUID) -> Sequence[CreditNote]:
        """Those of an invoice."""
        return [_note(row) for row in await self._lane.run(_NOTES_OF, {"of_invoice": invoice_id})]


class SqlSettlements:
    """The `Settlements` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, settlement: Settlement) -> None:
        """Keeps a new one with its allocations."""
        row = {column.name: getattr(settlement, column.name) for column in _s}
        row |= {"currency": settlement.currency.code, "status": settlement.status.value}
        await self._lane.run(_ADD_SETTLEMENT, row)
        allocations = [
            {"settlement_id": settlement.id, "position": position, **asdict(each)}
            for position, each in enumerate(settlement.allocations)
        ]
        await self._lane.run(_ADD_ALLOCATIONS, allocations)
        self._track(settlement)

    async def save(self, settlement: Settlement) -> None:
        """Writes it, unless it is stale."""
        names = ("payment_id", "received_minor", "failure", "ended_at")
        given = {f"new_{name}": getattr(settlement, name) for name in names}
        given |= {"of_id": settlement.id, "of_version": settlement.version}
        saved = await self._lane.run(_SAVE_SETTLEMENT, given | {"new_status": settlement.status.value})
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(settlement.id))
        changed = [
            {
                "of_settlement": settlement.id,
                "of_position": position,
                "new_allocated": each.allocated_minor,
            }
            for position, each in enumerate(settlement.allocations)
            if each.allocated_minor
        ]
        if changed:
            await self._lane.run(_SAVE_ALLOCATION, changed)
        settlement.version += 1
        self._track(settlement)

    async def find(self, id: UUID) -> Settlement | None:
        """The settlement with its allocations."""
        found = await self._whole((await self._lane.run(_FIND_SETTLEMENT, {"of_id": id})).all())
        return found[0] if found else None

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[Settlement]:
        """The latest first."""
        statement = page_of(settlements, _s.created_at, wanted, after=after, limit=limit)
        return await self._whole((await self._lane.run(statement)).all())

    async def of_invoice(self, invoice_id: UUID) -> Sequence[Settlement]:
        """Those that had the invoice."""
        return await self._whole((await self._lane.run(_SETTLEMENTS_OF, {"of_invoice": invoice_id})).all())

    async def _whole(self, rows: Sequence[Row[Any]]) -> list[Settlement]:
        if not rows:
            return []
        parts: defaultdict[UUID, list[Allocation]] = defaultdict(list)
        for part in await self._lane.run(_ALLOCATIONS, {"ids": [row.id for row in rows]}):
            parts[part.settlement_id].append(
                Allocation(
                    invoice_id=part.invoice_id,
                    asked_minor=part.asked_minor,
                    allocated_minor=part.allocated_minor,
                )
            )
        return [_settlement(row, tuple(parts[row.id])) for row in rows]


class SqlTaxRules:
    """The `TaxRules` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, rule: TaxRule) -> None:
        """Keeps a new rule."""
        await self._lane.run(_ADD_RULE, {column.name: getattr(rule, column.name) for column in _t})
        self._track(rule)

    async def save(self, rule: TaxRule) -> None:
        """Writes its end, unless it is stale."""
        given = {"of_id": rule.id, "of_version": rule.version, "new_valid_until": rule.valid_until}
        if (await self._lane.run(_SAVE_RULE, given)).rowcount != 1:
            raise StaleAggregate(id=str(rule.id))
        rule.version += 1
        self._track(rule)

    async def find(self, id: UUID) -> TaxRule | None:
        """The rule by id."""
        row = (await self._lane.run(_FIND_RULE, {"of_id": id})).first()
        return None if row is None else _rule(row)

    async def of_country(self, country: str, *, at: datetime) -> Sequence[TaxRule]:
        """Those of a country that are good then."""
        return [_rule(row) for row in await self._lane.run(_RULES_OF, {"of_country": country, "at": at})]

    async def every(self, *, limit: int) -> Sequence[TaxRule]:
        """By country, region, class and beginning."""
        return [_rule(row) for row in await self._lane.run(_EVERY_RULE.limit(limit))]


class SqlCustomers:
    """The `Customers` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def find(self, id: UUID) -> Customer | None:
        """What was kept for a user."""
        row = (await self._lane.run(_FIND_CUSTOMER, {"of_id": id})).first()
        if row is None:
            return None
        plain = {column.name: getattr(row, column.name) for column in _c}
        return Customer(**plain | {"address": tuple(row.address)})

    async def save(self, customer: Customer) -> None:
        """Keeps or writes it, unless it is stale."""
        row = {column.name: getattr(customer, column.name) for column in _c}
        row |= {"address": list(customer.address), "version": customer.version + 1}
        if customer.version == 0:
            saved = await self._lane.run(_ADD_CUSTOMER[self._lane.dialect], row)
        else:
            given = {f"new_{name}": value for name, value in row.items() if name != "id"}
            given |= {"of_id": customer.id, "of_version": customer.version}
            saved = await self._lane.run(_SAVE_CUSTOMER, given)
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(customer.id))
        customer.version += 1
        self._track(customer)

    async def remove(self, id: UUID) -> None:
        """Forgets what was kept for a user."""
        await self._lane.run(_REMOVE_CUSTOMER, {"of_id": id})


class SqlMovements:
    """The `Movements` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def add(self, movement: Movement) -> None:
        """Keeps a movement."""
        row = {column.name: getattr(movement, column.name) for column in _m}
        await self._lane.run(_ADD_MOVEMENT, row | {"kind": movement.kind.value})

    async def balance(self, customer_id: UUID, currency: str, *, before: datetime | None) -> int:
        """The sum of a customer's movements."""
        given = {"of_customer": customer_id, "in_currency": currency}
        if before is None:
            return int((await self._lane.run(_BALANCE, given)).scalar_one())
        return int((await self._lane.run(_BALANCE_BEFORE, given | {"before": before})).scalar_one())

    async def between(
        self, customer_id: UUID, currency: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Movement]:
        """Those of a span, the earliest first."""
        given = {"of_customer": customer_id, "in_currency": currency, "since": since, "until": until}
        rows = await self._lane.run(_BETWEEN.limit(limit), given)
        return [
            Movement(**{**{column.name: getattr(row, column.name) for column in _m}, **_kind(row)})
            for row in rows
        ]

    async def currencies(self, customer_id: UUID) -> Sequence[str]:
        """Those in which a customer has movements."""
        return list((await self._lane.run(_CURRENCIES, {"of_customer": customer_id})).scalars())


def _kind(row: Row[Any]) -> dict[str, Any]:
    return {"kind": MovementKind(row.kind)}


def _note(row: Row[Any]) -> CreditNote:
    plain = {column.name: getattr(row, column.name) for column in _n}
    lines = tuple(CreditLine(**{**line, "line_id": UUID(line["line_id"])}) for line in row.lines)
    return CreditNote(
        **plain | {"currency": Currency(row.currency), "lines": lines, "refund_to": RefundTo(row.refund_to)}
    )


def _settlement(row: Row[Any], allocations: tuple[Allocation, ...]) -> Settlement:
    plain = {column.name: getattr(row, column.name) for column in _s}
    told = {"currency": Currency(row.currency), "status": SettlementStatus(row.status)}
    return Settlement(**plain | told | {"allocations": allocations})


def _rule(row: Row[Any]) -> TaxRule:
    return TaxRule(**{column.name: getattr(row, column.name) for column in _t})

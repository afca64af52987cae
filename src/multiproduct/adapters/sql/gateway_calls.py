"""What gateways are told of payments, in tables: attempts and refunds, leased and written alike."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Executable, Integer, Row, Table, bindparam, func, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.payments import payment_attempts, payment_refunds
from multiproduct.domain.payments import Attempt, AttemptKind, GatewayCall, Refund, Status
from multiproduct.domain.shared import Aggregate, Currency, Money, StaleAggregate

Call = TypeVar("Call", bound=GatewayCall)
Track = Callable[[Aggregate], None]

_UNTOLD = (Status.REQUESTED.value, Status.PROCESSING.value)
_SHARED = (
    "id",
    "version",
    "payment_id",
    "gateway",
    "reference",
    "decline_code",
    "leased_until",
    "checks",
    "next_check_at",
    "review",
    "created_at",
    "updated_at",
)


class _Statements:
    """Those of one table, made once."""

    def __init__(self, table: Table) -> None:
        c = table.c
        is_free = or_(c.leased_until.is_(None), c.leased_until <= bindparam("now"))
        self.add: Executable = table.insert()
        self.save: Executable = (  # the primary key
            update(table)
            .where(c.id == bindparam("of_id"), c.version == bindparam("of_version"))
            .values({column.name: bindparam(f"new_{column.name}") for column in c if column.name != "id"})
        )
        self.find: Executable = select(table).where(c.id == bindparam("of_id"))  # the primary key
        self.by_reference: Executable = (  # ix_..._reference
            select(table)
            .where(c.gateway == bindparam("of_gateway"), c.reference == bindparam("of_reference"))
            .order_by(c.created_at, c.id)
            .limit(1)
        )
        self.of_payment: Executable = (  # ix_..._payment_id
            select(table).where(c.payment_id == bindparam("of_payment")).order_by(c.created_at, c.id)
        )
        self.claim: Executable = (  # the primary key
            update(table)
            .where(c.id == bindparam("of_id"), c.status.in_(_UNTOLD), is_free)
            .values(
                status=Status.PROCESSING.value,
                leased_until=bindparam("until"),
                next_check_at=func.coalesce(c.next_check_at, bindparam("ask_at", type_=c.next_check_at.type)),
                version=c.version + 1,
            )
            .returning(*c)
        )
        # Chosen in a CTE, which PostgreSQL runs once: a subquery could be run again and lease too many.
        due = (
            select(c.id)
            .where(c.next_check_at <= bindparam("at"), is_free)
            .order_by(c.next_check_at, c.id)
            .limit(bindparam("most", type_=Integer))
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        self.lease_due: Executable = (  # ix_..._next_check_at
            update(table)
            .where(c.id.in_(select(due.c.id)))
            .values(leased_until=bindparam("until"), version=c.version + 1)
            .returning(*c)
        )


_ATTEMPTS = _Statements(payment_attempts)
_REFUNDS = _Statements(payment_refunds)


class _SqlGatewayCalls(Generic[Call]):
    def __init__(
        self,
        lane: Lane,
        track: Track,
        statements: _Statements,
        row_of: Callable[[Call], Mapping[str, Any]],
        read: Callable[[Row[Any]], Call],
    ) -> None:
        self._lane = lane
        self._track = track
        self._statements = statements
        self._row_of = row_of
        self._read = read

    async def add(self, call: Call) -> None:
        """Keeps a new one."""
        await self._lane.run(self._statements.add, self._row_of(call))
        self._track(call)

    async def save(self, call: Call) -> None:
        """Writes one, unless it is stale."""
        values = {f"new_{name}": value for name, value in self._row_of(call).items() if name != "id"}
        values["new_version"] = call.version + 1
        parameters = {"of_id": call.id, "of_version": call.version, **values}
        if (await self._lane.run(self._statements.save, parameters)).rowcount != 1:
            raise StaleAggregate(id=str(call.id))
        call.version += 1
        self._track(call)

    async def find(self, id: UUID) -> Call | None:
        """One by id."""
        return self._first((await self._lane.run(self._statements.find, {"of_id": id})).first())

    async def find_by_reference(self, gateway: str, reference: str) -> Call | None:
        """The oldest that the gateway knows by this reference."""
        parameters = {"of_gateway": gateway, "of_reference": reference}
        return self._first((await self._lane.run(self._statements.by_reference, parameters)).first())

    async def of_payment(self, payment_id: UUID) -> Sequence[Call]:
        """All of a payment."""
        rows = await self._lane.run(self._statements.of_payment, {"of_payment": payment_id})
        return [self._read(row) for row in rows]

    async def claim(self, id: UUID, *, now: datetime, until: datetime, ask_at: datetime) -> Call | None:
        """Leases one for telling the gateway."""
        parameters = {"of_id": id, "now": now, "until": until, "ask_at": ask_at}
        return self._first((await self._lane.run(self._statements.claim, parameters)).first())

    async def lease_due(self, *, at: datetime, now: datetime, until: datetime, limit: int) -> Sequence[Call]:
        """Leases those that the gateway is to be asked about."""
        parameters = {"at": at, "now": now, "until": until, "most": limit}
        rows = await self._lane.run(self._statements.lease_due, parameters)
        return [self._read(row) for row in rows]

    def _first(self, row: Row[Any] | None) -> Call | None:
        return None if row is None else self._read(row)


class SqlAttempts(_SqlGatewayCalls[Attempt]):
    """The `GatewayCalls` port for attempts."""

    def __init__(self, lane: Lane, track: Track) -> None:
        super().__init__(lane, track, _ATTEMPTS, _attempt_row, _attempt)


class SqlRefunds(_SqlGatewayCalls[Refund]):
    """The `GatewayCalls` port for refunds."""

    def __init__(self, lane: Lane, track: Track) -> None:
        super().__init__(lane, track, _REFUNDS, _refund_row, _refund)


def _call_row(call: GatewayCall) -> dict[str, Any]:
    row = {name: getattr(call, name) for name in _SHARED}
    row["minor"] = call.amount.minor
    row["currency"] = call.amount.currency.code
    row["status"] = call.status.value
    return row


def _attempt_row(attempt: Attempt) -> Mapping[str, Any]:
    return _call_row(attempt) | {
        "kind": attempt.kind.value,
        "number": attempt.number,
        "method_id": attempt.method_id,
        "is_off_session": attempt.is_off_session,
        "instructions": dict(attempt.instructions),
        "deadline": attempt.deadline,
    }


def _refund_row(refund: Refund) -> Mapping[str, Any]:
    return _call_row(refund) | {
        "attempt_id": refund.attempt_id,
        "reason": refund.reason,
        "purpose": refund.purpose,
        "purpose_id": refund.purpose_id,
        "requested_by": refund.requested_by,
        "hold_id": refund.hold_id,
    }


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        **{name: getattr(row, name) for name in _SHARED},
        amount=Money(row.minor, Currency(row.currency)),
        status=Status(row.status),
        kind=AttemptKind(row.kind),
        number=row.number,
        method_id=row.method_id,
        is_off_session=row.is_off_session,
        instructions=MappingProxyType(dict(row.instructions)),
        deadline=row.deadline,
    )


def _refund(row: Row[Any]) -> Refund:
    return Refund(
        **{name: getattr(row, name) for name in _SHARED},
        amount=Money(row.minor, Currency(row.currency)),
        status=Status(row.status),
        attempt_id=row.attempt_id,
        reason=row.reason,
        purpose=row.purpose,
        purpose_id=row.purpose_id,
        requested_by=row.requested_by,
        hold_id=row.hold_id,
    )

"""Payments and stored methods in tables, and what callbacks told."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select, tuple_, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.payments import payment_methods, payment_notices, payments
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.payments.ports import KeptNotice, PaymentFilter, Place
from multiproduct.domain.payments import Payment, Status, StoredMethod, Strategy
from multiproduct.domain.shared import Aggregate, Currency, Money, StaleAggregate

Track = Callable[[Aggregate], None]

_p, _m, _n = payments.c, payment_methods.c, payment_notices.c
_COUNTED = frozenset({"id", "refunding", "refunded"})
"""What `save` leaves alone."""

_ADD = payments.insert()
_SAVE = (  # pk_payments
    update(payments)
    .where(_p.id == bindparam("of_id"), _p.version == bindparam("of_version"))
    .values({column.name: bindparam(f"new_{column.name}") for column in _p if column.name not in _COUNTED})
)
_FIND = select(payments).where(_p.id == bindparam("of_id"))  # pk_payments
_SET_ASIDE = (  # pk_payments
    update(payments)
    .where(
        _p.id == bindparam("of_id"),
        _p.status == Status.SUCCEEDED.value,
        _p.refunding + bindparam("more") <= _p.settled,
    )
    .values(refunding=_p.refunding + bindparam("more"))
)
_COUNT_REFUNDED = (  # pk_payments
    update(payments).where(_p.id == bindparam("of_id")).values(refunded=_p.refunded + bindparam("more"))
)
_FREE = (  # pk_payments
    update(payments).where(_p.id == bindparam("of_id")).values(refunding=_p.refunding - bindparam("more"))
)


class SqlPayments:
    """The `Payments` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, payment: Payment) -> None:
        """Keeps a new payment."""
        row = _payment_row(payment) | {"refunding": payment.refunding, "refunded": payment.refunded}
        await self._lane.run(_ADD, row)
        self._track(payment)

    async def save(self, payment: Payment) -> None:
        """Writes a payment, unless it is stale."""
        values = {f"new_{name}": value for name, value in _payment_row(payment).items() if name != "id"}
        values["new_version"] = payment.version + 1
        saved = await self._lane.run(_SAVE, {"of_id": payment.id, "of_version": payment.version, **values})
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(payment.id))
        payment.version += 1
        self._track(payment)

    async def find(self, id: UUID) -> Payment | None:
        """The payment by id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else _payment(row)

    async def page(self, wanted: PaymentFilter, *, after: Place | None, limit: int) -> Sequence[Payment]:
        """The newest first."""
        statement = _wanted(wanted)
        if after is not None:
            place = tuple_(
                bindparam("after_at", after.created_at, type_=_p.created_at.type),
                bindparam("after_id", after.id, type_=_p.id.type),
            )
            statement = statement.where(tuple_(_p.created_at, _p.id) < place)
        statement = statement.order_by(_p.created_at.desc(), _p.id.desc()).limit(limit)
        return [_payment(row) for row in await self._lane.run(statement)]

    async def set_aside_refund(self, id: UUID, minor: int) -> bool:
        """Counts a refund that begins, if it fits."""
        return (await self._lane.run(_SET_ASIDE, {"of_id": id, "more": minor})).rowcount == 1

    async def count_refunded(self, id: UUID, minor: int) -> None:
        """Counts a refund that succeeded."""
        await self._lane.run(_COUNT_REFUNDED, {"of_id": id, "more": minor})

    async def free_refund(self, id: UUID, minor: int) -> None:
        """Takes back what was set aside."""
        await self._lane.run(_FREE, {"of_id": id, "more": minor})


def _wanted(wanted: PaymentFilter) -> Select[Any]:
    """ix_payments_payer_id, ix_payments_purpose, ix_payments_review, else ix_payments_created_at."""
    statement = select(payments)
    if wanted.payer_id is not None:
        statement = statement.where(_p.payer_id == wanted.payer_id)
    if wanted.status is not None:
        statement = statement.where(_p.status == wanted.status.value)
    if wanted.gateway is not None:
        statement = statement.where(_p.gateway == wanted.gateway)
    if wanted.purpose is not None:
        statement = statement.where(_p.purpose == wanted.purpose)
    if wanted.purpose_id is not None:
        statement = statement.where(_p.purpose_id == wanted.purpose_id)
    if wanted.needs_review:
        statement = statement.where(_p.review.is_not(None))
    return statement


def _payment_row(payment: Payment) -> dict[str, Any]:
    return {
        "id": payment.id,
        "version": payment.version,
        "payer_id": payment.payer_id,
        "minor": payment.amount.minor,
        "currency": payment.amount.currency.code,
        "purpose": payment.purpose,
        "purpose_id": payment.purpose_id,
        "gateway": payment.gateway,
        "strategy": payment.strategy.value,
        "status": payment.status.value,
        "attempt_id": payment.attempt_id,
        "attempts": payment.attempts,
        "authorised": payment.authorised,
        "capturing": payment.capturing,
        "settled": payment.settled,
        "decline_code": payment.decline_code,
        "review": payment.review,
        "created_at": payment.created_at,
        "updated_at": payment.updated_at,
        "settled_at": payment.settled_at,
    }


def _payment(row: Row[Any]) -> Payment:
    return Payment(
        id=row.id,
        version=row.version,
        payer_id=row.payer_id,
        amount=Money(row.minor, Currency(row.currency)),
        purpose=row.purpose,
        purpose_id=row.purpose_id,
        gateway=row.gateway,
        strategy=Strategy(row.strategy),
        status=Status(row.status),
        attempt_id=row.attempt_id,
        attempts=row.attempts,
        authorised=row.authorised,
        capturing=row.capturing,
        settled=row.settled,
        refunding=row.refunding,
        refunded=row.refunded,
        decline_code=row.decline_code,
        review=row.review,
        created_at=row.created_at,
        updated_at=row.updated_at,
        settled_at=row.settled_at,
    )


_METHOD_FIELDS = tuple(column.name for column in _m)
_ADD_METHOD = payment_methods.insert()
_SAVE_METHOD = (  # pk_payment_methods
    update(payment_methods)
    .where(_m.id == bindparam("of_id"), _m.version == bindparam("of_version"))
    .values({name: bindparam(f"new_{name}") for name in _METHOD_FIELDS if name != "id"})
)
_FIND_METHOD = select(payment_methods).where(_m.id == bindparam("of_id"))  # pk_payment_methods
# Shared: those who charge it do not wait for one another, only whoever removes it does. On SQLite a unit
# that writes is alone from its first statement on, so that it has no lock on the row and needs none.
_HOLD_METHOD = _FIND_METHOD.with_for_update(read=True)
_OF_USER = (  # ix_payment_methods_user_id
    select(payment_methods)
    .where(_m.user_id == bindparam("of_user"), _m.removed_at.is_(None))
    .order_by(_m.is_default.desc(), _m.id.desc())
)
_CLEAR_DEFAULT = (  # ix_payment_methods_user_id
    update(payment_methods)
    .where(_m.user_id == bindparam("of_user"), _m.is_default)
    .values(is_default=False, version=_m.version + 1)
)


class SqlStoredMethods:
    """The `StoredMethods` port."""

    def __init__(self, lane: Lane, track: Track) -> None:
        self._lane = lane
        self._track = track

    async def add(self, method: StoredMethod) -> None:
        """Keeps a new one."""
        await self._lane.run(_ADD_METHOD, {name: getattr(method, name) for name in _METHOD_FIELDS})
        self._track(method)

    async def save(self, method: StoredMethod) -> None:
        """Writes one, unless it is stale."""
        values = {f"new_{name}": getattr(method, name) for name in _METHOD_FIELDS if name != "id"}
        values["new_version"] = method.version + 1
        saved = await self._lane.run(
            _SAVE_METHOD, {"of_id": method.id, "of_version": method.version, **values}
        )
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(method.id))
        method.version += 1
        self._track(method)

    async def find(self, id: UUID) -> StoredMethod | None:
        """One by id."""
        return _first_method((await self._lane.run(_FIND_METHOD, {"of_id": id})).first())

    async def hold(self, id: UUID) -> StoredMethod | None:
        """One by id, which nobody changes until the unit ends."""
        return _first_method((await self._lane.run(_HOLD_METHOD, {"of_id": id})).first())

    async def of_user(self, user_id: UUID) -> Sequence[StoredMethod]:
        """A person's that are not removed."""
        return [_method(row) for row in await self._lane.run(_OF_USER, {"of_user": user_id})]

    async def clear_default(self, user_id: UUID) -> None:
        """Leaves the person without a default one."""
        await self._lane.run(_CLEAR_DEFAULT, {"of_user": user_id})


def _first_method(row: Row[Any] | None) -> StoredMethod | None:
    return None if row is None else _method(row)


def _method(row: Row[Any]) -> StoredMethod:
    return StoredMethod(
        id=row.id,
        version=row.version,
        user_id=row.user_id,
        gateway=row.gateway,
        sealed_token=bytes(row.sealed_token),
        kind=row.kind,
        brand=row.brand,
        last4=row.last4,
        expires_year=row.expires_year,
        expires_month=row.expires_month,
        is_default=row.is_default,
        created_at=row.created_at,
        removed_at=row.removed_at,
    )


_KEEP = in_each_dialect(  # uq_payment_notices_notice_id
    lambda inserting: inserting(payment_notices).on_conflict_do_nothing(
        index_elements=[_n.gateway, _n.notice_id]
    )
)
_FIND_NOTICE = select(payment_notices).where(_n.id == bindparam("of_id"))  # pk_payment_notices
_TAKEN = (  # pk_payment_notices
    update(payment_notices).where(_n.id == bindparam("of_id")).values(taken_at=bindparam("at"))
)
_PURGE = purge_of(payment_notices, _n.taken_at < bindparam("before"))  # ix_payment_notices_taken_at


class SqlNotices:
    """The `Notices` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def keep(self, notice: KeptNotice) -> bool:
        """Keeps it, unless it is kept."""
        row: Mapping[str, Any] = {
            "id": notice.id,
            "gateway": notice.gateway,
            "notice_id": notice.notice_id,
            "kind": notice.kind,
            "key": notice.key,
            "reference": notice.reference,
            "outcome": dict(notice.outcome),
            "received_at": notice.received_at,
            "taken_at": notice.taken_at,
        }
        return (await self._lane.run(_KEEP[self._lane.dialect], row)).rowcount == 1

    async def find(self, id: UUID) -> KeptNotice | None:
        """One by id."""
        row = (await self._lane.run(_FIND_NOTICE, {"of_id": id})).first()
        if row is None:
            return None
        return KeptNotice(
            id=row.id,
            gateway=row.gateway,
            notice_id=row.notice_id,
            kind=row.kind,
            key=row.key,
            reference=row.reference,
            outcome=row.outcome,
            received_at=row.received_at,
            taken_at=row.taken_at,
        )

    async def mark_taken(self, id: UUID, *, now: datetime) -> None:
        """Notes that it was taken in."""
        await self._lane.run(_TAKEN, {"of_id": id, "at": now})

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those taken in before the moment."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)

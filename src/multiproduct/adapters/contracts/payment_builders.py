"""Payments, what gateways are told of them, stored methods and notices, for contracts and tests."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from multiproduct.adapters.contracts.builders import NOW, UNUSUAL_TEXT, a_user_id, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.application.payments.ports import KeptNotice
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.payments import Attempt, AttemptKind, Payment, Refund, Status, StoredMethod, Strategy
from multiproduct.domain.shared import Currency, Money

LEASE = timedelta(seconds=60)
USD = Currency("USD")


def a_payment(
    *, payer_id: UUID | None = None, minor: int = 1_999, status: Status = Status.REQUESTED
) -> Payment:
    """A payment of its own payer."""
    return Payment(
        id=a_uuid(),
        payer_id=payer_id or a_user_id(),
        amount=Money(minor, USD),
        purpose="test.thing",
        purpose_id=a_uuid(),
        gateway="STARK_PAY",
        strategy=Strategy.DIRECT,
        status=status,
        attempt_id=a_uuid(),
        created_at=NOW,
        updated_at=NOW,
    )


def an_unusual_payment() -> Payment:
    """A payment with every field set to something that is not its default."""
    return replace(
        a_payment(),
        amount=Money(9_007_199_254_740_993, Currency("KWD")),
        purpose="test.other",
        strategy=Strategy.ESCROW,
        status=Status.SUCCEEDED,
        attempts=3,
        authorised=9_007_199_254_740_993,
        capturing=5,
        settled=1_000,
        refunding=40,
        refunded=30,
        decline_code="stolen_card",
        review="paid_twice",
        updated_at=NOW + timedelta(microseconds=1),
        settled_at=NOW + timedelta(microseconds=2),
    )


def an_attempt(payment: Payment, *, number: int = 1) -> Attempt:
    """The present attempt of a payment, or a further one."""
    return Attempt(
        id=payment.attempt_id if number == 1 else a_uuid(),
        payment_id=payment.id,
        gateway=payment.gateway,
        amount=payment.amount,
        kind=AttemptKind.CHARGE,
        number=number,
        created_at=NOW + timedelta(seconds=number),
        updated_at=NOW,
    )


def an_unusual_attempt(payment: Payment) -> Attempt:
    """An attempt with every field set to something that is not its default."""
    return replace(
        an_attempt(payment, number=2),
        kind=AttemptKind.CAPTURE,
        status=Status.UNKNOWN,
        reference=UNUSUAL_TEXT,
        decline_code="revoked",
        leased_until=NOW + timedelta(microseconds=3),
        checks=4,
        next_check_at=NOW + timedelta(microseconds=4),
        review="amount_mismatch",
        method_id=a_uuid(),
        is_off_session=True,
        instructions=MappingProxyType({"account": UNUSUAL_TEXT}),
        deadline=NOW + timedelta(microseconds=5),
    )


def a_refund(payment: Payment, *, minor: int = 100) -> Refund:
    """A refund of some of a payment, with unusual texts."""
    return Refund(
        id=a_uuid(),
        payment_id=payment.id,
        attempt_id=payment.attempt_id,
        gateway=payment.gateway,
        amount=Money(minor, payment.amount.currency),
        reason=UNUSUAL_TEXT,
        purpose="test.refund",
        purpose_id=a_uuid(),
        requested_by=a_user_id(),
        hold_id=a_uuid(),
        created_at=NOW,
        updated_at=NOW,
    )


def a_method(*, user_id: UUID | None = None, is_default: bool = False) -> StoredMethod:
    """A stored card."""
    return StoredMethod(
        id=a_uuid(),
        user_id=user_id or a_user_id(),
        gateway="STARK_PAY",
        sealed_token=b"\x00sealed\xff",
        kind="card",
        brand="visa",
        last4="4242",
        expires_year=2030,
        expires_month=12,
        is_default=is_default,
        created_at=NOW,
    )


def a_notice(*, notice_id: str | None = None) -> KeptNotice:
    """A notice that was not told before."""
    return KeptNotice(
        id=a_uuid(),
        gateway="STARK_PAY",
        notice_id=notice_id or str(a_uuid()),
        kind="charge",
        key=a_uuid(),
        reference=UNUSUAL_TEXT,
        outcome={"kind": "CalledOff", "reference": None},
        received_at=NOW,
    )


async def keep_payment(units: Units[StoreUnit], payment: Payment, *attempts: Attempt) -> None:
    async def keep(unit: StoreUnit) -> None:
        await unit.payments.add(payment)
        for attempt in attempts:
            await unit.payment_attempts.add(attempt)

    await in_one_unit(units, keep)


async def payment_now(units: Units[StoreUnit], id: UUID) -> Payment | None:
    return await in_view(units, lambda unit: unit.payments.find(id))

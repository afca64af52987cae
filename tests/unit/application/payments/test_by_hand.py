"""What staff does by hand, and what people may do about their own payments."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.paying import as_person, as_staff, paying

from multiproduct.application.caller import ANYBODY
from multiproduct.application.payments.bookkeeping import funds_account
from multiproduct.application.payments.commands import ConfirmPayment, RefundPayment, RejectPayment
from multiproduct.domain.ledger import AccountKind, AccountSpec, NewTransaction, credit, debit
from multiproduct.domain.payments import (
    AmountMismatch,
    GatewayCannot,
    ImpossibleTransition,
    PaymentCancelled,
    PaymentDecidedByStaff,
    PaymentSettled,
    RefundExceedsFunds,
    Status,
    UnknownPayment,
)
from multiproduct.domain.shared import Forbidden, Money, StepUpRequired, Unauthenticated

BANK = "BANK_TRANSFER"


def _received(amount: str) -> ConfirmPayment:
    return ConfirmPayment(received=amount, reference="transfer 1")  # type: ignore[arg-type]


async def test_a_transfer_waits_with_instructions_until_staff_confirms_it() -> None:
    here = paying()
    staff = as_staff(here.time)
    payment = await here.open(minor=1_234, gateway=BANK)
    assert (await here.payments.driving.drive(payment.id)).status == "requires_action"
    (attempt,) = (await here.payments.reading.read(payment.id, as_person(payment.payer_id))).attempts
    assert attempt.instructions["amount"] == "12.34"
    assert attempt.instructions["reference"] == attempt.reference
    for received in ("12.33", "12.35", "1234"):
        with pytest.raises(AmountMismatch):
            await here.payments.administration.confirm(payment.id, _received(received), staff)
    for _ in range(2):
        view = await here.payments.administration.confirm(payment.id, _received("12.34"), staff)
        assert view.status == "succeeded"
    assert len(here.events(PaymentSettled)) == 1
    assert [event.note for event in here.events(PaymentDecidedByStaff)] == ["transfer 1"]


async def test_a_transfer_that_did_not_come_is_rejected_or_expires_and_may_come_late() -> None:
    here = paying()
    staff = as_staff(here.time)
    rejected, expired = [await here.open(gateway=BANK) for _ in range(2)]
    await here.run_todos()
    view = await here.payments.administration.reject(rejected.id, RejectPayment(reason="none came"), staff)
    assert (view.status, view.decline_code) == ("failed", "not_paid")
    here.time.pass_by(timedelta(days=15))
    await here.payments.janitor.run()
    assert (await here.payment(expired.id)).status is Status.EXPIRED
    staff = as_staff(here.time)
    for payment in (rejected, expired):
        view = await here.payments.administration.confirm(payment.id, _received("20.00"), staff)
        assert view.status == "succeeded"
    assert [event.is_late for event in here.events(PaymentSettled)] == [True, True]


async def test_what_a_gateway_knows_is_not_confirmed_by_hand_unless_it_was_left_to_staff() -> None:
    here = paying()
    payment = await here.open(script="requires_action")
    await here.payments.driving.drive(payment.id)
    with pytest.raises(GatewayCannot):
        await here.payments.administration.confirm(payment.id, _received("20.00"), as_staff(here.time))
    lost = await here.open(script="never_known")
    await here.payments.driving.drive(lost.id)
    for _ in range(8):
        here.time.pass_by(timedelta(days=1))
        await here.payments.janitor.run()
    staff = as_staff(here.time)
    assert (await here.payments.administration.confirm(lost.id, _received("20.00"), staff)).review is None
    assert (await here.payment(lost.id)).status is Status.SUCCEEDED


async def test_staff_needs_the_permission_and_a_recent_sign_in() -> None:
    here = paying()
    payment = await here.open(gateway=BANK)
    await here.payments.driving.drive(payment.id)
    stale = as_staff(here.time)
    here.time.pass_by(timedelta(minutes=5))
    for caller, refusal in (
        (ANYBODY, Unauthenticated),
        (as_person(uuid4()), Forbidden),
        (stale, StepUpRequired),
    ):
        with pytest.raises(refusal):
            await here.payments.administration.confirm(payment.id, _received("20.00"), caller)
        with pytest.raises(refusal):
            await here.payments.administration.reject(payment.id, RejectPayment(reason="x"), caller)
        with pytest.raises(refusal):
            await here.payments.administration.refund(payment.id, RefundPayment(reason="x"), caller)


async def test_the_same_key_refunds_once() -> None:
    here = paying()
    payment = await here.open()
    await here.payments.driving.drive(payment.id)
    command = RefundPayment(amount="5.00", reason="a mistake")  # type: ignore[arg-type]
    staff = as_staff(here.time)
    for _ in range(3):
        view = await here.payments.administration.refund(payment.id, command, staff, idempotency_key="k")
        assert view.status == "succeeded"
    assert await here.given_back(payment.id) == 500
    rest = await here.payments.administration.refund(payment.id, RefundPayment(reason="the rest"), staff)
    assert rest.amount.amount == "15.00"
    assert (await here.payment(payment.id)).shown_status == "refunded"


async def test_what_the_payer_spent_cannot_be_given_back() -> None:
    here = paying()
    payment = await here.open()
    await here.payments.driving.drive(payment.id)
    funds, amount = funds_account(payment.payer_id, "USD"), Money(1_500, payment.amount.currency)
    sales = AccountSpec(code="sales:USD", kind=AccountKind.REVENUE, currency="USD")
    books = here.payments.refunding._bookkeeping

    async def spend(unit: object) -> None:
        await books._accounts.ensure(unit, [sales])
        entries = [debit(funds.code, amount), credit(sales.code, amount)]
        await books._posting.post_one(unit, NewTransaction(entries=entries))

    await here.in_unit(spend)
    with pytest.raises(RefundExceedsFunds):
        await here.refund(payment, 501)
    refund = await here.refund(payment, 500)
    await here.payments.driving.drive_refund(refund.id)
    assert await here.given_back(payment.id) == 500


async def test_what_nobody_was_told_of_is_called_off_at_once() -> None:
    here = paying()
    payment = await here.open()
    me = as_person(payment.payer_id)
    for _ in range(2):
        assert (await here.payments.calling_off.cancel(payment.id, me)).status == "cancelled"
    await here.run_todos()
    assert here.cutting.calls == 0
    assert len(here.events(PaymentCancelled)) == 1


async def test_calling_off_asks_the_gateway_which_may_say_that_it_is_too_late() -> None:
    here = paying()
    waiting, paid = [await here.open(script="requires_action") for _ in range(2)]
    await here.run_todos()
    await here.sandbox.approve(paid.attempt_id)
    for payment, status in ((waiting, "cancelled"), (paid, "succeeded")):
        view = await here.payments.calling_off.cancel(payment.id, as_person(payment.payer_id))
        assert view.status == status
    with pytest.raises(ImpossibleTransition):
        await here.payments.calling_off.cancel(paid.id, as_person(paid.payer_id))
    await here.sandbox.approve(waiting.attempt_id)
    assert await here.charged(waiting.id) == 0


async def test_somebody_elses_payment_is_as_if_it_were_not_there() -> None:
    here = paying()
    payment = await here.open()
    stranger = as_person(uuid4())
    for ask in (here.payments.reading.read, here.payments.calling_off.cancel):
        with pytest.raises(UnknownPayment):
            await ask(payment.id, stranger)
        with pytest.raises(Unauthenticated):
            await ask(payment.id, ANYBODY)
    assert (await here.payments.reading.own(stranger, cursor=None, limit=9)).items == []
    mine = await here.payments.reading.own(as_person(payment.payer_id), cursor=None, limit=9)
    assert [each.id for each in mine.items] == [payment.id]

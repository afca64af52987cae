"""Invoices, payments of them, credit notes: what each does to invoice, order and ledger."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.billing_house import BEGINNING, House, a_house, a_line, by_staff

from multiproduct.application.billing import NewCredit, NewInvoice, NewOrder
from multiproduct.domain.billing import (
    CreditTooLarge,
    InvoiceBeingPaid,
    InvoiceHasPayments,
    InvoiceNotOpen,
    InvoicePaymentFailed,
    InvoicesDiffer,
    InvoiceStatus,
    NewLine,
    OrderStatus,
    PeriodInvoiced,
    RefundTo,
    SettlementStatus,
    Subject,
)
from multiproduct.domain.shared import Currency, Money


@pytest.fixture
def house() -> House:
    return a_house()


async def test_an_invoice_has_a_number_an_order_and_stands_in_the_ledger(house: House) -> None:
    customer = await house.a_customer()
    first, second = await house.an_invoice(customer, 1_000), await house.an_invoice(customer, 250, 50)
    assert (first.number, second.number) == ("INV-2026-000001", "INV-2026-000002")
    assert second.total_minor == 300
    assert (await house.order(first.order_id)).status is OrderStatus.PENDING
    assert await house.owed(customer) == 1_300
    assert await house.balance("revenue:USD") == 1_300


async def test_a_zero_invoice_is_paid_at_once(house: House) -> None:
    invoice = await house.an_invoice(await house.a_customer(), 0)
    assert invoice.status is InvoiceStatus.PAID
    assert (await house.order(invoice.order_id)).status is OrderStatus.COMPLETED


async def test_a_payment_settles_several_invoices(house: House) -> None:
    customer = await house.a_customer()
    first, second = await house.an_invoice(customer, 1_000), await house.an_invoice(customer, 500)
    settlement = await house.pay(first, second)
    assert settlement.status is SettlementStatus.SETTLED
    assert [each.allocated_minor for each in settlement.allocations] == [1_000, 500]
    for invoice in (first, second):
        assert (await house.invoice(invoice.id)).status is InvoiceStatus.PAID
        assert (await house.order(invoice.order_id)).status is OrderStatus.COMPLETED
    assert await house.owed(customer) == 0
    assert [event.invoice_id for event in house.heard] == [first.id, second.id]
    assert await house.balance("gateway:STARK_PAY:USD") == 1_500


async def test_a_declined_payment_lets_the_invoices_go(house: House) -> None:
    customer = await house.a_customer()
    invoice = await house.an_invoice(customer, 9_901)
    settlement = await house.pay(invoice)
    assert (settlement.status, settlement.failure) == (SettlementStatus.FAILED, "insufficient_funds")
    kept = await house.invoice(invoice.id)
    assert (kept.status, kept.settlement_id) == (InvoiceStatus.OPEN, None)
    assert (await house.order(invoice.order_id)).status is OrderStatus.FAILED
    assert [type(event) for event in house.heard] == [InvoicePaymentFailed]
    assert await house.owed(customer) == 9_901


async def test_while_a_payment_is_under_way_no_other_is_begun(house: House) -> None:
    invoice = await house.an_invoice(await house.a_customer(), 9_903)
    assert (await house.pay(invoice)).status is SettlementStatus.PENDING
    with pytest.raises(InvoiceBeingPaid):
        await house.pay(invoice)


async def test_invoices_of_two_customers_are_not_paid_together(house: House) -> None:
    first = await house.an_invoice(await house.a_customer(), 100)
    second = await house.an_invoice(await house.a_customer(), 100)
    with pytest.raises(InvoicesDiffer):
        await house.pay(first, second)
    assert (await house.invoice(first.id)).settlement_id is None


async def test_what_is_paid_too_much_is_taken_for_the_next_invoice(house: House) -> None:
    customer = await house.a_customer()
    invoice = await house.an_invoice(customer, 1_000)
    await house.pay(invoice)
    await house.do(
        lambda unit: house.billing.crediting.credit(
            unit, NewCredit(invoice_id=invoice.id, amount=Money(400, invoice.currency))
        )
    )
    assert await house.owed(customer) == -400
    following = await house.an_invoice(customer, 300)
    assert following.status is InvoiceStatus.PAID
    last = await house.an_invoice(customer, 300)
    assert (last.status, last.due_minor) == (InvoiceStatus.OPEN, 200)
    assert await house.owed(customer) == 200


async def test_credits_never_exceed_the_invoice(house: House) -> None:
    invoice = await house.an_invoice(await house.a_customer(), 333, 667)

    async def credit(minor: int | None) -> None:
        amount = None if minor is None else Money(minor, invoice.currency)
        new = NewCredit(invoice_id=invoice.id, amount=amount)
        await house.do(lambda unit: house.billing.crediting.credit(unit, new))

    await credit(999)
    with pytest.raises(CreditTooLarge):
        await credit(2)
    await credit(None)
    with pytest.raises(CreditTooLarge):
        await credit(None)
    kept = await house.invoice(invoice.id)
    assert (kept.credited_minor, kept.status) == (1_000, InvoiceStatus.PAID)
    assert await house.balance("revenue:USD") == 0


async def test_a_refund_goes_back_to_the_payment_method(house: House) -> None:
    customer = await house.a_customer()
    invoice = await house.an_invoice(customer, 1_000)
    await house.pay(invoice)
    note = await house.do(
        lambda unit: house.billing.crediting.credit(
            unit,
            NewCredit(
                invoice_id=invoice.id,
                amount=Money(250, invoice.currency),
                refund_to=RefundTo.PAYMENT_METHOD,
            ),
        )
    )
    assert (note.number, note.refund_minor) == ("CN-2026-000001", 250)
    async with house.units.view(by_staff()) as view:
        (settlement,) = await view.settlements.of_invoice(invoice.id)
        (refund,) = await view.payment_refunds.of_payment(settlement.payment_id)
    await house.payments.driving.drive_refund(refund.id)
    async with house.units.view(by_staff()) as view:
        assert (await view.credit_notes.find(note.id)).refunded_minor == 250
        movements = await view.billing_movements.balance(customer, "USD", before=None)
    assert await house.owed(customer) == movements == 0
    assert await house.balance("gateway:STARK_PAY:USD") == 750


async def test_one_period_of_a_subject_is_invoiced_once_until_that_is_void(house: House) -> None:
    customer, subject = await house.a_customer(), Subject(kind="subscription", id=house.ids.next())
    line = NewLine(
        description="A month",
        unit_price=Money(500, Currency("USD")),
        subject=subject,
        period_start=BEGINNING,
        period_end=BEGINNING + timedelta(days=31),
        covers_period=True,
    )
    new = NewInvoice(customer_id=customer, currency=Currency("USD"), lines=(line,))
    invoice = await house.do(lambda unit: house.billing.invoicing.issue(unit, new))
    with pytest.raises(PeriodInvoiced):
        await house.do(lambda unit: house.billing.invoicing.issue(unit, new))
    await house.do(lambda unit: _void(house, unit, invoice.id))
    again = await house.do(lambda unit: house.billing.invoicing.issue(unit, new))
    # The refused one left no gap.
    assert again.number == "INV-2026-000002"
    assert await house.owed(customer) == 500


async def test_an_invoice_of_which_something_was_paid_is_not_void(house: House) -> None:
    customer = await house.a_customer()
    invoice = await house.an_invoice(customer, 1_000)
    await house.pay(invoice)
    with pytest.raises(InvoiceNotOpen):
        await house.do(lambda unit: _void(house, unit, invoice.id))
    other = await house.an_invoice(customer, 100)
    await house.do(
        lambda unit: house.billing.crediting.credit(
            unit, NewCredit(invoice_id=other.id, amount=Money(1, other.currency))
        )
    )
    with pytest.raises(InvoiceHasPayments):
        await house.do(lambda unit: _void(house, unit, other.id))


async def test_late_money_has_an_expired_order_count_again(house: House) -> None:
    customer = await house.a_customer()
    invoice = await _ordered(house, customer, 9_903)
    settlement = await house.pay(invoice)
    order = await house.order(invoice.order_id)
    assert order.status is OrderStatus.PROCESSING
    # The gateway is heard of only after the order is over.
    await house.do(lambda unit: _give_up(house, unit, settlement.id))
    house.clock.move(timedelta(days=2))
    assert await house.billing.tending.expire_orders() == 1
    assert (await house.invoice(invoice.id)).status is InvoiceStatus.VOID
    await house.approve(settlement.payment_id)
    revived = await house.order(order.id)
    assert revived.status is OrderStatus.COMPLETED
    async with house.units.view(by_staff()) as view:
        anew = await view.invoices.of_order(order.id)
    assert (anew.number, anew.status) == ("INV-2026-000002", InvoiceStatus.PAID)
    assert await house.owed(customer) == 0


async def test_late_money_of_a_cancelled_order_goes_back(house: House) -> None:
    customer = await house.a_customer()
    invoice = await _ordered(house, customer, 9_903)
    settlement = await house.pay(invoice)
    await house.do(lambda unit: _give_up(house, unit, settlement.id))
    await house.do(lambda unit: house.billing.ordering.cancel(unit, invoice.order_id))
    await house.approve(settlement.payment_id)
    async with house.units.view(by_staff()) as view:
        (refund,) = await view.payment_refunds.of_payment(settlement.payment_id)
    await house.payments.driving.drive_refund(refund.id)
    async with house.units.view(by_staff()) as view:
        assert await view.billing_movements.balance(customer, "USD", before=None) == 0
    assert await house.owed(customer) == 0
    assert await house.balance("gateway:STARK_PAY:USD") == 0


async def test_money_for_what_was_written_off_recovers_it(house: House) -> None:
    customer = await house.a_customer()
    invoice = await house.an_invoice(customer, 700)

    async def write_off(unit: Any) -> None:
        kept = await unit.invoices.find(invoice.id)
        await house.billing.voiding.write_off(unit, kept)

    await house.do(write_off)
    assert await house.balance("bad_debts:USD") == 700
    await house.pay(invoice)
    assert (await house.invoice(invoice.id)).status is InvoiceStatus.PAID
    assert await house.balance("bad_debts:USD") == 0
    async with house.units.view(by_staff()) as view:
        assert await view.billing_movements.balance(customer, "USD", before=None) == 0
    assert await house.owed(customer) == 0


async def test_customers_are_reminded_before_and_after_and_told_once_that_it_is_overdue(house: House) -> None:
    invoice = await house.an_invoice(await house.a_customer(), 100)
    told = []
    for _day in range(60):
        if await house.billing.tending.remind():
            kept = await house.invoice(invoice.id)
            told.append(((house.clock.now() - BEGINNING).days, kept.is_overdue))
        house.clock.move(timedelta(days=1))
    assert told == [(11, False), (14, True), (17, True), (21, True), (28, True), (44, True)]


async def _void(house: House, unit: Any, invoice_id: UUID) -> None:
    kept = await unit.invoices.find(invoice_id)
    await house.billing.voiding.void(unit, kept)


async def _give_up(house: House, unit: Any, settlement_id: UUID) -> None:
    kept = await unit.settlements.find(settlement_id)
    await house.billing.settling.cancel(unit, kept)


async def _ordered(house: House, customer: UUID, minor: int) -> Any:
    async def body(unit: Any) -> Any:
        order = await house.billing.ordering.place(
            unit,
            NewOrder(customer_id=customer, lines=(a_line(minor),)),
        )
        return await house.billing.invoicing.issue(
            unit,
            NewInvoice(customer_id=customer, currency=order.currency, lines=order.lines, order_id=order.id),
        )

    return await house.do(body)

"""A payment that brings less than was asked for: the order waits for the rest, as long as orders wait."""

from datetime import timedelta

import pytest
from tests.billing_house import STARK_PAY, USD, a_house, a_line

from multiproduct.application.billing.new_documents import NewInvoice, NewOrder
from multiproduct.application.payments.bookkeeping import funds_account, gateway_account
from multiproduct.domain.billing import InvoiceStatus, OrderStatus, SettlementStatus
from multiproduct.domain.ledger import NewTransaction, credit, debit
from multiproduct.domain.shared import Money

CAME = Money(400, USD)


async def _four_of_ten_came(house):
    """10.00 were asked for. Answers the customer, the order and its invoice."""
    user_id = await house.a_customer()

    async def ordered(unit):
        order = await house.billing.ordering.place(
            unit, NewOrder(customer_id=user_id, lines=(a_line(1_000),))
        )
        new = NewInvoice(customer_id=user_id, currency=USD, lines=order.lines, order_id=order.id)
        invoice = await house.billing.invoicing.issue(unit, new)
        return order, invoice

    order, invoice = await house.do(ordered)
    settlement = await house.do(
        lambda unit: house.billing.settling.begin(unit, invoice_ids=[invoice.id], gateway=STARK_PAY)
    )

    async def settle(unit):
        gateway, funds = gateway_account(STARK_PAY, "USD"), funds_account(user_id, "USD")
        await house.ledger.accounts.ensure(unit, [gateway, funds])
        came = NewTransaction(entries=(debit(gateway.code, CAME), credit(funds.code, CAME)))
        await house.ledger.posting.post_one(unit, came)
        found = await unit.settlements.find(settlement.id)
        await house.billing.settling.settle(unit, found, CAME.minor, settlement.payment_id)

    await house.do(settle)
    assert (await house.settlement(settlement.id)).status is SettlementStatus.PARTIAL
    assert (await house.invoice(invoice.id)).due_minor == 600
    return user_id, order, invoice


async def test_the_rest_of_an_order_can_be_paid():
    house = a_house()
    _, order, invoice = await _four_of_ten_came(house)
    assert (await house.order(order.id)).status is OrderStatus.PENDING
    settlement = await house.pay(invoice)
    assert settlement.minor == 600
    assert (await house.order(order.id)).status is OrderStatus.COMPLETED
    assert (await house.invoice(invoice.id)).status is InvoiceStatus.PAID


@pytest.mark.parametrize("later", [timedelta(hours=25), timedelta(days=3)])
async def test_an_order_of_which_a_part_was_paid_expires_and_gives_it_back(later):
    house = a_house()
    user_id, order, _ = await _four_of_ten_came(house)
    house.clock.move(later)
    assert await house.billing.tending.expire_orders() == 1
    assert (await house.order(order.id)).status is OrderStatus.EXPIRED
    assert await house.balance(f"customer_funds:{user_id}:USD") == 400
    assert await house.owed(user_id) == -400

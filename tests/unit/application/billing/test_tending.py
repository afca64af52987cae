"""What billing and payments do by themselves: one that cannot be done keeps no other from being done."""

from datetime import timedelta
from typing import Any

import pytest
from tests.billing_house import STARK_PAY, House, a_house, a_line, by_staff

from multiproduct.application.billing import NewOrder
from multiproduct.application.payments.opening import NewPayment
from multiproduct.domain.billing import OrderExpired, OrderStatus
from multiproduct.domain.payments import PaymentSettled, Status
from multiproduct.domain.shared import Currency, Money

UNKNOWN_THEN_SETTLED = 9_905


@pytest.fixture
def house() -> House:
    return a_house()


async def test_an_order_that_cannot_be_ended_keeps_no_other_from_ending(house: House) -> None:
    customer = await house.a_customer()
    new = NewOrder(customer_id=customer, lines=(a_line(500),))
    orders = [await house.do(lambda unit: house.billing.ordering.place(unit, new)) for _ in range(3)]

    async def refuse(_unit: Any, event: OrderExpired) -> None:
        if event.order_id == orders[0].id:
            raise ValueError("whoever hears of it cannot take it")

    house.units._surroundings.reactions.join(OrderExpired, refuse)
    house.clock.move(timedelta(days=2))
    with pytest.raises(ExceptionGroup, match="1 failed"):
        await house.billing.tending.expire_orders()
    statuses = [(await house.order(each.id)).status for each in orders]
    assert statuses == [OrderStatus.PENDING, OrderStatus.EXPIRED, OrderStatus.EXPIRED]


async def test_an_outcome_that_cannot_be_taken_in_keeps_no_other_from_being_asked_about(house: House) -> None:
    payments = [await _unknown(house) for _ in range(3)]

    async def refuse(_unit: Any, event: PaymentSettled) -> None:
        if event.payment_id == payments[0]:
            raise ValueError("whoever hears of it cannot take it")

    house.units._surroundings.reactions.join(PaymentSettled, refuse)
    house.clock.move(timedelta(days=1))
    with pytest.raises(ExceptionGroup, match="1 failed"):
        await house.payments.janitor.run()
    async with house.units.view(by_staff()) as view:
        found = [(await view.payments.find(each)).status for each in payments]
    assert found == [Status.UNKNOWN, Status.SUCCEEDED, Status.SUCCEEDED]


async def _unknown(house: House) -> Any:
    new = NewPayment(
        payer_id=await house.a_customer(),
        amount=Money(UNKNOWN_THEN_SETTLED, Currency("USD")),
        purpose="tests.thing",
        purpose_id=house.ids.next(),
        gateway=STARK_PAY,
    )
    payment = await house.do(lambda unit: house.payments.opening.open(unit, new))
    await house.payments.driving.drive(payment.id)
    return payment.id

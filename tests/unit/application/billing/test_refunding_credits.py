"""What a credit note gives back to the payment method: what that paid of this invoice, and nothing else."""

import pytest
from tests.billing_house import STARK_PAY, USD, a_house, by_staff

from multiproduct.application.billing.new_documents import NewCredit
from multiproduct.domain.billing import RefundNotPossible, RefundTo
from multiproduct.domain.shared import Money

TO_CARD = RefundTo.PAYMENT_METHOD


async def _credited(house, invoice, to, minor=None):
    new = NewCredit(invoice_id=invoice.id, amount=None if minor is None else Money(minor, USD), refund_to=to)
    return await house.do(lambda unit: house.billing.crediting.credit(unit, new))


async def _two_paid_together(house):
    """One of 100.00, of which 60.00 came out of funds, and one of 80.00; the card paid 120.00."""
    user_id = await house.a_customer()
    earlier = await house.an_invoice(user_id, 6_000)
    await house.pay(earlier)
    await _credited(house, earlier, RefundTo.FUNDS)
    first, second = await house.an_invoice(user_id, 10_000), await house.an_invoice(user_id, 8_000)
    settlement = await house.pay(first, second)
    assert [each.allocated_minor for each in settlement.allocations] == [4_000, 8_000]
    return user_id, first, second


async def test_no_more_goes_back_to_the_card_than_it_paid_of_the_invoice():
    house = a_house()
    user_id, first, second = await _two_paid_together(house)
    whole = await _credited(house, first, TO_CARD)
    assert (whole.back_minor, whole.refund_minor) == (10_000, 4_000)
    other = await _credited(house, second, TO_CARD)
    assert (other.back_minor, other.refund_minor) == (8_000, 8_000)
    # 60.00 are the customer's, the 120.00 are set aside for the card.
    assert await house.balance(f"customer_funds:{user_id}:USD") == 18_000
    await _give_back(house, first, second)
    assert await house.balance(f"customer_funds:{user_id}:USD") == 6_000
    assert await house.balance(f"gateway:{STARK_PAY}:USD") == 6_000


async def test_several_credit_notes_of_one_invoice_give_back_what_was_paid_once():
    house = a_house()
    _, first, _ = await _two_paid_together(house)
    given = [(await _credited(house, first, TO_CARD, 2_500)).refund_minor for _ in range(2)]
    assert given == [2_500, 1_500]
    with pytest.raises(RefundNotPossible):
        await _credited(house, first, TO_CARD, 2_500)


async def _give_back(house, *invoices):
    async with house.units.view(by_staff()) as view:
        settled = [each for invoice in invoices for each in await view.settlements.of_invoice(invoice.id)]
        refunds = {
            refund.id for each in settled for refund in await view.payment_refunds.of_payment(each.payment_id)
        }
    for refund_id in refunds:
        await house.payments.driving.drive_refund(refund_id)

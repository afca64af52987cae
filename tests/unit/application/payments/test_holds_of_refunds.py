"""A refund counts on what was set aside for it: nobody takes that away by hand."""

import pytest
from tests.billing_house import STARK_PAY, a_house, by_staff

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.billing.new_documents import NewCredit
from multiproduct.application.caller import Caller, Principal
from multiproduct.application.ledger.commands import ListHolds, PostHold
from multiproduct.domain.billing import RefundTo
from multiproduct.domain.ledger import LedgerRefused
from multiproduct.domain.ledger.permissions import TRANSACTIONS_POST, TRANSACTIONS_READ

BOOKKEEPER = Caller(
    principal=Principal(user_id=a_uuid(), permissions=frozenset({TRANSACTIONS_POST, TRANSACTIONS_READ}))
)


async def test_what_is_set_aside_for_a_refund_is_neither_released_nor_posted_by_hand():
    house = a_house()
    user_id = await house.a_customer()
    invoice = await house.an_invoice(user_id, 10_000)
    settlement = await house.pay(invoice)
    back = NewCredit(invoice_id=invoice.id, refund_to=RefundTo.PAYMENT_METHOD)
    await house.do(lambda unit: house.billing.crediting.credit(unit, back))
    transacting = house.ledger.transacting
    (hold,) = (await transacting.open_holds(ListHolds(), BOOKKEEPER)).items
    for act in (
        lambda: transacting.void_hold(hold.id, BOOKKEEPER),
        lambda: transacting.post_hold(hold.id, PostHold(), BOOKKEEPER),
    ):
        with pytest.raises(LedgerRefused) as refusal:
            await act()
        assert refusal.value.params["reason"] == "made_by_context"
    async with house.units.view(by_staff()) as view:
        (refund,) = await view.payment_refunds.of_payment(settlement.payment_id)
    await house.payments.driving.drive_refund(refund.id)
    assert await house.balance(f"customer_funds:{user_id}:USD") == 0
    assert await house.balance(f"gateway:{STARK_PAY}:USD") == 0

"""A period that a rival invoiced between the reading of a subscription and the writing of its invoice."""

import pytest
from tests.billing_house import by
from tests.subscription_house import a_subscription_house

from multiproduct.application.billing import NewInvoice
from multiproduct.application.subscriptions.commands import Renew
from multiproduct.application.subscriptions.selling import period_line
from multiproduct.domain.shared import Currency
from multiproduct.domain.subscriptions import AlreadyRenewed


async def test_a_period_that_a_rival_invoiced_meanwhile_is_renewed_already():
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    terms = bought.renews_as
    line = period_line(bought, terms, bought.following(terms), "Gold")
    rival = NewInvoice(customer_id=user_id, currency=Currency("USD"), lines=(line,))
    await shop.house.do(lambda unit: shop.house.billing.invoicing.issue(unit, rival))
    with pytest.raises(AlreadyRenewed):
        await shop.subscriptions.renewing.renew(bought.id, Renew(), by(user_id))
    assert [each.number for each in await shop.charges(bought.id)] == [1]
    assert (await shop.found(bought.id)).awaiting is None

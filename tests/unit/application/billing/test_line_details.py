"""What stands below the lines of an invoice, in the customer's language."""

from datetime import timedelta

import pytest
from tests.billing_house import by
from tests.subscription_house import a_subscription_house

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.subscriptions.commands import ChangeTerms, Purchase, PurchaseItem
from multiproduct.domain.catalog import Coupon, Percent


async def a_coupon(shop, code, hundredths):
    coupon = Coupon(
        id=a_uuid(),
        code=code,
        name=code,
        percent=Percent(hundredths),
        is_stackable=True,
        created_at=shop.now,
        updated_at=shop.now,
    )
    await shop.house.do(lambda unit: unit.coupons.add(coupon))


async def speaks(shop, user_id, locale):
    async def change(unit):
        user = await unit.users.find(user_id)
        user.locale = locale
        await unit.users.save(user)

    await shop.house.do(change)


@pytest.mark.parametrize(
    ("locale", "detail"), [("en", "Coupons: BASE, WELCOME"), ("es", "Cupones: BASE, WELCOME")]
)
async def test_an_invoice_names_the_coupons_that_took_something_off(locale, detail):
    shop = a_subscription_house()
    user_id, plan = await shop.house.a_customer(), await shop.a_plan(minor=1_000)
    await speaks(shop, user_id, locale)
    await a_coupon(shop, "WELCOME", 1_000)
    await a_coupon(shop, "BASE", 2_000)
    wanted = Purchase(items=[PurchaseItem(plan=str(plan.id))], coupons=["welcome", "base"])
    bought = await shop.subscriptions.purchasing.purchase(wanted, by(user_id))
    invoice = await shop.house.invoice(bought.invoice_id)
    # 10.00 less 20 % is 8.00, less 10 % is 7.20.
    assert [(line.detail, line.discount_minor) for line in invoice.lines] == [(detail, 280)]
    document = shop.house.billing.documents.of_invoice(invoice)
    assert document.lines[0].detail == detail


@pytest.mark.parametrize(
    ("locale", "detail"),
    [
        ("en", "Prorated difference for a change; quantity from then on: 2"),
        ("es", "Diferencia prorrateada por un cambio; cantidad desde entonces: 2"),
    ],
)
async def test_the_invoice_of_a_change_says_that_it_is_a_prorated_difference(locale, detail):
    shop = a_subscription_house()
    product = await shop.a_product()
    leaf, pot = await shop.a_plan(product, 1_000), await shop.a_plan(product, 3_000)
    user_id, bought = await shop.bought(leaf, quantity=2)
    await speaks(shop, user_id, locale)
    half = (bought.ends_at - shop.now) / timedelta(seconds=2)
    await shop.pass_by(timedelta(seconds=half))
    change = ChangeTerms(plan=str(pot.id))
    changed = await shop.subscriptions.changing.change(bought.id, change, by(user_id))
    invoice = await shop.house.invoice(changed.invoice_id)
    # Half of the period is left: 2 x 30.00 less 2 x 10.00, halved.
    assert [(line.detail, line.quantity, line.net_minor) for line in invoice.lines] == [(detail, 1, 2_000)]


async def test_what_is_paid_by_the_period_without_a_coupon_says_nothing_more():
    shop = a_subscription_house()
    user_id, plan = await shop.house.a_customer(), await shop.a_plan(minor=1_000)
    bought = await shop.buy(user_id, plan, pays=False)
    assert [line.detail for line in (await shop.house.invoice(bought.invoice_id)).lines] == [""]

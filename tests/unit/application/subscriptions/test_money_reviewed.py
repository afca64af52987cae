"""What reviews of the money left over: parts of orders, credits that nobody paid for, coupons that come back,
gateways that give nothing back, the card that is charged when none is named."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from tests.billing_house import STARK_PAY, by, by_staff
from tests.subscription_house import DAY, SubscriptionHouse, a_subscription_house

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.adapters.contracts.catalog_builders import a_coupon
from multiproduct.adapters.sandbox import SandboxGateway
from multiproduct.application.billing import NewCredit
from multiproduct.application.caller import Caller, Principal
from multiproduct.application.payments.commands import StoreMethod
from multiproduct.application.payments.gateways import Feature
from multiproduct.application.subscriptions.commands import (
    Cancel,
    ChangeTerms,
    Purchase,
    PurchaseItem,
    PurchasePlan,
)
from multiproduct.domain.billing import InvoiceStatus, OrderStatus
from multiproduct.domain.catalog import CouponUsedUp, Plan
from multiproduct.domain.payments import UnknownPaymentMethod
from multiproduct.domain.shared import Currency, InvalidInput, Money
from multiproduct.domain.subscriptions import RefundPolicy, SubscriptionStatus, Timing
from multiproduct.domain.subscriptions.permissions import PERMISSIONS
from multiproduct.domain.translation import HumanTranslation, TextPlace

S = SubscriptionStatus


async def _credit(shop: SubscriptionHouse, invoice_id: UUID) -> None:
    await shop.house.do(
        lambda unit: shop.house.billing.crediting.credit(unit, NewCredit(invoice_id=invoice_id))
    )


async def _has_funds(shop: SubscriptionHouse, user_id: UUID, minor: int) -> None:
    invoice = await shop.house.an_invoice(user_id, minor)
    await shop.house.pay(invoice)
    await _credit(shop, invoice.id)


async def _funds(shop: SubscriptionHouse, user_id: UUID) -> int:
    return await shop.house.balance(f"customer_funds:{user_id}:USD")


async def test_an_order_that_funds_paid_a_part_of_expires_and_the_funds_are_the_customers_again():
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    await _has_funds(shop, user_id, 400)
    answer = await shop.buy(user_id, await shop.a_plan(), pays=False)
    assert await _funds(shop, user_id) == 0
    await shop.pass_by(2 * DAY)
    order, invoice = await shop.house.order(answer.order_id), await shop.house.invoice(answer.invoice_id)
    assert (order.status, invoice.due_minor) == (OrderStatus.EXPIRED, 0)
    assert (await shop.found(answer.subscriptions[0].id)).status is S.EXPIRED
    assert await _funds(shop, user_id) == 400
    assert await shop.house.owed(user_id) == -400
    assert await shop.books_balance(user_id)
    again = await shop.buy(user_id, await shop.a_plan())
    assert again.subscriptions[0].status == "active"


@pytest.mark.parametrize("funds", [0, 400])
async def test_a_full_credit_note_on_an_unpaid_first_invoice_activates_nothing(funds):
    shop = a_subscription_house()
    user_id, plan = await shop.house.a_customer(), await shop.a_plan()
    if funds:
        await _has_funds(shop, user_id, funds)
    answer = await shop.buy(user_id, plan, pays=False)
    await _credit(shop, answer.invoice_id)
    found = await shop.found(answer.subscriptions[0].id)
    assert (found.status, found.awaiting, found.is_serving) == (S.EXPIRED, None, False)
    assert [each.status.value for each in await shop.charges(found.id)] == ["void"]
    assert await _funds(shop, user_id) == funds
    for _ in range(3):
        await shop.pass_by(20 * DAY)
    assert (await shop.found(found.id)).status is S.EXPIRED
    assert (await shop.buy(user_id, plan)).subscriptions[0].status == "active"


async def test_a_credit_of_a_part_leaves_the_rest_to_be_paid_for_and_then_it_begins():
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    answer = await shop.buy(user_id, await shop.a_plan(), pays=False)
    part = NewCredit(invoice_id=answer.invoice_id, amount=Money(300, Currency("USD")))
    await shop.house.do(lambda unit: shop.house.billing.crediting.credit(unit, part))
    await shop.house.pay(await shop.house.invoice(answer.invoice_id))
    assert (await shop.found(answer.subscriptions[0].id)).status is S.ACTIVE


async def _late(shop: SubscriptionHouse, user_id: UUID, command: Purchase) -> Any:
    """A purchase whose payment is left, and that expires then; its payer may still approve."""
    answer = await shop.subscriptions.purchasing.purchase(command, by(user_id))
    settlement_id = (await shop.house.invoice(answer.invoice_id)).settlement_id

    async def give_up(unit: Any) -> None:
        await shop.house.billing.settling.cancel(unit, await unit.settlements.find(settlement_id))

    await shop.house.do(give_up)
    await shop.pass_by(2 * DAY)
    assert (await shop.found(answer.subscriptions[0].id)).status is S.EXPIRED
    return answer


async def _last_of_a_coupon(shop: SubscriptionHouse) -> Any:
    coupon = replace(a_coupon(percent="50"), max_redemptions=1)
    await shop.house.do(lambda unit: unit.coupons.add(coupon))
    return coupon


async def _redeemed(shop: SubscriptionHouse, coupon_id: UUID) -> int:
    async with shop.units.view(by_staff()) as view:
        kept: int = (await view.coupons.find(coupon_id)).redeemed
    return kept


async def _slow_purchase(shop: SubscriptionHouse, user_id: UUID, plan: Plan, coupon: Any) -> Purchase:
    slow = await shop.a_card(user_id, "requires_action")
    items = [PurchaseItem(plan=str(plan.id))]
    return Purchase(items=items, payment_method=STARK_PAY, method_id=slow, coupons=[coupon.code])


async def test_late_money_redeems_the_coupon_again():
    shop = a_subscription_house()
    user_id, plan, coupon = await shop.house.a_customer(), await shop.a_plan(), await _last_of_a_coupon(shop)
    answer = await _late(shop, user_id, await _slow_purchase(shop, user_id, plan, coupon))
    assert await _redeemed(shop, coupon.id) == 0
    await shop.house.approve(answer.payment.id)
    assert (await shop.found(answer.subscriptions[0].id)).status is S.ACTIVE
    assert await _redeemed(shop, coupon.id) == 1
    other = Purchase(items=[PurchaseItem(plan=str(plan.id))], coupons=[coupon.code])
    with pytest.raises(CouponUsedUp):
        await shop.subscriptions.purchasing.purchase(other, by(await shop.house.a_customer()))


async def test_late_money_for_an_order_whose_coupon_somebody_else_used_up_goes_back():
    shop = a_subscription_house()
    user_id, plan, coupon = await shop.house.a_customer(), await shop.a_plan(), await _last_of_a_coupon(shop)
    answer = await _late(shop, user_id, await _slow_purchase(shop, user_id, plan, coupon))
    rival = Purchase(items=[PurchaseItem(plan=str(plan.id))], payment_method=STARK_PAY, coupons=[coupon.code])
    assert (
        await shop.subscriptions.purchasing.purchase(rival, by(await shop.house.a_customer()))
    ).subscriptions[0].status == "active"
    await shop.house.approve(answer.payment.id)
    assert (await shop.found(answer.subscriptions[0].id)).status is S.EXPIRED
    assert await _redeemed(shop, coupon.id) == 1
    async with shop.units.view(by_staff()) as view:
        payment = await view.payments.find(answer.payment.id)
    assert (payment.settled, payment.refunding) == (500, 500)
    assert await shop.books_balance(user_id)


@pytest.mark.parametrize(
    ("percent", "paid", "down", "up"),
    [("100", "0.00", 0, 0), ("50", "25.00", -500, 500), ("0", "50.00", -1_000, 1_000)],
)
async def test_seats_of_a_period_with_a_coupon_cost_what_the_coupon_left_of_their_price(
    percent, paid, down, up
):
    shop = a_subscription_house()
    user_id, plan = await shop.house.a_customer(), await shop.a_plan()
    card = await shop.a_card(user_id)
    codes = []
    if percent != "0":
        coupon = a_coupon(percent=percent)
        await shop.house.do(lambda unit: unit.coupons.add(coupon))
        codes = [coupon.code]
    items = [PurchaseItem(plan=str(plan.id), quantity=5)]
    command = Purchase(items=items, payment_method=STARK_PAY, method_id=card, coupons=codes)
    answer = await shop.subscriptions.purchasing.purchase(command, by(user_id))
    assert answer.amount.amount == paid
    own, changing = answer.subscriptions[0].id, shop.subscriptions.changing
    for seats, cost in ((5, 0), (4, down), (5, up)):
        change = ChangeTerms(quantity=seats, timing=Timing.NOW)
        quote = await changing.preview(own, change, by(user_id))
        assert Money.parse(quote.cost.amount, Currency("USD")).minor == cost
        await changing.change(own, change, by(user_id))
    # What fewer seats gave back paid for those that were added again.
    assert await _funds(shop, user_id) == 0
    taken = Money.parse(paid, Currency("USD")).minor
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == taken
    found = await shop.found(own)
    await shop.pass_by(found.ends_at - shop.now)
    assert (await shop.found(own)).accrual.total == 5_000
    assert await shop.house.balance(f"gateway:{STARK_PAY}:USD") == taken + 5_000
    assert await shop.books_balance(user_id)


@pytest.fixture
def no_refunds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that takes money and gives none back."""
    offered = SandboxGateway.features.fget
    assert offered is not None
    without = property(lambda self: offered(self) - {Feature.REFUND, Feature.PARTIAL_REFUND})
    monkeypatch.setattr(SandboxGateway, "features", without)


async def test_late_money_that_the_gateway_cannot_give_back_is_the_customers(no_refunds):
    shop = a_subscription_house()
    product, user_id = await shop.a_product(), await shop.house.a_customer()
    plan = await shop.a_plan(product)
    slow = await shop.a_card(user_id, "requires_action")
    items = [PurchaseItem(plan=str(plan.id))]
    late = Purchase(items=items, payment_method=STARK_PAY, method_id=slow)
    answer = await _late(shop, user_id, late)
    # Nothing can come of it any more: another subscription of the product lives by now.
    good = await shop.a_card(user_id)
    assert (await shop.buy(user_id, plan, method_id=good)).subscriptions[0].status == "active"
    await shop.house.approve(answer.payment.id)
    assert await _funds(shop, user_id) == 1_000
    assert await shop.books_balance(user_id)


async def test_who_ends_at_once_has_in_their_funds_what_the_gateway_cannot_give_back(no_refunds):
    shop = a_subscription_house()
    user_id, bought = await shop.bought()
    now = Cancel(timing=Timing.NOW, refund=RefundPolicy.FULL)
    staff = Caller(principal=Principal(user_id=user_id, permissions=frozenset(PERMISSIONS)))
    await shop.subscriptions.ending.cancel(bought.id, now, staff)
    assert (await shop.found(bought.id)).status is S.CANCELLED
    assert await _funds(shop, user_id) == 1_000


async def test_a_method_is_removed_as_often_as_somebody_asks_but_is_nobody_elses():
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    card, methods = await shop.a_card(user_id), shop.house.payments.methods
    first = await methods.remove(card, by(user_id))
    async with shop.units.view(by_staff()) as view:
        removed_at: datetime = (await view.payment_methods.find(card)).removed_at
    shop.house.clock.move(DAY)
    assert await methods.remove(card, by(user_id)) == first
    async with shop.units.view(by_staff()) as view:
        assert (await view.payment_methods.find(card)).removed_at == removed_at
    with pytest.raises(UnknownPaymentMethod):
        await methods.remove(card, by(await shop.house.a_customer()))
    with pytest.raises(UnknownPaymentMethod):
        await methods.prefer(card, by(user_id))


async def _bought_with(shop: SubscriptionHouse, user_id: UUID, **asked: Any) -> Any:
    items = [PurchaseItem(plan=str((await shop.a_plan()).id))]
    command = Purchase(items=items, **asked)
    answer = await shop.subscriptions.purchasing.purchase(command, by(user_id))
    return answer, await shop.found(answer.subscriptions[0].id)


async def test_the_default_card_is_charged_where_a_gateway_is_named_and_no_card():
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    await shop.a_card(user_id, "insufficient_funds")
    token = StoreMethod(gateway=STARK_PAY, token="tok_approve", is_default=True)
    default = (await shop.house.payments.methods.store(token, by(user_id))).id
    _, bought = await _bought_with(shop, user_id, payment_method=STARK_PAY)
    assert (bought.status, bought.method_id) == (S.ACTIVE, default)


@pytest.mark.parametrize(
    "asked", [{}, {"payment_method": STARK_PAY, "use_default_method": False}], ids=["no_charge", "opted_out"]
)
async def test_the_default_card_is_left_alone_where_no_charge_is_asked_for_or_it_is_not_wanted(asked):
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    await shop.a_card(user_id, "stolen_card")
    answer, bought = await _bought_with(shop, user_id, **asked)
    assert bought.method_id is None
    assert (answer.payment is None) is (not asked)
    assert bought.status is (S.ACTIVE if asked else S.PENDING)


async def test_a_default_card_whose_time_is_over_is_not_charged():
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    card = await shop.a_card(user_id)

    async def expire(unit: Any) -> None:
        method = await unit.payment_methods.find(card)
        method.expires_year, method.expires_month = 2020, 1
        await unit.payment_methods.save(method)

    await shop.house.do(expire)
    _, bought = await _bought_with(shop, user_id, payment_method=STARK_PAY)
    assert bought.method_id is None


async def test_the_wrong_command_is_told_what_to_pass():
    shop = a_subscription_house()
    user_id, purchasing = await shop.house.a_customer(), shop.subscriptions.purchasing
    plan: Any = PurchasePlan(plan="GOLD")
    for wrong in (purchasing.purchase, purchasing.preview):
        with pytest.raises(TypeError, match=r"PurchasePlan: pass its as_checkout\(\)"):
            await wrong(plan, by(user_id))
        with pytest.raises(TypeError, match=r"dict: pass a Purchase\(items="):
            await wrong({"plan": "GOLD"}, by(user_id))  # type: ignore[arg-type] - what is tested


async def test_an_amount_in_another_currency_is_told_both():
    shop = a_subscription_house()
    user_id = await shop.house.a_customer()
    invoice = await shop.house.an_invoice(user_id, 1_000)
    new = NewCredit(invoice_id=invoice.id, amount=Money(1, Currency("EUR")))
    with pytest.raises(InvalidInput) as refused:
        await shop.house.do(lambda unit: shop.house.billing.crediting.credit(unit, new))
    (problem,) = refused.value.problems
    assert dict(problem.params) == {"given": "EUR", "expected": "USD"}


async def test_invoices_are_in_the_customers_language_where_people_translated_the_catalog():
    shop = a_subscription_house()
    user_id, plan = await shop.house.a_customer(), await shop.a_plan()

    async def prepare(unit: Any) -> None:
        user = await unit.users.find(user_id)
        user.locale = "zh-Hant"
        await unit.users.save(user)
        place = TextPlace(
            field="catalog.product.name", source_language="en", target_language="zh-Hant", source_text="CRM"
        )
        own = {"id": a_uuid(), "author_id": None, "now": shop.now}
        await unit.human_translations.add(HumanTranslation.write(place=place, text="客戶管理", **own))

    await shop.house.do(prepare)
    answer = await shop.buy(user_id, plan, pays=False)
    (line,) = (await shop.house.invoice(answer.invoice_id)).lines
    assert line.description == f"客戶管理: {plan.name}"
    # Late money has the order invoiced anew, from what was kept of it.
    order = await shop.house.order(answer.order_id)
    assert (order.lines[0].sold, order.lines[0].description) == (("CRM", plan.name), f"CRM: {plan.name}")


async def test_invoices_say_of_which_product_the_plan_is():
    shop = a_subscription_house()
    _, bought = await shop.bought()
    plan_name = "Plan for 1000"
    await shop.pass_by(bought.ends_at - shop.now)
    async with shop.units.view(by_staff()) as view:
        charges = await view.subscription_charges.of_subscription(bought.id, limit=9)
        invoices = [await view.invoices.find(each.invoice_id) for each in charges]
    assert len(invoices) == 2
    assert {line.description for each in invoices for line in each.lines} == {f"CRM: {plan_name}"}
    assert {each.status for each in invoices} == {InvoiceStatus.PAID}
    document = shop.house.billing.documents.of_invoice(invoices[0])
    assert document.lines[0].description == f"CRM: {plan_name}"

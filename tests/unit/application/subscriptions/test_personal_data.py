"""What billing and subscriptions hand to a person, and what is left of them when the person is erased."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from tests.billing_house import STARK_PAY, MovedClock, by_staff
from tests.subscription_house import DAY, SubscriptionHouse
from tests.unit.application.identity.people import a_member, open_house, signed_in

from multiproduct.application.billing.ports import Wanted
from multiproduct.application.caller import Caller, Principal
from multiproduct.application.subscriptions.commands import (
    Purchase,
    PurchaseItem,
    RecordUsage,
    StartTrial,
    UsageItem,
)
from multiproduct.application.units import in_unit
from multiproduct.bootstrap import Overrides
from multiproduct.domain.billing import InvoiceStatus, OrderStatus
from multiproduct.domain.catalog import Aggregation
from multiproduct.domain.subscriptions import SubscriptionStatus
from multiproduct.domain.subscriptions.permissions import PERMISSIONS

TONY = "tony@stark.com"
S = SubscriptionStatus


@pytest.fixture
async def here():
    clock = MovedClock()
    async with open_house(Overrides(clock=clock)) as whole:
        units = whole.container.units

        async def do(body):
            async def committed(unit):
                answer = await body(unit)
                await unit.commit()
                return answer

            return await in_unit(lambda: units.open(by_staff()), committed)

        container = whole.container
        house = SimpleNamespace(
            units=units, clock=clock, billing=container.billing, payments=container.payments, do=do
        )
        shop = SubscriptionHouse(house=house, subscriptions=container.subscriptions)
        user = await a_member(whole, TONY, "iron.man")
        tokens = await signed_in(whole, TONY)
        caller = Caller(principal=await whole.identity.authenticating.principal(tokens.access))
        yield SimpleNamespace(whole=whole, shop=shop, user_id=user.id, caller=caller)


async def buy(here, *, configuration=None, pays=True, script="approve"):
    card = await here.shop.a_card(here.user_id, script)
    plan = await here.shop.a_plan()
    item = PurchaseItem(plan=str(plan.id), configuration=configuration or {})
    command = Purchase(
        items=[item], payment_method=STARK_PAY if pays else None, method_id=card if pays else None
    )
    return await here.shop.subscriptions.purchasing.purchase(command, here.caller)


async def test_an_export_has_subscriptions_and_what_was_billed_for_them(here):
    bought = await buy(here, configuration={"team": "Avengers"})
    exported = await here.whole.identity.data_export.export(here.caller)
    data = exported.data
    (subscription,) = data["subscriptions"]
    assert (subscription["id"], subscription["status"]) == (str(bought.subscriptions[0].id), "active")
    assert subscription["configuration"] == {"team": "Avengers"}
    billing = data["billing"]
    assert [each["number"] for each in billing["invoices"]] == [bought.invoice_number]
    assert [each["number"] for each in billing["orders"]] == [bought.order_number]
    assert [each["status"] for each in billing["transactions"]] == ["settled"]
    assert (billing["customer"], billing["credit_notes"]) == (None, [])


async def test_an_export_has_nothing_of_anybody_else(here):
    await buy(here)
    await a_member(here.whole, "pepper@stark.com", "pepper")
    tokens = await signed_in(here.whole, "pepper@stark.com")
    pepper = Caller(principal=await here.whole.identity.authenticating.principal(tokens.access))
    data = (await here.whole.identity.data_export.export(pepper)).data
    assert data["subscriptions"] == []
    assert not any(data["billing"].values())


async def test_who_is_erased_has_no_subscription_any_more_and_the_books_stay(here):
    active = (await buy(here, configuration={"team": "Avengers"})).subscriptions[0].id
    ordered = await buy(here, pays=False)
    await here.whole.identity.erasing.erase_own(here.caller)
    ended = await here.shop.found(active)
    assert (ended.status, ended.configuration, ended.method_id) == (S.CANCELLED, {}, None)
    assert (await here.shop.found(ordered.subscriptions[0].id)).status is S.CANCELLED
    async with here.shop.units.view(by_staff()) as view:
        invoices = await view.invoices.page(Wanted(customer_id=here.user_id), after=None, limit=10)
        order = await view.orders.find(ordered.order_id)
    assert {each.status for each in invoices} == {InvoiceStatus.PAID, InvoiceStatus.VOID}
    assert order.status is OrderStatus.CANCELLED
    await here.whole.drain()
    await here.shop.pass_by(100 * DAY)
    assert len(await here.shop.charges(active)) == 1


async def test_one_that_had_ended_before_is_emptied_too(here):
    subscription_id = (await buy(here, configuration={"team": "Avengers"}, pays=False)).subscriptions[0].id
    await here.shop.pass_by(5 * DAY)
    assert (await here.shop.found(subscription_id)).status is S.EXPIRED
    tokens = await signed_in(here.whole, TONY)
    again = Caller(principal=await here.whole.identity.authenticating.principal(tokens.access))
    await here.whole.identity.erasing.erase_own(again)
    assert (await here.shop.found(subscription_id)).configuration == {}


async def _used(here, *, in_trial=False):
    """A subscription by whose plan 7 calls were used that are in no invoice."""
    shop = here.shop
    product = await shop.a_product()
    plan = await shop.a_plan(product)
    await shop.meters(plan, await shop.a_meter(product, Aggregation.SUM))
    if in_trial:
        begun = await shop.subscriptions.trying.start(StartTrial(plan=plan.slug), here.caller)
        subscription_id = begun.id
    else:
        card = await shop.a_card(here.user_id)
        command = Purchase(items=[PurchaseItem(plan=str(plan.id))], payment_method=STARK_PAY, method_id=card)
        bought = await shop.subscriptions.purchasing.purchase(command, here.caller)
        subscription_id = bought.subscriptions[0].id
    event = UsageItem(event_id="e1", subscription_id=subscription_id, meter="calls", value=Decimal(7))
    staff = Caller(principal=Principal(permissions=frozenset(PERMISSIONS)))
    await shop.subscriptions.usage.record(RecordUsage(events=[event]), staff)
    here.shop.house.clock.move(timedelta(seconds=1))
    return subscription_id


async def _invoices(here):
    async with here.shop.units.view(by_staff()) as view:
        return list(await view.invoices.page(Wanted(customer_id=here.user_id), after=None, limit=10))


async def test_who_is_erased_is_invoiced_for_the_last_time_while_it_is_known_who_they_are(here):
    subscription_id = await _used(here)
    await here.whole.identity.erasing.erase_own(here.caller)
    last = max(await _invoices(here), key=lambda each: each.sequence)
    assert (last.total_minor, [line.description for line in last.lines]) == (70, ["Calls"])
    assert last.customer.email == TONY
    assert (await here.shop.found(subscription_id)).status is S.CANCELLED
    await here.whole.drain()
    for _ in range(3):
        await here.shop.pass_by(DAY)
    assert len(await _invoices(here)) == 2
    assert (await here.shop.found(subscription_id)).closes_at is None


async def test_what_was_used_in_a_trial_alone_is_not_billed_to_who_is_erased(here):
    await _used(here, in_trial=True)
    await here.whole.identity.erasing.erase_own(here.caller)
    assert await _invoices(here) == []

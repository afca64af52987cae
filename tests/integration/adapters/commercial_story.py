"""What a shop does in its first months: every use case that customers or jobs run often, once or more."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from tests.billing_house import STARK_PAY, USD, by
from tests.subscription_house import DAY, SubscriptionHouse

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.billing.commands import (
    IssueCreditNote,
    ListBillingTransactions,
    ListCreditNotes,
    ListInvoices,
    ListOrders,
    ReadAccountStatement,
    SaveBillingCustomer,
)
from multiproduct.application.caller import Caller, Principal
from multiproduct.application.ledger.commands import (
    ListAccounts,
    ListHolds,
    ListTransactions,
    PostHold,
    ReadBalance,
    ReadStatement,
    ReserveHold,
)
from multiproduct.application.money import MoneyInput
from multiproduct.application.payments.commands import ListPayments
from multiproduct.application.subscriptions.commands import (
    Cancel,
    ChangeQuantity,
    ListSubscriptions,
    Purchase,
    PurchaseItem,
    RecordUsage,
    Renew,
    StartTrial,
    UsageItem,
)
from multiproduct.domain.billing import PERMISSIONS as BILLING
from multiproduct.domain.catalog import (
    Aggregation,
    Coupon,
    MeteredPrice,
    Percent,
    PriceModel,
    Product,
    Tariff,
    Tier,
    UnitPrice,
)
from multiproduct.domain.ledger import PERMISSIONS as LEDGER
from multiproduct.domain.ledger import AccountKind, AccountSpec, Limit, NewTransaction, credit, debit
from multiproduct.domain.payments import PERMISSIONS as PAYMENTS
from multiproduct.domain.shared import Money
from multiproduct.domain.subscriptions import PERMISSIONS as SUBSCRIPTIONS
from multiproduct.domain.subscriptions import RefundPolicy, Timing

_MONTH = timedelta(days=31)
_STAFF = Caller(principal=Principal(permissions=frozenset((*BILLING, *LEDGER, *PAYMENTS, *SUBSCRIPTIONS))))
_SCRIPTS = ("approve", "approve", "decline_1_then_approve", "insufficient_funds", "unknown_then_settled")


async def live_through(shop: SubscriptionHouse) -> None:
    """Everything, in the order in which a shop meets it."""
    product = await shop.a_product()
    people = await _buying(shop, product)
    await _using(shop, product, people[0])
    await _invoiced_by_hand(shop)
    for _ in range(2):
        shop.house.clock.move(_MONTH)
        await _jobs(shop)
        shop.house.clock.move(DAY * 4)
        await _jobs(shop)
    await _changing(shop)
    await _approved_later(shop)
    for person in people[:2]:
        await _looking(shop, person)
    await _staff(shop)
    await _ledger(shop, people[0])
    await shop.house.ledger.sealing.run()
    await shop.bought()  # leaves something that is not sealed


async def _buying(shop: SubscriptionHouse, product: Product) -> list[UUID]:
    plan, people = await shop.a_plan(product), list[UUID]()
    coupon = Coupon(
        id=a_uuid(),
        code="WELCOME",
        name="Welcome",
        percent=Percent(1_000),
        created_at=shop.now,
        updated_at=shop.now,
    )
    await shop.house.do(lambda unit: unit.coupons.add(coupon))
    for script in _SCRIPTS:
        person = await shop.house.a_customer()
        people.append(person)
        name = SaveBillingCustomer(name="Ada", address=("1 High Street",), country="US")
        await shop.house.billing.accounts.save_customer(name, by(person))
        card = await shop.a_card(person, script)
        await shop.buy(person, plan, method_id=card, key=f"purchase-{script}-{len(people)}")
        other = PurchaseItem(plan=str((await shop.a_plan()).id))
        unpaid = Purchase(items=[other], coupons=["WELCOME"])
        await shop.subscriptions.purchasing.purchase(
            unpaid, by(person), idempotency_key=f"unpaid-{len(people)}"
        )
    tried = StartTrial(plan=str((await shop.a_plan()).id))
    await shop.subscriptions.trying.start(tried, by(people[0]), idempotency_key="trial")
    await shop.house.ledger.sealing.run()
    return people


async def _using(shop: SubscriptionHouse, product: Product, person: UUID) -> None:
    meter = await shop.a_meter(product, Aggregation.SUM)
    mine = await shop.subscriptions.tending.page(ListSubscriptions(), by(person))
    used = mine.items[-1]
    tariff = Tariff(
        model=PriceModel.PER_UNIT, currency=USD, tiers=(Tier(up_to=None, unit_price=UnitPrice("0.10")),)
    )
    price = MeteredPrice(
        id=a_uuid(), plan_id=used.plan_id, meter_id=meter.id, tariff=tariff, valid_from=shop.now
    )
    await shop.house.do(lambda unit: unit.metered_prices.put(price))
    events = [
        UsageItem(event_id=f"u{n}", subscription_id=used.id, meter=meter.code, value=Decimal(n))
        for n in range(1, 4)
    ]
    await shop.subscriptions.usage.record(RecordUsage(events=events), _STAFF)


async def _invoiced_by_hand(shop: SubscriptionHouse) -> None:
    person = await shop.house.a_customer()
    paid, other = await shop.house.an_invoice(person, 1_000), await shop.house.an_invoice(person, 700)
    await shop.house.pay(paid, other)
    note = IssueCreditNote(invoice_id=paid.id, refund_to="payment_method", reason="not used")
    await shop.house.billing.invoices.credit(note, _STAFF, idempotency_key="credit")
    async with shop.units.view(_STAFF) as view:
        ((settlement,),) = (await view.settlements.of_invoice(paid.id),)
        refunds = await view.payment_refunds.of_payment(settlement.payment_id)
    await shop.house.payments.driving.drive_refund(refunds[0].id)
    await shop.house.an_invoice(person, 300)


async def _approved_later(shop: SubscriptionHouse) -> None:
    """The gateway waits for the payer, and tells by a callback that they approved. A coupon is used."""
    person = await shop.house.a_customer()
    other = PurchaseItem(plan=str((await shop.a_plan()).id))
    cheaper = Purchase(items=[other], coupons=["WELCOME"])
    await shop.subscriptions.purchasing.purchase(cheaper, by(person))
    card = await shop.a_card(person, "requires_action")
    bought = await shop.buy(person, await shop.a_plan(), method_id=card)
    assert bought.payment is not None
    await shop.house.approve(bought.payment.id)


async def _jobs(shop: SubscriptionHouse) -> None:
    await shop.tend()
    await shop.house.billing.tending.remind()
    await shop.house.payments.janitor.purge()
    await shop.house.ledger.transacting.time_out()
    await shop.house.ledger.sealing.run()


async def _changing(shop: SubscriptionHouse) -> None:
    person, subscription = await shop.bought()
    more = ChangeQuantity(quantity=3)
    await shop.subscriptions.changing.change_quantity(subscription.id, more, by(person))
    card = await shop.a_card(person)
    again = Renew(payment_method=STARK_PAY, method_id=card)
    await shop.subscriptions.renewing.renew(subscription.id, again, by(person), idempotency_key="renew")
    at_once = Cancel(timing=Timing.NOW, refund=RefundPolicy.PRORATED)
    await shop.subscriptions.ending.cancel(subscription.id, at_once, _STAFF)
    await shop.house.payments.janitor.run()


async def _looking(shop: SubscriptionHouse, person: UUID) -> None:
    me, house = by(person), shop.house
    mine = await shop.subscriptions.tending.page(ListSubscriptions(limit=1), me)
    await shop.subscriptions.tending.page(ListSubscriptions(limit=1, cursor=mine.next_cursor), me)
    orders = await house.billing.reading.orders(ListOrders(limit=1), me)
    await house.billing.reading.orders(ListOrders(limit=1, cursor=orders.next_cursor), me)
    await house.billing.reading.order(orders.items[0].id, me)
    invoices = await house.billing.reading.invoices(ListInvoices(limit=1), me)
    await house.billing.reading.invoices(ListInvoices(limit=1, cursor=invoices.next_cursor), me)
    await house.billing.reading.invoice(invoices.items[0].id, me)
    await house.billing.reading.invoice_of_order(orders.items[0].id, me)
    await house.billing.reading.transactions(ListBillingTransactions(limit=1), me)
    await house.billing.reading.credit_notes(ListCreditNotes(limit=1), me)
    await house.billing.accounts.statement(ReadAccountStatement(currency="USD"), me)
    payments = await house.payments.reading.own(me, cursor=None, limit=1)
    await house.payments.reading.own(me, cursor=payments.next_cursor, limit=1)
    await house.payments.reading.read(payments.items[0].id, me)
    await house.payments.methods.own(me)


async def _staff(shop: SubscriptionHouse) -> None:
    reading, payments = shop.house.billing.reading, shop.house.payments.reading
    for status in (None, "open"):
        invoices = await reading.invoices(ListInvoices(limit=1, status=status), _STAFF)
        await reading.invoices(ListInvoices(limit=1, status=status, cursor=invoices.next_cursor), _STAFF)
    for status in (None, "pending"):
        await reading.orders(ListOrders(limit=1, status=status), _STAFF)
    await reading.transactions(ListBillingTransactions(limit=1), _STAFF)
    await reading.credit_notes(ListCreditNotes(limit=1), _STAFF)
    for query in (
        ListPayments(limit=1),
        ListPayments(limit=1, status="unknown"),
        ListPayments(needs_review=True),
    ):
        await payments.every(query, _STAFF)


async def _ledger(shop: SubscriptionHouse, person: UUID) -> None:
    ledger = shop.house.ledger
    found = await ledger.bookkeeping.every(ListAccounts(owner_id=person), _STAFF)
    account = found.items[0]
    await ledger.bookkeeping.every(ListAccounts(limit=1), _STAFF)
    await ledger.bookkeeping.read(account.id, _STAFF)
    for query in (ReadBalance(), ReadBalance(effective_before=shop.now)):
        await ledger.bookkeeping.balance(account.id, query, _STAFF)
    for statement in (ReadStatement(limit=1), ReadStatement(since=shop.now - _MONTH, until=shop.now)):
        page = await ledger.bookkeeping.statement(account.id, statement, _STAFF)
        if page.next_cursor:
            await ledger.bookkeeping.statement(account.id, ReadStatement(cursor=page.next_cursor), _STAFF)
    await _holding(shop)
    listed = await ledger.transacting.every(ListTransactions(limit=1), _STAFF)
    await ledger.transacting.every(ListTransactions(limit=1, cursor=listed.next_cursor), _STAFF)
    await ledger.transacting.every(ListTransactions(reference="INV-1"), _STAFF)
    await ledger.transacting.read(listed.items[0].id, _STAFF)
    await ledger.transacting.open_holds(ListHolds(limit=1), _STAFF)


async def _holding(shop: SubscriptionHouse) -> None:
    """Two holds, of which one is posted and one let go; a third stays."""
    ledger, bank = shop.house.ledger, AccountSpec(code="bank:USD", kind=AccountKind.ASSET, currency="USD")
    till = AccountSpec(
        code="till:USD",
        kind=AccountKind.ASSET,
        currency="USD",
        limit=Limit.CREDITS_NEVER_EXCEED_DEBITS,
    )
    await shop.house.do(lambda unit: ledger.accounts.ensure(unit, [bank, till]))
    holds = [
        ReserveHold(
            debit_account="bank:USD",
            credit_account="revenue:USD",
            amount=MoneyInput(amount="1.00", currency="USD"),
            expires_at=shop.now + DAY,
            key=f"hold-{number}",
        )
        for number in range(3)
    ]
    too_much = NewTransaction(
        entries=(debit("bank:USD", Money(1, USD)), credit("till:USD", Money(1, USD))), key="too-much"
    )
    await ledger.transacting.write([too_much])
    held = [await ledger.transacting.reserve(hold, _STAFF) for hold in holds]
    await ledger.transacting.post_hold(held[0].id, PostHold(), _STAFF)
    await ledger.transacting.void_hold(held[1].id, _STAFF)

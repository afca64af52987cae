"""Subscriptions for tests of the domain."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from multiproduct.domain.subscriptions import MONTHLY, Awaited, OpenInvoice, Subscription, Terms

NOW = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
_numbers = count(1)


def an_id():
    return UUID(int=next(_numbers) | 7 << 76 | 0b10 << 62)


PLAN = an_id()
OTHER_PLAN = an_id()


def some_terms(price=1_000, quantity=1, cycle=MONTHLY, plan_id=PLAN):
    return Terms(plan_id=plan_id, quantity=quantity, price=price, cycle=cycle)


def an_order(terms=None, now=NOW, zone="UTC"):
    return Subscription.order(
        id=an_id(),
        user_id=an_id(),
        product_id=an_id(),
        currency="USD",
        zone=zone,
        terms=terms or some_terms(),
        configuration={},
        now=now,
    )


def a_trial(days=14, terms=None, now=NOW):
    return Subscription.start_trial(
        id=an_id(),
        user_id=an_id(),
        product_id=an_id(),
        currency="USD",
        zone="UTC",
        terms=terms or some_terms(),
        configuration={},
        trial_end=now + days * DAY,
        now=now,
    )


def awaiting(subscription, awaited, now, terms=None, at=None, first_price=None):
    """Has it wait for an invoice; answers its order."""
    invoice = OpenInvoice(
        order_id=an_id(),
        invoice_id=an_id(),
        awaited=awaited,
        terms=terms or subscription.renews_as,
        at=at or now,
        asked_at=now,
        first_price=first_price,
        is_charging=True,
    )
    subscription.await_payment(invoice, now=now)
    return invoice.order_id


def an_active(terms=None, now=NOW, zone="UTC"):
    subscription = an_order(terms, now, zone)
    subscription.settle(awaiting(subscription, Awaited.FIRST, now), now=now)
    return subscription


def renewed(subscription, now):
    """Bills and pays the next period."""
    subscription.settle(awaiting(subscription, Awaited.RENEWAL, now), now=now)

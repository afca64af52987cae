"""What is left of a checkout of which one plan was called off: the others are ordered anew, as they were."""

from collections.abc import Container
from datetime import datetime
from uuid import UUID

from multiproduct.application.subscriptions.charging import Charging, Paying, ToCharge
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.selling import Selling
from multiproduct.domain.billing import Order, OrderStatus


class Reordering:
    """A step: it takes the caller's unit, and never commits."""

    def __init__(self, *, charging: Charging, keeping: Keeping, selling: Selling) -> None:
        self._charging = charging
        self._keeping = keeping
        self._selling = selling

    async def order_rest(
        self, unit: SubscriptionsUnit, order_id: UUID, *, but: Container[UUID], now: datetime
    ) -> Order | None:
        """Orders and invoices what an order that was called off just now was for, `but` some subscriptions,
        at the prices and for the time that it had. None where nothing is left, or where it was not called
        off, as its payment is under way."""
        called_off = await unit.orders.find(order_id)
        if called_off is None or called_off.status is not OrderStatus.CANCELLED:
            return None
        charged = await self._waiting(unit, order_id, but, now)
        if not charged:
            return None
        left = {each.subscription.id for each in charged}
        lines = [each for each in called_off.lines if each.subject is not None and each.subject.id in left]
        expires_at = called_off.expires_at
        order = await self._charging.place(
            unit,
            customer_id=called_off.customer_id,
            lines=lines,
            paying=Paying(),
            lifetime=None if expires_at is None else expires_at - now,
            charged=charged,
        )
        # What the coupons took off stays off: nobody is asked for more because something else was left.
        coupons = dict.fromkeys(each for line in lines for each in line.coupons)
        await self._selling.redeem_again(
            unit, list(coupons), person_id=order.customer_id, order_id=order.id, now=now
        )
        await self._charging.charge(unit, order, charged=charged, paying=Paying(), now=now)
        for each in charged:
            await self._keeping.save(unit, each.subscription)
        return order

    @staticmethod
    async def _waiting(
        unit: SubscriptionsUnit, order_id: UUID, but: Container[UUID], now: datetime
    ) -> list[ToCharge]:
        waiting = []
        for charge in await unit.subscription_charges.of_order(order_id):
            found = None
            if charge.subscription_id not in but:
                found = await unit.subscriptions.find(charge.subscription_id)
            if found is None or found.awaiting is None or found.awaiting.order_id != order_id:
                continue
            asked = found.awaiting
            found.leave_payment(now=now)
            waiting.append(
                ToCharge(
                    subscription=found,
                    awaited=asked.awaited,
                    terms=asked.terms,
                    at=asked.at,
                    minor=charge.minor,
                    number=found.number + 1,
                    first_price=asked.first_price,
                )
            )
        return waiting

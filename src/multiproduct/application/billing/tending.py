"""What billing does by itself: unpaid orders expire, customers are reminded, in bounded leased batches."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

from multiproduct.application.billing.ordering import Ordering
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.seller import SellingPolicy
from multiproduct.application.caller import SYSTEM
from multiproduct.application.each_alone import EachAlone
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import OrderStatus

BATCH = 100
MAX_BATCHES = 100
"""In one run of a job; the rest waits for the next."""
LEASE = timedelta(minutes=5)
"""In real time: what a process that died had taken is taken by another one then."""


class Tending:
    """Each thing is a unit of its own, so that one that cannot be done keeps no other from being done; the
    job raises ExceptionGroup of those when all had their turn."""

    def __init__(
        self,
        *,
        units: Units[BillingUnit],
        clock: Clock,
        real_time: RealTime,
        ordering: Ordering,
        policy: SellingPolicy,
    ) -> None:
        self._units = units
        self._clock = clock
        self._real_time = real_time
        self._ordering = ordering
        self._policy = policy

    async def expire_orders(self) -> int:
        """Ends the orders whose time is over, with their invoices; answers how many. Those with a payment
        under way wait for what comes of it."""
        return await self._batches(self._lease_orders, self._expire)

    async def remind(self) -> int:
        """Tells of invoices that are due soon, due now, or overdue; answers of how many."""
        return await self._batches(self._lease_invoices, self._remind)

    async def _batches(
        self,
        lease: Callable[[BillingUnit], Awaitable[Sequence[UUID]]],
        tend: Callable[[BillingUnit, UUID], Awaitable[bool]],
    ) -> int:
        done, each_alone = 0, EachAlone(what="tending orders and invoices")
        for _ in range(MAX_BATCHES):
            ids = await in_unit(lambda: self._units.open(SYSTEM), lambda unit: _committed(unit, lease))
            for one in ids:
                with each_alone.one():
                    done += await self._alone(tend, one)
            if len(ids) < BATCH:
                break
        each_alone.tell()
        return done

    async def _alone(self, tend: Callable[[BillingUnit, UUID], Awaitable[bool]], one: UUID) -> bool:
        return await in_unit(lambda: self._units.open(SYSTEM), lambda unit: _one(unit, tend, one))

    async def _lease_orders(self, unit: BillingUnit) -> Sequence[UUID]:
        at = self._real_time.now()
        return await unit.orders.lease_expired(
            [OrderStatus.PENDING, OrderStatus.FAILED],
            now=self._clock.now(),
            leased_at=at,
            until=at + LEASE,
            limit=BATCH,
        )

    async def _lease_invoices(self, unit: BillingUnit) -> Sequence[UUID]:
        at = self._real_time.now()
        return await unit.invoices.lease_reminders(
            now=self._clock.now(), leased_at=at, until=at + LEASE, limit=BATCH
        )

    async def _expire(self, unit: BillingUnit, order_id: UUID) -> bool:
        return await self._ordering.expire(unit, order_id)

    async def _remind(self, unit: BillingUnit, invoice_id: UUID) -> bool:
        invoice = await unit.invoices.find(invoice_id)
        if invoice is None or not invoice.remind(self._policy.terms.reminders, now=self._clock.now()):
            return False
        await unit.invoices.save(invoice)
        return True


async def _committed(
    unit: BillingUnit, lease: Callable[[BillingUnit], Awaitable[Sequence[UUID]]]
) -> Sequence[UUID]:
    ids = await lease(unit)
    await unit.commit()
    return ids


async def _one(unit: BillingUnit, tend: Callable[[BillingUnit, UUID], Awaitable[bool]], one: UUID) -> bool:
    was_done = await tend(unit, one)
    await unit.commit()
    return was_done

"""The janitor: asks gateways what became of that which nobody here knows, when it is due."""

from datetime import timedelta
from typing import TypeVar

from multiproduct.application.caller import SYSTEM
from multiproduct.application.each_alone import EachAlone
from multiproduct.application.payments.calling import LEASE, told
from multiproduct.application.payments.gateways import Gateways, NotSent
from multiproduct.application.payments.orders import question_about
from multiproduct.application.payments.outcome_taking import OutcomeTaking
from multiproduct.application.payments.ports import GatewayCalls, PaymentsUnit
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.payments import Attempt, Outcome, Refund, Unknown, UnknownGateway

Call = TypeVar("Call", Attempt, Refund)

BATCH = 20
"""Leased at once: each may take as long as a gateway is waited for."""
MAX_BATCHES = 25
NOTICES_KEPT_FOR = timedelta(days=30)
_PURGED_AT_ONCE = 500


class Janitor:
    """In bounded, leased batches, so that any number of processes share the work."""

    def __init__(
        self,
        *,
        units: Units[PaymentsUnit],
        gateways: Gateways,
        taking: OutcomeTaking,
        clock: Clock,
        real_time: RealTime,
    ) -> None:
        self._units = units
        self._gateways = gateways
        self._taking = taking
        self._clock = clock
        self._real_time = real_time

    async def run(self) -> int:
        """Asks about what is due, at most 500 attempts and 500 refunds; answers how many. Raises
        ExceptionGroup, at the end, of those whose outcome could not be taken in."""
        asked, each_alone = 0, EachAlone(what="asking gateways")
        for _ in range(MAX_BATCHES):
            attempts = await in_unit(lambda: self._units.open_alone(SYSTEM), self._lease_attempts)
            for attempt in attempts:
                with each_alone.one():
                    await self._settle(attempt, await self._ask(attempt))
            asked += len(attempts)
            if len(attempts) < BATCH:
                break
        for _ in range(MAX_BATCHES):
            refunds = await in_unit(lambda: self._units.open_alone(SYSTEM), self._lease_refunds)
            for refund in refunds:
                with each_alone.one():
                    await self._settle_refund(refund, await self._ask(refund))
            asked += len(refunds)
            if len(refunds) < BATCH:
                break
        each_alone.tell()
        return asked

    async def purge(self) -> int:
        """Removes notices that were taken in 30 days ago; answers how many."""
        before = self._clock.now() - NOTICES_KEPT_FOR

        async def body(unit: PaymentsUnit) -> int:
            removed = await unit.payment_notices.purge(before=before, limit=_PURGED_AT_ONCE)
            await unit.commit()
            return removed

        return await in_unit(lambda: self._units.open_alone(SYSTEM), body)

    async def _lease_attempts(self, unit: PaymentsUnit) -> list[Attempt]:
        return await self._lease(unit, unit.payment_attempts)

    async def _lease_refunds(self, unit: PaymentsUnit) -> list[Refund]:
        return await self._lease(unit, unit.payment_refunds)

    async def _lease(self, unit: PaymentsUnit, calls: "GatewayCalls[Call]") -> list[Call]:
        now = self._real_time.now()
        # The batch is asked one after the other: the last one's lease has to last until its turn.
        leased = await calls.lease_due(at=self._clock.now(), now=now, until=now + LEASE * BATCH, limit=BATCH)
        await unit.commit()
        return list(leased)

    async def _ask(self, call: Attempt | Refund) -> Outcome:
        question = question_about(call)
        try:
            gateway = self._gateways.outside(call.gateway)
            return await told(lambda: gateway.ask(question))
        except NotSent:
            return Unknown(reason="the gateway could not be reached")
        except UnknownGateway:
            return Unknown(reason="the gateway is not set up any more")

    async def _settle(self, attempt: Attempt, outcome: Outcome) -> None:
        async def body(unit: PaymentsUnit) -> None:
            await self._taking.answered(unit, attempt.id, outcome)
            await unit.commit()

        await in_unit(lambda: self._units.open_alone(SYSTEM), body)

    async def _settle_refund(self, refund: Refund, outcome: Outcome) -> None:
        async def body(unit: PaymentsUnit) -> None:
            await self._taking.answered_about_refund(unit, refund.id, outcome)
            await unit.commit()

        await in_unit(lambda: self._units.open_alone(SYSTEM), body)

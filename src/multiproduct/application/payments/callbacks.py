"""What gateways call back with: checked and taken down at once, taken in later, in any order and however
often."""

from uuid import UUID

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.payments.gateways import CallbackRequest, Gateways, Notice, QuestionKind
from multiproduct.application.payments.outcome_json import outcome_from_json, outcome_to_json
from multiproduct.application.payments.outcome_taking import OutcomeTaking
from multiproduct.application.payments.ports import KeptNotice, PaymentsUnit
from multiproduct.application.payments.results import CallbackTaken
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.payments import CallbackReceived
from multiproduct.domain.shared import Unavailable

_NOT_YET_SECONDS = 5


class CallbackIntake:
    """The signature is the gateway's business and is checked first; what follows is only written down, so
    that the gateway is answered in time."""

    def __init__(
        self,
        *,
        units: Units[PaymentsUnit],
        gateways: Gateways,
        taking: OutcomeTaking,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._units = units
        self._gateways = gateways
        self._taking = taking
        self._clock = clock
        self._ids = ids

    async def receive(self, gateway: str, request: CallbackRequest, caller: Caller) -> CallbackTaken:
        """Takes a callback down. One that was taken down before is answered alike. Raises UnknownGateway,
        CallbackRefused."""
        notices = self._gateways.outside(gateway).read_callback(request)

        async def body(unit: PaymentsUnit) -> CallbackTaken:
            kept = [await self._keep(unit, gateway, notice) for notice in notices]
            if any(kept):
                await unit.commit()
            return CallbackTaken(notices=sum(kept))

        return await in_unit(lambda: self._units.open(caller), body)

    async def take_in(self, notice_id: UUID) -> None:
        """Takes in what was taken down; again changes nothing. What tells of something that is not known
        (yet) is kept: Unavailable asks to be called again, until the reaction is given up."""

        async def body(unit: PaymentsUnit) -> None:
            kept = await unit.payment_notices.find(notice_id)
            if kept is None or kept.taken_at is not None:
                return
            await self._take(unit, kept)
            await unit.payment_notices.mark_taken(notice_id, now=self._clock.now())
            await unit.commit()

        await in_unit(lambda: self._units.open(SYSTEM), body)

    async def _keep(self, unit: PaymentsUnit, gateway: str, notice: Notice) -> bool:
        now = self._clock.now()
        kept = KeptNotice(
            id=self._ids.next(),
            gateway=gateway,
            notice_id=notice.id,
            kind=notice.kind.value,
            key=notice.key,
            reference=notice.reference,
            outcome=outcome_to_json(notice.outcome),
            received_at=now,
        )
        if not await unit.payment_notices.keep(kept):
            return False
        unit.record(CallbackReceived(occurred_at=now, callback_id=kept.id, gateway=gateway))
        return True

    async def _take(self, unit: PaymentsUnit, kept: KeptNotice) -> None:
        outcome = outcome_from_json(kept.outcome)
        calls = unit.payment_refunds if kept.kind == QuestionKind.REFUND.value else unit.payment_attempts
        found = None if kept.key is None else await calls.find(kept.key)
        if found is None and kept.reference is not None:
            found = await calls.find_by_reference(kept.gateway, kept.reference)
        if found is None or found.gateway != kept.gateway:
            raise Unavailable(what="payment", retry_after=_NOT_YET_SECONDS)
        if kept.kind == QuestionKind.REFUND.value:
            await self._taking.told_of_refund(unit, found.id, outcome)
        else:
            await self._taking.told(unit, found.id, outcome)

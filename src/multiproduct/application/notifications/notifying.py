"""Telling people: over which channels, when, once over each, and with a reason for what is not said."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus, NotificationUnit
from multiproduct.application.notifications.handing_over import HandingOver, Handover
from multiproduct.application.notifications.notices import Notice, Params
from multiproduct.application.notifications.notification_type import NotificationType
from multiproduct.application.notifications.planning import Planning
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.todos import LeaseLost
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import User
from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.shared import Unavailable

_S = DeliveryStatus


class Notifying:
    """One transaction decides for every channel, writes a delivery for each, puts the entry into the inbox
    and what is to wait into a digest. Then each channel is handed over between two transactions.

    A delivery is `sending` before it is handed over, and whoever finds it so afterwards does not know whether
    it went out: it is noted as `uncertain` and not sent again, so that nobody is told twice. What was surely
    not accepted goes back to `planned`, and the todo is put back.
    """

    def __init__(
        self,
        *,
        units: Units[NotificationUnit],
        clock: Clock,
        planning: Planning,
        handing_over: HandingOver,
    ) -> None:
        self._units = units
        self._clock = clock
        self._planning = planning
        self._handing_over = handing_over

    async def tell(
        self,
        heard: Heard,
        type_: NotificationType,
        user: User,
        params: Params,
        *,
        reason: str | None = None,
        once_until: datetime | None = None,
        left_out: Mapping[Channel, str] | None = None,
    ) -> None:
        """Tells, and completes the todo. Raises ValueError where a secret is among the parameters, and
        Unavailable where a channel could not take it, upon which the todo is put back."""
        notice = Notice(
            position=heard.todo.key.position,
            type_=type_,
            user=user,
            params=params,
            reason=reason or type_.key,
            once_until=once_until,
            left_out=left_out or {},
        )
        type_.check_tellable(params)

        async def body(unit: NotificationUnit) -> Sequence[Delivery]:
            due = await self._planning.plan(unit, notice)
            if not due:
                await unit.todos.complete(heard.todo)
            await unit.commit()
            return due

        await self._carry_out(heard, notice, await in_unit(self._open, body))

    async def go_on(self, heard: Heard, notice: Notice, delivery: Delivery) -> None:
        """Sends what was held until now, unless the person chose otherwise meanwhile, and completes the todo
        of this run. Raises Unavailable."""

        async def body(unit: NotificationUnit) -> Sequence[Delivery]:
            due = await self._planning.plan_again(unit, notice, delivery)
            if not due:
                await unit.todos.complete(heard.todo)
            await unit.commit()
            return due

        await self._carry_out(heard, notice, await in_unit(self._open, body))

    async def nothing_to_do(self, heard: Heard) -> None:
        """Completes a todo that concerns nobody."""

        async def body(unit: NotificationUnit) -> None:
            await unit.todos.complete(heard.todo)
            await unit.commit()

        await in_unit(self._open, body)

    async def _carry_out(self, heard: Heard, notice: Notice, due: Sequence[Delivery]) -> None:
        """The first of them is `sending` already; each is settled in the transaction that begins the next."""
        if not due:
            return
        put_back: Unavailable | None = None
        is_ours, is_over = True, False
        for delivery, following in zip(due, (*due[1:], None), strict=True):
            if not is_ours:
                # Another run has that one: this one lost its lease, and finds out at the end.
                is_ours = following is not None and await self._begin(following)
                continue
            handover = await self._handing_over.hand_over(notice, delivery)
            put_back = handover.error or put_back
            is_over = following is None and put_back is None
            is_ours = await self._settled(heard if is_over else None, delivery, handover, following)
        if put_back is not None:
            raise put_back
        if not is_over:
            await self.nothing_to_do(heard)

    async def _begin(self, delivery: Delivery) -> bool:
        async def body(unit: NotificationUnit) -> bool:
            began = await self._move(unit, delivery.id, _S.PLANNED, _S.SENDING)
            await unit.commit()
            return began

        return await in_unit(self._open, body)

    async def _settled(
        self, heard: Heard | None, delivery: Delivery, handover: Handover, following: Delivery | None
    ) -> bool:
        """Notes what came of one, completes the todo with the last, and answers whether the next is ours."""
        # Run again when concurrency gets in its way, as otherwise nobody would know what went out.
        try:
            return await in_unit(
                self._open, lambda unit: self._settle(unit, heard, delivery, handover, following)
            )
        except LeaseLost:
            # It went out, or not, all the same: whoever has the todo now must find that.
            await in_unit(self._open, lambda unit: self._settle(unit, None, delivery, handover, None))
            raise

    async def _settle(
        self,
        unit: NotificationUnit,
        heard: Heard | None,
        delivery: Delivery,
        handover: Handover,
        following: Delivery | None,
    ) -> bool:
        noted = await self._move(unit, delivery.id, _S.SENDING, handover.status, handover.reason)
        if not noted and handover.status is not _S.PLANNED:
            # A run that came meanwhile could not know.
            await self._move(unit, delivery.id, _S.UNCERTAIN, handover.status, handover.reason)
        is_next = following is not None and await self._move(unit, following.id, _S.PLANNED, _S.SENDING)
        if heard is not None:
            await unit.todos.complete(heard.todo)
        await unit.commit()
        return is_next

    async def _move(
        self,
        unit: NotificationUnit,
        id: UUID,
        before: DeliveryStatus,
        after: DeliveryStatus,
        reason: str | None = None,
    ) -> bool:
        return await unit.deliveries.move(
            id, before=before, after=after, reason=reason, now=self._clock.now()
        )

    def _open(self) -> AbstractAsyncContextManager[NotificationUnit]:
        return self._units.open(SYSTEM)

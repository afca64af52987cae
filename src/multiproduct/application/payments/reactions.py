"""What payments do when they hear of an event: all of it calls a gateway, and so runs after the commit."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.payments.callbacks import CallbackIntake
from multiproduct.application.payments.driving import Driven, PaymentDriving
from multiproduct.application.payments.method_keeping import MethodKeeping
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import UserErased
from multiproduct.domain.payments import (
    CallbackReceived,
    CaptureRequested,
    PaymentMethodRemoved,
    PaymentRequested,
    RefundRequested,
    ReleaseRequested,
)
from multiproduct.domain.shared import Unavailable

_LOOKS = 20
_PAUSE_SECONDS = 0.1
_GATEWAY_IS_BACK_SECONDS = 10


class PaymentReactions:
    """Each can be run again: the gateway knows the key, and what is settled stays settled."""

    def __init__(
        self,
        *,
        units: Units[PaymentsUnit],
        driving: PaymentDriving,
        callbacks: CallbackIntake,
        methods: MethodKeeping,
    ) -> None:
        self._units = units
        self._driving = driving
        self._callbacks = callbacks
        self._methods = methods

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(PaymentRequested, "payments.drive", self.drive)
        table.defer(CaptureRequested, "payments.drive_capture", self.drive)
        table.defer(ReleaseRequested, "payments.drive_release", self.drive)
        table.defer(RefundRequested, "payments.drive_refund", self.drive_refund)
        table.defer(CallbackReceived, "payments.take_callback", self.take_callback)
        table.defer(PaymentMethodRemoved, "payments.detach_method", self.detach_method)
        table.defer(UserErased, "payments.remove_methods", self.remove_methods)

    async def drive(
        self, event: PaymentRequested | CaptureRequested | ReleaseRequested, heard: Heard
    ) -> None:
        """Tells the gateway, unless somebody did."""
        await self._see_through(lambda: self._driving.drive_attempt(event.attempt_id), heard)

    async def drive_refund(self, event: RefundRequested, heard: Heard) -> None:
        """Tells the gateway, unless somebody did."""
        await self._see_through(lambda: self._driving.drive_refund(event.refund_id), heard)

    async def take_callback(self, event: CallbackReceived, heard: Heard) -> None:
        """Takes in what a gateway told."""
        await self._callbacks.take_in(event.callback_id)
        await self._complete(heard)

    async def detach_method(self, event: PaymentMethodRemoved, heard: Heard) -> None:
        """Has the gateway forget the method."""
        await self._methods.detach(event.method_id)
        await self._complete(heard)

    async def remove_methods(self, event: UserErased, heard: Heard) -> None:
        """Whoever is erased leaves nothing behind that could be charged."""
        user_id: UUID = event.user_id

        async def body(unit: PaymentsUnit) -> None:
            await self._methods.remove_all(unit, user_id)
            await unit.todos.complete(heard.todo)
            await unit.commit()

        await in_unit(lambda: self._units.open(SYSTEM), body)

    async def _see_through(self, drive: Callable[[], Awaitable[Driven]], heard: Heard) -> None:
        """Whoever opened it is most likely driving it this very moment, and is waited for a while."""
        driven = await drive()
        for _ in range(_LOOKS):
            if driven is not Driven.BUSY:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
            driven = await drive()
        if driven is not Driven.DONE:
            raise Unavailable(what="gateway", retry_after=_GATEWAY_IS_BACK_SECONDS)
        await self._complete(heard)

    async def _complete(self, heard: Heard) -> None:
        async def body(unit: PaymentsUnit) -> None:
            await unit.todos.complete(heard.todo)
            await unit.commit()

        await in_unit(lambda: self._units.open(SYSTEM), body)

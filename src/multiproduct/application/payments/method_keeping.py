"""Keeping stored methods of payment: adding, preferring and removing one's own."""

import asyncio
from uuid import UUID

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.payments import sealed_purposes
from multiproduct.application.payments.calling import PATIENCE_SECONDS
from multiproduct.application.payments.commands import StoreMethod
from multiproduct.application.payments.gateways import Feature, Gateways, MethodDetails, NotSent
from multiproduct.application.payments.orders import Orders
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.payments.results import (
    PaymentDone,
    PaymentMethodList,
    PaymentMethodView,
)
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.payments import (
    StoredMethod,
    TooManyPaymentMethods,
    UnknownPaymentMethod,
)
from multiproduct.domain.payments.stored_method import MAX_METHODS
from multiproduct.domain.shared import Unavailable

_STORE = "payments.methods.store"


class MethodKeeping:
    """The gateway's token is sealed and never shown."""

    def __init__(
        self,
        *,
        units: Units[PaymentsUnit],
        gateways: Gateways,
        orders: Orders,
        sealing: Sealing,
        idempotency: Idempotency,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._units = units
        self._gateways = gateways
        self._orders = orders
        self._sealing = sealing
        self._idempotency = idempotency
        self._clock = clock
        self._ids = ids

    async def own(self, caller: Caller) -> PaymentMethodList:
        """The caller's. Raises Unauthenticated."""
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            found = await view.payment_methods.of_user(user_id)
        return PaymentMethodList(items=[PaymentMethodView.of(method) for method in found])

    async def store(
        self, command: StoreMethod, caller: Caller, *, idempotency_key: str | None = None
    ) -> PaymentMethodView:
        """Stores a method at its gateway, and the gateway's token here. The first one is the default one.

        Raises Unauthenticated, UnknownGateway, GatewayCannot, MethodRefused, TooManyPaymentMethods,
        Unavailable, IdempotencyMismatch, IdempotencyUnfinished.
        """
        user_id = caller.require_user()
        self._gateways.require(command.gateway, Feature.STORED_METHODS)
        now = self._clock.now()
        request = self._idempotency.keyed(
            key=idempotency_key,
            activity=_STORE,
            caller=caller,
            command=command,
            answer_type=PaymentMethodView,
        )
        first = await request.first_answer(self._units.view, now=now)
        if first is not None:
            return first
        method_id = self._ids.next()
        details = await self._stored(command, user_id, method_id)

        async def body(unit: PaymentsUnit) -> PaymentMethodView:
            async def once() -> PaymentMethodView:
                return await self._keep(
                    unit, self._method(method_id, user_id, command.gateway, details), command
                )

            view = await request.once(unit, once, now=now)
            await unit.commit()
            return view

        return await in_unit(lambda: self._units.open_alone(caller), body)

    async def prefer(self, method_id: UUID, caller: Caller) -> PaymentMethodView:
        """Makes one the default one. Raises Unauthenticated, UnknownPaymentMethod."""
        user_id = caller.require_user()

        async def body(unit: PaymentsUnit) -> PaymentMethodView:
            method = await _own(unit, method_id, user_id)
            if not method.is_default:
                await unit.payment_methods.clear_default(user_id)
                method.prefer(now=self._clock.now())
                await unit.payment_methods.save(method)
                await unit.commit()
            return PaymentMethodView.of(method)

        return await in_unit(lambda: self._units.open(caller), body)

    async def remove(self, method_id: UUID, caller: Caller) -> PaymentDone:
        """Removes one: from the commit on no attempt is begun with it. Again changes nothing, so that who
        does not know whether it was done can ask again. Raises Unauthenticated, UnknownPaymentMethod."""
        user_id = caller.require_user()

        async def body(unit: PaymentsUnit) -> PaymentDone:
            method = await _anytime_own(unit, method_id, user_id)
            if method.removed_at is None:
                method.remove(now=self._clock.now())
                await unit.payment_methods.save(method)
                await unit.commit()
            return PaymentDone()

        return await in_unit(lambda: self._units.open(caller), body)

    async def remove_all(self, unit: PaymentsUnit, user_id: UUID) -> None:
        """A step: removes everything that a person stored."""
        for method in await unit.payment_methods.of_user(user_id):
            method.remove(now=self._clock.now())
            await unit.payment_methods.save(method)

    async def detach(self, method_id: UUID) -> None:
        """Has the gateway forget a removed method, and forgets its token and what it looked like. Again
        changes nothing. Raises Unavailable where the gateway could not be reached."""
        async with self._units.view(SYSTEM) as view:
            method = await view.payment_methods.find(method_id)
        if method is None or method.removed_at is None:
            return
        token = self._orders.token(method)
        if not token:
            return
        gateway = self._gateways.outside(method.gateway)
        try:
            await gateway.detach_method(token)
        except NotSent:
            raise Unavailable(what="gateway", retry_after=60) from None

        async def body(unit: PaymentsUnit) -> None:
            kept = await unit.payment_methods.find(method_id)
            if kept is not None:
                # A seal on nothing, so that whoever seals all anew finds what they can open.
                purpose = sealed_purposes.of_method_token(kept.user_id, kept.id)
                kept.sealed_token = self._sealing.seal(b"", purpose=purpose)
                kept.last4 = ""
                await unit.payment_methods.save(kept)
                await unit.commit()

        await in_unit(lambda: self._units.open_alone(SYSTEM), body)

    async def _stored(self, command: StoreMethod, user_id: UUID, method_id: UUID) -> MethodDetails:
        gateway = self._gateways.outside(command.gateway)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await gateway.store_method(key=method_id, owner_id=user_id, token=command.token)
        except (NotSent, TimeoutError):
            raise Unavailable(what="gateway", retry_after=10) from None

    def _method(self, id: UUID, user_id: UUID, gateway: str, details: MethodDetails) -> StoredMethod:
        purpose = sealed_purposes.of_method_token(user_id, id)
        return StoredMethod(
            id=id,
            user_id=user_id,
            gateway=gateway,
            sealed_token=self._sealing.seal(details.token.encode(), purpose=purpose),
            kind=details.kind,
            brand=details.brand,
            last4=details.last4,
            expires_year=details.expires_year,
            expires_month=details.expires_month,
            created_at=self._clock.now(),
        )

    async def _keep(
        self, unit: PaymentsUnit, method: StoredMethod, command: StoreMethod
    ) -> PaymentMethodView:
        others = await unit.payment_methods.of_user(method.user_id)
        if len(others) >= MAX_METHODS:
            raise TooManyPaymentMethods(max=MAX_METHODS)
        if command.is_default or not others:
            await unit.payment_methods.clear_default(method.user_id)
            method.is_default = True
        method.stored(now=method.created_at)
        await unit.payment_methods.add(method)
        return PaymentMethodView.of(method)


async def _own(unit: PaymentsUnit, method_id: UUID, user_id: UUID) -> StoredMethod:
    method = await _anytime_own(unit, method_id, user_id)
    if method.removed_at is not None:
        raise UnknownPaymentMethod
    return method


async def _anytime_own(unit: PaymentsUnit, method_id: UUID, user_id: UUID) -> StoredMethod:
    """Also one that was removed."""
    method = await unit.payment_methods.find(method_id)
    if method is None or method.user_id != user_id:
        raise UnknownPaymentMethod
    return method

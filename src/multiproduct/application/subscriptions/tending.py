"""Tending one's subscriptions: listing, reading, what costs nothing, pauses, and the state one wants."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.commands import (
    ListSubscriptions,
    Pause,
    UpdateStatus,
    UpdateSubscription,
)
from multiproduct.application.subscriptions.ending import Ending
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import Place, SubscriptionFilter, SubscriptionsUnit
from multiproduct.application.subscriptions.results import SubscriptionList, SubscriptionView
from multiproduct.application.subscriptions.selling import Selling
from multiproduct.application.units import in_unit
from multiproduct.domain.payments import UnknownPaymentMethod
from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.domain.subscriptions import (
    RefundPolicy,
    Subscription,
    SubscriptionStatus,
    TransitionNotAllowed,
)
from multiproduct.domain.subscriptions.permissions import SUBSCRIPTIONS_READ, SUBSCRIPTIONS_UPDATE

_S = SubscriptionStatus


class Tending:
    """Another's subscription is not there, unless the permission is."""

    def __init__(
        self,
        *,
        units: Units[SubscriptionsUnit],
        clock: Clock,
        keeping: Keeping,
        selling: Selling,
        ending: Ending,
    ) -> None:
        self._units = units
        self._clock = clock
        self._keeping = keeping
        self._selling = selling
        self._ending = ending

    async def page(self, command: ListSubscriptions, caller: Caller) -> SubscriptionList:
        """The caller's own, or with the permission those of a user; the newest first. Raises Unauthenticated,
        Forbidden, InvalidInput."""
        own_id = caller.require_user()
        user_id, cursor, limit = command.user_id, command.cursor, command.limit
        if user_id is not None and user_id != own_id:
            caller.require(SUBSCRIPTIONS_READ)
        wanted = SubscriptionFilter(user_id=user_id or own_id, status=command.status)
        after = None if cursor is None else _place(cursor)
        async with self._units.view(caller) as view:
            found = list(await view.subscriptions.page(wanted, after=after, limit=limit + 1))
        page = page_of(
            found,
            limit=limit,
            cursor_of=lambda each: encode_cursor(each.created_at.isoformat(), str(each.id)),
        )
        return SubscriptionList(
            items=[SubscriptionView.of(each) for each in page.items], next_cursor=page.next_cursor
        )

    async def read(self, subscription_id: UUID, caller: Caller) -> SubscriptionView:
        """One subscription. Raises Unauthenticated, UnknownSubscription."""
        async with self._units.view(caller) as view:
            found = await self._keeping.own(view, subscription_id, caller, permission=SUBSCRIPTIONS_READ)
        return SubscriptionView.of(found)

    async def update(
        self, subscription_id: UUID, command: UpdateSubscription, caller: Caller
    ) -> SubscriptionView:
        """Sets what is given. Raises UnknownSubscription, InvalidInput, TransitionNotAllowed,
        UnknownPaymentMethod."""

        async def act(unit: SubscriptionsUnit, each: Subscription, now: datetime) -> None:
            if command.auto_renew is not None:
                each.set_auto_renew(command.auto_renew, now=now)
            if command.configuration is not None:
                offering = await self._selling.offering(unit, each.terms.plan_id)
                self._selling.require_configuration(offering, command.configuration)
                each.set_configuration(command.configuration, now=now)
            if command.method_id is not None:
                method = await unit.payment_methods.find(command.method_id)
                if method is None or method.removed_at is not None or method.user_id != each.user_id:
                    raise UnknownPaymentMethod(method=str(command.method_id))
                each.set_payment_method(method.gateway, method.id, now=now)
            elif command.payment_method is not None:
                each.set_payment_method(command.payment_method, None, now=now)

        return await self._act(subscription_id, caller, act)

    async def pause(self, subscription_id: UUID, command: Pause, caller: Caller) -> SubscriptionView:
        """Pauses. Raises UnknownSubscription, InvalidInput, TransitionNotAllowed, PaymentUnderWay,
        ChangeNotPossible."""

        async def act(unit: SubscriptionsUnit, each: Subscription, now: datetime) -> None:
            del unit
            if command.resumes_at is not None and (
                command.resumes_at.tzinfo is None or command.resumes_at <= now
            ):
                raise InvalidInput(FieldProblem("resumes_at", "in_the_past"))
            each.pause(now=now, resumes_at=command.resumes_at)

        return await self._act(subscription_id, caller, act)

    async def resume(self, subscription_id: UUID, caller: Caller) -> SubscriptionView:
        """Goes on after a pause. Raises UnknownSubscription, TransitionNotAllowed."""

        async def act(unit: SubscriptionsUnit, each: Subscription, now: datetime) -> None:
            del unit
            each.resume(now=now)

        return await self._act(subscription_id, caller, act)

    async def update_status(
        self, subscription_id: UUID, command: UpdateStatus, caller: Caller
    ) -> SubscriptionView:
        """Takes the one step of the holder's own that leads to the state: pauses, resumes, or cancels at
        once. The state that it is in is no step. Raises UnknownSubscription, TransitionNotAllowed."""

        async def act(unit: SubscriptionsUnit, each: Subscription, now: datetime) -> None:
            match (each.status, command.status):
                case (before, after) if before is after:
                    return
                case (_S.ACTIVE, _S.PAUSED):
                    each.pause(now=now)
                case (_S.PAUSED, _S.ACTIVE):
                    each.resume(now=now)
                case (_, _S.CANCELLED):
                    await self._ending.cancel_alone(unit, each, RefundPolicy.NONE, now)
                case _:
                    raise TransitionNotAllowed(status=each.status.value, step=command.status.value)

        return await self._act(subscription_id, caller, act)

    async def _act(
        self,
        subscription_id: UUID,
        caller: Caller,
        act: Callable[[SubscriptionsUnit, Subscription, datetime], Awaitable[None]],
    ) -> SubscriptionView:
        now = self._clock.now()

        async def body(unit: SubscriptionsUnit) -> SubscriptionView:
            subscription = await self._keeping.own(
                unit, subscription_id, caller, permission=SUBSCRIPTIONS_UPDATE
            )
            await act(unit, subscription, now)
            await self._keeping.save(unit, subscription)
            await unit.commit()
            return SubscriptionView.of(subscription)

        return await in_unit(lambda: self._units.open(caller), body)


def _place(cursor: str) -> Place:
    at, id_text = decode_cursor(cursor, length=2)
    try:
        return Place(created_at=datetime.fromisoformat(at), id=UUID(id_text))
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None

"""Choosing what a purchase is paid with: a stored method at its gateway, or the buyer's default one."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.subscriptions.commands import Purchase
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.domain.payments import StoredMethod


async def with_method(
    unit: SubscriptionsUnit, command: Purchase, user_id: UUID, *, now: datetime
) -> Purchase:
    """A step: the purchase with its gateway and its stored method. A named method is charged where it is
    stored, also where the gateway was not named; whose it is, is judged with the rest. Where a gateway is
    named and no method, the buyer's default one at that gateway is charged, unless they do not want that or
    its time is over."""
    if command.method_id is not None:
        if command.payment_method is not None:
            return command
        method = await unit.payment_methods.find(command.method_id)
        return command if method is None else command.model_copy(update={"payment_method": method.gateway})
    if command.payment_method is None or not command.use_default_method:
        return command
    for method in await unit.payment_methods.of_user(user_id):
        if _is_default_at(method, command.payment_method, now):
            return command.model_copy(update={"method_id": method.id})
    return command


def _is_default_at(method: StoredMethod, gateway: str, now: datetime) -> bool:
    return method.is_default and method.gateway == gateway and not method.has_expired(now.date())

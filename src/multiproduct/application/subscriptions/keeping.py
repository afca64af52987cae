"""Keeping subscriptions: loading those that somebody may see, and saving with what is due next."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.domain.subscriptions import Rules, Subscription, UnknownSubscription

UTC = "UTC"


class Keeping:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(self, *, rules: Rules) -> None:
        self._rules = rules

    @property
    def rules(self) -> Rules:
        """When payments are tried again, and when people are reminded."""
        return self._rules

    async def own(
        self, unit: SubscriptionsUnit, subscription_id: UUID, caller: Caller, *, permission: str
    ) -> Subscription:
        """A subscription of the caller, or anybody's with the permission. Raises Unauthenticated,
        UnknownSubscription."""
        if not caller.principal.may(permission):
            caller.require_user()
        found = await unit.subscriptions.find(subscription_id)
        is_visible = found is not None and (
            found.user_id == caller.principal.user_id or caller.principal.may(permission)
        )
        if found is None or not is_visible:
            raise UnknownSubscription
        return found

    async def save(self, unit: SubscriptionsUnit, subscription: Subscription) -> None:
        """Saves one, with the moment at which it is looked after next. Raises StaleAggregate."""
        subscription.plan(self._rules)
        await unit.subscriptions.save(subscription)

    async def zone_of(self, unit: SubscriptionsUnit, user_id: UUID) -> str:
        """The time zone of an account."""
        user = await unit.users.find(user_id)
        return (user.time_zone if user is not None else None) or UTC

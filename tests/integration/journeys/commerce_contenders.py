"""Everybody at one subscription: what each contender of a race at the end of its period does."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

from tests.integration.journeys.commerce import STARK_PAY, Books, as_person

from multiproduct.application.billing.commands import IssueCreditNote
from multiproduct.application.caller import ANYBODY, SYSTEM
from multiproduct.application.subscriptions.commands import Cancel, ChangeQuantity, Pause, Renew
from multiproduct.domain.subscriptions import RefundPolicy, Timing
from multiproduct.entrypoints.library import Multiproduct

Contender = Callable[[int], Awaitable[Any]]
Act = Callable[[dict[str, Any]], Awaitable[Any]]


class Acts:
    """What can happen to a subscription, by its customer, by staff, by the gateway and by itself."""

    def __init__(self, house: Multiproduct) -> None:
        self._house = house
        self._use = house.subscriptions

    def all(self) -> Sequence[Act]:
        """In the order in which contenders are given them."""
        return (
            self.upgrade,
            self.renew,
            self.look_after,
            self.cancel,
            self.pause,
            self.call_back,
            self.cancel_at_end,
            self.refund,
            self.resume,
        )

    async def upgrade(self, one: dict[str, Any]) -> None:
        await self._use.changing.change_quantity(_id(one), ChangeQuantity(quantity=2), _customer(one))

    async def renew(self, one: dict[str, Any]) -> None:
        await self._use.renewing.renew(_id(one), Renew(), _customer(one), idempotency_key=str(uuid4()))

    async def look_after(self, one: dict[str, Any]) -> None:
        await self._use.looking_after.do_due(_id(one))

    async def cancel(self, one: dict[str, Any]) -> None:
        if one["may_end"]:
            now = Cancel(timing=Timing.NOW, refund=RefundPolicy.PRORATED)
            await self._use.ending.cancel(_id(one), now, _customer(one))

    async def cancel_at_end(self, one: dict[str, Any]) -> None:
        if one["may_end"]:
            await self._use.ending.cancel(_id(one), Cancel(), _customer(one))

    async def pause(self, one: dict[str, Any]) -> None:
        if one["may_pause"]:
            await self._use.tending.pause(_id(one), Pause(), _customer(one))

    async def resume(self, one: dict[str, Any]) -> None:
        await self._use.tending.resume(_id(one), _customer(one))

    async def refund(self, one: dict[str, Any]) -> None:
        command = IssueCreditNote.model_validate(
            {"invoice_id": one["invoice_id"], "amount": "4.00", "refund_to": "payment_method"}
        )
        await self._house.billing.invoices.credit(command, SYSTEM)

    async def call_back(self, one: dict[str, Any]) -> None:
        """The gateway tells of everything it knows, once more."""
        sandbox: Any = self._house.payments.gateways.outside(STARK_PAY)
        books = Books(self._house.container.settings.database_url)
        try:
            attempts = await books.attempts(UUID(one["user_id"]))
        finally:
            await books.close()
        for attempt_id in attempts:
            request = await sandbox.callback_about(attempt_id)
            if request is not None:
                await self._house.payments.callbacks.receive(STARK_PAY, request, ANYBODY)
        await self._house.drain()


def changes_subscriptions(house: Multiproduct, order: dict[str, Any]) -> Contender:
    """In each process everything happens to every subscription, all at the same moment."""
    acts, subscriptions = Acts(house).all(), order["subscriptions"]

    async def one(number: int) -> None:
        turn, which = divmod(number, len(subscriptions))
        await acts[turn % len(acts)](subscriptions[which])

    return one


def _id(one: dict[str, Any]) -> UUID:
    return UUID(one["id"])


def _customer(one: dict[str, Any]) -> Any:
    return as_person(UUID(one["user_id"]))

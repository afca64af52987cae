"""A purse that is not there, for tests of payments within a unit: it takes everything but odd amounts."""

from typing import Any

from multiproduct.application.payments.gateways import ChargeOrder, Feature, RefundOrder
from multiproduct.domain.payments import Declined, Outcome, Settled

NAME = "STARK_PURSE"


class InternalSandbox:
    """The `InternalGateway` port. It keeps nothing: what it would write is the unit's."""

    @property
    def name(self) -> str:
        """STARK_PURSE."""
        return NAME

    @property
    def features(self) -> frozenset[Feature]:
        """Refunds, and off-session charges."""
        return frozenset({Feature.OFF_SESSION, Feature.REFUND, Feature.PARTIAL_REFUND})

    async def charge(self, unit: Any, order: ChargeOrder) -> Outcome:
        """Settled for even minor amounts, declined for odd ones."""
        del unit
        if order.amount.minor % 2:
            return Declined(code="insufficient_funds")
        return Settled(reference=f"purse_{order.key}", amount=order.amount)

    async def refund(self, unit: Any, order: RefundOrder) -> Outcome:
        """Settled."""
        del unit
        return Settled(reference=f"purse_{order.key}", amount=order.amount)

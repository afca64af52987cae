"""A stored method of payment: a token at a gateway, and as much about it as people recognise it by."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from multiproduct.domain.payments.events import (
    DefaultMethodChanged,
    PaymentMethodRemoved,
    PaymentMethodStored,
)
from multiproduct.domain.shared import Aggregate

MAX_METHODS = 20
"""Of one person."""


@dataclass(slots=True, kw_only=True)
class StoredMethod(Aggregate):
    """`sealed_token` opens only for this row, and holds nothing once the gateway let go of it. The number
    of a card is never here: only its brand, last four digits and expiry."""

    id: UUID
    user_id: UUID
    gateway: str
    sealed_token: bytes
    kind: str
    brand: str
    last4: str
    expires_year: int | None = None
    expires_month: int | None = None
    is_default: bool = False
    created_at: datetime
    removed_at: datetime | None = None

    def stored(self, *, now: datetime) -> None:
        """Notes that it is new."""
        self._record(
            PaymentMethodStored(
                occurred_at=now, method_id=self.id, owner_id=self.user_id, gateway=self.gateway
            )
        )

    def remove(self, *, now: datetime) -> None:
        """From now on it is never charged. Removing again changes nothing."""
        if self.removed_at is not None:
            return
        self.removed_at = now
        self.is_default = False
        self._record(
            PaymentMethodRemoved(
                occurred_at=now, method_id=self.id, owner_id=self.user_id, gateway=self.gateway
            )
        )

    def prefer(self, *, now: datetime) -> None:
        """Makes it the first choice."""
        if self.is_default:
            return
        self.is_default = True
        self._record(
            DefaultMethodChanged(
                occurred_at=now, method_id=self.id, owner_id=self.user_id, gateway=self.gateway
            )
        )

    def has_expired(self, today: date) -> bool:
        """Whether the month printed on it is over."""
        if self.expires_year is None or self.expires_month is None:
            return False
        return (today.year, today.month) > (self.expires_year, self.expires_month)

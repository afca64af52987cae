"""A change of address: asked for by somebody who is signed in, and done once the new one is proved."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.identity.account_events import (
    ContactChanged,
    ContactChangeRequested,
    ContactChangeStopped,
)
from multiproduct.domain.identity.addresses import EmailAddress, PhoneNumber
from multiproduct.domain.shared import Aggregate


class ContactKind(StrEnum):
    """Which of the two addresses."""

    EMAIL = "email"
    PHONE = "phone"


class ContactChangeOutcome(StrEnum):
    """Why a change waits no longer."""

    DONE = "done"
    STOPPED = "stopped"
    REPLACED = "replaced"
    """A newer one took its place."""


@dataclass(slots=True, kw_only=True)
class ContactChange(Aggregate):
    """`id` is that of the challenge that proves the new address. The old one is kept along, as whoever holds
    it is told of the end too, when the user has another."""

    id: UUID
    user_id: UUID
    session_id: UUID | None
    kind: ContactKind
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    old_email: EmailAddress | None = None
    old_phone: PhoneNumber | None = None
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None = None
    outcome: ContactChangeOutcome | None = None

    @property
    def address(self) -> EmailAddress | PhoneNumber:
        """The new one. Raises LookupError for a change that lacks it."""
        found = self.email if self.kind is ContactKind.EMAIL else self.phone
        if found is None:
            raise LookupError(self.kind)
        return found

    def is_open(self, *, now: datetime) -> bool:
        """Whether it still waits. The lifetime is half-open: at `expires_at` it is over."""
        return self.closed_at is None and now < self.expires_at

    def requested(self, *, now: datetime) -> None:
        """Notes that it was asked for."""
        self._record(
            ContactChangeRequested(
                occurred_at=now, change_id=self.id, user_id=self.user_id, kind=self.kind.value
            )
        )

    def done(self, *, now: datetime) -> None:
        """The new address was proved."""
        self._close(ContactChangeOutcome.DONE, now)
        self._record(
            ContactChanged(occurred_at=now, change_id=self.id, user_id=self.user_id, kind=self.kind.value)
        )

    def stopped(self, *, now: datetime) -> None:
        """It was called off."""
        self._close(ContactChangeOutcome.STOPPED, now)
        self._record(
            ContactChangeStopped(
                occurred_at=now, change_id=self.id, user_id=self.user_id, kind=self.kind.value
            )
        )

    def _close(self, outcome: ContactChangeOutcome, now: datetime) -> None:
        self.closed_at = now
        self.outcome = outcome

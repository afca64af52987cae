"""Authenticator apps: a shared secret, the last time step it was used for, and what wrong codes cost it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.domain.identity.second_factor_events import TotpConfirmed, TotpLocked, TotpRemoved
from multiproduct.domain.shared import Aggregate

MAX_FACTORS = 5
"""Confirmed ones of a person."""
MAX_FAILURES = 10
LOCK = timedelta(minutes=15)
ENROLMENT_LIFETIME = timedelta(minutes=15)
NEVER_USED = -1


@dataclass(slots=True, kw_only=True)
class TotpFactor(Aggregate):
    """One app of one person. It counts once it was confirmed with a code.

    `last_step` is the newest time step (seconds since 1970 by 30, RFC 6238) that a code was taken for: no
    code for it or an earlier one is taken again. Ten wrong codes in a row lock the factor for 15 minutes, and
    nothing but the factor.
    """

    id: UUID
    user_id: UUID
    name: str
    sealed_secret: bytes = field(repr=False)
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = NEVER_USED
    failures: int = 0
    locked_until: datetime | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether sign-in asks for it."""
        return self.confirmed_at is not None

    @property
    def confirm_until(self) -> datetime:
        """When the enrolment is over."""
        return self.created_at + ENROLMENT_LIFETIME

    def is_locked(self, *, now: datetime) -> bool:
        """Whether no code is looked at."""
        return self.locked_until is not None and now < self.locked_until

    def takes_confirmation(self, *, now: datetime) -> bool:
        """Whether a code would confirm it."""
        return not self.is_confirmed and not self.is_locked(now=now) and now < self.confirm_until

    def confirmed(self, *, now: datetime) -> None:
        """The app is known to show the right codes."""
        self.confirmed_at = now
        self._record(TotpConfirmed(occurred_at=now, factor_id=self.id, user_id=self.user_id))

    def answered_right(self) -> None:
        """Forgets the wrong codes before the right one."""
        self.failures = 0
        self.locked_until = None

    def answered_wrong(self, *, now: datetime) -> None:
        """Counts a wrong code, or a right one that was used before."""
        self.failures += 1
        if self.failures < MAX_FAILURES:
            return
        self.failures = 0
        self.locked_until = now + LOCK
        self._record(TotpLocked(occurred_at=now, factor_id=self.id, user_id=self.user_id))

    def removed(self, *, now: datetime) -> None:
        """Notes that it is gone."""
        self._record(TotpRemoved(occurred_at=now, factor_id=self.id, user_id=self.user_id))

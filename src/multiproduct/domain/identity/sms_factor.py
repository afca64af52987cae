"""Texted codes as a second factor: the weakest one there is, and only where the installation allows it.

NIST SP 800-63B-4 (3.2.9) restricts it: whoever gets the number moved to a card of their own gets the codes.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.domain.identity.second_factor_events import SmsFactorAdded, SmsFactorRemoved
from multiproduct.domain.shared import Aggregate


@dataclass(slots=True, kw_only=True)
class SmsFactor(Aggregate):
    """A person has at most one. It has no number of its own: codes go to the account's, which is changed only
    with a recent proof, that of a second factor, and a proof of the new number."""

    user_id: UUID
    added_at: datetime

    @classmethod
    def add(cls, *, user_id: UUID, now: datetime) -> "SmsFactor":
        """A new one."""
        factor = cls(user_id=user_id, added_at=now)
        factor._record(SmsFactorAdded(occurred_at=now, user_id=user_id))
        return factor

    def removed(self, *, now: datetime) -> None:
        """Notes that sign-in asks for it no more."""
        self._record(SmsFactorRemoved(occurred_at=now, user_id=self.user_id))

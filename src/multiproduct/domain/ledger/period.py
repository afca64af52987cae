"""The close of a period: up to when the books are closed, and each time that this was changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.domain.ledger.errors import PeriodNotClosed, PeriodNotLater


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodChange:
    """The books were closed up to a moment, or opened again before one: nothing may become effective before
    `closed_until`, the last change counts, and None closes nothing. Changes are written once and stay."""

    position: int
    closed_until: datetime | None
    changed_at: datetime
    actor_id: UUID | None
    reason: str

    @classmethod
    def close(
        cls,
        last: "PeriodChange | None",
        until: datetime,
        *,
        now: datetime,
        actor_id: UUID | None,
        reason: str,
    ) -> "PeriodChange":
        """Closes the books further. Raises PeriodNotLater, also for a moment to come."""
        before = last.closed_until if last else None
        if until > now or (before is not None and until <= before):
            raise PeriodNotLater
        position = last.position + 1 if last else 1
        return cls(position=position, closed_until=until, changed_at=now, actor_id=actor_id, reason=reason)

    @classmethod
    def reopen(
        cls,
        last: "PeriodChange | None",
        until: datetime | None,
        *,
        now: datetime,
        actor_id: UUID | None,
        reason: str,
    ) -> "PeriodChange":
        """Leaves the books closed up to an earlier moment, or not at all. Raises PeriodNotClosed."""
        if last is None or last.closed_until is None or (until is not None and until >= last.closed_until):
            raise PeriodNotClosed
        return cls(
            position=last.position + 1, closed_until=until, changed_at=now, actor_id=actor_id, reason=reason
        )

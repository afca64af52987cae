"""An assignment: somebody has a role, on the platform or within one market or provider, maybe for a time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from multiproduct.domain.identity.events import RoleGranted
from multiproduct.domain.identity.role_events import RoleRevoked
from multiproduct.domain.shared import Aggregate, FieldProblem, InvalidInput

PLATFORM = "platform"
"""The scope that holds everywhere."""
MAX_ASSIGNMENTS = 100
"""That one person can have at once: each request reads them all."""

LONGEST = timedelta(days=36_525)
"""How far off an expiry can be."""

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_is_scope = re.compile(rf"{PLATFORM}|(market|provider):{_UUID}").fullmatch


def read_scope(text: str) -> str:
    """A scope: `platform`, `market:<id>` or `provider:<id>`. Raises InvalidInput."""
    scope = text.lower()
    if not _is_scope(scope):
        raise InvalidInput(FieldProblem("scope", "invalid"))
    return scope


def read_expiry(moment: datetime | None, *, now: datetime) -> datetime | None:
    """An expiry that is to come, within a hundred years; None for none. Raises InvalidInput."""
    if moment is None:
        return None
    if moment <= now:
        raise InvalidInput(FieldProblem("expires_at", "value_too_small", (("min", now.isoformat()),)))
    if moment - now > LONGEST:
        raise InvalidInput(
            FieldProblem("expires_at", "value_too_large", (("max", (now + LONGEST).isoformat()),))
        )
    return moment.astimezone(UTC)


@dataclass(slots=True, kw_only=True)
class RoleAssignment(Aggregate):
    """At most one for a person, a role and a scope. `role` is the role's key. Without `expires_at` it holds
    until it is revoked; `granted_by` is None where the system gave it."""

    user_id: UUID
    role_id: UUID
    role: str
    scope: str = PLATFORM
    granted_by: UUID | None = None
    granted_at: datetime
    expires_at: datetime | None = None

    @classmethod
    def grant(
        cls,
        *,
        user_id: UUID,
        role_id: UUID,
        role: str,
        scope: str,
        granted_by: UUID | None,
        expires_at: datetime | None,
        now: datetime,
    ) -> "RoleAssignment":
        """Gives somebody a role. Raises InvalidInput for an expiry that is not to come."""
        assignment = cls(
            user_id=user_id,
            role_id=role_id,
            role=role,
            scope=scope,
            granted_by=granted_by,
            granted_at=now,
            expires_at=read_expiry(expires_at, now=now),
        )
        assignment._record(
            RoleGranted(
                occurred_at=now,
                user_id=user_id,
                role=role,
                scope=scope,
                expires_at=assignment.expires_at,
            )
        )
        return assignment

    def holds(self, *, now: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires_at is None or now < self.expires_at

    def revoke(self, *, now: datetime) -> None:
        """Notes that it was taken away."""
        self._record(RoleRevoked(occurred_at=now, user_id=self.user_id, role=self.role, scope=self.scope))

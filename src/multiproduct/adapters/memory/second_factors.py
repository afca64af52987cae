"""Authenticator apps, recovery codes and waiting sign-ins in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.adapters.memory.store import Stage
from multiproduct.adapters.memory.tables import Staged
from multiproduct.application.identity.second_factor_ports import SealedRow
from multiproduct.domain.identity import PendingSignIn, RecoveryCode, SmsFactor, TotpFactor
from multiproduct.domain.shared import Aggregate

Track = Callable[[Aggregate], None]


class MemoryTotpFactors:
    """Factors are held by being the only writer."""

    def __init__(self, *, stage: Stage, track: Track) -> None:
        self._rows = stage.identity.totp_factors
        self._track = track

    async def add(self, factor: TotpFactor) -> None:
        """Keeps a new one in place of others that are not confirmed."""
        for other in self._rows.under("user", factor.user_id):
            if not other.is_confirmed:
                self._rows.remove(other.id)
        self._rows.put(factor)
        self._track(factor)

    async def of_user(self, user_id: UUID) -> Sequence[TotpFactor]:
        """All of a user."""
        return sorted(self._rows.under("user", user_id), key=lambda row: row.id)

    async def hold_of_user(self, user_id: UUID) -> Sequence[TotpFactor]:
        """All of a user."""
        return await self.of_user(user_id)

    async def use_step(self, factor: TotpFactor, step: int) -> bool:
        """Writes the step if it is later than the last one."""
        stored = self._rows.get(factor.id)
        if stored is None or stored.last_step >= step:
            return False
        stored.last_step = step
        self._rows.put(stored)
        return True

    async def save(self, factor: TotpFactor) -> None:
        """Writes a held factor, but for its last step."""
        stored = self._rows.get(factor.id)
        if stored is not None:
            self._rows.put(replace(factor, last_step=stored.last_step))
        self._track(factor)

    async def remove(self, factor: TotpFactor) -> bool:
        """Removes it, unless it is gone."""
        if not self._rows.remove(factor.id):
            return False
        self._track(factor)
        return True

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes unconfirmed ones made before the moment."""
        return self._rows.purge(lambda row: not row.is_confirmed and row.created_at < before, limit=limit)


class MemoryRecoveryCodes:
    """Sealed digests by their owner."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.identity.recovery_codes

    async def replace(self, user_id: UUID, codes: Sequence[RecoveryCode]) -> None:
        """Puts the codes in the place of all others."""
        for other in self._rows.under("user", user_id):
            self._rows.remove(other.id)
        for code in codes:
            self._rows.put(code)

    async def unused(self, user_id: UUID) -> Sequence[RecoveryCode]:
        """The unused ones."""
        found = (row for row in self._rows.under("user", user_id) if row.used_at is None)
        return sorted(found, key=lambda row: row.id)

    async def hold_unused(self, user_id: UUID) -> Sequence[RecoveryCode]:
        """The unused ones: units that write follow one another."""
        return await self.unused(user_id)

    async def use(self, code: RecoveryCode, *, now: datetime) -> bool:
        """Writes `used_at` unless it is set."""
        stored = self._rows.get(code.id)
        if stored is None or stored.used_at is not None:
            return False
        self._rows.put(replace(stored, used_at=now))
        return True


class MemorySmsFactors:
    """Who takes codes by text message."""

    def __init__(self, *, stage: Stage, track: Track) -> None:
        self._rows = stage.identity.sms_factors
        self._track = track

    async def add(self, factor: SmsFactor) -> bool:
        """Keeps it, unless the person has one."""
        if self._rows.get(factor.user_id) is not None:
            return False
        self._rows.put(factor)
        self._track(factor)
        return True

    async def find(self, user_id: UUID) -> SmsFactor | None:
        """The person's."""
        return self._rows.get(user_id)

    async def remove(self, factor: SmsFactor) -> bool:
        """Removes it, unless it is gone."""
        if not self._rows.remove(factor.user_id):
            return False
        self._track(factor)
        return True


class MemoryPendingSignIns:
    """Sign-ins that wait for a second factor."""

    def __init__(self, *, stage: Stage, track: Track) -> None:
        self._rows = stage.identity.pending_sign_ins
        self._track = track

    async def add(self, pending: PendingSignIn) -> None:
        """Keeps a new one."""
        self._rows.put(pending)
        self._track(pending)

    async def find(self, id: UUID) -> PendingSignIn | None:
        """As it stands."""
        return self._rows.get(id)

    async def take_attempt(self, id: UUID, *, now: datetime) -> PendingSignIn | None:
        """Counts one attempt at a live one."""
        stored = self._rows.get(id)
        if stored is None or not stored.is_live(now=now):
            return None
        stored.attempts += 1
        self._rows.put(stored)
        return stored

    async def complete(self, pending: PendingSignIn, *, now: datetime) -> bool:
        """Writes `completed_at` unless it is set."""
        stored = self._rows.get(pending.id)
        if stored is None or stored.completed_at is not None:
            return False
        stored.completed_at = now
        self._rows.put(stored)
        return True

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return self._rows.purge(lambda row: row.expires_at < before, limit=limit)


class MemorySealedRows:
    """One sealed field of a table whose rows have `id` and `user_id`."""

    def __init__(self, rows: "Staged[UUID, Any]", field: str, purpose: Callable[[UUID, UUID], str]) -> None:
        self._rows = rows
        self._field = field
        self._purpose = purpose

    async def after(self, id: UUID, *, limit: int) -> Sequence[SealedRow]:
        """Rows after an id."""
        found = sorted(self._rows.where(lambda row: row.id > id), key=lambda row: row.id)
        return [
            SealedRow(row.id, self._purpose(row.user_id, row.id), getattr(row, self._field))
            for row in found[:limit]
        ]

    async def replace(self, row: SealedRow, sealed: bytes) -> bool:
        """Writes the new sealing unless the old one is not there any more."""
        stored = self._rows.get(row.id)
        if stored is None or getattr(stored, self._field) != row.sealed:
            return False
        self._rows.put(replace(stored, **{self._field: sealed}))
        return True

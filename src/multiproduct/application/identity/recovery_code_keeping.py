"""Recovery codes: making a set of them, and taking one in place of another second factor."""

import hmac
from datetime import datetime
from uuid import UUID

from multiproduct.application.identity import sealed_purposes
from multiproduct.application.identity.factor_kinds import RECOVERY_CODE
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.second_factor_ports import FactorProof
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.sealing import Sealing
from multiproduct.domain.identity import RecoveryCode, RecoveryCodesMade, RecoveryCodeUsed
from multiproduct.domain.identity.recovery_codes import CODE_BYTES, CODES, digest, read, written

_METHODS = ("otp",)


class RecoveryCodeKeeping:
    """Steps within the caller's unit. What is kept of a code is its digest, sealed, so that it outlives the
    secret it was sealed under as long as it is sealed anew in time."""

    name = RECOVERY_CODE
    is_stand_in = True
    repeats: frozenset[str] = frozenset()

    def __init__(self, *, sealing: Sealing, ids: Ids, randomness: Randomness) -> None:
        self._sealing = sealing
        self._ids = ids
        self._randomness = randomness

    async def is_enrolled(self, unit: IdentityUnit, user_id: UUID) -> bool:
        """See `FactorKind`."""
        return bool(await unit.recovery_codes.unused(user_id))

    async def check(
        self, unit: IdentityUnit, user_id: UUID, proof: FactorProof, *, now: datetime
    ) -> tuple[str, ...] | None:
        """See `FactorKind`. Records that one was used, and how many are left."""
        code = read(proof.code or "")
        if code is None:
            return None
        unused = await unit.recovery_codes.unused(user_id)
        wanted = digest(code)
        found = [row for row in unused if hmac.compare_digest(wanted, self._opened(row))]
        if not found or not await unit.recovery_codes.use(found[0], now=now):
            return None
        unit.record(RecoveryCodeUsed(occurred_at=now, user_id=user_id, left=len(unused) - 1))
        return _METHODS

    async def make(self, unit: IdentityUnit, user_id: UUID, *, now: datetime) -> list[str]:
        """Ten new codes, as people read them. Older ones are void."""
        return await self._make(unit, user_id, replaced=True, now=now)

    async def ensure(self, unit: IdentityUnit, user_id: UUID, *, now: datetime) -> list[str]:
        """New codes for somebody who has no unused ones; nothing for somebody who has."""
        if await unit.recovery_codes.hold_unused(user_id):
            return []
        return await self._make(unit, user_id, replaced=False, now=now)

    async def _make(self, unit: IdentityUnit, user_id: UUID, *, replaced: bool, now: datetime) -> list[str]:
        codes = [self._randomness.bytes(CODE_BYTES) for _ in range(CODES)]
        await unit.recovery_codes.replace(user_id, [self._sealed(code, user_id, now) for code in codes])
        unit.record(RecoveryCodesMade(occurred_at=now, user_id=user_id, replaced=replaced))
        return [written(code) for code in codes]

    def _sealed(self, code: bytes, user_id: UUID, now: datetime) -> RecoveryCode:
        code_id = self._ids.next()
        purpose = sealed_purposes.of_recovery_digest(user_id, code_id)
        return RecoveryCode(
            id=code_id,
            user_id=user_id,
            sealed_digest=self._sealing.seal(digest(code), purpose=purpose),
            created_at=now,
        )

    def _opened(self, row: RecoveryCode) -> bytes:
        purpose = sealed_purposes.of_recovery_digest(row.user_id, row.id)
        return self._sealing.open(row.sealed_digest, purpose=purpose) or b""

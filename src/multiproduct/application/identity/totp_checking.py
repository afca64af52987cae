"""Authenticator apps as a kind of second factor."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.identity import sealed_purposes
from multiproduct.application.identity.factor_kinds import TOTP
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.second_factor_ports import FactorProof, TotpCodes
from multiproduct.application.ports.sealing import Sealing
from multiproduct.domain.identity import TotpFactor
from multiproduct.domain.shared import TooManyRequests

LOCK_SCOPE = "second_factor"
METHODS = ("otp",)
"""What the code of an app proves (RFC 8176)."""


class TotpChecking:
    """Judges codes. A code that was used before is wrong like any other, and counts as a wrong one."""

    name = TOTP
    is_stand_in = False
    repeats: frozenset[str] = frozenset()

    def __init__(self, *, sealing: Sealing, codes: TotpCodes, window: int) -> None:
        """`window`: how many steps before and after the present one are taken, 0 or 1."""
        self._sealing = sealing
        self._codes = codes
        self._window = window

    async def is_enrolled(self, unit: IdentityUnit, user_id: UUID) -> bool:
        """See `FactorKind`."""
        return any(factor.is_confirmed for factor in await unit.totp_factors.of_user(user_id))

    async def check(
        self, unit: IdentityUnit, user_id: UUID, proof: FactorProof, *, now: datetime
    ) -> tuple[str, ...] | None:
        """See `FactorKind`."""
        held = await unit.totp_factors.hold_of_user(user_id)
        confirmed = [factor for factor in held if factor.is_confirmed]
        if proof.code is None or not confirmed:
            return None
        return METHODS if await self._judge(unit, confirmed, proof.code, now) else None

    async def check_enrolment(
        self, unit: IdentityUnit, factor: TotpFactor, code: str, *, now: datetime
    ) -> bool:
        """Whether the code is that of a held factor which is about to be confirmed; its step is used."""
        return await self._judge(unit, [factor], code, now)

    async def _judge(
        self, unit: IdentityUnit, factors: Sequence[TotpFactor], code: str, now: datetime
    ) -> bool:
        unlocked = [factor for factor in factors if not factor.is_locked(now=now)]
        if not unlocked:
            raise TooManyRequests(scope=LOCK_SCOPE, retry_after=_seconds_locked(factors, now))
        is_right = False
        for factor in unlocked:
            is_right = is_right or await self._use(unit, factor, code, now)
        for factor in unlocked:
            if is_right:
                factor.answered_right()
            else:
                factor.answered_wrong(now=now)
            await unit.totp_factors.save(factor)
        return is_right

    async def _use(self, unit: IdentityUnit, factor: TotpFactor, code: str, now: datetime) -> bool:
        purpose = sealed_purposes.of_totp_secret(factor.user_id, factor.id)
        secret = self._sealing.open(factor.sealed_secret, purpose=purpose)
        if secret is None:  # the secret it was sealed under is retired
            return False
        if not self._sealing.is_current(factor.sealed_secret):
            factor.sealed_secret = self._sealing.seal(secret, purpose=purpose)
        step = self._codes.step_of(secret, code, now=now, window=self._window)
        return step is not None and await unit.totp_factors.use_step(factor, step)


def _seconds_locked(factors: Sequence[TotpFactor], now: datetime) -> int:
    ends = min(factor.locked_until for factor in factors if factor.locked_until is not None)
    return max(1, -int(-(ends - now).total_seconds() // 1))

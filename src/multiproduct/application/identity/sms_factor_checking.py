"""Codes by text message as a kind of second factor."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.identity.factor_kinds import SMS
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.second_factor_ports import FactorKind, FactorProof
from multiproduct.application.identity.staff import is_staff
from multiproduct.application.otp import Verification
from multiproduct.application.ports.clock import Clock
from multiproduct.domain.identity import TEXTED_CODE, User
from multiproduct.domain.otp import Channel, Purpose


class SmsFactorChecking:
    """The `FactorKind` port.

    Nothing where the installation does not allow it. Staff with a stronger factor is neither offered a text
    nor let in by one; staff without is asked for it, which counts as no second factor there
    (`are_two_strong_factors`).
    """

    name = SMS
    is_stand_in = False
    repeats = frozenset({TEXTED_CODE})

    def __init__(
        self, *, verification: Verification, clock: Clock, stronger: Sequence[FactorKind], is_allowed: bool
    ) -> None:
        self._verification = verification
        self._clock = clock
        self._stronger = stronger
        self.is_allowed = is_allowed

    async def is_enrolled(self, unit: IdentityUnit, user_id: UUID) -> bool:
        """See `FactorKind`."""
        return await self._number(unit, user_id) is not None

    async def check(
        self, unit: IdentityUnit, user_id: UUID, proof: FactorProof, *, now: datetime
    ) -> tuple[str, ...] | None:
        """See `FactorKind`. Raises ChallengeIdRequired, and TooManyRequests while the number's guesses are
        used up."""
        number = await self._number(unit, user_id)
        if number is None or proof.code is None:
            return None
        purpose = Purpose.STEP_UP if proof.sign_in_id is None else Purpose.SECOND_FACTOR
        challenge_id = proof.challenge_id
        if challenge_id is None:
            live = await self._verification.only_live(unit, purpose=purpose, subject=number, now=now)
            challenge_id = live.id if live is not None else None
        elif not await _is_of(unit, challenge_id, number):
            return None
        challenge = await self._verification.verify(
            unit, challenge_id=challenge_id, purpose=purpose, proof=proof.code, now=now
        )
        return (TEXTED_CODE,) if challenge is not None else None

    async def _number(self, unit: IdentityUnit, user_id: UUID) -> str | None:
        """Where codes go; None where the person cannot answer with one."""
        if not self.is_allowed or await unit.sms_factors.find(user_id) is None:
            return None
        user = await unit.users.find(user_id)
        number = proved_number(user)
        if number is None or await self._is_outdone(unit, user_id):
            return None
        return number

    async def _is_outdone(self, unit: IdentityUnit, user_id: UUID) -> bool:
        if not [kind for kind in self._stronger if await kind.is_enrolled(unit, user_id)]:
            return False
        return await is_staff(unit, user_id, now=self._clock.now())


def proved_number(user: User | None) -> str | None:
    """The number that the account's owner proved, in E.164."""
    if user is None or user.phone is None or not user.phone_verified:
        return None
    return user.phone.e164


async def _is_of(unit: IdentityUnit, challenge_id: UUID, number: str) -> bool:
    """Whether the code went to the number: nobody's attempts are counted at another's challenge."""
    challenge = await unit.challenges.find(challenge_id)
    return challenge is not None and challenge.channel is Channel.SMS and challenge.subject == number

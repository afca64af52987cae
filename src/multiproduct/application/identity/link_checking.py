"""Telling what became of a mail's link before anybody types anything for it."""

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.otp import LinkStanding, Verification
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.domain.otp import Purpose
from multiproduct.domain.otp.derivation import challenge_of_link_token


class LinkChecking:
    """Reads only: a link that was looked at is as good as before."""

    def __init__(
        self, *, units: Units[IdentityUnit], clock: Clock, verification: Verification, throttle: Throttle
    ) -> None:
        self._units = units
        self._clock = clock
        self._verification = verification
        self._throttle = throttle

    async def asks_password(self, token: str, caller: Caller = ANYBODY) -> bool:
        """Whether the registration of a good link came with a password, so that whoever follows the link has
        to know it. Nothing is told of another link. Raises TooManyRequests."""
        if await self.standing(Purpose.REGISTRATION, token, caller) is not LinkStanding.GOOD:
            return False
        async with self._units.view(caller) as view:
            challenge_id = challenge_of_link_token(token)
            pending = await view.pending_registrations.find(challenge_id) if challenge_id else None
        return pending is not None and pending.password_hash is not None

    async def standing(self, purpose: Purpose, token: str, caller: Caller = ANYBODY) -> LinkStanding:
        """What the link would be worth at this moment; at most one query. Raises TooManyRequests."""
        await self._throttle.admit("open", caller)
        challenge_id = challenge_of_link_token(token)
        if challenge_id is None:
            return LinkStanding.UNKNOWN
        async with self._units.view(caller) as view:
            return await self._verification.link_standing(
                view, challenge_id=challenge_id, purpose=purpose, token=token, now=self._clock.now()
            )

"""Ending commercial mail by its link, without signing in (RFC 8058)."""

from multiproduct.application.caller import Caller
from multiproduct.application.notifications.security_notices import ListenerUnit
from multiproduct.application.notifications.unsubscribe_tokens import UnsubscribeTokens
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import UserStatus
from multiproduct.domain.notifications.events import Unsubscribed
from multiproduct.domain.shared import NotFound


class Unsubscribing:
    """A use case that anybody with a token may call, as often as they like."""

    def __init__(self, *, units: Units[ListenerUnit], clock: Clock, tokens: UnsubscribeTokens) -> None:
        self._units = units
        self._clock = clock
        self._tokens = tokens

    def knows(self, token: str) -> bool:
        """Whether the token is genuine. Asks nobody."""
        return self._tokens.read(token) is not None

    async def run(self, token: str, caller: Caller) -> None:
        """Ends commercial mail; again changes nothing, nor does it for somebody who was erased: mails stay
        longer than people. Raises NotFound for a token that is not genuine."""
        user_id = self._tokens.read(token)
        if user_id is None:
            raise NotFound
        now = self._clock.now()

        async def body(unit: ListenerUnit) -> None:
            user = await unit.users.find(user_id)
            if user is None or user.status is UserStatus.DELETED:
                return
            # Of this and an erasure at the same moment one waits for the other.
            user.updated_at = now
            await unit.users.save(user)
            if await unit.notification_settings.unsubscribe(user_id, now=now):
                unit.record(Unsubscribed(occurred_at=now, user_id=user_id))
            await unit.commit()

        await in_unit(lambda: self._units.open(caller), body)

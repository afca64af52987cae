"""Keeping of record who asked for what they may not."""

from dataclasses import replace

from multiproduct.application.caller import Caller
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import AccessRefused
from multiproduct.domain.shared import Forbidden, TooManyRequests

_SCOPE = "refusal"


class RefusalRecording:
    """A refusal ends the unit that meets it, so that whoever tells the caller has it recorded: the HTTP
    entry point does so by itself, a program that calls the use cases as a library may."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock, throttle: Throttle) -> None:
        self._units = units
        self._clock = clock
        self._throttle = throttle

    async def record(self, refusal: Forbidden, *, asked: str, caller: Caller) -> None:
        """Writes a row of the audit log, at most 30 a minute for one person: beyond that there is nothing
        more to learn, and a log to be filled. `asked` is the name of what they asked for. Nobody who is not
        signed in is refused for want of a permission, and nothing is written of them."""
        if caller.principal.user_id is None:
            return
        try:
            # The client is told of the limits of what it asked for, and not of this one.
            await self._throttle.admit(_SCOPE, replace(caller, standings=None))
        except TooManyRequests:
            return
        permission = refusal.params.get("permission")
        event = AccessRefused(
            occurred_at=self._clock.now(),
            asked=asked,
            refusal=refusal.code,
            permission=None if permission is None else str(permission),
        )

        async def body(unit: IdentityUnit) -> None:
            unit.record(event)
            await unit.commit()

        await in_unit(lambda: self._units.open(caller), body)

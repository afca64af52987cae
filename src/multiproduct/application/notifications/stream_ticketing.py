"""Tickets for the live stream: each lets one session in, once, within seconds."""

import base64
import hashlib
from datetime import timedelta

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.notifications.inbox_ports import InboxUnit, StreamTicket
from multiproduct.application.notifications.inbox_results import StreamTicketView
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Randomness
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.shared import Unauthenticated

GOOD_FOR = timedelta(seconds=30)
_BYTES = 32
MAX_TICKET = 64
"""Characters of what is still looked up."""


class StreamTicketing:
    """A browser cannot give a WebSocket a header, and an access token must never stand in an address, which
    logs and histories keep. A ticket in an address is worth nothing once it was used. Of it, only a hash is
    stored."""

    def __init__(self, *, units: Units[InboxUnit], clock: Clock, randomness: Randomness) -> None:
        self._units = units
        self._clock = clock
        self._randomness = randomness

    async def issue(self, caller: Caller) -> StreamTicketView:
        """A ticket for the caller's session. Raises Unauthenticated."""
        user_id, session_id = caller.require_user(), caller.principal.session_id
        if session_id is None:
            raise Unauthenticated
        ticket = base64.urlsafe_b64encode(self._randomness.bytes(_BYTES)).decode().rstrip("=")
        expires_at = self._clock.now() + GOOD_FOR
        row = StreamTicket(hash=_hash(ticket), user_id=user_id, session_id=session_id, expires_at=expires_at)

        async def body(unit: InboxUnit) -> None:
            await unit.stream_tickets.add(row)
            await unit.commit()

        await in_unit(lambda: self._units.open(caller), body)
        return StreamTicketView(ticket=ticket, expires_at=expires_at)

    async def redeem(self, ticket: str) -> StreamTicket:
        """Uses a ticket up. Raises Unauthenticated for one that is used, expired or none of ours."""
        if len(ticket) > MAX_TICKET:
            raise Unauthenticated

        async def body(unit: InboxUnit) -> StreamTicket | None:
            taken = await unit.stream_tickets.take(_hash(ticket), now=self._clock.now())
            await unit.commit()
            return taken

        taken = await in_unit(lambda: self._units.open(SYSTEM), body)
        if taken is None:
            raise Unauthenticated
        return taken


def _hash(ticket: str) -> str:
    # Of 32 random bytes: nothing is won by a slow one.
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()

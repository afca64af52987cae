"""Following an inbox: everything that changes in it, in order, from a position on, without a hole."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.caller import SYSTEM, Principal
from multiproduct.application.notifications.inbox_ports import InboxUnit
from multiproduct.application.notifications.inbox_results import (
    CountChanged,
    EntryChanged,
    Frame,
    Reset,
    Welcome,
)
from multiproduct.application.notifications.inbox_watching import InboxWatch
from multiproduct.application.notifications.stream_ticketing import StreamTicketing
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import SessionOver
from multiproduct.domain.notifications.inbox import InboxCounter, InboxEntry, InboxPosition
from multiproduct.domain.shared import Unauthenticated

MAX_CATCH_UP = 200
"""Changes that are told one by one. Beyond them the client is told to read the list anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Whose inbox is followed, by which session."""

    user_id: UUID
    session_id: UUID


class InboxStream:
    """One connection's way through the changes. It always reads on from its own position, whatever woke it,
    so nothing is missed or told twice; what a client has not taken yet is no more than one catch-up."""

    def __init__(
        self, *, units: Units[InboxUnit], clock: Clock, follower: Follower, changed: asyncio.Event
    ) -> None:
        self._units = units
        self._clock = clock
        self._follower = follower
        self._changed = changed
        self._position = InboxPosition.after(0)
        self._told_version = -1

    async def begin(self, after: InboxPosition | None, *, heartbeat_seconds: float) -> Sequence[Frame]:
        """The welcome, what changed since `after` (from now on, if that is None), and the count. Raises
        SessionOver."""
        self._changed.clear()
        counter, found = await self._read(after)
        now = InboxPosition.after(counter.version)
        is_known = after is None or after <= now  # else of another inbox, or of a database that was set back
        self._position = after if after is not None and is_known else now
        welcome = Welcome(position=str(self._position), heartbeat_seconds=heartbeat_seconds)
        return [welcome, *self._told(counter, found, is_whole=is_known)]

    async def next(self, *, within_seconds: float) -> Sequence[Frame]:
        """Waits for a change, and looks also when none was heard of in time. Raises SessionOver."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await self._changed.wait()
        self._changed.clear()  # before reading: what comes meanwhile is read next time
        counter, found = await self._read(self._position)
        return self._told(counter, found, is_whole=True)

    async def _read(self, after: InboxPosition | None) -> tuple[InboxCounter, Sequence[InboxEntry]]:
        """The counter first: what it counts is then among the changes, or before the position."""
        user_id, now = self._follower.user_id, self._clock.now()
        async with self._units.view(SYSTEM) as view:
            standing = await view.sessions.standing(self._follower.session_id, now=now)
            if standing is None or not standing.is_live or standing.user_id != user_id:
                raise SessionOver
            counter = await view.inbox.counter(user_id)
            if after is None or after >= InboxPosition.after(counter.version):
                return counter, ()
            return counter, await view.inbox.changes(user_id, after=after, limit=MAX_CATCH_UP + 1)

    def _told(self, counter: InboxCounter, found: Sequence[InboxEntry], *, is_whole: bool) -> list[Frame]:
        frames: list[Frame]
        if is_whole and len(found) <= MAX_CATCH_UP:
            frames = [EntryChanged.of(entry) for entry in found]
            last = InboxPosition.of(found[-1]) if found else self._position
            self._position = max(self._position, last, InboxPosition.after(counter.version))
        else:
            self._position = InboxPosition.after(counter.version)
            frames = [Reset(position=str(self._position))]
        if counter.version > self._told_version:
            self._told_version = counter.version
            position = str(self._position)
            frames.append(CountChanged(position=position, unread=counter.unread, version=counter.version))
        return frames


class InboxFollowing:
    """Lets people follow their inboxes, by a ticket or by a session that was checked a moment ago."""

    def __init__(
        self, *, units: Units[InboxUnit], clock: Clock, watch: InboxWatch, ticketing: StreamTicketing
    ) -> None:
        self._units = units
        self._clock = clock
        self._ticketing = ticketing
        self.watch = watch

    async def by_ticket(self, ticket: str) -> Follower:
        """Uses the ticket up. Raises Unauthenticated."""
        taken = await self._ticketing.redeem(ticket)
        return Follower(user_id=taken.user_id, session_id=taken.session_id)

    def by_session(self, principal: Principal) -> Follower:
        """Raises Unauthenticated for nobody."""
        if principal.user_id is None or principal.session_id is None:
            raise Unauthenticated
        return Follower(user_id=principal.user_id, session_id=principal.session_id)

    def stream(self, follower: Follower, changed: asyncio.Event) -> InboxStream:
        """The stream of somebody who is watched for by `changed` already, which is what keeps a change from
        falling between the first reading and the first wait."""
        return InboxStream(units=self._units, clock=self._clock, follower=follower, changed=changed)

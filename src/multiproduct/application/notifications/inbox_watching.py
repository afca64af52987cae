"""Who in this process follows which inbox live, and waking them when it changes, wherever that was."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from multiproduct.application.notifications.inbox import INBOX
from multiproduct.application.ports.cache import Invalidations

MAX_STREAMS = 10
"""Of one person in one process."""


class TooManyStreams(Exception):
    """The person follows their inbox on as many connections as one may."""


class InboxWatch:
    """Hears of changed inboxes as caches hear of stale keys: from units of this process by `Forgetting`, from
    other processes by `Invalidations`. Word of a change is a hint and holds nothing: who is woken reads what
    changed from the database. After a gap everybody is woken."""

    name = INBOX

    def __init__(self, *, invalidations: Invalidations, max_streams: int = MAX_STREAMS) -> None:
        self._invalidations = invalidations
        self._max_streams = max_streams
        self._following: dict[str, set[asyncio.Event]] = {}
        invalidations.listen(self._heard, self.wake_all)

    @contextmanager
    def following(self, user_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever the person's inbox may have changed. Raises TooManyStreams."""
        key, changed = str(user_id), asyncio.Event()
        mine = self._following.setdefault(key, set())
        if len(mine) >= self._max_streams:
            raise TooManyStreams
        mine.add(changed)
        try:
            yield changed
        finally:
            mine.discard(changed)
            if not mine and self._following.get(key) is mine:
                del self._following[key]

    @property
    def streams(self) -> int:
        """How many follow an inbox in this process."""
        return sum(map(len, self._following.values()))

    def forget_local(self, keys: Iterable[str]) -> None:
        """Wakes those who follow these people's inboxes."""
        for key in keys:
            for changed in self._following.get(key, ()):
                changed.set()

    async def forget(self, keys: Collection[str]) -> None:
        """Has them woken in every other process; here they were by `forget_local`, once."""
        await self._invalidations.publish([f"{INBOX}:{key}" for key in keys])

    def wake_all(self) -> None:
        """Wakes everybody: anything may have been missed."""
        self.forget_local(list(self._following))

    def _heard(self, named: Sequence[str]) -> None:
        prefix = f"{INBOX}:"
        self.forget_local(name.removeprefix(prefix) for name in named if name.startswith(prefix))

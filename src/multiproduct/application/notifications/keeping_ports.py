"""What notifications keep of people's wishes: choices, settings, what waits, suppressed addresses."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.domain.notifications.digest import Digest, DigestItem
from multiproduct.domain.notifications.preference import Channel, Choices, Target
from multiproduct.domain.notifications.settings import NotificationSettings
from multiproduct.domain.notifications.suppression import Suppression


class Preferences(Protocol):
    """Keeps what people chose: one value for each person and target."""

    async def of_user(self, user_id: UUID) -> Choices:
        """All that somebody chose."""
        ...

    async def put(self, user_id: UUID, target: Target, *, is_on: bool, now: datetime) -> None:
        """Keeps a choice in the place of the one before."""
        ...

    async def remove(self, user_id: UUID, target: Target) -> bool:
        """Forgets a choice; false where there was none."""
        ...

    async def erase(self, user_id: UUID) -> None:
        """Forgets all that somebody chose."""
        ...


class SettingsOfPeople(Protocol):
    """Keeps one row of settings for each person."""

    async def of_user(self, user_id: UUID) -> NotificationSettings:
        """Somebody's settings; those of who set nothing are the usual ones."""
        ...

    async def put(self, settings: NotificationSettings, *, now: datetime) -> None:
        """Keeps them in the place of those before, whole."""
        ...

    async def unsubscribe(self, user_id: UUID, *, now: datetime) -> bool:
        """Notes since when somebody wants no commercial mail, and nothing else; false where that was noted
        before."""
        ...

    async def erase(self, user_id: UUID) -> None:
        """Forgets somebody's settings."""
        ...


class Digests(Protocol):
    """Keeps what waits. There is one open digest at most for each recipient, type key and key."""

    async def open(self, digest: Digest) -> Digest | None:
        """Keeps the digest if its recipient, type key and key have no open one, else answers the open one,
        which cannot be closed until this unit has ended. None where the person is not there or was erased: of
        this and an erasure one waits for the other."""
        ...

    async def add(self, item: DigestItem) -> bool:
        """Adds an item; false where the delivery is in a digest already."""
        ...

    async def due(self, *, now: datetime, limit: int) -> Sequence[Digest]:
        """Open ones whose time has come, the oldest first."""
        ...

    async def close(self, id: UUID, *, now: datetime) -> bool:
        """Closes an open one; false where somebody else did. One conditional statement decides."""
        ...

    async def find(self, id: UUID) -> Digest | None:
        """The digest of that id."""
        ...

    async def items(self, id: UUID) -> Sequence[DigestItem]:
        """What is in a digest, in the order in which it came, the ids deciding."""
        ...

    async def erase(self, user_id: UUID) -> None:
        """Forgets what waits for somebody, and what waited."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that were closed before the moment, with their items; answers how many digests."""
        ...


class Suppressions(Protocol):
    """Keeps the list of addresses that nothing is sent to, by keyed digests of them."""

    async def put(self, suppression: Suppression) -> bool:
        """Adds an address; false where it is on the list already, which then stays as it is."""
        ...

    async def find(self, channel: Channel, digests: Collection[str]) -> Suppression | None:
        """The entry under any of the digests, which are those of one address under every secret there is."""
        ...

    async def remove(self, channel: Channel, digests: Collection[str]) -> Suppression | None:
        """Takes an address off the list; answers what was there."""
        ...

    async def page(self, *, before: tuple[datetime, str] | None, limit: int) -> Sequence[Suppression]:
        """The newest first, from before a place (when it was put, and digest) on."""
        ...

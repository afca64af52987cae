"""What people want to hear of, what waits for them, and suppressed addresses, in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.tables import OnStage, OpenedTables, Staged, Table, as_it_is
from multiproduct.domain.identity import User, UserStatus
from multiproduct.domain.notifications.digest import Digest, DigestItem
from multiproduct.domain.notifications.preference import Channel, Choices, Target
from multiproduct.domain.notifications.settings import NotificationSettings
from multiproduct.domain.notifications.suppression import Suppression


@dataclass(frozen=True, slots=True)
class Choice:
    """What one person chose about one target."""

    user_id: UUID
    target: Target
    is_on: bool


class NotificationKeepingTables:
    """What is kept of people's wishes."""

    def __init__(self) -> None:
        self.choices: Table[tuple[UUID, Target], Choice] = Table(
            key=lambda row: (row.user_id, row.target),
            copy=as_it_is,
            indexes={"user": lambda row: row.user_id},
        )
        self.settings: Table[UUID, NotificationSettings] = Table(key=lambda row: row.user_id, copy=as_it_is)
        self.digests: Table[UUID, Digest] = Table(
            key=lambda row: row.id,
            copy=as_it_is,
            indexes={
                "open": lambda row: (row.user_id, row.type_key, row.key) if row.closed_at is None else None,
                "user": lambda row: row.user_id,
            },
        )
        self.items: Table[UUID, DigestItem] = Table(
            key=lambda row: row.delivery_id, copy=replace, indexes={"digest": lambda row: row.digest_id}
        )
        self.suppressions: Table[tuple[Channel, str], Suppression] = Table(
            key=lambda row: (row.channel, row.address_digest), copy=as_it_is
        )


class NotificationKeepingStage(OpenedTables):
    """The same as one unit sees it."""

    choices = OnStage(NotificationKeepingTables, lambda tables: tables.choices)
    settings = OnStage(NotificationKeepingTables, lambda tables: tables.settings)
    digests = OnStage(NotificationKeepingTables, lambda tables: tables.digests)
    items = OnStage(NotificationKeepingTables, lambda tables: tables.items)
    suppressions = OnStage(NotificationKeepingTables, lambda tables: tables.suppressions)

    def drop_digest(self, id: UUID) -> None:
        """Removes a digest with its items."""
        for item in self.items.under("digest", id):
            self.items.remove(item.delivery_id)
        self.digests.remove(id)


class MemoryPreferences:
    """The `Preferences` port."""

    def __init__(self, *, stage: NotificationKeepingStage) -> None:
        self._rows = stage.choices

    async def of_user(self, user_id: UUID) -> Choices:
        """All that somebody chose."""
        return Choices((row.target, row.is_on) for row in self._rows.under("user", user_id))

    async def put(self, user_id: UUID, target: Target, *, is_on: bool, now: datetime) -> None:
        """Keeps a choice in the place of the one before."""
        del now
        self._rows.put(Choice(user_id, target, is_on))

    async def remove(self, user_id: UUID, target: Target) -> bool:
        """Forgets a choice."""
        return self._rows.remove((user_id, target))

    async def erase(self, user_id: UUID) -> None:
        """Forgets all that somebody chose."""
        for row in self._rows.under("user", user_id):
            self._rows.remove((user_id, row.target))


class MemoryNotificationSettings:
    """The `SettingsOfPeople` port."""

    def __init__(self, *, stage: NotificationKeepingStage) -> None:
        self._rows = stage.settings

    async def of_user(self, user_id: UUID) -> NotificationSettings:
        """Somebody's settings."""
        return self._rows.get(user_id) or NotificationSettings(user_id=user_id)

    async def put(self, settings: NotificationSettings, *, now: datetime) -> None:
        """Keeps them in the place of those before."""
        del now
        self._rows.put(settings)

    async def unsubscribe(self, user_id: UUID, *, now: datetime) -> bool:
        """Notes since when somebody wants no commercial mail."""
        kept = await self.of_user(user_id)
        if kept.is_unsubscribed:
            return False
        self._rows.put(replace(kept, unsubscribed_at=now))
        return True

    async def erase(self, user_id: UUID) -> None:
        """Forgets somebody's settings."""
        self._rows.remove(user_id)


class MemoryDigests:
    """The `Digests` port. Whoever writes is alone."""

    def __init__(self, *, stage: NotificationKeepingStage, users: Staged[UUID, User]) -> None:
        self._stage = stage
        self._users = users

    async def open(self, digest: Digest) -> Digest | None:
        """Keeps the digest or answers the open one."""
        user = self._users.get(digest.user_id)
        if user is None or user.status is UserStatus.DELETED:
            return None
        kept = self._stage.digests.one_under("open", (digest.user_id, digest.type_key, digest.key))
        if kept is not None:
            return kept
        self._stage.digests.put(digest)
        return digest

    async def add(self, item: DigestItem) -> bool:
        """Adds an item; false where the delivery is in a digest already."""
        if self._stage.items.get(item.delivery_id) is not None:
            return False
        self._stage.items.put(replace(item, params=dict(item.params)))
        return True

    async def due(self, *, now: datetime, limit: int) -> Sequence[Digest]:
        """Open ones whose time has come."""
        found = self._stage.digests.where(lambda row: row.closed_at is None and row.due_at <= now)
        return sorted(found, key=lambda row: (row.due_at, row.id))[:limit]

    async def close(self, id: UUID, *, now: datetime) -> bool:
        """Closes an open one; false where somebody else did."""
        kept = self._stage.digests.get(id)
        if kept is None or kept.closed_at is not None:
            return False
        self._stage.digests.put(replace(kept, closed_at=now))
        return True

    async def find(self, id: UUID) -> Digest | None:
        """The digest of that id."""
        return self._stage.digests.get(id)

    async def items(self, id: UUID) -> Sequence[DigestItem]:
        """What is in a digest."""
        found = self._stage.items.under("digest", id)
        return sorted(found, key=lambda row: (row.created_at, row.delivery_id))

    async def erase(self, user_id: UUID) -> None:
        """Forgets what waits for somebody, and what waited."""
        for digest in self._stage.digests.under("user", user_id):
            self._stage.drop_digest(digest.id)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that were closed before the moment."""
        found = self._stage.digests.where(lambda row: row.closed_at is not None and row.closed_at < before)
        doomed = [row.id for row, _ in zip(found, range(limit), strict=False)]
        for id_ in doomed:
            self._stage.drop_digest(id_)
        return len(doomed)


class MemorySuppressions:
    """The `Suppressions` port."""

    def __init__(self, *, stage: NotificationKeepingStage) -> None:
        self._rows = stage.suppressions

    async def put(self, suppression: Suppression) -> bool:
        """Adds an address; false where it is on the list already."""
        if self._rows.get((suppression.channel, suppression.address_digest)) is not None:
            return False
        self._rows.put(suppression)
        return True

    async def find(self, channel: Channel, digests: Collection[str]) -> Suppression | None:
        """The entry under any of the digests."""
        found = (self._rows.get((channel, digest)) for digest in digests)
        return next((each for each in found if each is not None), None)

    async def remove(self, channel: Channel, digests: Collection[str]) -> Suppression | None:
        """Takes an address off the list."""
        found = await self.find(channel, digests)
        for digest in digests:
            self._rows.remove((channel, digest))
        return found

    async def page(self, *, before: tuple[datetime, str] | None, limit: int) -> Sequence[Suppression]:
        """The newest first."""
        found = self._rows.where(lambda row: before is None or (row.created_at, row.address_digest) < before)
        return sorted(found, key=lambda row: (row.created_at, row.address_digest), reverse=True)[:limit]

"""What people want to hear of, what waits for them, and suppressed addresses, in tables."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, and_, bindparam, delete, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.identity import users
from multiproduct.adapters.sql.tables.notifications import (
    notification_digest_items,
    notification_digests,
    notification_preferences,
    notification_settings,
    suppressions,
)
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.identity import UserStatus
from multiproduct.domain.notifications.digest import Digest, DigestItem, PutOff
from multiproduct.domain.notifications.preference import Category, Channel, Choices, Target
from multiproduct.domain.notifications.quiet_hours import QuietHours
from multiproduct.domain.notifications.settings import NotificationSettings
from multiproduct.domain.notifications.suppression import Suppression, SuppressionReason

_p = notification_preferences.c
_s = notification_settings.c
_d = notification_digests.c
_i = notification_digest_items.c
_a = suppressions.c


def _upsert(inserting: Any) -> Any:
    statement = inserting(notification_preferences)
    return statement.on_conflict_do_update(
        index_elements=[_p.user_id, _p.type_key, _p.category, _p.channel],
        set_={"is_on": statement.excluded.is_on, "updated_at": statement.excluded.updated_at},
    )


def _upsert_settings(inserting: Any) -> Any:
    statement = inserting(notification_settings)
    names = ("quiet_from", "quiet_until", "digest_at", "digest_categories", "unsubscribed_at", "updated_at")
    return statement.on_conflict_do_update(
        index_elements=[_s.user_id], set_={name: statement.excluded[name] for name in names}
    )


def _unsubscribe(inserting: Any) -> Any:
    statement = inserting(notification_settings)
    return statement.on_conflict_do_update(
        index_elements=[_s.user_id],
        set_={"unsubscribed_at": statement.excluded.unsubscribed_at},
        where=_s.unsubscribed_at.is_(None),
    ).returning(_s.user_id)


def _open_digest(inserting: Any) -> Any:
    # The open one is written to, though nothing of it changes: so nobody closes it before the unit ends.
    return (
        inserting(notification_digests)
        .on_conflict_do_update(
            index_elements=[_d.user_id, _d.type_key, _d.key],
            index_where=_d.closed_at.is_(None),
            set_={"due_at": _d.due_at},
        )
        .returning(*notification_digests.c)
    )


_OF_USER = select(notification_preferences).where(_p.user_id == bindparam("of_user"))  # pk
_PUT = in_each_dialect(_upsert)
_REMOVE = delete(notification_preferences).where(  # pk_notification_preferences
    _p.user_id == bindparam("of_user"),
    _p.type_key == bindparam("of_type"),
    _p.category == bindparam("of_category"),
    _p.channel == bindparam("of_channel"),
)
_ERASE = delete(notification_preferences).where(_p.user_id == bindparam("of_user"))
_SETTINGS = select(notification_settings).where(_s.user_id == bindparam("of_user"))
_PUT_SETTINGS = in_each_dialect(_upsert_settings)
_UNSUBSCRIBE = in_each_dialect(_unsubscribe)
_ERASE_SETTINGS = delete(notification_settings).where(_s.user_id == bindparam("of_user"))

# A share of the user's row: of this and an erasure, which writes it, one waits for the other.
_PRESENT = (  # pk_users
    select(users.c.id)
    .where(users.c.id == bindparam("of_user"), users.c.status != UserStatus.DELETED.value)
    .with_for_update(read=True)
)
_OPEN = in_each_dialect(_open_digest)
_ADD: Mapping[str, Executable] = in_each_dialect(
    lambda inserting: inserting(notification_digest_items).on_conflict_do_nothing(
        index_elements=[_i.delivery_id]
    )
)
_DUE = (  # ix_notification_digests_due
    select(notification_digests)
    .where(_d.closed_at.is_(None), _d.due_at <= bindparam("at"))
    .order_by(_d.due_at, _d.id)
    .limit(bindparam("most"))
)
_CLOSE = (
    update(notification_digests)
    .where(_d.id == bindparam("of_id"), _d.closed_at.is_(None))
    .values(closed_at=bindparam("at"))
)
_FIND = select(notification_digests).where(_d.id == bindparam("of_id"))
_ITEMS = (  # ix_notification_digest_items_digest_id
    select(notification_digest_items)
    .where(_i.digest_id == bindparam("of_digest"))
    .order_by(_i.created_at, _i.delivery_id)
)
_ERASE_ITEMS = delete(notification_digest_items).where(
    _i.digest_id.in_(select(_d.id).where(_d.user_id == bindparam("of_user")))
)
_ERASE_DIGESTS = delete(notification_digests).where(_d.user_id == bindparam("of_user"))
_PURGE_DIGESTS = purge_of(notification_digests, _d.closed_at < bindparam("before"))

_SUPPRESS = in_each_dialect(
    lambda inserting: inserting(suppressions).on_conflict_do_nothing(
        index_elements=[_a.channel, _a.address_digest]
    )
)
_SUPPRESSED = select(suppressions).where(  # pk_suppressions
    _a.channel == bindparam("of_channel"), _a.address_digest.in_(bindparam("digests", expanding=True))
)
_LIFT = (
    delete(suppressions)
    .where(_a.channel == bindparam("of_channel"), _a.address_digest.in_(bindparam("digests", expanding=True)))
    .returning(*suppressions.c)
)


class SqlPreferences:
    """The `Preferences` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def of_user(self, user_id: UUID) -> Choices:
        """All that somebody chose."""
        rows = await self._lane.run(_OF_USER, {"of_user": user_id})
        return Choices((_target(row), row.is_on) for row in rows)

    async def put(self, user_id: UUID, target: Target, *, is_on: bool, now: datetime) -> None:
        """Keeps a choice in the place of the one before."""
        row = {"user_id": user_id, **_named(target), "is_on": is_on, "updated_at": now}
        await self._lane.run(_PUT[self._lane.dialect], row)

    async def remove(self, user_id: UUID, target: Target) -> bool:
        """Forgets a choice."""
        named = _named(target)
        removed = await self._lane.run(
            _REMOVE,
            {
                "of_user": user_id,
                "of_type": named["type_key"],
                "of_category": named["category"],
                "of_channel": named["channel"],
            },
        )
        return removed.rowcount == 1

    async def erase(self, user_id: UUID) -> None:
        """Forgets all that somebody chose."""
        await self._lane.run(_ERASE, {"of_user": user_id})


class SqlNotificationSettings:
    """The `SettingsOfPeople` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def of_user(self, user_id: UUID) -> NotificationSettings:
        """Somebody's settings."""
        row = (await self._lane.run(_SETTINGS, {"of_user": user_id})).one_or_none()
        return NotificationSettings(user_id=user_id) if row is None else _settings(row)

    async def put(self, settings: NotificationSettings, *, now: datetime) -> None:
        """Keeps them in the place of those before."""
        quiet = settings.quiet_hours
        row = {
            "user_id": settings.user_id,
            "quiet_from": _minutes(quiet.start if quiet else None),
            "quiet_until": _minutes(quiet.end if quiet else None),
            "digest_at": _minutes(settings.digest_at),
            "digest_categories": sorted(each.value for each in settings.digest_categories),
            "unsubscribed_at": settings.unsubscribed_at,
            "updated_at": now,
        }
        await self._lane.run(_PUT_SETTINGS[self._lane.dialect], row)

    async def unsubscribe(self, user_id: UUID, *, now: datetime) -> bool:
        """Notes since when somebody wants no commercial mail."""
        row = {"user_id": user_id, "digest_categories": [], "unsubscribed_at": now, "updated_at": now}
        changed = await self._lane.run(_UNSUBSCRIBE[self._lane.dialect], row)
        return changed.one_or_none() is not None

    async def erase(self, user_id: UUID) -> None:
        """Forgets somebody's settings."""
        await self._lane.run(_ERASE_SETTINGS, {"of_user": user_id})


class SqlDigests:
    """The `Digests` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def open(self, digest: Digest) -> Digest | None:
        """Keeps the digest or answers the open one, which stays open until this unit has ended."""
        if (await self._lane.run(_PRESENT, {"of_user": digest.user_id})).first() is None:
            return None
        row = {name: getattr(digest, name) for name in notification_digests.c.keys()}  # noqa: SIM118 - columns
        row |= {"why": digest.why.value, "channel": digest.channel.value}
        return _digest((await self._lane.run(_OPEN[self._lane.dialect], row)).one())

    async def add(self, item: DigestItem) -> bool:
        """Adds an item; false where the delivery is in a digest already."""
        row = {
            "delivery_id": item.delivery_id,
            "digest_id": item.digest_id,
            "type_key": item.type_key,
            "params": item.params,
            "created_at": item.created_at,
        }
        return (await self._lane.run(_ADD[self._lane.dialect], row)).rowcount == 1

    async def due(self, *, now: datetime, limit: int) -> Sequence[Digest]:
        """Open ones whose time has come."""
        return [_digest(row) for row in await self._lane.run(_DUE, {"at": now, "most": limit})]

    async def close(self, id: UUID, *, now: datetime) -> bool:
        """Closes an open one; false where somebody else did."""
        return (await self._lane.run(_CLOSE, {"of_id": id, "at": now})).rowcount == 1

    async def find(self, id: UUID) -> Digest | None:
        """The digest of that id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).one_or_none()
        return None if row is None else _digest(row)

    async def items(self, id: UUID) -> Sequence[DigestItem]:
        """What is in a digest."""
        return [
            DigestItem(
                delivery_id=row.delivery_id,
                digest_id=row.digest_id,
                type_key=row.type_key,
                params=row.params,
                created_at=row.created_at,
            )
            for row in await self._lane.run(_ITEMS, {"of_digest": id})
        ]

    async def erase(self, user_id: UUID) -> None:
        """Forgets what waits for somebody, and what waited."""
        await self._lane.run(_ERASE_ITEMS, {"of_user": user_id})
        await self._lane.run(_ERASE_DIGESTS, {"of_user": user_id})

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that were closed before the moment; their items go with them."""
        return await purge(self._lane, _PURGE_DIGESTS, before=before, limit=limit)


class SqlSuppressions:
    """The `Suppressions` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def put(self, suppression: Suppression) -> bool:
        """Adds an address; false where it is on the list already."""
        row = {
            "channel": suppression.channel.value,
            "address_digest": suppression.address_digest,
            "masked": suppression.masked,
            "reason": suppression.reason.value,
            "detail": suppression.detail,
            "created_at": suppression.created_at,
        }
        return (await self._lane.run(_SUPPRESS[self._lane.dialect], row)).rowcount == 1

    async def find(self, channel: Channel, digests: Collection[str]) -> Suppression | None:
        """The entry under any of the digests."""
        given = {"of_channel": channel.value, "digests": list(digests)}
        row = (await self._lane.run(_SUPPRESSED, given)).first()
        return None if row is None else _suppression(row)

    async def remove(self, channel: Channel, digests: Collection[str]) -> Suppression | None:
        """Takes an address off the list."""
        given = {"of_channel": channel.value, "digests": list(digests)}
        row = (await self._lane.run(_LIFT, given)).first()
        return None if row is None else _suppression(row)

    async def page(self, *, before: tuple[datetime, str] | None, limit: int) -> Sequence[Suppression]:
        """The newest first."""
        query = (  # ix_suppressions_created_at
            select(suppressions).order_by(_a.created_at.desc(), _a.address_digest.desc()).limit(limit)
        )
        if before is not None:
            at, digest = before
            query = query.where(
                _a.created_at <= at,
                or_(_a.created_at < at, and_(_a.created_at == at, _a.address_digest < digest)),
            )
        return [_suppression(row) for row in await self._lane.run(query)]


def _named(target: Target) -> dict[str, str]:
    return {
        "type_key": target.type_key or "",
        "category": target.category.value if target.category else "",
        "channel": target.channel.value if target.channel else "",
    }


def _target(row: Row[Any]) -> Target:
    return Target(
        type_key=row.type_key or None,
        category=Category(row.category) if row.category else None,
        channel=Channel(row.channel) if row.channel else None,
    )


def _minutes(at: time | None) -> int | None:
    return None if at is None else at.hour * 60 + at.minute


def _time(minutes: int | None) -> time | None:
    return None if minutes is None else time(minutes // 60, minutes % 60)


def _settings(row: Row[Any]) -> NotificationSettings:
    start, end = _time(row.quiet_from), _time(row.quiet_until)
    return NotificationSettings(
        user_id=row.user_id,
        quiet_hours=None if start is None or end is None else QuietHours(start=start, end=end),
        digest_at=_time(row.digest_at),
        digest_categories=frozenset(Category(each) for each in row.digest_categories),
        unsubscribed_at=row.unsubscribed_at,
    )


def _digest(row: Row[Any]) -> Digest:
    return Digest(
        id=row.id,
        user_id=row.user_id,
        why=PutOff(row.why),
        channel=Channel(row.channel),
        type_key=row.type_key,
        key=row.key,
        due_at=row.due_at,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )


def _suppression(row: Row[Any]) -> Suppression:
    return Suppression(
        channel=Channel(row.channel),
        address_digest=row.address_digest,
        masked=row.masked,
        reason=SuppressionReason(row.reason),
        detail=row.detail,
        created_at=row.created_at,
    )

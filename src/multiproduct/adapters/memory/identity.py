"""Users, pending registrations and sessions in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.roles import give_new_user, grants, platform_roles
from multiproduct.adapters.memory.store import Stage
from multiproduct.application.identity.ports import SessionStanding
from multiproduct.domain.identity import (
    EmailTaken,
    EndReason,
    PendingRegistration,
    PhoneTaken,
    Session,
    User,
    UsernameTaken,
)
from multiproduct.domain.shared import Aggregate, Event, StaleAggregate


class MemoryUsers:
    """User names, e-mail addresses and telephone numbers have one owner each."""

    def __init__(
        self, *, stage: Stage, track: Callable[[Aggregate], None], now: Callable[[], datetime]
    ) -> None:
        self._stage = stage
        self._rows = stage.identity.users
        self._track = track
        self._now = now

    async def add(self, user: User) -> None:
        """Keeps a new user. Raises UsernameTaken, EmailTaken, PhoneTaken, UnknownRole; the unit can go on
        after each."""
        self._refuse_taken(user)
        give_new_user(self._stage, user.id, user.roles, now=user.created_at)
        self._rows.put(user)
        self._track(user)

    async def save(self, user: User) -> None:
        """Writes a user unless somebody saved it since it was loaded. Raises StaleAggregate, and as `add`."""
        stored = self._rows.get(user.id)
        if stored is None or stored.version != user.version:
            raise StaleAggregate
        self._refuse_taken(user)
        user.version += 1
        self._rows.put(user)
        self._track(user)

    async def signed_in(self, user: User, *, now: datetime) -> None:
        """Writes when the user last signed in. Raises StaleAggregate."""
        stored = self._rows.get(user.id)
        if stored is None or stored.version != user.version:
            raise StaleAggregate
        stored.last_login_at = user.last_login_at = now
        self._rows.put(stored)
        self._track(user)

    async def find(self, id: UUID) -> User | None:
        """The user, whatever its status."""
        return self._with_roles(self._rows.get(id))

    async def find_by_username(self, key: str) -> User | None:
        """By the user name's key."""
        return self._with_roles(self._rows.one_under("username", key))

    async def find_by_email(self, key: str) -> User | None:
        """By the e-mail address' key."""
        return self._with_roles(self._rows.one_under("email", key))

    async def find_by_phone(self, key: str) -> User | None:
        """By E.164 number."""
        return self._with_roles(self._rows.one_under("phone", key))

    async def usernames_taken(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of the keys somebody has."""
        return frozenset(key for key in keys if self._rows.has("username", key))

    def _with_roles(self, user: User | None) -> User | None:
        if user is not None:
            user.roles = platform_roles(self._stage, user.id, now=self._now())
        return user

    def _refuse_taken(self, user: User) -> None:
        if self._is_anothers("username", user.username.key, user):
            raise UsernameTaken(username=user.username.display)
        if user.email is not None and self._is_anothers("email", user.email.key, user):
            raise EmailTaken
        if user.phone is not None and self._is_anothers("phone", user.phone.key, user):
            raise PhoneTaken

    def _is_anothers(self, index: str, key: str, user: User) -> bool:
        owner = self._rows.one_under(index, key)
        return owner is not None and owner.id != user.id


class MemoryPendingRegistrations:
    """Registrations that wait for their proof."""

    def __init__(self, *, stage: Stage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.identity.pending_registrations
        self._track = track

    async def add(self, pending: PendingRegistration) -> None:
        """Keeps a new one."""
        self._rows.put(pending)
        self._track(pending)

    async def find(self, id: UUID) -> PendingRegistration | None:
        """By the id of its challenge."""
        return self._rows.get(id)

    async def of_address(
        self, *, email_key: str | None, phone_key: str | None, limit: int
    ) -> Sequence[PendingRegistration]:
        """Those kept for an address, the newest first."""
        found = {
            row.id: row
            for index, key in (("email", email_key), ("phone", phone_key))
            if key is not None
            for row in self._rows.under(index, key)
        }
        return sorted(found.values(), key=lambda row: (row.created_at, row.id), reverse=True)[:limit]

    async def remove_rivals(self, *, email_key: str | None, phone_key: str | None) -> int:
        """Removes every pending registration for an address that found its owner; answers how many."""
        rivals = {
            row.id
            for index, key in (("email", email_key), ("phone", phone_key))
            if key is not None
            for row in self._rows.under(index, key)
        }
        return sum(self._rows.remove(rival) for rival in rivals)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment, at most `limit`; answers how many."""
        return self._rows.purge(lambda row: row.expires_at < before, limit=limit)


class MemorySessions:
    """A session is held by being the only writer."""

    def __init__(
        self, *, stage: Stage, track: Callable[[Aggregate], None], record: Callable[[Event], None]
    ) -> None:
        self._stage = stage
        self._rows = stage.identity.sessions
        self._users = stage.identity.users
        self._track = track
        self._record = record

    async def add(self, session: Session) -> None:
        """Keeps a new session."""
        self._rows.put(session)
        self._track(session)

    async def hold(self, id: UUID) -> Session | None:
        """The session, held by this unit until it ends."""
        return self._rows.get(id)

    async def save(self, session: Session) -> None:
        """Writes a session that this unit holds."""
        self._rows.put(session)
        self._track(session)

    async def standing(self, id: UUID, *, now: datetime) -> SessionStanding | None:
        """Session and user at once; `is_live` is false when either of them is over."""
        session = self._rows.get(id)
        user = self._users.get(session.user_id) if session is not None else None
        if session is None or user is None:
            return None
        return SessionStanding(
            session_id=session.id,
            user_id=user.id,
            is_live=session.is_live(now=now) and user.may_sign_in,
            methods=session.methods,
            authenticated_at=session.authenticated_at,
            grants=grants(self._stage, user.id, now=now),
            locale=user.locale,
        )

    async def end_all(
        self, user_id: UUID, *, reason: EndReason, now: datetime, besides: UUID | None = None
    ) -> Sequence[UUID]:
        """Ends every live session of a user, one excepted; answers which. Records their events. Removes what
        waits for a second factor."""
        for waiting in self._stage.identity.pending_sign_ins.where(lambda row: row.user_id == user_id):
            self._stage.identity.pending_sign_ins.remove(waiting.id)
        ended = [
            row for row in self._rows.under("user", user_id) if row.id != besides and row.is_live(now=now)
        ]
        for session in ended:
            session.end(reason, now=now)
            self._rows.put(session)
            for event in session.collect_events():
                self._record(event)
        return [session.id for session in ended]

    async def of_user(self, user_id: UUID, *, now: datetime, limit: int) -> Sequence[Session]:
        """The live sessions of a user, those seen last first."""
        live = [row for row in self._rows.under("user", user_id) if row.is_live(now=now)]
        return sorted(live, key=lambda row: (row.last_seen_at, row.id), reverse=True)[:limit]

    async def used_before(
        self, user_id: UUID, *, since: datetime, besides: UUID, limit: int
    ) -> Sequence[tuple[str | None, str | None]]:
        """User agent and ip of a user's sessions, each pair once."""
        found = {
            (row.user_agent, row.ip): None
            for row in self._rows.under("user", user_id)
            if row.last_seen_at >= since and row.id != besides
        }
        return list(found)[:limit]

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes sessions that ended or expired before the moment, at most `limit`; answers how many."""

        def is_past(session: Session) -> bool:
            ends = (session.ended_at, session.idle_expires_at, session.absolute_expires_at)
            return any(moment is not None and moment < before for moment in ends)

        return self._rows.purge(is_past, limit=limit)

"""Sessions in a table."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, bindparam, delete, insert, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.roles import grants, read_grants
from multiproduct.adapters.sql.tables.identity import sessions, users
from multiproduct.adapters.sql.tables.second_factors import pending_sign_ins
from multiproduct.application.identity.ports import SessionStanding
from multiproduct.domain.identity import EndReason, Session, SessionEnded, UserStatus
from multiproduct.domain.shared import Aggregate, Event

_s = sessions.c
_KEPT_FOR_GOOD = frozenset({"id", "user_id", "created_at"})
_is_live = (
    _s.ended_at.is_(None)
    & (_s.idle_expires_at > bindparam("at"))
    & (_s.absolute_expires_at > bindparam("at"))
)

_ADD = insert(sessions)
# On SQLite a unit that writes is alone, so that it needs no lock on the row (and has none to take).
_HOLD = select(sessions).where(_s.id == bindparam("of_id")).with_for_update()  # pk_sessions
_SAVE = (  # pk_sessions
    update(sessions)
    .where(_s.id == bindparam("of_id"))
    .values(
        {column.name: bindparam(f"new_{column.name}") for column in _s if column.name not in _KEPT_FOR_GOOD}
    )
)
_STANDING = (  # pk_sessions, pk_users, pk_role_assignments, pk_roles
    select(
        _s.user_id,
        _s.methods,
        _s.authenticated_at,
        users.c.locale,
        grants(_s.user_id).label("grants"),
        (_is_live & (users.c.status == UserStatus.ACTIVE.value)).label("is_live"),
    )
    .join_from(sessions, users, _s.user_id == users.c.id)
    .where(_s.id == bindparam("of_id"))
)
# Before the sessions end: it waits for whoever is completing one, whose session is then there to be ended.
_VOID_WAITING = (  # ix_pending_sign_ins_user_id
    delete(pending_sign_ins).where(pending_sign_ins.c.user_id == bindparam("of_user"))
)
_END_ALL = (  # ix_sessions_user_id
    update(sessions)
    .where(_s.user_id == bindparam("of_user"), _is_live, _s.id.is_distinct_from(bindparam("besides")))
    .values(ended_at=bindparam("at"), end_reason=bindparam("reason"))
    .returning(_s.id)
)
_OF_USER = (  # ix_sessions_user_id
    select(sessions)
    .where(_s.user_id == bindparam("of_user"), _is_live)
    .order_by(_s.last_seen_at.desc(), _s.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_USED_BEFORE = (  # ix_sessions_user_id
    select(_s.user_agent, _s.ip)
    .distinct()
    .where(
        _s.user_id == bindparam("of_user"),
        _s.last_seen_at >= bindparam("since"),
        _s.id != bindparam("besides"),
    )
    .limit(bindparam("most", type_=Integer))
)
_PURGE = purge_of(  # ix_sessions_ended_at, ix_sessions_idle_expires_at, ix_sessions_absolute_expires_at
    sessions,
    or_(
        _s.ended_at < bindparam("before"),
        _s.idle_expires_at < bindparam("before"),
        _s.absolute_expires_at < bindparam("before"),
    ),
)


class SqlSessions:
    """The `Sessions` port."""

    def __init__(
        self, lane: Lane, track: Callable[[Aggregate], None], record: Callable[[Event], None]
    ) -> None:
        self._lane = lane
        self._track = track
        self._record = record

    async def add(self, session: Session) -> None:
        """Keeps a new session."""
        await self._lane.run(_ADD, _session_row(session))
        self._track(session)

    async def hold(self, id: UUID) -> Session | None:
        """The session, its row locked until the unit ends."""
        row = (await self._lane.run(_HOLD, {"of_id": id})).first()
        return None if row is None else _session(row)

    async def save(self, session: Session) -> None:
        """Writes a session that is held."""
        values = {
            f"new_{name}": value
            for name, value in _session_row(session).items()
            if name not in _KEPT_FOR_GOOD
        }
        await self._lane.run(_SAVE, {"of_id": session.id, **values})
        self._track(session)

    async def standing(self, id: UUID, *, now: datetime) -> SessionStanding | None:
        """Session and user in one query."""
        row = (await self._lane.run(_STANDING, {"of_id": id, "at": now})).first()
        if row is None:
            return None
        return SessionStanding(
            session_id=id,
            user_id=row.user_id,
            is_live=bool(row.is_live),
            methods=tuple(row.methods),
            authenticated_at=row.authenticated_at,
            grants=read_grants(row.grants),
            locale=row.locale,
        )

    async def end_all(
        self, user_id: UUID, *, reason: EndReason, now: datetime, besides: UUID | None = None
    ) -> Sequence[UUID]:
        """Ends every live session of a user, one excepted, and records that each ended. Removes what waits
        for a second factor."""
        await self._lane.run(_VOID_WAITING, {"of_user": user_id})
        rows = await self._lane.run(
            _END_ALL, {"of_user": user_id, "at": now, "reason": reason.value, "besides": besides}
        )
        ended: list[UUID] = sorted(rows.scalars())
        for session_id in ended:
            self._record(
                SessionEnded(occurred_at=now, session_id=session_id, user_id=user_id, reason=reason.value)
            )
        return ended

    async def of_user(self, user_id: UUID, *, now: datetime, limit: int) -> Sequence[Session]:
        """The live sessions of a user, those seen last first."""
        rows = await self._lane.run(_OF_USER, {"of_user": user_id, "at": now, "most": limit})
        return [_session(row) for row in rows]

    async def used_before(
        self, user_id: UUID, *, since: datetime, besides: UUID, limit: int
    ) -> Sequence[tuple[str | None, str | None]]:
        """User agent and ip of a user's sessions, each pair once."""
        rows = await self._lane.run(
            _USED_BEFORE, {"of_user": user_id, "since": since, "besides": besides, "most": limit}
        )
        return [(row.user_agent, row.ip) for row in rows]

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes sessions that ended or expired before the moment."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)


def _session_row(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "user_id": session.user_id,
        "key_id": session.key_id,
        "methods": list(session.methods),
        "created_at": session.created_at,
        "authenticated_at": session.authenticated_at,
        "last_seen_at": session.last_seen_at,
        "idle_expires_at": session.idle_expires_at,
        "absolute_expires_at": session.absolute_expires_at,
        "ip": session.ip,
        "user_agent": session.user_agent,
        "label": session.label,
        "counter": session.counter,
        "span_began_at": session.span_began_at,
        "recent_floor": session.recent_floor,
        "older_floor": session.older_floor,
        "ended_at": session.ended_at,
        "end_reason": session.end_reason and session.end_reason.value,
    }


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        key_id=row.key_id,
        methods=tuple(row.methods),
        created_at=row.created_at,
        authenticated_at=row.authenticated_at,
        last_seen_at=row.last_seen_at,
        idle_expires_at=row.idle_expires_at,
        absolute_expires_at=row.absolute_expires_at,
        ip=row.ip,
        user_agent=row.user_agent,
        label=row.label,
        counter=row.counter,
        span_began_at=row.span_began_at,
        recent_floor=row.recent_floor,
        older_floor=row.older_floor,
        ended_at=row.ended_at,
        end_reason=row.end_reason and EndReason(row.end_reason),
    )

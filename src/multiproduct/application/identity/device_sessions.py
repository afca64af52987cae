"""A person's live sessions: seeing them, naming them, and ending them from anywhere."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.account_commands import RenameSession
from multiproduct.application.identity.account_results import SessionList, SessionsEnded, SessionView
from multiproduct.application.identity.authority import in_turn
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Done
from multiproduct.application.identity.user_reach import require_reach_over
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import EndReason, Session, UnknownUser
from multiproduct.domain.identity.roles import SESSIONS_REVOKE
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotFound

MOST_SHOWN = 100


class DeviceSessions:
    """What is ended is over in every process at once, as a session's state is read with every request.

    `last_seen_at` is written when a session is refreshed and at no other time, so it is behind by as long as
    an access token is good: a request costs no write.
    """

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def mine(self, caller: Caller) -> SessionList:
        """The caller's live sessions, at most 100. Raises Unauthenticated."""
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            found = await view.sessions.of_user(user_id, now=self._clock.now(), limit=MOST_SHOWN)
        current = caller.principal.session_id
        return SessionList(items=[SessionView.of(session, current=current) for session in found])

    async def rename(self, session_id: UUID, command: RenameSession, caller: Caller) -> SessionView:
        """Names one. Raises Unauthenticated, InvalidInput, and NotFound for one that is over or another's."""
        user_id = caller.require_user()
        label = _readable(command.name)

        async def body(unit: IdentityUnit) -> SessionView:
            session = await self._held(unit, session_id, user_id)
            session.rename(label, now=self._clock.now())
            await unit.sessions.save(session)
            await unit.commit()
            return SessionView.of(session, current=caller.principal.session_id)

        return await in_unit(lambda: self._units.open(caller), body)

    async def revoke(self, session_id: UUID, caller: Caller) -> Done:
        """Ends one, which may be that of the caller. Raises Unauthenticated, and NotFound for one that is
        over or another's."""
        user_id = caller.require_user()

        async def body(unit: IdentityUnit) -> Done:
            session = await self._held(unit, session_id, user_id)
            session.end(EndReason.REVOKED, now=self._clock.now())
            await unit.sessions.save(session)
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    async def revoke_others(self, caller: Caller) -> SessionsEnded:
        """Ends all but the caller's own. Raises Unauthenticated."""
        return await self._end_all(caller.require_user(), caller, besides=caller.principal.session_id)

    async def revoke_all(self, caller: Caller) -> SessionsEnded:
        """Ends all, the caller's own too. Raises Unauthenticated."""
        return await self._end_all(caller.require_user(), caller, besides=None)

    async def revoke_of(self, user_id: UUID, caller: Caller) -> SessionsEnded:
        """Ends all of a person who may do no more than the caller. Needs `identity.session.revoke`. Raises
        Unauthenticated, Forbidden, UnknownUser, BeyondOwnPermissions."""
        caller.require(SESSIONS_REVOKE)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> SessionsEnded:
            present = await in_turn(unit, caller, now=now)
            present.require(SESSIONS_REVOKE)
            user = await unit.users.find(user_id)
            if user is None:
                raise UnknownUser
            if user_id != present.principal.user_id:
                await require_reach_over(unit, user, present, now=now)
            ended = await unit.sessions.end_all(user_id, reason=EndReason.REVOKED, now=now)
            await unit.commit()
            return SessionsEnded(ended=len(ended))

        return await in_unit(lambda: self._units.open(caller), body)

    async def _end_all(self, user_id: UUID, caller: Caller, *, besides: UUID | None) -> SessionsEnded:
        async def body(unit: IdentityUnit) -> SessionsEnded:
            ended = await unit.sessions.end_all(
                user_id, reason=EndReason.REVOKED, now=self._clock.now(), besides=besides
            )
            await unit.commit()
            return SessionsEnded(ended=len(ended))

        return await in_unit(lambda: self._units.open(caller), body)

    async def _held(self, unit: IdentityUnit, session_id: UUID, user_id: UUID) -> Session:
        session = await unit.sessions.hold(session_id)
        if session is None or session.user_id != user_id or not session.is_live(now=self._clock.now()):
            raise NotFound
        return session


def _readable(name: str | None) -> str | None:
    text = " ".join((name or "").split())
    if not text.isprintable():
        raise InvalidInput(FieldProblem("name", "invalid"))
    return text or None

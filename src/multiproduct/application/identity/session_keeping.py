"""Keeping sessions going and ending them: refresh with reuse detection, and sign-out."""

from datetime import datetime

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.commands import RefreshSession, SignOut
from multiproduct.application.identity.ports import AccessClaims, AccessTokens, IdentityUnit
from multiproduct.application.identity.refresh_tokens import ReadRefreshToken, RefreshTokens
from multiproduct.application.identity.results import Done, Tokens, UserView
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import EndReason, Refreshed, Session, SessionPolicy, TokenInvalid, User
from multiproduct.domain.shared import Unauthenticated


class TokenIssuing:
    """Makes the tokens that a session answers with."""

    def __init__(
        self, *, access_tokens: AccessTokens, refresh_tokens: RefreshTokens, policy: SessionPolicy
    ) -> None:
        self._access_tokens = access_tokens
        self._refresh_tokens = refresh_tokens
        self._policy = policy

    def tokens(self, session: Session, user: User, *, now: datetime) -> Tokens:
        """A fresh access token and the session's newest refresh token."""
        expires_at = min(now + self._policy.access_lifetime, session.absolute_expires_at)
        claims = AccessClaims(user_id=user.id, session_id=session.id, expires_at=expires_at)
        return Tokens(
            access=self._access_tokens.issue(claims, now=now),
            refresh=self._refresh_tokens.newest(session),
            expires_in=int((expires_at - now).total_seconds()),
            user=UserView.of(user),
        )


class SessionKeeping:
    """Refresh and sign-out hold the same row, so that after a sign-out no refresh succeeds."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        refresh_tokens: RefreshTokens,
        issuing: TokenIssuing,
        policy: SessionPolicy,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._refresh_tokens = refresh_tokens
        self._issuing = issuing
        self._policy = policy
        self._throttle = throttle

    async def refresh(self, command: RefreshSession, caller: Caller = ANYBODY) -> Tokens:
        """Exchanges a refresh token. A retry within the grace gets the same successor; an old token that
        turns up later ends the session. Raises TokenInvalid."""
        await self._throttle.admit("token", caller)
        presented = self._refresh_tokens.read(command.refresh)
        if presented is None:
            raise TokenInvalid
        now = self._clock.now()
        tokens = await in_unit(
            lambda: self._units.open_alone(caller), lambda unit: self._refresh(unit, presented, now)
        )
        if tokens is None:
            raise TokenInvalid
        return tokens

    async def sign_out(self, command: SignOut, caller: Caller = ANYBODY) -> Done:
        """Ends the session of the refresh token, else the caller's own. A token that is no good any more is
        fine: there is nothing left to end. Raises Unauthenticated when neither is given."""
        await self._throttle.admit("token", caller)
        session_id = caller.principal.session_id
        if command.refresh:
            presented = self._refresh_tokens.read(command.refresh)
            session_id = presented.session_id if presented else session_id
        elif session_id is None:
            raise Unauthenticated
        if session_id is None:
            return Done()
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> Done:
            session = await unit.sessions.hold(session_id)
            if session is not None and session.ended_at is None:
                session.end(EndReason.SIGNED_OUT, now=now)
                await unit.sessions.save(session)
                await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    async def _refresh(self, unit: IdentityUnit, presented: ReadRefreshToken, now: datetime) -> Tokens | None:
        session = await unit.sessions.hold(presented.session_id)
        if session is None:
            return None
        outcome = session.refresh(presented.counter, policy=self._policy, now=now)
        if outcome is Refreshed.OVER:
            return None
        if outcome is Refreshed.ROTATED:
            session.rekey(self._refresh_tokens.key_id)
        if outcome is not Refreshed.REPEATED:
            await unit.sessions.save(session)
        user = await unit.users.find(session.user_id)
        await unit.commit()
        if outcome is Refreshed.REUSED or user is None or not user.may_sign_in:
            return None
        return self._issuing.tokens(session, user, now=now)

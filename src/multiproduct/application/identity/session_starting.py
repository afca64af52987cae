"""Beginning a session, whichever way the person proved who they are."""

from datetime import datetime

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.refresh_tokens import RefreshTokens
from multiproduct.application.identity.results import Tokens
from multiproduct.application.identity.session_keeping import TokenIssuing
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.identity import Session, SessionPolicy, User


class SessionStarting:
    """The one step by which every way of signing in ends."""

    def __init__(
        self, *, ids: Ids, refresh_tokens: RefreshTokens, issuing: TokenIssuing, policy: SessionPolicy
    ) -> None:
        self._ids = ids
        self._refresh_tokens = refresh_tokens
        self._issuing = issuing
        self._policy = policy

    async def begin(
        self, unit: IdentityUnit, user: User, methods: tuple[str, ...], *, now: datetime
    ) -> Tokens:
        """A session of a user who may sign in, in the caller's unit, which the caller commits. `methods` are
        RFC 8176 `amr` values."""
        session = Session.begin(
            id=self._ids.next(),
            user_id=user.id,
            key_id=self._refresh_tokens.key_id,
            methods=methods,
            policy=self._policy,
            now=now,
            ip=unit.caller.ip,
            user_agent=unit.caller.user_agent,
        )
        user.last_login_at = now
        await unit.users.save(user)
        await unit.sessions.add(session)
        return self._issuing.tokens(session, user, now=now)

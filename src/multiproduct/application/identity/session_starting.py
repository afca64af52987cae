"""Beginning a session, whichever way the person proved who they are."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.refresh_tokens import RefreshTokens
from multiproduct.application.identity.results import Tokens
from multiproduct.application.identity.second_factor_results import SignedInOrAsked
from multiproduct.application.identity.second_step import SecondStep
from multiproduct.application.identity.session_keeping import TokenIssuing
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.identity import ForeignIdentity, Session, SessionPolicy, User


class SessionStarting:
    """The one step by which every way of signing in ends, or is asked to go on."""

    def __init__(
        self,
        *,
        ids: Ids,
        refresh_tokens: RefreshTokens,
        issuing: TokenIssuing,
        policy: SessionPolicy,
        second_step: SecondStep,
    ) -> None:
        self._ids = ids
        self._refresh_tokens = refresh_tokens
        self._issuing = issuing
        self._policy = policy
        self._second_step = second_step

    async def begin(
        self,
        unit: IdentityUnit,
        user: User,
        methods: tuple[str, ...],
        *,
        now: datetime,
        device_key_id: UUID | None = None,
        to_be_linked: ForeignIdentity | None = None,
    ) -> SignedInOrAsked:
        """A session of a user who may sign in, or what has to follow first, where the person has a second
        factor and the methods are just one; in the caller's unit, which the caller commits. `methods` are
        RFC 8176 `amr` values. The session ends with the device key that began it, if one did.
        `to_be_linked` is what a second factor that is asked for has to link."""
        asked = await self._second_step.ask(
            unit, user, methods, now=now, device_key_id=device_key_id, to_be_linked=to_be_linked
        )
        if asked is not None:
            return asked
        return await self.proved(unit, user, methods, now=now, device_key_id=device_key_id)

    async def proved(
        self,
        unit: IdentityUnit,
        user: User,
        methods: tuple[str, ...],
        *,
        now: datetime,
        device_key_id: UUID | None = None,
    ) -> Tokens:
        """Like `begin`, for somebody whose every factor was checked."""
        session = Session.begin(
            id=self._ids.next(),
            user_id=user.id,
            key_id=self._refresh_tokens.key_id,
            methods=methods,
            policy=self._policy,
            now=now,
            ip=unit.caller.ip,
            user_agent=unit.caller.user_agent,
            is_first=user.last_login_at is None,
        )
        await unit.users.signed_in(user, now=now)
        await unit.sessions.add(session)
        if device_key_id is not None:
            await unit.device_keys.began(device_key_id, session.id)
        return self._issuing.tokens(session, user, now=now)

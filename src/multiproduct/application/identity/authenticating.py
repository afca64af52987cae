"""Telling who calls: an access token's signature, and the state of its session at this moment."""

from multiproduct.application.caller import SYSTEM, Principal
from multiproduct.application.identity.commands import VerifyToken
from multiproduct.application.identity.ports import AccessTokens, IdentityUnit
from multiproduct.application.identity.results import TokenStanding
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import SessionOver, TokenInvalid, permissions_of


class Authenticating:
    """The signature's verdict may come from a cache; the session is read every time, so that a logout holds
    in every process at once."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock, access_tokens: AccessTokens) -> None:
        self._units = units
        self._clock = clock
        self._access_tokens = access_tokens

    async def principal(self, access_token: str) -> Principal:
        """Who the token stands for. One query. Raises TokenInvalid; TokenExpired and SessionOver for one that
        was good."""
        now = self._clock.now()
        claims = self._access_tokens.read(access_token, now=now)
        if claims is None:
            raise TokenInvalid
        async with self._units.view(SYSTEM) as view:
            standing = await view.sessions.standing(claims.session_id, now=now)
        if standing is None or not standing.is_live or standing.user_id != claims.user_id:
            raise SessionOver
        return Principal(
            user_id=standing.user_id,
            session_id=standing.session_id,
            roles=standing.roles,
            permissions=permissions_of(standing.roles),
            authenticated_at=standing.authenticated_at,
            methods=standing.methods,
        )

    async def verify(self, command: VerifyToken) -> TokenStanding:
        """Whether an access token is good at this moment. Raises TokenInvalid if not."""
        principal = await self.principal(command.token)
        claims = self._access_tokens.read(command.token, now=self._clock.now())
        if claims is None or principal.user_id is None or principal.session_id is None:
            raise TokenInvalid
        return TokenStanding(
            user_id=principal.user_id, session_id=principal.session_id, expires_at=claims.expires_at
        )

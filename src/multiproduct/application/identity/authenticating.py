"""Telling who calls: an access token's signature, and the state of its session at this moment."""

from dataclasses import replace

from multiproduct.application.caller import SYSTEM, Principal
from multiproduct.application.identity.commands import VerifyToken
from multiproduct.application.identity.ports import AccessTokens, IdentityUnit, SessionStanding
from multiproduct.application.identity.results import TokenStanding
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import PLATFORM, SessionOver, TokenInvalid, are_two_factors
from multiproduct.domain.identity.roles import BuiltInRole


class Authenticating:
    """The signature's verdict may come from a cache; the session is read every time, so that a logout holds
    in every process at once."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        access_tokens: AccessTokens,
        staff_second_factor: bool = False,
    ) -> None:
        """`staff_second_factor`: whether administrators may do nothing but set up a second factor before they
        proved one."""
        self._staff_second_factor = staff_second_factor
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
        if self._staff_second_factor and _lacks_a_factor(standing):
            standing = replace(standing, grants=frozenset())
        return principal_of(standing)

    async def verify(self, command: VerifyToken) -> TokenStanding:
        """Whether an access token is good at this moment. Raises TokenInvalid if not."""
        principal = await self.principal(command.token)
        claims = self._access_tokens.read(command.token, now=self._clock.now())
        if claims is None or principal.user_id is None or principal.session_id is None:
            raise TokenInvalid
        return TokenStanding(
            user_id=principal.user_id, session_id=principal.session_id, expires_at=claims.expires_at
        )


def principal_of(standing: SessionStanding) -> Principal:
    """Whom a live session stands for, and what the person may do at this moment."""
    permissions = standing.permissions
    everywhere = permissions.pop(PLATFORM, frozenset())
    return Principal(
        user_id=standing.user_id,
        session_id=standing.session_id,
        roles=standing.roles,
        permissions=everywhere,
        scoped=permissions,
        authenticated_at=standing.authenticated_at,
        methods=standing.methods,
    )


def _lacks_a_factor(standing: SessionStanding) -> bool:
    return BuiltInRole.ADMIN.value in standing.roles and not are_two_factors(standing.methods)

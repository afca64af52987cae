"""Telling who calls: an access token's signature, and the state of its session at this moment."""

from dataclasses import replace
from datetime import datetime

from multiproduct.application.caller import SYSTEM, Principal
from multiproduct.application.identity.commands import VerifyToken
from multiproduct.application.identity.ports import (
    AccessClaims,
    AccessTokens,
    IdentityUnit,
    SessionStanding,
)
from multiproduct.application.identity.results import TokenStanding
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import (
    PLATFORM,
    SessionOver,
    TokenInvalid,
    are_two_strong_factors,
    is_possession_alone,
    is_weak_alone,
)
from multiproduct.domain.identity.roles import EVERYBODYS_PERMISSIONS, BuiltInRole


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
        """`staff_second_factor`: whether staff may do no more than everybody may, such as setting up a second
        factor, before they proved one."""
        self._staff_second_factor = staff_second_factor
        self._units = units
        self._clock = clock
        self._access_tokens = access_tokens

    def require_signed(self, access_token: str) -> None:
        """Raises TokenInvalid or TokenExpired for what is no token of ours, before anything is read on its
        account. Whether its session goes on is not asked: `principal` tells, at the moment it matters."""
        self._claims(access_token, self._clock.now())

    async def principal(self, access_token: str) -> Principal:
        """Who the token stands for. One query. Raises TokenInvalid; TokenExpired and SessionOver for one that
        was good."""
        now = self._clock.now()
        claims = self._claims(access_token, now)
        async with self._units.view(SYSTEM) as view:
            standing = await view.sessions.standing(claims.session_id, now=now)
        if standing is None or not standing.is_live or standing.user_id != claims.user_id:
            raise SessionOver
        principal = principal_of(standing)
        if self._staff_second_factor and _is_staff(standing) and not are_two_strong_factors(standing.methods):
            return _before_second_factor(principal, standing)
        return principal

    async def verify(self, command: VerifyToken) -> TokenStanding:
        """Whether an access token is good at this moment. Raises TokenInvalid if not."""
        principal = await self.principal(command.token)
        claims = self._claims(command.token, self._clock.now())
        if principal.user_id is None or principal.session_id is None:
            raise TokenInvalid
        return TokenStanding(
            user_id=principal.user_id, session_id=principal.session_id, expires_at=claims.expires_at
        )

    def _claims(self, access_token: str, now: datetime) -> AccessClaims:
        claims = self._access_tokens.read(access_token, now=now)
        if claims is None:
            raise TokenInvalid
        return claims


def principal_of(standing: SessionStanding) -> Principal:
    """Whom a live session stands for, and what the person may do at this moment.

    Staff are whoever may do more than everybody. In a session that was begun by a mailed or texted code or
    the key of a device, and by nothing else, they may do what everybody may, and nothing that needs a recent
    proof: otherwise they could set up what lets them do the rest. A key alone is a recent proof of nobody.
    """
    permissions = standing.permissions
    principal = Principal(
        user_id=standing.user_id,
        session_id=standing.session_id,
        roles=standing.roles,
        permissions=permissions.get(PLATFORM, frozenset()),
        scoped={scope: held for scope, held in permissions.items() if scope != PLATFORM},
        authenticated_at=None if is_possession_alone(standing.methods) else standing.authenticated_at,
        methods=standing.methods,
        locale=standing.locale,
    )
    if not (is_weak_alone(standing.methods) and _is_staff(standing)):
        return principal
    restricted = _restricted(principal, standing)
    return replace(restricted, authenticated_at=None, withheld=_all_of(standing) - restricted.permissions)


def _before_second_factor(principal: Principal, standing: SessionStanding) -> Principal:
    """The same person with what everybody may, which includes setting a second factor up."""
    restricted = _restricted(principal, standing)
    withheld = _all_of(standing) - restricted.permissions
    return replace(restricted, withheld=withheld, needs_second_factor=True)


def _is_staff(standing: SessionStanding) -> bool:
    return not _all_of(standing) <= _everybodys(standing)


def _restricted(principal: Principal, standing: SessionStanding) -> Principal:
    """The same person with what everybody may, as far as they may it."""
    allowed = _everybodys(standing)
    return replace(
        principal,
        roles=frozenset(
            grant.role
            for grant in standing.grants
            if grant.scope == PLATFORM and grant.permissions <= allowed
        ),
        permissions=principal.permissions & allowed,
        scoped={scope: held & allowed for scope, held in principal.scoped.items() if held & allowed},
    )


def _all_of(standing: SessionStanding) -> frozenset[str]:
    return frozenset().union(*(grant.permissions for grant in standing.grants))


def _everybodys(standing: SessionStanding) -> frozenset[str]:
    """What everybody may in this installation, which can grant its standard users more than there is at
    first."""
    standard = (
        grant.permissions
        for grant in standing.grants
        if grant.role == BuiltInRole.STANDARD_USER.value and grant.scope == PLATFORM
    )
    return EVERYBODYS_PERMISSIONS.union(*standard)

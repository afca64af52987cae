"""People with roles and their sessions, for tests of who may do what."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from multiproduct.adapters.contracts.builders import MINUTE, a_role, a_session, a_user, an_assignment
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import AccessClaims
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import Role, Session, User


@dataclass(frozen=True)
class Holder:
    """Somebody who is signed in, by a session that began a moment ago."""

    container: Container
    user: User
    session: Session

    @property
    def token(self) -> str:
        now = self.container.clock.now()
        claims = AccessClaims(user_id=self.user.id, session_id=self.session.id, expires_at=now + MINUTE)
        return self.container.access_tokens.issue(claims, now=now)

    async def caller(self) -> Caller:
        """As a transport tells of them at this moment. Raises TokenInvalid when the session is over."""
        return Caller(principal=await self.container.identity.authenticating.principal(self.token))


async def a_holder(container: Container, *roles: str) -> Holder:
    """Somebody with these roles on the platform."""
    now = container.clock.now()
    user = replace(a_user(now=now), roles=frozenset(roles))
    session = a_session(user_id=user.id, now=now)
    async with container.units.open(SYSTEM) as unit:
        await unit.users.add(user)
        await unit.sessions.add(session)
        await unit.commit()
    return Holder(container, user, session)


async def another_session(holder: Holder) -> Holder:
    """The same person, signed in on another device."""
    session = a_session(user_id=holder.user.id, now=holder.container.clock.now())
    async with holder.container.units.open(SYSTEM) as unit:
        await unit.sessions.add(session)
        await unit.commit()
    return replace(holder, session=session)


async def a_kept_role(container: Container, permissions: Iterable[str] = ()) -> Role:
    """A custom role."""
    role = a_role(permissions=permissions, now=container.clock.now())
    async with container.units.open(SYSTEM) as unit:
        await unit.roles.add(role)
        await unit.commit()
    return role


async def a_holder_of(container: Container, *permissions: str) -> Holder:
    """Somebody who may do just this, by a role of their own."""
    role = await a_kept_role(container, permissions)
    return await a_holder(container, role.key)


async def is_given(
    container: Container,
    holder: Holder,
    role: Role,
    *,
    scope: str = "platform",
    expires_at: datetime | None = None,
) -> None:
    """Has somebody have a role, without anybody's being asked."""
    assignment = an_assignment(holder.user, role, scope=scope, expires_at=expires_at)
    async with container.units.open(SYSTEM) as unit:
        await unit.role_assignments.put(assignment)
        await unit.commit()

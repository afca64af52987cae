"""Who asks, and from where: what every use case is told about its caller."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.application.ports.rate_limiter import Standing
from multiproduct.domain.shared import Forbidden, StepUpRequired, Unauthenticated

RECENTLY = timedelta(minutes=5)
"""How long a proof of who somebody is suffices for changing what protects the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A person whose session was checked a moment ago, the system itself, or nobody.

    `permissions` hold everywhere, those of `scoped` within their scope (`market:<id>`, `provider:<id>`).
    `authenticated_at` is when the person last proved who they are, None where what they gave is too little
    to count as that, `methods` how (RFC 8176 `amr` values). `withheld` are permissions that the person has,
    and this session not before a stronger proof: with `needs_second_factor` that of a second factor.
    `locale` is the language that the person set.
    """

    user_id: UUID | None = None
    session_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    scoped: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    authenticated_at: datetime | None = None
    methods: tuple[str, ...] = ()
    withheld: frozenset[str] = frozenset()
    needs_second_factor: bool = False
    is_system: bool = False
    locale: str | None = None

    def may(self, permission: str, *, scope: str | None = None) -> bool:
        """Whether the permission (`context.resource.action`) is among those granted: everywhere, or within
        the scope where one is given. Denies by default."""
        if self.is_system or permission in self.permissions:
            return True
        return scope is not None and permission in self.scoped.get(scope, ())


NOBODY = Principal()
THE_SYSTEM = Principal(is_system=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A principal with the circumstances of the call, as the audit log and the limiter need them.

    `ip` is None where the call did not come over a network. `standings`, where given, collects what the
    limiter said during the call, for a transport that tells its client.
    """

    principal: Principal = NOBODY
    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None
    locale: str = "en"
    standings: list[Standing] | None = field(default=None, compare=False, repr=False)

    def require_user(self) -> UUID:
        """The signed-in person's id. Raises Unauthenticated."""
        if self.principal.user_id is None:
            raise Unauthenticated
        return self.principal.user_id

    def require(self, permission: str, *, scope: str | None = None) -> None:
        """Raises Unauthenticated for nobody, Forbidden for somebody without the permission, which may be held
        within the scope where one is given, and StepUpRequired for staff who signed in by too little,
        or without the second factor that the installation has them prove."""
        if self.principal.may(permission, scope=scope):
            return
        if self.principal.user_id is None:
            raise Unauthenticated
        if permission in self.principal.withheld:
            raise StepUpRequired(by_second_factor=self.principal.needs_second_factor)
        raise Forbidden(permission=permission)

    def require_recent(self, now: datetime, *, within: timedelta = RECENTLY) -> None:
        """For what concerns the account's protection. Raises Unauthenticated for nobody, StepUpRequired for
        somebody whose last proof of who they are is `within` ago or more. `now` is business time."""
        if self.principal.is_system:
            return
        if self.principal.user_id is None:
            raise Unauthenticated
        proved_at = self.principal.authenticated_at
        if proved_at is None or now - proved_at >= within:
            raise StepUpRequired


ANYBODY = Caller()
SYSTEM = Caller(principal=THE_SYSTEM)

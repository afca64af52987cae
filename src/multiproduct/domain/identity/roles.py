"""Roles as sets of permissions. What is not granted is denied."""

from enum import StrEnum


class Role(StrEnum):
    """The roles that every installation has."""

    ADMIN = "admin"
    SERVICE_PROVIDER = "service_provider"
    MARKET_OWNER = "market_owner"
    STANDARD_USER = "standard_user"


OWN_PROFILE_READ = "identity.profile.read"
OWN_PROFILE_UPDATE = "identity.profile.update"
USERS_READ = "identity.user.read"
USERS_UPDATE = "identity.user.update"
AUDIT_READ = "audit.entry.read"

_EVERYBODY = frozenset({OWN_PROFILE_READ, OWN_PROFILE_UPDATE})

_GRANTS: dict[str, frozenset[str]] = {
    Role.STANDARD_USER: _EVERYBODY,
    Role.SERVICE_PROVIDER: _EVERYBODY,
    Role.MARKET_OWNER: _EVERYBODY,
    Role.ADMIN: _EVERYBODY | {USERS_READ, USERS_UPDATE, AUDIT_READ},
}


def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    """Everything that the roles together permit."""
    return frozenset().union(*(_GRANTS.get(role, frozenset()) for role in roles))

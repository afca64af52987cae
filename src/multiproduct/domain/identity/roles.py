"""The permissions of identity, and the roles that every installation begins with."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class BuiltInRole(StrEnum):
    """The keys of the roles that every installation has. They can be worded and, but for Admin, granted
    other permissions; they cannot be deleted."""

    ADMIN = "admin"
    SERVICE_PROVIDER = "service_provider"
    MARKET_OWNER = "market_owner"
    STANDARD_USER = "standard_user"


OWN_PROFILE_READ = "identity.profile.read"
OWN_PROFILE_UPDATE = "identity.profile.update"
USERS_READ = "identity.user.read"
USERS_CREATE = "identity.user.create"
USERS_UPDATE = "identity.user.update"
USERS_DELETE = "identity.user.delete"
ROLES_READ = "identity.role.read"
ROLES_CREATE = "identity.role.create"
ROLES_UPDATE = "identity.role.update"
ROLES_DELETE = "identity.role.delete"
ROLES_ASSIGN = "identity.role.assign"
SESSIONS_REVOKE = "identity.session.revoke"
DOCUMENTS_READ = "identity.document.read"
DOCUMENTS_REVIEW = "identity.document.review"
AUDIT_READ = "audit.entry.read"

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        OWN_PROFILE_READ: "Read one's own profile.",
        OWN_PROFILE_UPDATE: "Change one's own profile.",
        USERS_READ: "List people and read their profiles.",
        USERS_CREATE: "Create and invite people.",
        USERS_UPDATE: "Change, suspend and reinstate people.",
        USERS_DELETE: "Delete people and erase their data.",
        ROLES_READ: "Read roles, permissions and who has which.",
        ROLES_CREATE: "Create roles.",
        ROLES_UPDATE: "Change roles and what they permit.",
        ROLES_DELETE: "Delete roles that nobody has.",
        ROLES_ASSIGN: "Give roles to people and take them away.",
        SESSIONS_REVOKE: "End other people's sessions.",
        DOCUMENTS_READ: "Read other people's documents.",
        DOCUMENTS_REVIEW: "Approve and reject other people's documents.",
    }
)
"""What each permission of this context allows."""
AUDIT_PERMISSIONS: Mapping[str, str] = MappingProxyType({AUDIT_READ: "Search the audit log."})
"""Those of audit, which has no domain of its own."""

EVERYBODYS_PERMISSIONS = frozenset({OWN_PROFILE_READ, OWN_PROFILE_UPDATE})
"""What everybody may who has an account. Whoever may more is staff."""

INITIAL_PERMISSIONS: Mapping[BuiltInRole, frozenset[str]] = MappingProxyType(
    {
        BuiltInRole.STANDARD_USER: EVERYBODYS_PERMISSIONS,
        BuiltInRole.SERVICE_PROVIDER: EVERYBODYS_PERMISSIONS,
        BuiltInRole.MARKET_OWNER: EVERYBODYS_PERMISSIONS,
        BuiltInRole.ADMIN: frozenset(PERMISSIONS) | frozenset(AUDIT_PERMISSIONS),
    }
)
"""What the roles permit when an installation begins: migrations write it, and must be told of changes here.
Admin has every permission there is: those of the other contexts are given by whoever puts the contexts
together."""

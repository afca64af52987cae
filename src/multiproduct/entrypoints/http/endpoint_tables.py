"""Every endpoint of the service: the tables of all contexts, one after the other."""

from collections.abc import Sequence

from multiproduct.entrypoints.http import (
    audit,
    identity,
    identity_keys,
    identity_password,
    identity_phone,
    identity_profile,
    identity_roles,
    identity_second_factors,
    identity_sessions,
    identity_social,
    identity_users,
)
from multiproduct.entrypoints.http.endpoints import Endpoint

ENDPOINTS: Sequence[Endpoint] = (
    *identity.ENDPOINTS,
    *identity_sessions.ENDPOINTS,
    *identity_profile.ENDPOINTS,
    *identity_roles.ENDPOINTS,
    *identity_phone.ENDPOINTS,
    *identity_password.ENDPOINTS,
    *identity_keys.ENDPOINTS,
    *identity_second_factors.ENDPOINTS,
    *identity_social.ENDPOINTS,
    *identity_users.ENDPOINTS,
    *audit.ENDPOINTS,
)

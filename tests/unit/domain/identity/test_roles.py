"""Roles: what is not granted is denied."""

import pytest

from multiproduct.domain.identity import Role, permissions_of
from multiproduct.domain.identity.roles import (
    AUDIT_READ,
    OWN_PROFILE_READ,
    OWN_PROFILE_UPDATE,
    USERS_READ,
    USERS_UPDATE,
)

OWN = {OWN_PROFILE_READ, OWN_PROFILE_UPDATE}
OTHERS = {USERS_READ, USERS_UPDATE, AUDIT_READ}


@pytest.mark.parametrize("role", Role)
def test_everybody_with_a_role_may_read_and_change_their_own_profile(role):
    assert permissions_of(frozenset({role.value})) >= OWN


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_administrators_may_do_anything_to_others(role):
    assert not permissions_of(frozenset({role.value})) & OTHERS
    assert permissions_of(frozenset({Role.ADMIN.value})) >= OTHERS


@pytest.mark.parametrize("roles", [frozenset(), frozenset({"ADMIN"}), frozenset({"admin "}), frozenset({""})])
def test_no_role_and_unknown_roles_permit_nothing(roles):
    assert permissions_of(roles) == frozenset()


def test_roles_add_up_and_an_unknown_one_takes_nothing_away():
    together = permissions_of(frozenset({"admin", "standard_user", "host_made"}))
    assert together == permissions_of(frozenset({"admin"}))


def test_permissions_are_named_by_context_resource_and_action():
    for permission in permissions_of(frozenset({"admin"})):
        context, resource, action = permission.split(".")
        assert all(part.isidentifier() for part in (context, resource, action))

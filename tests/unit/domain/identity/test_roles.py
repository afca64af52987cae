"""Roles, permissions and assignments: what is not granted is denied, and nothing is granted by a typo."""

from datetime import UTC, datetime, timedelta

import pytest

from multiproduct.adapters.contracts.builders import a_role, a_user_id, a_uuid
from multiproduct.adapters.memory.beginning_roles import beginning_roles
from multiproduct.bootstrap.catalogues import every_permission
from multiproduct.domain.identity import (
    BuiltInRole,
    Role,
    RoleAssignment,
    RoleIsBuiltIn,
    built_in_roles,
    read_scope,
)
from multiproduct.domain.identity.assignment import LONGEST, read_expiry
from multiproduct.domain.identity.role import ADMIN_ROLE_ID
from multiproduct.domain.identity.roles import (
    AUDIT_PERMISSIONS,
    INITIAL_PERMISSIONS,
    OWN_PROFILE_READ,
    OWN_PROFILE_UPDATE,
    PERMISSIONS,
)
from multiproduct.domain.shared import InvalidInput, PermissionCatalogue

NOW = datetime(2026, 3, 4, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
OWN = {OWN_PROFILE_READ, OWN_PROFILE_UPDATE}
ADMIN = next(role for role in built_in_roles() if role.is_admin)


@pytest.mark.parametrize("role", BuiltInRole)
def test_everybody_may_read_and_change_their_own_profile(role):
    assert INITIAL_PERMISSIONS[role] >= OWN


@pytest.mark.parametrize("role", [role for role in BuiltInRole if role is not BuiltInRole.ADMIN])
def test_only_administrators_may_do_anything_to_others(role):
    assert INITIAL_PERMISSIONS[role] == OWN


def test_admin_has_every_permission_of_identity_and_audit():
    catalogue = PermissionCatalogue(PERMISSIONS, AUDIT_PERMISSIONS)
    assert set(catalogue.described) == ADMIN.permissions


def test_admin_begins_with_every_permission_of_every_context():
    admin = next(role for role in beginning_roles() if role.is_admin)
    assert set(every_permission().described) == admin.permissions


def test_built_in_roles_have_fixed_ids_of_their_own():
    assert ADMIN.id == ADMIN_ROLE_ID
    assert len({role.id for role in built_in_roles()}) == len(BuiltInRole)
    assert all(role.id.version == 7 for role in built_in_roles())
    assert {role.key for role in built_in_roles()} == set(BuiltInRole)


@pytest.mark.parametrize(
    "name",
    ["identity", "identity.user", "identity.user.read.all", "identity.*.read", "Identity.user.read", ""],
)
def test_a_permission_is_context_resource_and_action(name):
    with pytest.raises(ValueError, match=r"context\.resource\.action"):
        PermissionCatalogue({name: "Anything."})


def test_no_two_contexts_describe_one_permission():
    with pytest.raises(ValueError, match="twice"):
        PermissionCatalogue({"a.b.c": "One."}, {"a.b.c": "Other."})


def test_a_catalogue_tells_which_names_are_no_permission():
    catalogue = PermissionCatalogue({"d.e.f": "Two.", "a.b.c": "One."})
    assert list(catalogue.described) == ["a.b.c", "d.e.f"]
    assert catalogue.unknown(["a.b.c", "a.b.d", "A.b.c", "a.b.*"]) == ["a.b.d", "A.b.c", "a.b.*"]


@pytest.mark.parametrize(
    "key", ["", "ab", "Auditor", "1st_level", "_x_", "with space", "a" * 51, "käse", "abc\n"]
)
def test_a_key_is_small_letters_digits_and_underscores(key):
    with pytest.raises(InvalidInput):
        Role.create(id=a_uuid(), key=key, name="x", description="", permissions=[], now=NOW)


def test_what_changes_about_a_role_is_told_and_the_same_again_is_not():
    role = a_role(permissions={"a.b.c"})
    role.change(name=role.name, permissions=frozenset({"a.b.c"}), now=LATER)
    assert role.collect_events() == []
    before = role.name
    role.change(name="Other", description="New.", permissions=frozenset({"a.b.c", "a.b.d"}), now=LATER)
    (event,) = role.collect_events()
    assert event.changes == {
        "name": (before, "Other"),
        "description": ("", "New."),
        "permissions": ("a.b.c", "a.b.c a.b.d"),
    }
    assert role.updated_at == LATER


def test_admin_may_be_worded_and_widened_and_not_narrowed():
    admin = next(role for role in built_in_roles() if role.is_admin)
    admin.change(name="Boss", permissions=admin.permissions | {"a.b.c"}, now=LATER)
    with pytest.raises(RoleIsBuiltIn):
        admin.change(permissions=admin.permissions - {"a.b.c"}, now=LATER)
    assert "a.b.c" in admin.permissions


@pytest.mark.parametrize("role", built_in_roles(), ids=lambda role: role.key)
def test_no_built_in_role_can_be_deleted(role):
    with pytest.raises(RoleIsBuiltIn):
        role.delete(now=NOW)
    assert role.collect_events() == []


def test_a_scope_is_the_platform_or_one_market_or_provider():
    some = a_uuid()
    for scope in ("platform", f"market:{some}", f"provider:{some}"):
        assert read_scope(scope) == scope
    assert read_scope(f"market:{str(some).upper()}") == f"market:{some}"
    for wrong in ("", "everywhere", "market:", "market:7", f"shop:{some}", f"market:{some.hex}", "market:*"):
        with pytest.raises(InvalidInput):
            read_scope(wrong)


def test_an_assignment_holds_until_it_expires():
    given = RoleAssignment.grant(
        user_id=a_user_id(),
        role_id=a_uuid(),
        role="auditor",
        scope="platform",
        granted_by=None,
        expires_at=LATER,
        now=NOW,
    )
    assert given.holds(now=LATER - timedelta(microseconds=1))
    assert not given.holds(now=LATER)


def test_an_expiry_is_to_come_and_in_our_days():
    assert read_expiry(None, now=NOW) is None
    assert read_expiry(NOW + LONGEST, now=NOW) == NOW + LONGEST
    for wrong in (NOW, NOW - LONGEST, NOW + LONGEST + timedelta(seconds=1), datetime.max.replace(tzinfo=UTC)):
        with pytest.raises(InvalidInput):
            read_expiry(wrong, now=NOW)

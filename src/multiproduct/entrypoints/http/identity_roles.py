"""The endpoints of roles, permissions and who has which."""

from collections.abc import Sequence

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.identity import (
    AssignmentList,
    AssignmentView,
    AssignRole,
    ChangeRole,
    CreateRole,
    Done,
    PermissionList,
    RevokeRole,
    RoleList,
    RoleView,
)
from multiproduct.domain.identity import (
    BeyondOwnPermissions,
    LastAdmin,
    OwnAccount,
    RoleInUse,
    RoleIsBuiltIn,
    RoleKeyTaken,
    TooManyRoles,
    UnknownRole,
    UnknownUser,
)
from multiproduct.domain.identity.roles import (
    ROLES_ASSIGN,
    ROLES_CREATE,
    ROLES_DELETE,
    ROLES_READ,
    ROLES_UPDATE,
)
from multiproduct.domain.shared import StaleAggregate, StepUpRequired
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/identity"
_TAG = "Roles"
_SENSITIVE = (StepUpRequired, BeyondOwnPermissions)

_KEEPING: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/permissions",
        name="permission.list",
        tag=_TAG,
        summary="List every permission there is",
        handler=lambda container, _command, call: container.identity.roles.permissions(call.caller),
        result=PermissionList,
        access=Access.SIGNED_IN,
        permission=ROLES_READ,
        scope="default",
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/roles",
        name="role.list",
        tag=_TAG,
        summary="List the roles",
        handler=lambda container, _command, call: container.identity.roles.every(call.caller),
        result=RoleList,
        access=Access.SIGNED_IN,
        permission=ROLES_READ,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/roles",
        name="role.create",
        tag=_TAG,
        summary="Make a role",
        description="Out of permissions that the caller has. Needs a recent sign-in.",
        handler=lambda container, command, call: container.identity.roles.create(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=CreateRole,
        check=lambda container, command, found: container.identity.roles.check_create(command, found),
        result=RoleView,
        status=201,
        access=Access.SIGNED_IN,
        permission=ROLES_CREATE,
        scope="default",
        errors=(*_SENSITIVE, RoleKeyTaken, TooManyRoles, IdempotencyMismatch, IdempotencyUnfinished),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/roles/{{role_id}}",
        name="role.read",
        tag=_TAG,
        summary="Read a role",
        handler=lambda container, _command, call: container.identity.roles.read(
            call.ids["role_id"], call.caller
        ),
        result=RoleView,
        access=Access.SIGNED_IN,
        permission=ROLES_READ,
        scope="default",
        errors=(UnknownRole,),
    ),
    Endpoint(
        method="PATCH",
        path=f"{_BASE}/roles/{{role_id}}",
        name="role.update",
        tag=_TAG,
        summary="Change a role",
        description="What it permits from now on holds at the next request. The key stays, and Admin cannot "
        "lose a permission. To permit more needs `identity.role.assign` too, and to change what a built-in "
        "role permits, Admin. Needs a recent sign-in.",
        handler=lambda container, command, call: container.identity.roles.change(
            call.ids["role_id"], command, call.caller
        ),
        command=ChangeRole,
        check=lambda container, command, found: container.identity.roles.check_change(command, found),
        result=RoleView,
        access=Access.SIGNED_IN,
        permission=ROLES_UPDATE,
        scope="default",
        errors=(*_SENSITIVE, UnknownRole, RoleIsBuiltIn, StaleAggregate),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/roles/{{role_id}}",
        name="role.delete",
        tag=_TAG,
        summary="Delete a role",
        description="One of the installation's own that nobody has. Needs a recent sign-in.",
        handler=lambda container, _command, call: container.identity.roles.delete(
            call.ids["role_id"], call.caller
        ),
        result=Done,
        access=Access.SIGNED_IN,
        permission=ROLES_DELETE,
        scope="default",
        message="message.role_deleted",
        errors=(*_SENSITIVE, UnknownRole, RoleIsBuiltIn, RoleInUse),
    ),
)

_ASSIGNING: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/users/{{user_id}}/roles",
        name="user_role.list",
        tag=_TAG,
        summary="List somebody's roles",
        description="Everybody may list their own.",
        handler=lambda container, _command, call: container.identity.role_assignments.of_user(
            call.ids["user_id"], call.caller
        ),
        result=AssignmentList,
        access=Access.SIGNED_IN,
        permission=ROLES_READ,
        scope="default",
        errors=(UnknownUser,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/users/{{user_id}}/roles",
        name="user_role.assign",
        tag=_TAG,
        summary="Give somebody a role",
        description="To somebody else, one that permits no more than the caller may do there, and for no "
        "longer. Given again, it has its new end. The person's sessions end. The permission may be held "
        "within the scope. Needs a recent sign-in.",
        handler=lambda container, command, call: container.identity.role_assignments.assign(
            call.ids["user_id"], command, call.caller
        ),
        command=AssignRole,
        check=lambda container, command, found: container.identity.role_assignments.check_assign(
            command, found
        ),
        result=AssignmentView,
        access=Access.SIGNED_IN,
        permission=ROLES_ASSIGN,
        scope="default",
        errors=(*_SENSITIVE, OwnAccount, UnknownUser, UnknownRole, TooManyRoles, LastAdmin),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/users/{{user_id}}/roles",
        name="user_role.revoke",
        tag=_TAG,
        summary="Take a role from somebody",
        description="The person's sessions end. The last Admin stays. Needs a recent sign-in.",
        handler=lambda container, command, call: container.identity.role_assignments.revoke(
            call.ids["user_id"], command, call.caller
        ),
        command=RevokeRole,
        result=Done,
        access=Access.SIGNED_IN,
        permission=ROLES_ASSIGN,
        scope="default",
        message="message.role_revoked",
        errors=(*_SENSITIVE, UnknownUser, UnknownRole, LastAdmin),
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_KEEPING, *_ASSIGNING)

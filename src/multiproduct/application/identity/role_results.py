"""What is answered about roles, permissions and who has which."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from multiproduct.application.identity.results import Result
from multiproduct.domain.identity import Role, RoleAssignment

_ROLE_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"


class RoleView(Result):
    """A role. The built-in ones cannot be deleted."""

    id: UUID = Field(description="The role's id.", examples=[_ROLE_ID])
    key: str = Field(description="What programs know the role by.", examples=["support_agent"])
    name: str = Field(description="What people call the role.", examples=["Support agent"])
    description: str = Field(description="What the role is for.", examples=["Helps people."])
    permissions: list[str] = Field(
        description="Names of the permissions.", examples=[["identity.user.read", "identity.user.update"]]
    )
    is_built_in: bool = Field(description="Whether every installation has it.", examples=[False])
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, role: Role) -> "RoleView":
        """Shows a role."""
        return cls(
            id=role.id,
            key=role.key,
            name=role.name,
            description=role.description,
            permissions=sorted(role.permissions),
            is_built_in=role.is_built_in,
            created_at=role.created_at,
            updated_at=role.updated_at,
        )


class RoleList(Result):
    """Every role: the built-in ones first, then by key."""

    items: list[RoleView] = Field(description="The roles.")


class PermissionView(Result):
    """A permission that roles can have."""

    name: str = Field(description="`context.resource.action`.", examples=["identity.user.read"])
    description: str = Field(
        description="What it allows, in English.", examples=["List people and read their profiles."]
    )


class PermissionList(Result):
    """Every permission, by name."""

    items: list[PermissionView] = Field(description="The permissions.")


class AssignmentView(Result):
    """That somebody has a role."""

    role: str = Field(description="The key of the role.", examples=["market_owner"])
    role_id: UUID = Field(description="The role's id.", examples=[_ROLE_ID])
    scope: str = Field(description="Where it holds.", examples=["platform"])
    granted_by: UUID | None = Field(description="Who gave it; null for the system.", examples=[None])
    granted_at: datetime = Field(description="Since when (RFC 3339, UTC).", examples=["2026-11-21T06:30:00Z"])
    expires_at: datetime | None = Field(description="Until when; null for good.", examples=[None])

    @classmethod
    def of(cls, assignment: RoleAssignment) -> "AssignmentView":
        """Shows an assignment."""
        return cls(
            role=assignment.role,
            role_id=assignment.role_id,
            scope=assignment.scope,
            granted_by=assignment.granted_by,
            granted_at=assignment.granted_at,
            expires_at=assignment.expires_at,
        )


class AssignmentList(Result):
    """The roles of somebody that have not expired, by role and scope."""

    items: list[AssignmentView] = Field(description="The assignments.")

"""Telling staff from everybody else, for what is decided before there is a session."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import PLATFORM
from multiproduct.domain.identity.roles import EVERYBODYS_PERMISSIONS, BuiltInRole


async def is_staff(unit: IdentityUnit, user_id: UUID, *, now: datetime) -> bool:
    """Whether the person may do more, somewhere, than everybody in this installation."""
    roles = {role.key: role for role in await unit.roles.every()}
    held = [each for each in await unit.role_assignments.of_user(user_id, now=now) if each.role in roles]
    standard = (
        roles[each.role].permissions
        for each in held
        if each.role == BuiltInRole.STANDARD_USER.value and each.scope == PLATFORM
    )
    everybodys = EVERYBODYS_PERMISSIONS.union(*standard)
    return any(not roles[each.role].permissions <= everybodys for each in held)

"""Giving people roles and taking them away, everywhere or within a scope, for good or for a time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.authority import (
    in_turn,
    require_another_admin,
    require_lasting_reach,
    require_reach,
)
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Done
from multiproduct.application.identity.role_commands import AssignRole, RevokeRole
from multiproduct.application.identity.role_results import AssignmentList, AssignmentView
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    PLATFORM,
    AssignmentsRead,
    EndReason,
    OwnAccount,
    Role,
    RoleAssignment,
    TooManyRoles,
    UnknownRole,
    UnknownUser,
    UserStatus,
    read_scope,
)
from multiproduct.domain.identity.assignment import MAX_ASSIGNMENTS, read_expiry
from multiproduct.domain.identity.roles import ROLES_ASSIGN, ROLES_READ
from multiproduct.domain.shared import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What somebody is to have."""

    user_id: UUID
    role: str
    scope: str
    expires_at: datetime | None


class RoleAssigning:
    """A change ends the person's sessions, but for the one that makes it, and the person is told of it."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def of_user(self, user_id: UUID, caller: Caller) -> AssignmentList:
        """Somebody's roles that have not expired: everybody may read their own, others' with
        `identity.role.read`, of which the audit log tells. Raises UnknownUser."""
        is_own = caller.principal.user_id == user_id
        if not is_own:
            caller.require(ROLES_READ)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> AssignmentList:
            if await unit.users.find(user_id) is None:
                raise UnknownUser
            held = await unit.role_assignments.of_user(user_id, now=now)
            if not is_own:
                unit.record(AssignmentsRead(occurred_at=now, user_id=user_id))
                await unit.commit()
            return AssignmentList(items=[AssignmentView.of(each) for each in held])

        return await in_unit(lambda: self._units.open(caller), body)

    async def assign(self, user_id: UUID, command: AssignRole, caller: Caller) -> AssignmentView:
        """Gives somebody else a role that permits no more than the caller may do there, and for no longer
        than the caller may. Needs `identity.role.assign`, everywhere or within the scope. What they have
        already just gets its new end.

        Raises InvalidInput, StepUpRequired, OwnAccount, UnknownUser, UnknownRole, BeyondOwnPermissions,
        TooManyRoles;
        LastAdmin where Admin would get an end and nobody else is Admin for good.
        """
        now = self._clock.now()
        findings = InputFindings()
        self.check_assign(command, findings)
        findings.refuse()
        scope = read_scope(command.scope)
        wish = _Wish(
            user_id=user_id,
            role=command.role,
            scope=scope,
            expires_at=read_expiry(command.expires_at, now=now),
        )
        caller.require(ROLES_ASSIGN, scope=scope)
        caller.require_recent(now)
        if user_id == caller.principal.user_id:
            raise OwnAccount

        async def body(unit: IdentityUnit) -> AssignmentView:
            present = await in_turn(unit, caller, now=now)
            present.require(ROLES_ASSIGN, scope=scope)
            assignment = await self._assign(unit, wish, present, now)
            await unit.commit()
            return AssignmentView.of(assignment)

        return await in_unit(lambda: self._units.open(caller), body)

    async def revoke(self, user_id: UUID, command: RevokeRole, caller: Caller) -> Done:
        """Takes a role from somebody. Needs what giving it needs.

        Raises InvalidInput, StepUpRequired, UnknownUser, UnknownRole, BeyondOwnPermissions, LastAdmin;
        NotFound where they have it not.
        """
        now = self._clock.now()
        scope = read_scope(command.scope)
        caller.require(ROLES_ASSIGN, scope=scope)
        caller.require_recent(now)

        async def body(unit: IdentityUnit) -> Done:
            present = await in_turn(unit, caller, now=now)
            present.require(ROLES_ASSIGN, scope=scope)
            role = await _required(unit, user_id, command.role)
            require_reach(present, role, scope)
            if role.is_admin and scope == PLATFORM:
                await require_another_admin(unit, user_id)
            assignment = await unit.role_assignments.find(user_id, role.id, scope)
            if assignment is None or not assignment.holds(now=now):
                raise NotFound
            assignment.revoke(now=now)
            await unit.role_assignments.remove(assignment)
            await self._end_sessions(unit, user_id, present, now)
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    def check_assign(self, command: AssignRole, findings: InputFindings) -> None:
        """Adds what `assign` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: read_scope(command.scope), "scope")
        findings.read(lambda: read_expiry(command.expires_at, now=self._clock.now()), "expires_at")

    async def _assign(self, unit: IdentityUnit, wish: _Wish, caller: Caller, now: datetime) -> RoleAssignment:
        role = await _required(unit, wish.user_id, wish.role)
        require_reach(caller, role, wish.scope)
        await require_lasting_reach(unit, caller, role, wish.scope, until=wish.expires_at, now=now)
        held = await unit.role_assignments.of_user(wish.user_id, now=now)
        before = next((each for each in held if (each.role, each.scope) == (wish.role, wish.scope)), None)
        if before is not None and before.expires_at == wish.expires_at:
            return before
        if before is None and len(held) >= MAX_ASSIGNMENTS:
            raise TooManyRoles(max=MAX_ASSIGNMENTS)
        if role.is_admin and wish.scope == PLATFORM and before is not None and wish.expires_at is not None:
            await require_another_admin(unit, wish.user_id)
        assignment = RoleAssignment.grant(
            user_id=wish.user_id,
            role_id=role.id,
            role=role.key,
            scope=wish.scope,
            granted_by=caller.principal.user_id,
            expires_at=wish.expires_at,
            now=now,
        )
        await unit.role_assignments.put(assignment)
        await self._end_sessions(unit, wish.user_id, caller, now)
        return assignment

    @staticmethod
    async def _end_sessions(unit: IdentityUnit, user_id: UUID, caller: Caller, now: datetime) -> None:
        await unit.sessions.end_all(
            user_id, reason=EndReason.ROLE_CHANGED, now=now, besides=caller.principal.session_id
        )


async def _required(unit: IdentityUnit, user_id: UUID, key: str) -> Role:
    """The role, for a user who is there. Raises UnknownUser, UnknownRole."""
    user = await unit.users.find(user_id)
    if user is None or user.status is UserStatus.DELETED:
        raise UnknownUser
    role = await unit.roles.find_by_key(key)
    if role is None:
        raise UnknownRole
    return role

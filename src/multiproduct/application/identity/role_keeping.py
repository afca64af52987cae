"""Keeping roles: reading, creating, changing and deleting them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.identity.authority import (
    in_turn,
    is_administrator,
    require_lasting_reach,
    require_reach,
)
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Done
from multiproduct.application.identity.role_commands import ChangeRole, CreateRole
from multiproduct.application.identity.role_results import PermissionList, PermissionView, RoleList, RoleView
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    PLATFORM,
    BeyondOwnPermissions,
    Role,
    RoleInUse,
    TooManyRoles,
    UnknownRole,
)
from multiproduct.domain.identity.role import MAX_CUSTOM_ROLES, role_key
from multiproduct.domain.identity.roles import (
    ROLES_ASSIGN,
    ROLES_CREATE,
    ROLES_DELETE,
    ROLES_READ,
    ROLES_UPDATE,
)
from multiproduct.domain.shared import FieldProblem, InvalidInput, PermissionCatalogue

_CREATE = "identity.roles.create"


class RoleKeeping:
    """What a role permits from now on holds at the next request, in every process."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        catalogue: PermissionCatalogue,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._catalogue = catalogue
        self._idempotency = idempotency

    async def permissions(self, caller: Caller) -> PermissionList:
        """Every permission that there is. Needs `identity.role.read`."""
        caller.require(ROLES_READ)
        described = self._catalogue.described.items()
        return PermissionList(
            items=[PermissionView(name=name, description=description) for name, description in described]
        )

    async def every(self, caller: Caller) -> RoleList:
        """All roles. Needs `identity.role.read`."""
        caller.require(ROLES_READ)
        async with self._units.view(caller) as view:
            return RoleList(items=[RoleView.of(role) for role in await view.roles.every()])

    async def read(self, role_id: UUID, caller: Caller) -> RoleView:
        """One role. Needs `identity.role.read`. Raises UnknownRole."""
        caller.require(ROLES_READ)
        async with self._units.view(caller) as view:
            return RoleView.of(await _required(view, role_id))

    async def create(
        self, command: CreateRole, caller: Caller, *, idempotency_key: str | None = None
    ) -> RoleView:
        """Makes a role out of permissions that the caller has. Needs `identity.role.create`.

        Raises InvalidInput, StepUpRequired, BeyondOwnPermissions, RoleKeyTaken, TooManyRoles.
        """
        now = self._clock.now()
        caller.require(ROLES_CREATE)
        caller.require_recent(now)
        findings = InputFindings()
        self.check_create(command, findings)
        findings.refuse()

        async def body(unit: IdentityUnit) -> RoleView:
            present = await in_turn(unit, caller, now=now)
            present.require(ROLES_CREATE)
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_CREATE,
                caller=caller,
                command=command,
                answer_type=RoleView,
                now=now,
                body=lambda: self._create(unit, command, present, now),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    async def change(self, role_id: UUID, command: ChangeRole, caller: Caller) -> RoleView:
        """Changes the given fields of a role that permits no more than the caller may do, neither before nor
        after. Needs `identity.role.update`; to permit more also `identity.role.assign`, as it gives something
        to everybody who has the role; and what a built-in role permits, only an Admin changes.

        Raises InvalidInput, StepUpRequired, Forbidden, UnknownRole, BeyondOwnPermissions; RoleIsBuiltIn where
        Admin would permit less.
        """
        now = self._clock.now()
        caller.require(ROLES_UPDATE)
        caller.require_recent(now)
        findings = InputFindings()
        self.check_change(command, findings)
        findings.refuse()

        async def body(unit: IdentityUnit) -> RoleView:
            present = await in_turn(unit, caller, now=now)
            present.require(ROLES_UPDATE)
            role = await _required(unit, role_id)
            require_reach(present, role, PLATFORM, also=command.permissions or ())
            if command.permissions is not None:
                await _require_to_permit(unit, present, role, frozenset(command.permissions), now)
            role.change(
                name=command.name,
                description=command.description,
                permissions=None if command.permissions is None else frozenset(command.permissions),
                now=now,
            )
            await unit.roles.save(role)
            await unit.commit()
            return RoleView.of(role)

        return await in_unit(lambda: self._units.open(caller), body)

    async def delete(self, role_id: UUID, caller: Caller) -> Done:
        """Deletes a custom role that nobody has. Needs `identity.role.delete`.

        Raises StepUpRequired, UnknownRole, BeyondOwnPermissions, RoleIsBuiltIn, RoleInUse.
        """
        now = self._clock.now()
        caller.require(ROLES_DELETE)
        caller.require_recent(now)

        async def body(unit: IdentityUnit) -> Done:
            present = await in_turn(unit, caller, now=now)
            present.require(ROLES_DELETE)
            role = await _required(unit, role_id)
            require_reach(present, role, PLATFORM)
            role.delete(now=now)
            if not await unit.roles.remove(role, now=now):
                raise RoleInUse(key=role.key)
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    def check_create(self, command: CreateRole, findings: InputFindings) -> None:
        """Adds what `create` would refuse in the fields of a command, also of one that lacks some."""
        key = command.key
        if key is not None:  # None stands for a field that was not readable
            findings.read(lambda: role_key(key), "key")
        self._check_permissions(command.permissions, findings)

    def check_change(self, command: ChangeRole, findings: InputFindings) -> None:
        """Likewise for `change`."""
        self._check_permissions(command.permissions, findings)

    def _check_permissions(self, names: Sequence[str] | None, findings: InputFindings) -> None:
        def known() -> None:
            unknown = set(self._catalogue.unknown(names or ()))
            problems = [
                FieldProblem(f"permissions.{index}", "not_allowed")
                for index, name in enumerate(names or ())
                if name in unknown
            ]
            if problems:
                raise InvalidInput(*problems)

        findings.read(known, "permissions")

    async def _create(
        self, unit: IdentityUnit, command: CreateRole, caller: Caller, now: datetime
    ) -> RoleView:
        role = Role.create(
            id=self._ids.next(),
            key=command.key,
            name=command.name,
            description=command.description,
            permissions=command.permissions,
            now=now,
        )
        require_reach(caller, role, PLATFORM)
        custom = [each for each in await unit.roles.every() if not each.is_built_in]
        if len(custom) >= MAX_CUSTOM_ROLES:
            raise TooManyRoles(max=MAX_CUSTOM_ROLES)
        await unit.roles.add(role)
        return RoleView.of(role)


async def _required(unit: IdentityUnit, role_id: UUID) -> Role:
    role = await unit.roles.find(role_id)
    if role is None:
        raise UnknownRole
    return role


async def _require_to_permit(
    unit: IdentityUnit, caller: Caller, role: Role, permissions: frozenset[str], now: datetime
) -> None:
    """Who has the role gets what is added, for as long as they have it. Raises Forbidden,
    BeyondOwnPermissions."""
    if permissions == role.permissions:
        return
    if role.is_built_in and not is_administrator(caller):
        raise BeyondOwnPermissions
    added = permissions - role.permissions
    if added:
        caller.require(ROLES_ASSIGN)
        await require_lasting_reach(unit, caller, role, PLATFORM, until=None, now=now, also=added)

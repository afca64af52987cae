"""A role: a named set of permissions that people are given."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID

from multiproduct.domain.identity.errors import RoleIsBuiltIn
from multiproduct.domain.identity.role_events import RoleChanged, RoleCreated, RoleDeleted
from multiproduct.domain.identity.roles import INITIAL_PERMISSIONS, BuiltInRole
from multiproduct.domain.shared import Aggregate, FieldProblem, InvalidInput

MAX_CUSTOM_ROLES = 200
"""In one installation."""
_is_key = re.compile(r"[a-z][a-z0-9_]{2,49}").fullmatch


def role_key(text: str) -> str:
    """The key of a role: 3 to 50 small letters, digits and `_`, a letter first. Raises InvalidInput."""
    if not _is_key(text):
        raise InvalidInput(FieldProblem("key", "invalid"))
    return text


@dataclass(slots=True, kw_only=True)
class Role(Aggregate):
    """`key` never changes: programs know the role by it. `name` and `description` are for people."""

    id: UUID
    key: str
    name: str
    description: str = ""
    permissions: frozenset[str] = frozenset()
    is_built_in: bool = False
    created_at: datetime
    updated_at: datetime

    @classmethod
    def create(
        cls, *, id: UUID, key: str, name: str, description: str, permissions: Iterable[str], now: datetime
    ) -> "Role":
        """A role of the installation's own. Raises InvalidInput for a malformed key."""
        role = cls(
            id=id,
            key=role_key(key),
            name=name,
            description=description,
            permissions=frozenset(permissions),
            created_at=now,
            updated_at=now,
        )
        role._record(
            RoleCreated(
                occurred_at=now, role_id=id, key=role.key, permissions=tuple(sorted(role.permissions))
            )
        )
        return role

    @property
    def is_admin(self) -> bool:
        """Whether it is the role that an installation cannot be without."""
        return self.key == BuiltInRole.ADMIN.value

    def change(
        self,
        *,
        name: str | None = None,
        description: str | None = None,
        permissions: frozenset[str] | None = None,
        now: datetime,
    ) -> None:
        """Sets what is given and differs. Raises RoleIsBuiltIn where Admin would permit less."""
        if self.is_admin and permissions is not None and not permissions >= self.permissions:
            raise RoleIsBuiltIn(key=self.key)
        wanted = {"name": name, "description": description, "permissions": permissions}
        differing = {
            field: value
            for field, value in wanted.items()
            if value is not None and value != getattr(self, field)
        }
        if not differing:
            return
        before = {field: _shown(getattr(self, field)) for field in differing}
        for field, value in differing.items():
            setattr(self, field, value)
        self.updated_at = now
        fields: dict[str, tuple[str | None, str | None]] = {
            field: (before[field], _shown(value)) for field, value in differing.items()
        }
        self._record(RoleChanged(occurred_at=now, role_id=self.id, key=self.key, fields=fields))

    def delete(self, *, now: datetime) -> None:
        """Notes that it is gone. Raises RoleIsBuiltIn."""
        if self.is_built_in:
            raise RoleIsBuiltIn(key=self.key)
        self._record(RoleDeleted(occurred_at=now, role_id=self.id, key=self.key))


def _shown(value: str | frozenset[str]) -> str:
    return value if isinstance(value, str) else " ".join(sorted(value))


_BUILT_IN_WORDS = MappingProxyType(
    {
        BuiltInRole.ADMIN: ("Admin", "Runs the platform."),
        BuiltInRole.SERVICE_PROVIDER: ("Service Provider", "Offers services."),
        BuiltInRole.MARKET_OWNER: ("Market Owner", "Owns markets and sells in them."),
        BuiltInRole.STANDARD_USER: ("Standard User", "Everybody who has an account."),
    }
)
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def _built_in(number: int, role: BuiltInRole) -> Role:
    name, description = _BUILT_IN_WORDS[role]
    return Role(
        # The same in every installation, so that nothing has to look them up. A version 7 id.
        id=UUID(f"00000000-0000-7000-8000-{number:012d}"),
        key=role.value,
        name=name,
        description=description,
        permissions=INITIAL_PERMISSIONS[role],
        is_built_in=True,
        created_at=_BEGINNING,
        updated_at=_BEGINNING,
    )


def built_in_roles() -> list[Role]:
    """The built-in roles as an installation begins with them."""
    return [_built_in(number, role) for number, role in enumerate(BuiltInRole, start=1)]


ADMIN_ROLE_ID = UUID("00000000-0000-7000-8000-000000000001")

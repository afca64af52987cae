"""Permissions: every one that there is, so that none can be granted by a slip of the pen."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

MAX_LENGTH = 100
_is_permission = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}").fullmatch


class PermissionCatalogue:
    """The permissions of every context, `context.resource.action`, each with what it allows, in English.

    There are no wildcards: whoever reads a role sees all that it permits.
    """

    def __init__(self, *contexts: Mapping[str, str]) -> None:
        """Raises ValueError for a name that is malformed or there twice."""
        described: dict[str, str] = {}
        for permissions in contexts:
            for name, description in permissions.items():
                if not _is_permission(name) or len(name) > MAX_LENGTH:
                    raise ValueError(f"a permission is context.resource.action, not {name}")
                if name in described:
                    raise ValueError(f"{name} is there twice")
                described[name] = description
        self._described = MappingProxyType(dict(sorted(described.items())))

    @property
    def described(self) -> Mapping[str, str]:
        """What each permission allows, by its name, in the order of the names."""
        return self._described

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are no permission, in their order."""
        return [name for name in names if name not in self._described]

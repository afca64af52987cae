"""What a migration that brings a context gives to the built-in roles: Admin has every permission there is."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_roles = sa.table("roles", sa.column("key", sa.Text()), sa.column("permissions", _DOCUMENT))


def grant(role: str, permissions: Iterable[str]) -> None:
    """Adds to what a role permits; what it has already stays."""
    connection = op.get_bind()
    of_role = _roles.c.key == role
    held = connection.execute(sa.select(_roles.c.permissions).where(of_role)).scalar_one()
    connection.execute(sa.update(_roles).where(of_role).values(permissions=sorted({*held, *permissions})))

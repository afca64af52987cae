"""Roles, their permissions, and who has them where and until when."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What the types of the tables amount to, written out: a migration stays as it was when they change.
_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)

_OWN = ["identity.profile.read", "identity.profile.update"]
_ALL = [
    "audit.entry.read",
    "identity.profile.read",
    "identity.profile.update",
    "identity.role.assign",
    "identity.role.create",
    "identity.role.delete",
    "identity.role.read",
    "identity.role.update",
    "identity.session.revoke",
    "identity.user.create",
    "identity.user.delete",
    "identity.user.read",
    "identity.user.update",
]
_BUILT_IN = (
    ("admin", "Admin", "Runs the platform.", _ALL),
    ("service_provider", "Service Provider", "Offers services.", _OWN),
    ("market_owner", "Market Owner", "Owns markets and sells in them.", _OWN),
    ("standard_user", "Standard User", "Everybody who has an account.", _OWN),
)
# Roles were a list of names with each user.
_CARRY_OVER = {
    "postgresql": "INSERT INTO role_assignments (user_id, role_id, scope, granted_at)"
    " SELECT DISTINCT u.id, r.id, 'platform', u.created_at FROM users u"
    " CROSS JOIN LATERAL jsonb_array_elements_text(u.roles) AS held(key) JOIN roles r ON r.key = held.key",
    "sqlite": "INSERT INTO role_assignments (user_id, role_id, scope, granted_at)"
    " SELECT DISTINCT u.id, r.id, 'platform', u.created_at FROM users u"
    " JOIN json_each(u.roles) AS held JOIN roles r ON r.key = held.value",
}


def upgrade() -> None:
    """Makes both tables, writes the built-in roles, and gives everybody those that they had."""
    op.create_table(
        "roles",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("permissions", _DOCUMENT, nullable=False),
        sa.Column("is_built_in", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roles"),
    )
    op.create_index("uq_roles_key", "roles", ["key"], unique=True)
    op.create_table(
        "role_assignments",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("role_id", _ID, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("granted_by", _ID),
        sa.Column("granted_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.PrimaryKeyConstraint("user_id", "role_id", "scope", name="pk_role_assignments"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_role_assignments_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name="fk_role_assignments_role_id_roles"),
    )
    op.create_index("ix_role_assignments_role_id", "role_assignments", ["role_id"])
    _seed()
    op.execute(_CARRY_OVER[op.get_bind().dialect.name])
    op.drop_column("users", "roles")


def _seed() -> None:
    # SQLite keeps moments as microseconds since the epoch.
    beginning = (
        _BEGINNING if op.get_bind().dialect.name == "postgresql" else int(_BEGINNING.timestamp()) * 1_000_000
    )
    columns = ("id", "version", "key", "name", "description", "permissions", "is_built_in")
    table = sa.table(
        "roles",
        sa.column("id", _ID),
        *(sa.column(name) for name in columns[1:5]),
        sa.column("permissions", _DOCUMENT),
        sa.column("is_built_in", sa.Boolean()),
        sa.column("created_at", _MOMENT),
        sa.column("updated_at", _MOMENT),
    )
    op.bulk_insert(
        table,
        [
            {
                "id": UUID(f"00000000-0000-7000-8000-{number:012d}"),
                "version": 0,
                "key": key,
                "name": name,
                "description": description,
                "permissions": permissions,
                "is_built_in": True,
                "created_at": beginning,
                "updated_at": beginning,
            }
            for number, (key, name, description, permissions) in enumerate(_BUILT_IN, start=1)
        ],
    )

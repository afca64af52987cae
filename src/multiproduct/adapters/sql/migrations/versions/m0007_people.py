"""Names of sessions, changes of address under way, pictures; invitations, names given up, bank details."""

import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_OPEN = sa.text("closed_at IS NULL")
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_BATCH = 1_000


def upgrade() -> None:
    """Adds a column and two tables, and what the administration of people needs."""
    op.add_column("sessions", sa.Column("label", sa.Text()))
    op.create_table(
        "contact_changes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("session_id", _ID),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("email_key", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("old_email", sa.Text()),
        sa.Column("old_email_key", sa.Text()),
        sa.Column("old_phone", sa.Text()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.Column("outcome", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_contact_changes"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_contact_changes_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "uq_contact_changes_open",
        "contact_changes",
        ["user_id", "kind"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_contact_changes_expires_at", "contact_changes", ["expires_at"])
    op.create_table(
        "pictures",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("unused_since", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
    )
    op.create_index("ix_pictures_unused_since", "pictures", ["unused_since"])
    _index_people()
    _add_administration()


def _index_people() -> None:
    """Names and keys become something that a prefix of is found by an index."""
    for name in ("first_name", "last_name"):
        op.add_column("users", sa.Column(f"{name}_key", _KEY_TEXT, nullable=False, server_default=""))
    _write_name_keys()
    for name in ("first_name", "last_name"):
        op.create_index(f"ix_users_{name}_key", "users", [f"{name}_key"])
    op.create_index("ix_users_created_at_id", "users", ["created_at", "id"])
    op.create_index("ix_users_status_created_at_id", "users", ["status", "created_at", "id"])
    if op.get_bind().dialect.name == "postgresql":  # SQLite compares text by code points
        for name in ("username_key", "email_key", "phone"):
            op.alter_column("users", name, type_=sa.Text(collation="C"))


def _write_name_keys() -> None:
    """In batches, by the folding that the code of this release has: no database folds every letter."""
    users = sa.table(
        "users",
        sa.column("id", _ID),
        *(sa.column(name, sa.Text()) for name in ("first_name", "last_name")),
        *(sa.column(name, sa.Text()) for name in ("first_name_key", "last_name_key")),
    )
    page = sa.select(users.c.id, users.c.first_name, users.c.last_name).order_by(users.c.id).limit(_BATCH)
    write = (
        sa.update(users)
        .where(users.c.id == sa.bindparam("of_id"))
        .values(first_name_key=sa.bindparam("first"), last_name_key=sa.bindparam("last"))
    )
    connection = op.get_bind()
    rows = connection.execute(page).all()
    while rows:
        keys = [
            {"of_id": row.id, "first": _folded(row.first_name), "last": _folded(row.last_name)}
            for row in rows
        ]
        connection.execute(write, keys)
        rows = connection.execute(page.where(users.c.id > rows[-1].id)).all()


def _folded(name: str) -> str:
    """Unicode 15, definition D146: NFKC, case folding, NFKC; and single spaces."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())


def _add_administration() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("roles", _DOCUMENT, nullable=False),
        sa.Column("invited_by", _ID),
        sa.Column("user_id", _ID),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("accepted_at", _MOMENT),
        sa.Column("revoked_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
    )
    op.create_index("ix_invitations_email_key", "invitations", ["email_key"])
    op.create_index("ix_invitations_user_id", "invitations", ["user_id"])
    op.create_index("ix_invitations_created_at_id", "invitations", ["created_at", "id"])
    op.create_index("ix_invitations_expires_at", "invitations", ["expires_at"])
    op.create_table(
        "username_tombstones",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("until", _MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_username_tombstones"),
    )
    op.create_index("ix_username_tombstones_until", "username_tombstones", ["until"])
    for name in ("bank_details", "farewells"):
        op.create_table(
            name,
            sa.Column("id", _ID, nullable=False),
            sa.Column("user_id", _ID, nullable=False),
            sa.Column("sealed", sa.LargeBinary(), nullable=False),
            sa.Column("updated_at", _MOMENT, nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
            sa.ForeignKeyConstraint(
                ["user_id"], ["users.id"], name=f"fk_{name}_user_id_users", ondelete="CASCADE"
            ),
        )
        op.create_index(f"uq_{name}_user_id", name, ["user_id"], unique=True)
    op.create_index("ix_farewells_updated_at", "farewells", ["updated_at"])

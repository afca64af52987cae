"""The tables of identity, one-time codes, the event log, audit, notifications and scheduling."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What the types of the tables amount to, written out: a migration stays as it was when they change.
_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes every table."""
    op.create_table(
        "users",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("username_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("email_key", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("password_hash", sa.Text()),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text()),
        sa.Column("date_of_birth", sa.Date()),
        sa.Column("address", _DOCUMENT),
        sa.Column("avatar", sa.Text()),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("phone_verified", sa.Boolean(), nullable=False),
        sa.Column("username_generated", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("roles", _DOCUMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("last_login_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_index("uq_users_email_key", "users", ["email_key"], unique=True)
    op.create_index("uq_users_phone", "users", ["phone"], unique=True)
    op.create_index("uq_users_username_key", "users", ["username_key"], unique=True)
    op.create_table(
        "pending_registrations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("email_key", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("username", sa.Text()),
        sa.Column("username_key", sa.Text()),
        sa.Column("password_hash", sa.Text()),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pending_registrations"),
    )
    op.create_index("ix_pending_registrations_email_key", "pending_registrations", ["email_key"])
    op.create_index("ix_pending_registrations_expires_at", "pending_registrations", ["expires_at"])
    op.create_index("ix_pending_registrations_phone", "pending_registrations", ["phone"])
    op.create_table(
        "sessions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("methods", _DOCUMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("authenticated_at", _MOMENT, nullable=False),
        sa.Column("last_seen_at", _MOMENT, nullable=False),
        sa.Column("idle_expires_at", _MOMENT, nullable=False),
        sa.Column("absolute_expires_at", _MOMENT, nullable=False),
        sa.Column("ip", sa.Text()),
        sa.Column("user_agent", sa.Text()),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("span_began_at", _MOMENT),
        sa.Column("recent_floor", sa.Integer(), nullable=False),
        sa.Column("older_floor", sa.Integer(), nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("end_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sessions_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sessions_absolute_expires_at", "sessions", ["absolute_expires_at"])
    op.create_index("ix_sessions_ended_at", "sessions", ["ended_at"])
    op.create_index("ix_sessions_idle_expires_at", "sessions", ["idle_expires_at"])
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "challenges",
        sa.Column("id", _ID, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("used_at", _MOMENT),
        sa.Column("voided_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_challenges"),
    )
    op.create_index("ix_challenges_expires_at", "challenges", ["expires_at"])
    op.create_index(
        "ix_challenges_unused",
        "challenges",
        ["purpose", "subject", "created_at"],
        postgresql_where=sa.text("used_at IS NULL"),
        sqlite_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "guess_budgets",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", _DOCUMENT, nullable=False),
        sa.Column("resends", _DOCUMENT, nullable=False),
        sa.Column("mails", _DOCUMENT, nullable=False),
        sa.Column("voids", sa.Integer(), nullable=False),
        sa.Column("last_voided_at", _MOMENT),
        sa.Column("last_sent_at", _MOMENT),
        sa.Column("touched_at", _MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_guess_budgets"),
    )
    op.create_index("ix_guess_budgets_touched_at", "guess_budgets", ["touched_at"])
    op.create_table(
        "events",
        sa.Column("position", _POSITION, nullable=False, autoincrement=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fields", _DOCUMENT, nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=False),
        sa.Column("request_id", sa.Text()),
        sa.PrimaryKeyConstraint("position", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "todos",
        sa.Column("position", _POSITION, nullable=False, autoincrement=False),
        sa.Column("reaction", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("leased_until", _MOMENT),
        sa.Column("buried_at", _MOMENT),
        sa.Column("last_error", sa.Text()),
        sa.PrimaryKeyConstraint("position", "reaction", name="pk_todos"),
    )
    op.create_index(
        "ix_todos_buried",
        "todos",
        ["buried_at"],
        postgresql_where=sa.text("buried_at IS NOT NULL"),
        sqlite_where=sa.text("buried_at IS NOT NULL"),
    )
    op.create_index(
        "ix_todos_open",
        "todos",
        ["due_at"],
        postgresql_where=sa.text("buried_at IS NULL"),
        sqlite_where=sa.text("buried_at IS NULL"),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("resource_type", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text()),
        sa.Column("actor_id", sa.Text()),
        sa.Column("actor_type", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text()),
        sa.Column("user_agent", sa.Text()),
        sa.Column("request_id", sa.Text()),
        sa.Column("changes", _DOCUMENT, nullable=False),
        sa.Column("metadata", _DOCUMENT, nullable=False),
        sa.Column("sealed_hash", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_action_id", "audit_entries", ["action", "id"])
    op.create_index(
        "ix_audit_entries_resource_type_resource_id_id",
        "audit_entries",
        ["resource_type", "resource_id", "id"],
    )
    op.create_index("ix_audit_entries_user_id_id", "audit_entries", ["user_id", "id"])
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("answer", _DOCUMENT),
        sa.Column("about", sa.Text()),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_about", "idempotency", ["about"])
    op.create_index("ix_idempotency_expires_at", "idempotency", ["expires_at"])
    op.create_table(
        "jobs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_due_at", _MOMENT, nullable=False),
        sa.Column("leased_until", _MOMENT),
        sa.Column("finished_at", _MOMENT),
        sa.Column("last_outcome", sa.Text()),
        sa.PrimaryKeyConstraint("name", name="pk_jobs"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_position", sa.BigInteger(), nullable=False),
        sa.Column("type_key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", _ID),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("settled_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index(
        "ix_deliveries_user_id_type_key_created_at", "deliveries", ["user_id", "type_key", "created_at"]
    )
    op.create_index(
        "uq_deliveries_event_position_channel", "deliveries", ["event_position", "channel"], unique=True
    )
    op.create_table(
        "clock_offset",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("microseconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clock_offset"),
        sa.CheckConstraint("id = 1", name="ck_clock_offset_one_row"),
    )

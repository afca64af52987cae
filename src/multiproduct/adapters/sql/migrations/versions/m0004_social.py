"""Accounts at Google, Apple and Facebook, and sign-ins under way there; wrong passwords in a row."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()


def upgrade() -> None:
    """Makes the tables of social sign-in and of wrong passwords."""
    op.create_table(
        "social_accounts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("mail_arrives", sa.Boolean(), nullable=False),
        sa.Column("linked_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_social_accounts"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_social_accounts_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "uq_social_accounts_issuer_subject", "social_accounts", ["issuer", "subject"], unique=True
    )
    op.create_index("ix_social_accounts_user_id", "social_accounts", ["user_id"])
    op.create_table(
        "social_unlinks",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("unlinked_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", "user_id", name="pk_social_unlinks"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_social_unlinks_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_social_unlinks_user_id", "social_unlinks", ["user_id"])
    op.create_table(
        "social_states",
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=False),
        sa.Column("user_id", _ID),
        sa.Column("nonce_hash", sa.Text(), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_social_states"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_social_states_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_social_states_expires_at", "social_states", ["expires_at"])
    op.create_index("ix_social_states_user_id", "social_states", ["user_id"])
    op.create_table(
        "social_nonces",
        sa.Column("nonce_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("nonce_hash", name="pk_social_nonces"),
    )
    op.create_index("ix_social_nonces_expires_at", "social_nonces", ["expires_at"])
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", _MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_last_failed_at", "sign_in_failures", ["last_failed_at"])

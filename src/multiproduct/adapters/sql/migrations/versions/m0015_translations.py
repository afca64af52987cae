"""Human translations and glossaries."""

import sqlalchemy as sa
from alembic import op

from multiproduct.adapters.sql.migrations.granting import grant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_ID = sa.Uuid()
_FOR_ADMINS = (
    "translation.text.read",
    "translation.text.manage",
    "translation.glossary.read",
    "translation.glossary.manage",
)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "human_translations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("source_language", sa.Text(), nullable=False),
        sa.Column("target_language", sa.Text(), nullable=False),
        sa.Column("source_text", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", _ID),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_human_translations"),
    )
    op.create_index("uq_human_translations_fingerprint", "human_translations", ["fingerprint"], unique=True)
    op.create_index("ix_human_translations_target_language", "human_translations", ["target_language", "id"])
    op.create_table(
        "glossary_terms",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_language", sa.Text(), nullable=False),
        sa.Column("target_language", sa.Text(), nullable=False),
        sa.Column("term_key", _KEY_TEXT, nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text()),
        sa.Column("author_id", _ID),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_glossary_terms"),
    )
    op.create_index(
        "uq_glossary_terms_term",
        "glossary_terms",
        ["source_language", "target_language", "term_key"],
        unique=True,
    )
    grant("admin", _FOR_ADMINS)

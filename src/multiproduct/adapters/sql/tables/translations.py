"""What people decided about translations: texts that they translated, and terms."""

from sqlalchemy import Column, Index, Integer, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import ID, KEY_TEXT, Moment

human_translations = Table(
    "human_translations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("source_language", Text, nullable=False),
    Column("target_language", Text, nullable=False),
    Column("source_text", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author_id", ID),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("uq_human_translations_fingerprint", "fingerprint", unique=True),
    Index("ix_human_translations_target_language", "target_language", "id"),
)

glossary_terms = Table(
    "glossary_terms",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("source_language", Text, nullable=False),
    Column("target_language", Text, nullable=False),
    Column("term_key", KEY_TEXT, nullable=False),
    Column("term", Text, nullable=False),
    Column("wording", Text),
    Column("author_id", ID),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("uq_glossary_terms_term", "source_language", "target_language", "term_key", unique=True),
)

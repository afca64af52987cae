"""What is answered about human translations and glossaries. None of it is translated itself."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.application.translation.commands import FIELD
from multiproduct.application.translation.marking import AsWritten
from multiproduct.domain.translation import GlossaryTerm, HumanTranslation

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
_WHEN = "2026-11-21T06:30:00Z"


class Result(AsWritten, BaseModel):
    """Results are frozen."""

    model_config = ConfigDict(defer_build=True, frozen=True)


class TranslationView(Result):
    """What somebody translated."""

    id: UUID = Field(description="Its id.", examples=[_ID])
    field: str = Field(description="The field.", examples=[FIELD])
    source_language: str = Field(description="The language of the original.", examples=["en"])
    target_language: str = Field(description="The language of the translation.", examples=["es"])
    source_text: str = Field(description="The original.", examples=["Customers and deals in one place."])
    text: str = Field(description="The translation.", examples=["Clientes y negocios en un solo lugar."])
    author_id: UUID | None = Field(description="Who wrote it last.", examples=[_ID])
    created_at: datetime = Field(description="When it was first written (RFC 3339, UTC).", examples=[_WHEN])
    updated_at: datetime = Field(description="When it was last written (RFC 3339, UTC).", examples=[_WHEN])

    @classmethod
    def of(cls, translation: HumanTranslation) -> "TranslationView":
        """Shows one."""
        place = translation.place
        return cls(
            id=translation.id,
            field=place.field,
            source_language=place.source_language,
            target_language=place.target_language,
            source_text=place.source_text,
            text=translation.text,
            author_id=translation.author_id,
            created_at=translation.created_at,
            updated_at=translation.updated_at,
        )


class TranslationPage(Result):
    """Some human translations, in the order in which they were made."""

    items: list[TranslationView] = Field(description="The translations.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )


class TermView(Result):
    """A term of a glossary."""

    id: UUID = Field(description="Its id.", examples=[_ID])
    source_language: str = Field(description="The language of the term.", examples=["en"])
    target_language: str = Field(description="The language of its wording.", examples=["es"])
    term: str = Field(description="The term.", examples=["deal"])
    wording: str | None = Field(description="Its translation; null: it stays as it is.", examples=["negocio"])
    author_id: UUID | None = Field(description="Who decided it last.", examples=[_ID])
    created_at: datetime = Field(description="When it was made (RFC 3339, UTC).", examples=[_WHEN])
    updated_at: datetime = Field(description="When it was last changed (RFC 3339, UTC).", examples=[_WHEN])

    @classmethod
    def of(cls, term: GlossaryTerm) -> "TermView":
        """Shows one."""
        return cls(
            id=term.id,
            source_language=term.source_language,
            target_language=term.target_language,
            term=term.term,
            wording=term.wording,
            author_id=term.author_id,
            created_at=term.created_at,
            updated_at=term.updated_at,
        )


class TermList(Result):
    """The terms of one glossary, at most 1,000, in their order."""

    items: list[TermView] = Field(description="The terms.")


class Withdrawn(Result):
    """It is gone."""

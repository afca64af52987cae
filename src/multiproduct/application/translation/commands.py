"""What may be asked of translation, checked for shape."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT
from multiproduct.domain.translation import MAX_TEXT
from multiproduct.domain.translation.glossary import MAX_TERM

FIELD = "catalog.product.description"
Language = Annotated[str, StringConstraints(min_length=2, max_length=35)]
FieldName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}$", max_length=100),
]
_STORABLE = r"^[^\x00]*$"
Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT, pattern=_STORABLE)]
Term = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TERM, pattern=_STORABLE)]
_FROM = "The language the text is in; that of the installation's texts where it is left out."
_INTO = "The language it is translated into."


class Command(BaseModel):
    """Commands are frozen, and refuse fields that nobody knows."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class WriteTranslation(Command):
    """Says how a text is translated, wherever it stands in this field."""

    field: FieldName = Field(description="The field, as `context.thing.field`.", examples=[FIELD])
    source_text: Text = Field(
        description="The text as it is shown, to the letter.", examples=["Customers and deals in one place."]
    )
    text: Text = Field(
        description="Its translation, with the same placeholders and markup.",
        examples=["Clientes y negocios en un solo lugar."],
    )
    target_language: Language = Field(description=_INTO, examples=["es"])
    source_language: Language | None = Field(default=None, description=_FROM, examples=["en"])


class ListTranslations(Command):
    """Which human translations. What is left out does not narrow."""

    target_language: Language | None = Field(
        default=None, description="Only those into this language.", examples=["es"]
    )
    field: FieldName | None = Field(default=None, description="Only those of this field.", examples=[FIELD])
    cursor: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        default=None, description="The `next_cursor` of the page before.", examples=["WyJhIl0"]
    )
    limit: int = Field(
        default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many at most.", examples=[50]
    )


class SetTerm(Command):
    """Says how a term is translated, or that it stays as it is."""

    term: Term = Field(description="The term. Letter case does not count.", examples=["deal"])
    wording: Term | None = Field(
        default=None, description="Its translation; null: it stays as it is.", examples=["negocio"]
    )
    target_language: Language = Field(description=_INTO, examples=["es"])
    source_language: Language | None = Field(default=None, description=_FROM, examples=["en"])


class ListTerms(Command):
    """Which glossary."""

    target_language: Language = Field(description=_INTO, examples=["es"])
    source_language: Language | None = Field(default=None, description=_FROM, examples=["en"])

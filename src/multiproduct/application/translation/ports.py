"""What translation needs of a store, and of whoever translates."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

from multiproduct.application.ports.unit_of_work import UnitOfWork
from multiproduct.domain.translation import GlossaryTerm, HumanTranslation


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Texts of one language to be translated into another, at most 50 of at most 20,000 characters in all.
    `html`: they are escaped and hold opaque tags (`<x id="0"></x>`), which belong into the translation."""

    source_language: str
    target_language: str
    format: Literal["text", "html"]
    texts: tuple[str, ...] = field(repr=False)


class ProviderFailed(Exception):
    """The provider gave no translations. What the message says may be logged; it holds no text and no key."""


class TranslationProvider(Protocol):
    """Translates by machine. Nothing of what it says is believed: what it loses, adds or makes up is found
    out, and the original is shown. It may be called by several tasks of one loop at once, and be cancelled at
    any moment."""

    @property
    def name(self) -> str:
        """Who translates, with the version of the model where there are several: other wordings are expected
        of another name."""
        ...

    async def translate(self, batch: Batch) -> Sequence[str | None]:
        """One translation for each text, in their order; None where it has none. Raises ProviderFailed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationFilter:
    """Which human translations are wanted. None does not narrow."""

    target_language: str | None = None
    field: str | None = None


class HumanTranslations(Protocol):
    """Keeps what people translated. There is one for a text, a field and a pair of languages."""

    async def add(self, translation: HumanTranslation) -> None:
        """Keeps a new one. Raises StaleAggregate where there is one for its place."""
        ...

    async def save(self, translation: HumanTranslation) -> None:
        """Writes one. Raises StaleAggregate."""
        ...

    async def remove(self, translation: HumanTranslation) -> None:
        """Removes one with what it recorded."""
        ...

    async def find(self, id: UUID) -> HumanTranslation | None:
        """One by id."""
        ...

    async def at(self, fingerprints: Collection[str]) -> Sequence[HumanTranslation]:
        """Those whose places have these fingerprints, in any order."""
        ...

    async def page(
        self, wanted: TranslationFilter, *, after: UUID | None, limit: int
    ) -> Sequence[HumanTranslation]:
        """Those wanted, by their ids."""
        ...


class GlossaryTerms(Protocol):
    """Keeps the terms of glossaries. There is one for a term's key and a pair of languages."""

    async def add(self, term: GlossaryTerm) -> None:
        """Keeps a new one. Raises StaleAggregate where the term is there."""
        ...

    async def save(self, term: GlossaryTerm) -> None:
        """Writes one. Raises StaleAggregate."""
        ...

    async def remove(self, term: GlossaryTerm) -> None:
        """Removes one with what it recorded."""
        ...

    async def find(self, id: UUID) -> GlossaryTerm | None:
        """One by id."""
        ...

    async def of_languages(self, source: str, target: str, *, limit: int) -> Sequence[GlossaryTerm]:
        """The terms from one language into another, by their keys."""
        ...


class TranslationUnit(UnitOfWork, Protocol):
    """A unit with what people decided about translations."""

    @property
    def human_translations(self) -> HumanTranslations: ...
    @property
    def glossary_terms(self) -> GlossaryTerms: ...

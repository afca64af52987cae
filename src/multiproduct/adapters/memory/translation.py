"""Human translations and glossaries in memory."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from uuid import UUID

from multiproduct.adapters.memory.tables import OnStage, OpenedTables, Table
from multiproduct.application.translation import TranslationFilter
from multiproduct.domain.shared import Aggregate, StaleAggregate
from multiproduct.domain.translation import GlossaryTerm, HumanTranslation


class TranslationTables:
    """What is kept of translations."""

    def __init__(self) -> None:
        self.human: Table[UUID, HumanTranslation] = Table(
            key=lambda row: row.id, copy=replace, indexes={"place": lambda row: row.place.fingerprint}
        )
        self.terms: Table[UUID, GlossaryTerm] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={
                "languages": lambda row: (row.source_language, row.target_language),
                "term": lambda row: (row.source_language, row.target_language, row.key),
            },
        )


class TranslationStage(OpenedTables):
    """Translations as one unit sees them."""

    human = OnStage(TranslationTables, lambda tables: tables.human)
    terms = OnStage(TranslationTables, lambda tables: tables.terms)


class MemoryHumanTranslations:
    """The `HumanTranslations` port. Whoever writes is alone."""

    def __init__(self, *, stage: TranslationStage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.human
        self._track = track

    async def add(self, translation: HumanTranslation) -> None:
        """Keeps a new one, unless its place is taken."""
        if self._rows.has("place", translation.place.fingerprint):
            raise StaleAggregate(id=str(translation.id))
        self._rows.put(translation)
        self._track(translation)

    async def save(self, translation: HumanTranslation) -> None:
        """Writes one, unless it is stale."""
        stored = self._rows.get(translation.id)
        if stored is None or stored.version != translation.version:
            raise StaleAggregate(id=str(translation.id))
        translation.version += 1
        self._rows.put(translation)
        self._track(translation)

    async def remove(self, translation: HumanTranslation) -> None:
        """Removes one."""
        self._rows.remove(translation.id)
        self._track(translation)

    async def find(self, id: UUID) -> HumanTranslation | None:
        """One by id."""
        return self._rows.get(id)

    async def at(self, fingerprints: Collection[str]) -> Sequence[HumanTranslation]:
        """Those at these places."""
        return [row for each in set(fingerprints) for row in self._rows.under("place", each)]

    async def page(
        self, wanted: TranslationFilter, *, after: UUID | None, limit: int
    ) -> Sequence[HumanTranslation]:
        """Those wanted, by their ids."""
        found = self._rows.where(
            lambda row: (
                wanted.target_language in (None, row.place.target_language)
                and wanted.field in (None, row.place.field)
                and (after is None or row.id > after)
            )
        )
        return [replace(row) for row in sorted(found, key=lambda row: row.id)[:limit]]


class MemoryGlossaryTerms:
    """The `GlossaryTerms` port. Whoever writes is alone."""

    def __init__(self, *, stage: TranslationStage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.terms
        self._track = track

    async def add(self, term: GlossaryTerm) -> None:
        """Keeps a new one, unless it is there."""
        if self._rows.has("term", (term.source_language, term.target_language, term.key)):
            raise StaleAggregate(id=str(term.id))
        self._rows.put(term)
        self._track(term)

    async def save(self, term: GlossaryTerm) -> None:
        """Writes one, unless it is stale."""
        stored = self._rows.get(term.id)
        if stored is None or stored.version != term.version:
            raise StaleAggregate(id=str(term.id))
        term.version += 1
        self._rows.put(term)
        self._track(term)

    async def remove(self, term: GlossaryTerm) -> None:
        """Removes one."""
        self._rows.remove(term.id)
        self._track(term)

    async def find(self, id: UUID) -> GlossaryTerm | None:
        """One by id."""
        return self._rows.get(id)

    async def of_languages(self, source: str, target: str, *, limit: int) -> Sequence[GlossaryTerm]:
        """The terms of one glossary, by their keys."""
        found = self._rows.under("languages", (source, target))
        return sorted(found, key=lambda row: row.key)[:limit]

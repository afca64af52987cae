"""Human translations and glossaries in tables."""

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Table, Update, bindparam, delete, or_, select, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.translations import glossary_terms, human_translations
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.translation import TranslationFilter
from multiproduct.domain.shared import Aggregate, StaleAggregate
from multiproduct.domain.translation import GlossaryTerm, HumanTranslation, TextPlace

_h, _g = human_translations.c, glossary_terms.c
_CHANGED = ("version", "author_id", "updated_at")


def _saving(table: Table, *, wording: str) -> Update:
    return (
        update(table)
        .where(table.c.id == bindparam("of_id"), table.c.version == bindparam("of_version"))
        .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in (*_CHANGED, wording)})
    )


_ADD_HUMAN = in_each_dialect(lambda into: into(human_translations).on_conflict_do_nothing())
_SAVE_HUMAN = _saving(human_translations, wording="text")  # pk_human_translations
_REMOVE_HUMAN = delete(human_translations).where(_h.id == bindparam("of_id"))  # pk_human_translations
_FIND_HUMAN = select(human_translations).where(_h.id == bindparam("of_id"))  # pk_human_translations
_AT = select(human_translations).where(  # uq_human_translations_fingerprint
    _h.fingerprint.in_(bindparam("prints", expanding=True))
)
_EVERY = (  # pk_human_translations
    select(human_translations)
    .where(
        or_(bindparam("after", type_=_h.id.type).is_(None), _h.id > bindparam("after", type_=_h.id.type)),
        or_(bindparam("of_field", type_=_h.field.type).is_(None), _h.field == bindparam("of_field")),
    )
    .order_by(_h.id)
    .limit(bindparam("most", type_=Integer))
)
_EVERY_INTO = _EVERY.where(  # ix_human_translations_target_language
    _h.target_language == bindparam("of_target")
)
_ADD_TERM = in_each_dialect(lambda into: into(glossary_terms).on_conflict_do_nothing())
_SAVE_TERM = _saving(glossary_terms, wording="wording")  # pk_glossary_terms
_REMOVE_TERM = delete(glossary_terms).where(_g.id == bindparam("of_id"))  # pk_glossary_terms
_FIND_TERM = select(glossary_terms).where(_g.id == bindparam("of_id"))  # pk_glossary_terms
_OF_LANGUAGES = (  # uq_glossary_terms_term
    select(glossary_terms)
    .where(_g.source_language == bindparam("of_source"), _g.target_language == bindparam("of_target"))
    .order_by(_g.term_key)
    .limit(bindparam("most", type_=Integer))
)


class SqlHumanTranslations:
    """The `HumanTranslations` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, translation: HumanTranslation) -> None:
        """Keeps a new one, unless its place is taken."""
        added = await self._lane.run(_ADD_HUMAN[self._lane.dialect], _human_row(translation))
        if added.rowcount != 1:
            raise StaleAggregate(id=str(translation.id))
        self._track(translation)

    async def save(self, translation: HumanTranslation) -> None:
        """Writes one, unless it is stale."""
        await _save(self._lane, _SAVE_HUMAN, translation, {"new_text": translation.text})
        self._track(translation)

    async def remove(self, translation: HumanTranslation) -> None:
        """Removes one."""
        await self._lane.run(_REMOVE_HUMAN, {"of_id": translation.id})
        self._track(translation)

    async def find(self, id: UUID) -> HumanTranslation | None:
        """One by id."""
        row = (await self._lane.run(_FIND_HUMAN, {"of_id": id})).first()
        return None if row is None else _human(row)

    async def at(self, fingerprints: Collection[str]) -> Sequence[HumanTranslation]:
        """Those at these places."""
        rows = (await self._lane.run(_AT, {"prints": list(fingerprints)})).all()
        return [_human(row) for row in rows]

    async def page(
        self, wanted: TranslationFilter, *, after: UUID | None, limit: int
    ) -> Sequence[HumanTranslation]:
        """Those wanted, by their ids."""
        parameters = {"after": after, "of_field": wanted.field, "most": limit}
        if wanted.target_language is None:
            rows = await self._lane.run(_EVERY, parameters)
        else:
            rows = await self._lane.run(_EVERY_INTO, {**parameters, "of_target": wanted.target_language})
        return [_human(row) for row in rows.all()]


class SqlGlossaryTerms:
    """The `GlossaryTerms` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, term: GlossaryTerm) -> None:
        """Keeps a new one, unless it is there."""
        added = await self._lane.run(_ADD_TERM[self._lane.dialect], _term_row(term))
        if added.rowcount != 1:
            raise StaleAggregate(id=str(term.id))
        self._track(term)

    async def save(self, term: GlossaryTerm) -> None:
        """Writes one, unless it is stale."""
        await _save(self._lane, _SAVE_TERM, term, {"new_wording": term.wording})
        self._track(term)

    async def remove(self, term: GlossaryTerm) -> None:
        """Removes one."""
        await self._lane.run(_REMOVE_TERM, {"of_id": term.id})
        self._track(term)

    async def find(self, id: UUID) -> GlossaryTerm | None:
        """One by id."""
        row = (await self._lane.run(_FIND_TERM, {"of_id": id})).first()
        return None if row is None else _term(row)

    async def of_languages(self, source: str, target: str, *, limit: int) -> Sequence[GlossaryTerm]:
        """The terms of one glossary, by their keys."""
        parameters = {"of_source": source, "of_target": target, "most": limit}
        return [_term(row) for row in (await self._lane.run(_OF_LANGUAGES, parameters)).all()]


async def _save(
    lane: Lane, saving: Update, kept: HumanTranslation | GlossaryTerm, wording: dict[str, Any]
) -> None:
    parameters = {
        "of_id": kept.id,
        "of_version": kept.version,
        "new_version": kept.version + 1,
        "new_author_id": kept.author_id,
        "new_updated_at": kept.updated_at,
        **wording,
    }
    if (await lane.run(saving, parameters)).rowcount != 1:
        raise StaleAggregate(id=str(kept.id))
    kept.version += 1


def _human_row(translation: HumanTranslation) -> dict[str, Any]:
    place = translation.place
    return {
        "id": translation.id,
        "version": translation.version,
        "fingerprint": place.fingerprint,
        "field": place.field,
        "source_language": place.source_language,
        "target_language": place.target_language,
        "source_text": place.source_text,
        "text": translation.text,
        "author_id": translation.author_id,
        "created_at": translation.created_at,
        "updated_at": translation.updated_at,
    }


def _human(row: Row[Any]) -> HumanTranslation:
    return HumanTranslation(
        id=row.id,
        version=row.version,
        place=TextPlace(
            field=row.field,
            source_language=row.source_language,
            target_language=row.target_language,
            source_text=row.source_text,
        ),
        text=row.text,
        author_id=row.author_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _term_row(term: GlossaryTerm) -> dict[str, Any]:
    return {
        "id": term.id,
        "version": term.version,
        "source_language": term.source_language,
        "target_language": term.target_language,
        "term_key": term.key,
        "term": term.term,
        "wording": term.wording,
        "author_id": term.author_id,
        "created_at": term.created_at,
        "updated_at": term.updated_at,
    }


def _term(row: Row[Any]) -> GlossaryTerm:
    return GlossaryTerm(
        id=row.id,
        version=row.version,
        source_language=row.source_language,
        target_language=row.target_language,
        term=row.term,
        wording=row.wording,
        author_id=row.author_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )

"""Glossaries: which terms are translated how, decided by those who may."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.translation.commands import ListTerms, SetTerm
from multiproduct.application.translation.decided import glossary_cache_key
from multiproduct.application.translation.languages import Languages
from multiproduct.application.translation.ports import TranslationUnit
from multiproduct.application.translation.results import TermList, TermView, Withdrawn
from multiproduct.application.units import in_unit
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotFound
from multiproduct.domain.translation import (
    GLOSSARY_MANAGE,
    GLOSSARY_READ,
    GlossaryTerm,
    TooManyTerms,
    has_marks,
    term_key,
)
from multiproduct.domain.translation.glossary import MAX_TERMS


class GlossaryKeeping:
    """A glossary decides terms within texts that machines translate; what a person translated is shown as it
    was written. Another wording makes machines translate anew what holds the term."""

    def __init__(
        self, *, units: Units[TranslationUnit], languages: Languages, clock: Clock, ids: Ids
    ) -> None:
        self._units = units
        self._languages = languages
        self._clock = clock
        self._ids = ids

    async def set(self, command: SetTerm, caller: Caller) -> TermView:
        """Decides a term. Needs `translation.glossary.manage`. Raises Unauthenticated, Forbidden,
        StepUpRequired, InvalidInput, TooManyTerms."""
        caller.require(GLOSSARY_MANAGE)
        source, target = self._languages.pair(command.source_language, command.target_language)
        _require_words(command)

        async def body(unit: TranslationUnit) -> TermView:
            view = TermView.of(await self._put(unit, command, (source, target), caller))
            unit.forget(glossary_cache_key(source, target))
            await unit.commit()
            return view

        return await in_unit(lambda: self._units.open(caller), body)

    async def find(self, command: ListTerms, caller: Caller) -> TermList:
        """The terms of one glossary. Needs `translation.glossary.read`. Raises Unauthenticated, Forbidden,
        StepUpRequired, InvalidInput."""
        caller.require(GLOSSARY_READ)
        source, target = self._languages.pair(command.source_language, command.target_language)
        async with self._units.view(caller) as view:
            found = await view.glossary_terms.of_languages(source, target, limit=MAX_TERMS)
        return TermList(items=[TermView.of(each) for each in found])

    async def remove(self, term_id: UUID, caller: Caller) -> Withdrawn:
        """It is translated with the text around it again. Needs `translation.glossary.manage`. Raises
        Unauthenticated, Forbidden, StepUpRequired, NotFound."""
        caller.require(GLOSSARY_MANAGE)

        async def body(unit: TranslationUnit) -> Withdrawn:
            found = await unit.glossary_terms.find(term_id)
            if found is None:
                raise NotFound
            found.removed(now=self._clock.now())
            await unit.glossary_terms.remove(found)
            unit.forget(glossary_cache_key(found.source_language, found.target_language))
            await unit.commit()
            return Withdrawn()

        return await in_unit(lambda: self._units.open(caller), body)

    async def _put(
        self, unit: TranslationUnit, command: SetTerm, languages: tuple[str, str], caller: Caller
    ) -> GlossaryTerm:
        source, target = languages
        now, author = self._clock.now(), caller.principal.user_id
        there = await unit.glossary_terms.of_languages(source, target, limit=MAX_TERMS)
        key = term_key(command.term)
        found = next((each for each in there if each.key == key), None)
        if found is not None:
            found.reword(command.wording, by=author, now=now)
            await unit.glossary_terms.save(found)
            return found
        if len(there) >= MAX_TERMS:
            raise TooManyTerms(max=MAX_TERMS)
        made = GlossaryTerm.set(
            id=self._ids.next(),
            source_language=source,
            target_language=target,
            term=command.term,
            wording=command.wording,
            author_id=author,
            now=now,
        )
        await unit.glossary_terms.add(made)
        return made


def _require_words(command: SetTerm) -> None:
    """Terms are words: markup in one would get into every text. Raises InvalidInput."""
    given = {"term": command.term, "wording": command.wording}
    problems = [
        FieldProblem(name, "invalid")
        for name, text in given.items()
        if text is not None
        and (
            not term_key(text)
            or has_marks(text)
            or any(sign in text for sign in "<>&{}")
            or not text.isprintable()
        )
    ]
    if problems:
        raise InvalidInput(*problems)

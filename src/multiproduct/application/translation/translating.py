"""Translating results on their way out: by people, else as a machine said before, else by a machine now if it
is quick, else not at all."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from multiproduct.application.caching import ReadThrough
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.application.translation.decided import HumanWording, glossary_name
from multiproduct.application.translation.filling import Filling, Wanted
from multiproduct.application.translation.fragment_cache import FragmentCache
from multiproduct.application.translation.marked_texts import MarkedText, texts_in, with_texts
from multiproduct.application.translation.marking import marks_of
from multiproduct.domain.shared import MultiproductError
from multiproduct.domain.translation import Glossary, Wording, fragment_key, place_fingerprint

FORMAT = "opaque-tags/1"
"""How texts are marked up for providers: part of every key."""
MOST_TEXTS = 2_000
"""Different texts of one result that are translated. What is beyond that is shown as it is."""

R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Translated(Generic[R]):
    """A result in another language. `is_partial`: some marked text is the original, as no translation of it
    is there yet."""

    result: R
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Wordings:
    """Translations of texts; those that are missing are shown as they are."""

    found: Mapping[MarkedText, str]
    is_partial: bool = False


class Translating:
    """Nothing in here fails, and nobody waits longer than they say: whatever cannot be had is the original.

    What is not found is asked for in the background, for whoever comes next. Without a provider there are
    human translations only.
    """

    def __init__(
        self,
        *,
        human: ReadThrough[HumanWording],
        glossaries: ReadThrough[Glossary],
        cache: FragmentCache,
        filling: Filling | None,
        language: str,
        tenant: str,
        kept_terms: Collection[str] = (),
    ) -> None:
        """`language` is the one that texts are written in, `kept_terms` stay as they are in every language,
        such as the name of the house; a glossary goes before them."""
        self._human = human
        self._glossaries = glossaries
        self._cache = cache
        self._filling = filling
        self._language = language
        self._tenant = tenant
        self._kept_terms: dict[str, str | None] = {
            " ".join(term.casefold().split()): None for term in kept_terms if term.strip()
        }
        self._whole: dict[str, tuple[Glossary, Glossary]] = {}

    @property
    def filling(self) -> Filling | None:
        """Who asks the provider, where there is one."""
        return self._filling

    async def result(self, result: R, *, locale: str, patience: float = 0.0) -> Translated[R]:
        """The result for somebody who reads `locale`. `patience` is for how many seconds the provider is
        waited for; what it says later is there for the next one who asks. A result without marks is
        answered as it is, at once."""
        if not marks_of(type(result)):
            return Translated(result)
        wordings = await self.texts(texts_in(result), locale=locale, patience=patience)
        if not wordings.found:
            return Translated(result, wordings.is_partial)
        return Translated(with_texts(result, wordings.found), wordings.is_partial)

    async def texts(self, texts: Iterable[MarkedText], *, locale: str, patience: float = 0.0) -> Wordings:
        """Translations of texts, as `result` finds them."""
        foreign = [
            each
            for each in dict.fromkeys(texts)
            if each.text and not each.text.isspace() and (each.language or self._language) != locale
        ]
        wanted = foreign[:MOST_TEXTS]
        if not wanted:
            return Wordings({})
        try:
            found, rest = await self._by_people(wanted, locale)
            found |= await self._by_machine(rest, locale, patience) if self._filling and rest else {}
        except (MultiproductError, TransientFailure, OSError):
            # What people decided cannot be read: a machine must not go before it.
            return Wordings({}, is_partial=True)
        return Wordings(found, is_partial=self._filling is not None and len(found) < len(foreign))

    async def _by_people(
        self, texts: list[MarkedText], locale: str
    ) -> tuple[dict[MarkedText, str], list[MarkedText]]:
        language = self._language
        prints = [
            place_fingerprint(each.field, each.language or language, locale, each.text) for each in texts
        ]
        written = await self._human.get_many(prints)
        found: dict[MarkedText, str] = {}
        rest: list[MarkedText] = []
        for each, fingerprint in zip(texts, prints, strict=True):
            wording = written.get(fingerprint)
            if wording is not None and wording.text is not None:
                found[each] = wording.text
            else:
                rest.append(each)
        return found, rest

    async def _by_machine(
        self, texts: list[MarkedText], locale: str, patience: float
    ) -> dict[MarkedText, str]:
        assert self._filling is not None
        by_key: dict[str, MarkedText] = {}
        glossaries: dict[str, Glossary] = {}
        for source in {each.language or self._language for each in texts}:
            glossary = glossaries[source] = await self._glossary(source, locale)
            prefix = Wording(
                translator=self._filling.provider_name,
                source_language=source,
                target_language=locale,
                glossary=glossary.version,
                format=FORMAT,
                tenant=self._tenant,
            ).prefix()
            by_key.update(
                (fragment_key(prefix, each.field, each.text), each)
                for each in texts
                if (each.language or self._language) == source
            )
        known = await self._cache.get_many({key: each.text for key, each in by_key.items()})
        missing = [
            Wanted(
                key=key,
                source_language=(source := each.language or self._language),
                target_language=locale,
                text=each.text,
                glossary=glossaries[source],
            )
            for key, each in by_key.items()
            if key not in known
        ]
        if missing:
            known |= await self._asked(missing, patience)
        return {by_key[key]: text for key, text in known.items()}

    async def _asked(self, missing: list[Wanted], patience: float) -> dict[str, str]:
        assert self._filling is not None
        asked = self._filling.ask(missing)
        if asked and patience > 0:
            await asyncio.wait(asked.values(), timeout=patience)
        answers = {key: future.result() for key, future in asked.items() if future.done()}
        return {key: text for key, text in answers.items() if text is not None}

    async def _glossary(self, source: str, target: str) -> Glossary:
        """The glossary of these languages with the terms that are kept in all."""
        name = glossary_name(source, target)
        own = await self._glossaries.get(name) or Glossary()
        if not self._kept_terms:
            return own
        whole = self._whole.get(name)
        if whole is None or whole[0] is not own:
            whole = self._whole[name] = (own, Glossary({**self._kept_terms, **own.wordings}))
            while len(self._whole) > 100:
                del self._whole[next(iter(self._whole))]
        return whole[1]

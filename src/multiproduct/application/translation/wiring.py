"""Putting translation's use cases together from their parts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from multiproduct.application.caching import ReadThrough
from multiproduct.application.ports.cache import Invalidations, SharedCache
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.translation.decided import (
    GLOSSARY,
    HUMAN,
    Decided,
    GlossaryCodec,
    HumanWording,
    HumanWordingCodec,
)
from multiproduct.application.translation.facade import Translation
from multiproduct.application.translation.filling import Filling
from multiproduct.application.translation.fragment_cache import FragmentCache
from multiproduct.application.translation.glossary_keeping import GlossaryKeeping
from multiproduct.application.translation.human_keeping import HumanKeeping
from multiproduct.application.translation.languages import Languages
from multiproduct.application.translation.ports import TranslationProvider, TranslationUnit
from multiproduct.application.translation.translating import Translating
from multiproduct.domain.translation import Glossary

_SECONDS = (60.0, 600.0)
"""For what people decided: changes are told to every process, where there is something to tell them by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationParts:
    """What translation is put together from. `source` is the language that texts are written in; a call to
    the provider takes at most `timeout` seconds."""

    units: Units[TranslationUnit]
    shared: SharedCache
    invalidations: Invalidations
    clock: Clock
    real_time: RealTime
    ids: Ids
    locales: Sequence[str]
    source: str
    tenant: str
    provider: TranslationProvider | None = None
    timeout: float = 10.0
    kept_terms: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is made once for a process: the caches, and who translates."""

    translating: Translating
    caches: Sequence[ReadThrough[Any]]


def wire_reading(parts: TranslationParts) -> Reading:
    """The side that translates, with its caches."""
    decided = Decided(units=parts.units)
    human: ReadThrough[HumanWording] = ReadThrough(
        name=HUMAN,
        load=decided.human_wordings,
        ttl=lambda _wording: _SECONDS,
        codec=HumanWordingCodec(),
        shared=parts.shared,
        invalidations=parts.invalidations,
        real_time=parts.real_time,
    )
    glossaries: ReadThrough[Glossary] = ReadThrough(
        name=GLOSSARY,
        load=decided.glossaries,
        ttl=lambda _glossary: _SECONDS,
        codec=GlossaryCodec(),
        shared=parts.shared,
        invalidations=parts.invalidations,
        real_time=parts.real_time,
        max_entries=100,
    )
    cache = FragmentCache(shared=parts.shared, real_time=parts.real_time)
    provider = parts.provider
    filling = (
        None
        if provider is None
        else Filling(provider=provider, cache=cache, real_time=parts.real_time, timeout=parts.timeout)
    )
    translating = Translating(
        human=human,
        glossaries=glossaries,
        cache=cache,
        filling=filling,
        language=parts.source,
        tenant=parts.tenant,
        kept_terms=parts.kept_terms,
    )
    return Reading(translating=translating, caches=(human, glossaries))


def wire_translation(parts: TranslationParts, reading: Reading) -> Translation:
    """The use cases on these units; `reading` is the process' own."""
    languages = Languages(locales=parts.locales, source=parts.source)
    return Translation(
        translating=reading.translating,
        texts=HumanKeeping(units=parts.units, languages=languages, clock=parts.clock, ids=parts.ids),
        glossary=GlossaryKeeping(units=parts.units, languages=languages, clock=parts.clock, ids=parts.ids),
    )

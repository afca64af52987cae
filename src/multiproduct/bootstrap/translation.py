"""Putting translation together: who translates, and the caches that every unit of the process shares."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multiproduct.application.caching import ReadThrough
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.ports.web_client import WebClient
from multiproduct.application.translation import (
    Reading,
    Translation,
    TranslationParts,
    TranslationProvider,
    wire_reading,
    wire_translation,
)
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def provider_of(settings: Settings, web: WebClient) -> TranslationProvider | None:
    """Who translates display texts, where the settings name somebody. Raises ValueError and OSError for a
    file of phrases that cannot be read."""
    if settings.translation_provider == "glossary":
        from multiproduct.adapters.glossary import (  # noqa: PLC0415 - only where it is used
            GlossaryProvider,
            read_phrases,
        )

        path = settings.translation_phrases
        return GlossaryProvider(phrases=read_phrases(Path(path) if path else None))
    if settings.translation_provider == "libretranslate":
        from multiproduct.adapters.libretranslate import (  # noqa: PLC0415 - only where it is used
            LibreTranslateProvider,
            read_language_names,
        )

        return LibreTranslateProvider(
            web=web,
            url=settings.translation_url or "",
            key=settings.translation_key.get_secret_value(),
            model=settings.translation_model,
            languages=read_language_names(settings.translation_languages),
            timeout=settings.translation_timeout_seconds,
        )
    return None


class TranslationReading:
    """Made when first asked for: use cases joined to a host's transaction share what there is."""

    def __init__(self) -> None:
        self._reading: Reading | None = None

    def of(self, parts: TranslationParts) -> Reading:
        """What translates, with its caches."""
        if self._reading is None:
            self._reading = wire_reading(parts)
        return self._reading

    @property
    def caches(self) -> Sequence[ReadThrough[Any]]:
        """Those that there are."""
        return () if self._reading is None else self._reading.caches


def translation_of(assembly: "Assembly", units: Units[Any]) -> Translation:
    """The use cases of translation on these units."""
    settings = assembly.settings
    parts = TranslationParts(
        units=units,
        shared=assembly.shared.cache,
        invalidations=assembly.shared.invalidations,
        clock=assembly.clock,
        real_time=assembly.real_time,
        ids=assembly.ids,
        locales=assembly.translator.locales,
        source=settings.translation_source,
        tenant=settings.base_url,
        provider=assembly.translation_provider,
        timeout=settings.translation_timeout_seconds,
        kept_terms=(assembly.brand.name,),
    )
    return wire_translation(parts, assembly.translation_reading.of(parts))

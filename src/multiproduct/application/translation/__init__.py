"""Translating display texts: what is marked is translated on its way out, by people first, then machines."""

from multiproduct.application.translation.commands import (
    ListTerms,
    ListTranslations,
    SetTerm,
    WriteTranslation,
)
from multiproduct.application.translation.facade import Translation
from multiproduct.application.translation.filling import Filling
from multiproduct.application.translation.marked_texts import MarkedText
from multiproduct.application.translation.marking import AsWritten, Translatable, marks_of
from multiproduct.application.translation.ports import (
    Batch,
    GlossaryTerms,
    HumanTranslations,
    ProviderFailed,
    TranslationFilter,
    TranslationProvider,
    TranslationUnit,
)
from multiproduct.application.translation.results import (
    TermList,
    TermView,
    TranslationPage,
    TranslationView,
    Withdrawn,
)
from multiproduct.application.translation.translating import Translated, Translating, Wordings
from multiproduct.application.translation.wiring import (
    Reading,
    TranslationParts,
    wire_reading,
    wire_translation,
)

__all__ = [
    "AsWritten",
    "Batch",
    "Filling",
    "GlossaryTerms",
    "HumanTranslations",
    "ListTerms",
    "ListTranslations",
    "MarkedText",
    "ProviderFailed",
    "Reading",
    "SetTerm",
    "TermList",
    "TermView",
    "Translatable",
    "Translated",
    "Translating",
    "Translation",
    "TranslationFilter",
    "TranslationPage",
    "TranslationParts",
    "TranslationProvider",
    "TranslationUnit",
    "TranslationView",
    "Withdrawn",
    "Wordings",
    "WriteTranslation",
    "marks_of",
    "wire_reading",
    "wire_translation",
]

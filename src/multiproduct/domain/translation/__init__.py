"""Translation: which language suits a person, what people translated, and what machines may touch."""

from multiproduct.domain.translation.breaker import Breaker
from multiproduct.domain.translation.errors import TooManyTerms
from multiproduct.domain.translation.events import (
    EVENTS,
    GlossaryTermRemoved,
    GlossaryTermSet,
    HumanTranslationRemoved,
    HumanTranslationWritten,
)
from multiproduct.domain.translation.fragments import Wording, fragment_key, witness
from multiproduct.domain.translation.glossary import Glossary, GlossaryTerm, term_key
from multiproduct.domain.translation.human_translation import HumanTranslation, TextPlace, place_fingerprint
from multiproduct.domain.translation.locales import LOCALES
from multiproduct.domain.translation.negotiation import lookup, negotiate, parse_accept_language
from multiproduct.domain.translation.permissions import (
    GLOSSARY_MANAGE,
    GLOSSARY_READ,
    PERMISSIONS,
    TEXTS_MANAGE,
    TEXTS_READ,
)
from multiproduct.domain.translation.protection import (
    MAX_TEXT,
    NotKept,
    Protected,
    has_marks,
    protect,
    require_same_marks,
)

__all__ = [
    "EVENTS",
    "GLOSSARY_MANAGE",
    "GLOSSARY_READ",
    "LOCALES",
    "MAX_TEXT",
    "PERMISSIONS",
    "TEXTS_MANAGE",
    "TEXTS_READ",
    "Breaker",
    "Glossary",
    "GlossaryTerm",
    "GlossaryTermRemoved",
    "GlossaryTermSet",
    "HumanTranslation",
    "HumanTranslationRemoved",
    "HumanTranslationWritten",
    "NotKept",
    "Protected",
    "TextPlace",
    "TooManyTerms",
    "Wording",
    "fragment_key",
    "has_marks",
    "lookup",
    "negotiate",
    "parse_accept_language",
    "place_fingerprint",
    "protect",
    "require_same_marks",
    "term_key",
    "witness",
]

"""What people decided about translations, read through the caches: their own translations, and glossaries."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.translation.ports import TranslationUnit
from multiproduct.domain.translation import Glossary
from multiproduct.domain.translation.glossary import MAX_TERMS

HUMAN = "translation_human"
GLOSSARY = "translation_glossary"
"""Names of the caches: their keys are `<name>:<key>`."""


@dataclass(frozen=True, slots=True)
class HumanWording:
    """What a person wrote for a text; None: nobody did."""

    text: str | None


NOBODYS = HumanWording(None)


def human_cache_key(fingerprint: str) -> str:
    """What is forgotten when a human translation changes."""
    return f"{HUMAN}:{fingerprint}"


def glossary_name(source_language: str, target_language: str) -> str:
    """The key of a glossary among glossaries."""
    return f"{source_language}>{target_language}"


def glossary_cache_key(source_language: str, target_language: str) -> str:
    """What is forgotten when a glossary changes."""
    return f"{GLOSSARY}:{glossary_name(source_language, target_language)}"


class Decided:
    """Loads what caches miss."""

    def __init__(self, *, units: Units[TranslationUnit]) -> None:
        self._units = units

    async def human_wordings(self, fingerprints: Sequence[str]) -> Mapping[str, HumanWording]:
        """By fingerprint, also of those that nobody translated. One query."""
        async with self._units.view(SYSTEM) as view:
            found = await view.human_translations.at(fingerprints)
        written = {each.place.fingerprint: HumanWording(each.text) for each in found}
        return {each: written.get(each, NOBODYS) for each in fingerprints}

    async def glossaries(self, names: Sequence[str]) -> Mapping[str, Glossary]:
        """By name. One query each: there are as many as languages."""
        found: dict[str, Glossary] = {}
        async with self._units.view(SYSTEM) as view:
            for name in names:
                source, _, target = name.partition(">")
                terms = await view.glossary_terms.of_languages(source, target, limit=MAX_TERMS)
                found[name] = Glossary({each.key: each.wording for each in terms})
        return found


class HumanWordingCodec:
    """As JSON."""

    def encode(self, value: HumanWording) -> bytes:
        """What `decode` reads."""
        return json.dumps([value.text]).encode()

    def decode(self, data: bytes) -> HumanWording:
        """Raises ValueError."""
        read = json.loads(data)
        if not isinstance(read, list) or len(read) != 1 or not isinstance(read[0], str | None):
            raise ValueError("no human translation")
        return HumanWording(read[0])


class GlossaryCodec:
    """As JSON."""

    def encode(self, value: Glossary) -> bytes:
        """What `decode` reads."""
        return json.dumps(dict(value.wordings)).encode()

    def decode(self, data: bytes) -> Glossary:
        """Raises ValueError."""
        read = json.loads(data)
        if not isinstance(read, dict) or not all(isinstance(each, str | None) for each in read.values()):
            raise ValueError("no glossary")
        return Glossary(read)

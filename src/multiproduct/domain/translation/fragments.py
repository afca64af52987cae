"""Fragments: texts that a machine translated, under a key over everything that decides the wording."""

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from multiproduct.domain.translation.human_translation import REMEMBERED

SEPARATOR = "\x1f"
"""The unit separator (ISO 646): it cannot be printed, so that nothing before the text holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What decides a translation besides the text: who makes it (with the version of the model), the
    languages, the version of the glossary, how texts are marked up for the translator, and whose they are."""

    translator: str
    source_language: str
    target_language: str
    glossary: str
    format: str
    tenant: str

    def prefix(self) -> str:
        """The beginning of the key's input. Raises ValueError where something holds the separator."""
        parts = (
            self.translator, self.source_language, self.target_language, self.glossary, self.format,
            self.tenant,
        )  # fmt: skip
        if any(SEPARATOR in part for part in parts):
            raise ValueError("no part of a key may hold the separator")
        return SEPARATOR.join(parts) + SEPARATOR


@lru_cache(maxsize=REMEMBERED)
def fragment_key(prefix: str, field: str, text: str) -> str:
    """MD5 over the prefix, the field and the text's NFC form, in hexadecimal. MD5 is a fingerprint here, and
    protects nothing: whoever reads a value under the key compares what it tells of the text (`witness`)."""
    told = f"{prefix}{field}{SEPARATOR}{unicodedata.normalize('NFC', text)}"
    return hashlib.md5(told.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def witness(text: str) -> tuple[int, str]:
    """Of which text a value is: its length in characters, and another digest, as texts with one MD5 can be
    made on purpose."""
    normal = unicodedata.normalize("NFC", text)
    digest = hashlib.blake2b(normal.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    return len(normal), digest

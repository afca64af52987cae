"""The `TranslationProvider` port over a file of phrases: no service, and nothing that it does not know."""

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from multiproduct.application.translation import Batch

Phrases = Mapping[str, Mapping[str, str]]
"""By language, then by the original."""

_MAX_FILE = 5_000_000
_TAG = re.compile(r"(<[^<>]*>)")


class GlossaryProvider:
    """Knows whole texts, and phrases within them: a text of which it knows no phrase it has no translation
    of. Letter case counts. What originals are written in does not: phrases are looked for as they stand."""

    def __init__(self, *, phrases: Phrases) -> None:
        self._phrases = {language: dict(known) for language, known in phrases.items()}
        told = json.dumps(self._phrases, sort_keys=True).encode("utf-8", "replace")
        self._name = f"glossary:{hashlib.blake2b(told, digest_size=6).hexdigest()}"
        self._found = lru_cache(maxsize=64)(self._pattern)

    @property
    def name(self) -> str:
        """See the port."""
        return self._name

    async def translate(self, batch: Batch) -> Sequence[str | None]:
        """See the port."""
        return [self._translated(text, batch) for text in batch.texts]

    def _translated(self, text: str, batch: Batch) -> str | None:
        known = self._phrases.get(batch.target_language, {})
        pattern = self._found(batch.target_language)
        if pattern is None:
            return None
        if batch.format == "text":
            changed, count = pattern.subn(lambda found: known[found[0]], text)
            return changed if count else None
        count = 0
        pieces = _TAG.split(text)
        for place in range(0, len(pieces), 2):
            changed, found = pattern.subn(lambda each: known[each[0]], html.unescape(pieces[place]))
            pieces[place] = html.escape(changed, quote=False)
            count += found
        return "".join(pieces) if count else None

    def _pattern(self, language: str) -> re.Pattern[str] | None:
        known = sorted(self._phrases.get(language, ()), key=len, reverse=True)
        if not known:
            return None
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)")


def read_phrases(path: Path | None) -> Phrases:
    """The phrases of a JSON file, `{"es": {"Gold": "Oro"}}`; without one, those of the demonstration's
    products. Raises ValueError for a file that is not like that, OSError."""
    if path is None:
        source = files("multiproduct.adapters.glossary") / "demo.json"
        return _checked(json.loads(source.read_text(encoding="utf-8")))
    if path.stat().st_size > _MAX_FILE:
        raise ValueError(f"a file of phrases has at most {_MAX_FILE} bytes")
    return _checked(json.loads(path.read_text(encoding="utf-8")))


def _checked(told: object) -> Phrases:
    def is_words(known: object) -> bool:
        return isinstance(known, dict) and all(key and isinstance(each, str) for key, each in known.items())

    if not isinstance(told, dict) or not all(is_words(known) for known in told.values()):
        raise ValueError('a file of phrases is JSON like {"es": {"Gold": "Oro"}}')
    return told

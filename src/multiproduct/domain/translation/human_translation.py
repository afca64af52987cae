"""What a person translated: it goes before whatever a machine would say."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from multiproduct.domain.shared import Aggregate
from multiproduct.domain.translation.events import HumanTranslationRemoved, HumanTranslationWritten

REMEMBERED = 4_096
"""Fingerprints of texts that are shown again and again: each is worked out once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlace:
    """Which text, of which field (`context.thing.field`), from which language into which."""

    field: str
    source_language: str
    target_language: str
    source_text: str

    @property
    def fingerprint(self) -> str:
        """The same for the same text in the same field and languages, and for no other."""
        parts = (self.field, self.source_language, self.target_language, self.source_text)
        return place_fingerprint(*parts)


@lru_cache(maxsize=REMEMBERED)
def place_fingerprint(field: str, source_language: str, target_language: str, source_text: str) -> str:
    """SHA-256 over the text's NFC form and where it stands, in hexadecimal."""
    text = unicodedata.normalize("NFC", source_text)
    told = f"{field}\x1f{source_language}\x1f{target_language}\x1f{text}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True, kw_only=True)
class HumanTranslation(Aggregate):
    """Holds for exactly this source text: where that is edited, it is another text, which nobody has
    translated yet."""

    id: UUID
    place: TextPlace
    text: str
    author_id: UUID | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def write(
        cls, *, id: UUID, place: TextPlace, text: str, author_id: UUID | None, now: datetime
    ) -> "HumanTranslation":
        """A new one."""
        made = cls(id=id, place=place, text=text, author_id=author_id, created_at=now, updated_at=now)
        made._tell(None, now)
        return made

    def rewrite(self, text: str, *, by: UUID | None, now: datetime) -> None:
        """Another wording. Nothing happens where it is the same."""
        before = self.text
        if text == before:
            return
        self.text, self.author_id, self.updated_at = text, by, now
        self._tell(before, now)

    def removed(self, *, now: datetime) -> None:
        """It is gone."""
        self._record(
            HumanTranslationRemoved(
                occurred_at=now,
                translation_id=self.id,
                field=self.place.field,
                target_language=self.place.target_language,
            )
        )

    def _tell(self, before: str | None, now: datetime) -> None:
        self._record(
            HumanTranslationWritten(
                occurred_at=now,
                translation_id=self.id,
                field=self.place.field,
                target_language=self.place.target_language,
                before=shortened(before),
                after=shortened(self.text),
            )
        )


def shortened(text: str | None) -> str | None:
    """As much of a text as the audit log shows."""
    return text if text is None or len(text) <= 200 else f"{text[:199]}\N{HORIZONTAL ELLIPSIS}"
